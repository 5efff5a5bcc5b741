"""Which files can be merged, and that nothing is lost in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.merging.leg import RefusedReportError
from testgate.merging.reading import leg_of
from testgate.model import Conclusion
from testgate.reports.ctrf import Ctrf
from testgate.results import Gate, Policy
from tests.merging.legs import changed, gate, text
from tests.reports import samples
from tests.reports.strategies import gates

UNJUDGED = {"triggered", "created", "stop-confirmed", "checked", "dry-run"}
RED = gate("chrome", "PF")
GREEN = gate("chrome", "PP")


def refused(content: str) -> str:
    """Why a file is refused."""
    with pytest.raises(RefusedReportError) as raised:
        leg_of("a/ctrf.json", content, str)
    return str(raised.value)


def test_a_leg_is_read_as_it_was_written() -> None:
    """Verdict, counts, runs and tests."""
    leg = leg_of("a/ctrf.json", text(RED), str)
    assert (leg.name, leg.conclusion, leg.exit_code, leg.counts) == ("chrome", "failed", 1, RED.verdict.counts)
    (run,) = leg.runs
    assert (run.id, run.url, run.report.target.key, run.report.leg) == ("337", "https://x/337", "274", "chrome")
    assert [(test.name, test.outcome.value, test.case_id) for test in run.report.tests] == [
        ("T0", "passed", "c0"),
        ("T1", "failed", "c1"),
    ]


@pytest.mark.parametrize("name", sorted(samples.SAMPLES))
def test_every_sample_is_read_or_refused(name: str) -> None:
    """What has no verdict on tests is refused; of the others, every test comes back."""
    sample: Gate = samples.SAMPLES[name]()
    try:
        leg = leg_of("x", text(sample), str)
    except RefusedReportError:
        assert sample.verdict.conclusion.value in UNJUDGED
        return
    assert [len(run.report.tests) for run in leg.runs] == [len(run.report.tests) for run in sample.runs]


@pytest.mark.parametrize(
    ("content", "clause"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("null", "is no CTRF report"),
        ("[]", "is no CTRF report"),
        ("{}", "is no CTRF report"),
        ('{"reportFormat": "CTRF"}', "was not written by TestGate, but by something else"),
        ('{"reportFormat": "CTRF", "generatedBy": "jest-ctrf", "extra": {}}', "but by jest-ctrf"),
        (changed(GREEN, "extra", "format", value=2), "has format 2, and this version reads up to format 1"),
        (changed(GREEN, "extra", "format", value="1"), "has format None"),
        (changed(GREEN, "extra", "conclusion", value="splendid"), "is damaged"),
        (changed(GREEN, "extra", "exit-code", value=-1), "is damaged"),
        (changed(GREEN, "extra", "counts", value={}), "is damaged"),
        (changed(GREEN, "extra", "counts", "total", value=7), "is damaged"),
        (changed(GREEN, "extra", "runs", value=None), "is damaged"),
        (changed(GREEN, "extra", "runs", value=[1]), "is damaged"),
        (changed(GREEN, "extra", "reason", value={"a": 1}), "is damaged"),
        (changed(GREEN, "extra", "demo", value="no"), "is damaged"),
        (changed(GREEN, "results", "tests", value={}), "is damaged"),
        (changed(GREEN, "results", "tests", 0, "extra", "run", value=9), "is damaged"),
        (changed(GREEN, "results", "tests", 0, "extra", "outcome", value="great"), "is damaged"),
        (changed(GREEN, "results", "summary", "start", value=1e300), "is damaged"),
        (changed(GREEN, "extra", "exit-code", value=1), "its exit code isn't that of its conclusion"),
        (changed(GREEN, "extra", "runs", value=[]), "is damaged"),
        (changed(GREEN, "extra", "counts", "passed", value=3).replace('"total": 2', '"total": 3', 1), "contradicts"),
        (changed(GREEN, "results", "tests", 1, "extra", "outcome", value="failed"), "another status than outcome"),
        (changed(GREEN, "results", "tests", value=[]), "its summary counts other tests than it lists"),
        (changed(GREEN, "extra", "runs", 0, "conclusion", value="failed"), "its run 337 ended as `failed`"),
        (changed(RED, "extra", "exit-code", value=5), "its exit code isn't that of its conclusion"),
        (text(gate("x", "", Conclusion.PASSED)), "it passed, and nothing ran"),
        (text(gate("x", "PP", Conclusion.DRY_RUN)), "a step that ended as `dry-run` has no verdict on tests"),
        (text(gate("x", "PP", Conclusion.TRIGGERED)), "has no verdict on tests"),
    ],
)
def test_what_cannot_be_trusted_is_refused(content: str, clause: str) -> None:
    """With the reason."""
    assert clause in refused(content)


def test_a_failure_that_the_step_tolerated_keeps_its_exit_code() -> None:
    """`fail-on` of the leg counts."""
    leg = leg_of("x", text(RED._replace(exit_code=0, limits=Policy(fail_on=frozenset()))), str)
    assert (leg.conclusion, leg.exit_code) == ("failed", 0)


def test_secrets_and_odd_characters_are_removed() -> None:
    """The file is from another job, which may have other secrets."""
    leg = leg_of(
        "x", changed(RED, "extra", "reason", value="key s3cret\x1b[31m red"), lambda said: said.replace("s3cret", "***")
    )
    assert leg.reason == "key *** red"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(place=st.integers(0, 10_000), value=JSON)
def test_any_value_anywhere_is_read_or_refused(place: int, value: Any) -> None:  # noqa: ANN401
    """There is no other exception, and no red leg turns green by it, except by its own verdict."""
    data = json.loads(text(RED))
    spots = list(_spots(data))
    holder, key = spots[place % len(spots)]
    holder[key] = value
    try:
        leg = leg_of("x", json.dumps(data), str)
    except RefusedReportError:
        return
    assert leg.conclusion is not Conclusion.PASSED


def _spots(data: Any) -> Any:  # noqa: ANN401
    """Every place in the data."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(items):
        yield data, key
        yield from _spots(value)


@given(of=gates())
def test_whatever_a_step_wrote_is_read_or_refused(of: Gate) -> None:
    """There is no other exception."""
    try:
        leg = leg_of("x", "".join(Ctrf().render(of)), str)
    except RefusedReportError:
        return
    assert leg.conclusion is of.verdict.conclusion
