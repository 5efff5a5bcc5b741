"""A report is refused if anything in it speaks against it, and believed if it is what a step can say."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.inputs.reports import Expected
from testgate.merging.choosing import Chosen, choose
from testgate.merging.leg import RefusedReportError
from testgate.merging.reading import leg_of
from testgate.merging.verdict import merge
from testgate.model import Attempt, Conclusion, Counts, Outcome, Reported, Run, Snapshot, Status, TestResult
from testgate.redact import Redactor
from testgate.reports.ctrf import Ctrf
from testgate.results import Gate, Origin, Policy, Verdict
from tests.merging.legs import HERE, gate, leg, text
from tests.reports.strategies import gates

PASSED, FAILED = Conclusion.PASSED, Conclusion.FAILED
RATE = Policy((50, 1))


def why(content: str) -> str:
    """Why a report is refused; "" if it is believed."""
    try:
        leg_of("x", content, str)
    except RefusedReportError as error:
        return str(error)
    return ""


def written(of: Gate, change: Callable[[Any], object] = lambda _data: None) -> str:
    """The report, after a change."""
    data = json.loads(text(of))
    change(data)
    return json.dumps(data)


def put(*path: str | int, value: object) -> Callable[[Any], object]:
    """A change of one value."""

    def change(data: Any) -> None:  # noqa: ANN401  # JSON
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


def as_passed(data: Any) -> None:  # noqa: ANN401  # JSON
    """Call everything green."""
    data["extra"] |= {"conclusion": "passed", "exit-code": 0}
    for run in data["extra"]["runs"]:
        run["conclusion"] = "passed"


def _red_row(data: Any) -> None:  # noqa: ANN401  # JSON
    """Let a test fail, everywhere but in the counts."""
    row = data["results"]["tests"][0]
    row["status"] = row["extra"]["outcome"] = "failed"
    data["results"]["summary"]["passed"] -= 1
    data["results"]["summary"]["failed"] += 1


def _dropped_row(data: Any) -> None:  # noqa: ANN401  # JSON
    """Leave out a test, everywhere but in the counts."""
    data["results"]["tests"].pop()
    data["results"]["summary"]["tests"] -= 1
    data["results"]["summary"]["passed"] -= 1


def _of(name: str, counts: Counts, **more: Any) -> Gate:  # noqa: ANN401
    """A leg that passed, with other counts than its two tests have."""
    found = gate(name, "PP", **more)
    runs = [run._replace(verdict=run.verdict._replace(counts=counts)) for run in found.runs]
    return found._replace(runs=runs, verdict=found.verdict._replace(counts=counts))


@pytest.mark.parametrize(
    ("of", "change"),
    [
        (gate("a", "PF"), as_passed),
        (gate("a", "PE"), as_passed),
        (gate("a", "PN"), as_passed),
        (gate("a", "PFF", limits=RATE), as_passed),
        (gate("a", "PF", limits=Policy(None, max_failures=0)), as_passed),
        (gate("a", "PF"), lambda data: (as_passed(data), data["extra"].pop("limits"))),  # type: ignore[func-returns-value]
        (gate("a", "PS"), _red_row),
        (gate("a", "PPP", limits=RATE), _red_row),
        (gate("a", "PPP", limits=RATE), _dropped_row),
        (gate("a", "S", PASSED), lambda _data: None),
        (_of("a", Counts(passed=1)), lambda _data: None),
        (_of("a", Counts(passed=3)), lambda _data: None),
        (_of("a", Counts(passed=2, flaky=1)), lambda _data: None),
        (_of("a", Counts(passed=2, flaky=3)), lambda _data: None),
        (gate("a", "PF"), put("extra", "exit-code", value=0)),
        (gate("a", "PF"), put("extra", "exit-code", value=3)),
        (gate("a", "PP", Conclusion.CANCELLED), put("extra", "exit-code", value=0)),
        (gate("a", "PP", Conclusion.INVALID_INPUT), put("extra", "exit-code", value=0)),
        (gate("a", "PP", Conclusion.INTERNAL_ERROR), put("extra", "exit-code", value=0)),
        (gate("a"), put("results", "tests", 0, "status", value="failed")),
        (gate("a"), put("results", "summary", "failed", value=1)),
        (gate("a"), put("results", "summary", "passed", value=1)),
    ],
)
def test_a_report_that_contradicts_itself_is_refused(of: Gate, change: Callable[[Any], object]) -> None:
    """Whatever it calls itself."""
    assert why(written(of, change)).startswith("contradicts itself")


@pytest.mark.parametrize(
    "of",
    [
        gate("a", "PF", PASSED, limits=RATE),
        gate("a", "PF", PASSED, limits=Policy(None, max_failures=1)),
        _of("a", Counts(1, 1), limits=RATE),
        gate("a", "PP", Conclusion.CANCELLED),
        gate("a", "PP", Conclusion.CANCELLED, exit_code=143),
        gate("a", "PF", exit_code=0),
        gate("a", "PP", Conclusion.TIMED_OUT),
    ],
)
def test_what_a_step_can_say_is_believed(of: Gate) -> None:
    """Limits, counters beside a list, and `fail-on` are no contradictions."""
    found = leg_of("x", text(of), str)
    assert (found.conclusion, found.exit_code, found.counts) == (of.verdict.conclusion, of.exit_code, of.verdict.counts)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"reportFormat": "CTRF", "extra": NaN}', "is not JSON"),
        ('{"reportFormat": "CTRF", "reportFormat": "CTRF"}', "is not JSON"),
        ('{"a":' * 100_000, "is not JSON"),
        (written(gate("a"), put("extra", "format", value=10**400)), "has format"),
        (written(gate("a"), put("extra", "limits", value=7)), "damaged"),
        (written(gate("a"), put("extra", "limits", "min-pass-rate", value=[1, 0])), "damaged"),
        (written(gate("a"), put("extra", "limits", "min-pass-rate", value=[1])), "damaged"),
        (written(gate("a"), put("extra", "limits", "fail-on", value=["x"])), "damaged"),
        (written(gate("")._replace(title="")), "neither"),
        (text(gate("a")._replace(legs=["b"])), "the result of a merge"),
    ],
)
def test_what_no_step_writes_is_refused(content: str, words: str) -> None:
    """It says why, in a short clause."""
    assert words in why(content)
    assert len(why(content)) < 200


def test_reruns_are_shown_as_in_the_leg() -> None:
    """With their pages, and whether they ended."""
    of = gate("a")
    (run,) = of.runs
    target = run.report.target
    again = Attempt(
        Run("338", target, "https://x/338"),
        Snapshot("338", Status.ENDED, reported=Reported(Counts(), 2)),
        automatic=True,
    )
    script = Attempt(Run("339", target, "javascript:alert(1)"))
    report = run.report._replace(attempts=[Attempt(run.report.run or Run("", target)), again, script])
    _first, second, third = (
        leg_of("x", text(of._replace(runs=[run._replace(report=report)])), str).runs[0].report.attempts
    )
    assert (second.run.url, second.ended, second.automatic) == ("https://x/338", True, True)
    assert second.snapshot is not None
    assert second.snapshot.reported.counted == 2
    assert (third.run.url, third.ended) == ("", False)


def test_a_page_is_a_web_page() -> None:
    """Nothing else becomes an output or a link."""
    content = written(gate("a"), put("extra", "runs", 0, "url", value="javascript:alert(1)"))
    assert leg_of("x", content, str).runs[0].url == ""
    content = written(gate("a"), put("results", "tests", 0, "attachments", value=[{"path": "javascript:alert(1)"}]))
    assert leg_of("x", content, str).runs[0].report.tests[0].video == ""


def test_a_secret_that_blanks_interrupt_is_hidden() -> None:
    """It is looked for once more after they are joined."""
    content = written(gate("a"), put("extra", "reason", value="my\n\nsecret words"))
    assert "my secret words" not in leg_of("x", content, Redactor(["my secret words"])).reason


@given(of=gates())
def test_any_gate_is_read_or_refused(of: Gate) -> None:
    """Nothing else can happen, and what is believed has the verdict and counts of the step."""
    try:
        found = leg_of("x", "".join(Ctrf().render(of._replace(leg="a"))), str)
    except RefusedReportError:
        return
    assert (found.conclusion, found.counts, found.exit_code) == (of.verdict.conclusion, of.verdict.counts, of.exit_code)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_EXTRA = ("format", "conclusion", "counts", "limits", "build", "runs", "notes", "leg", "demo", "legs", "title")
_RUN = ("id", "url", "counts", "conclusion", "reruns", "attempts", "duration", "name")
_ROW = ("name", "status", "extra", "steps", "attachments", "retryAttempts", "start", "insights", "duration")
_PATHS = st.sampled_from(
    [
        ("extra",),
        ("results",),
        ("results", "summary"),
        ("results", "tests"),
        *(("extra", key) for key in _EXTRA),
        *(("extra", "runs", 0, key) for key in _RUN),
        *(("extra", "build", key) for key in ("run", "attempt", "commit", "workflow")),
        *(("extra", "limits", key) for key in ("min-pass-rate", "max-failures", "max-flaky", "fail-on")),
        *(("results", "tests", 0, key) for key in _ROW),
    ]
)


@given(path=_PATHS, value=_JSON)
def test_any_value_in_any_place_is_read_or_refused(path: tuple[str | int, ...], value: object) -> None:
    """No shape is a bug, and none makes a red report green."""
    for of in (gate("a"), gate("a", "PF")):
        try:
            found = leg_of("x", written(of, put(*path, value=value)), str)
        except RefusedReportError:
            continue
        assert found.conclusion is of.verdict.conclusion
        assert found.exit_code == of.exit_code


def test_every_problem_is_a_row_of_the_reports() -> None:
    """Beside the runs of the legs, so that JUnit and summary name what is missing."""
    chosen = choose([leg("a", "PF"), leg("b")], Expected(names=("a", "b", "c", "d")), HERE)
    found = merge(chosen)
    assert [run.verdict.reason for run in found.runs if "left no report" in run.verdict.reason] == [*chosen.problems]
    assert len(found.runs) == 4
    assert "also red: a failed" in found.verdict.reason


def test_a_missing_leg_makes_no_leg_better() -> None:
    """The exit code of a worse one is kept, and a tolerated one doesn't decide."""
    expected = Expected(2)
    internal = leg("a", "PP", Conclusion.INTERNAL_ERROR)
    assert (merge(choose([internal], expected, HERE)).exit_code) == 70
    tolerated = leg("a", "PP", Conclusion.TRIGGER_UNKNOWN, exit_code=0)
    found = merge(choose([tolerated], expected, HERE))
    assert (found.verdict.conclusion, found.exit_code) == (Conclusion.PLATFORM_ERROR, 3)
    assert merge(Chosen([leg("a", "PP", Conclusion.CANCELLED, exit_code=143), leg("b")])).exit_code == 143


def test_a_verdict_that_no_run_shows_has_a_row() -> None:
    """Of a step whose runs passed and whose reports could not be written, say."""
    of = gate("a", "PP")._replace(verdict=Verdict(Conclusion.REPORT_ERROR, "no disk", Counts(2)), exit_code=8)
    found = merge(Chosen([leg_of("x", text(of), str), leg("b")]))
    assert [run.verdict.conclusion for run in found.runs] == ["passed", "report-error", "passed"]
    assert found.verdict.counts == Counts(4) == sum((run.verdict.counts for run in found.runs), Counts())


def test_reports_without_a_build_are_not_of_this_one() -> None:
    """Where no CI says which build ours is, all must be of one."""
    nameless = leg("a", origin=Origin())
    assert "doesn't say which build" in merge(choose([nameless, leg("b")], Expected(2), HERE)).verdict.reason
    assert merge(choose([nameless, leg("b")], Expected(), Origin())).exit_code == 6
    assert merge(choose([nameless, leg("b", origin=Origin())], Expected(), Origin())).exit_code == 0


def test_a_test_of_every_outcome_is_read_back() -> None:
    """None becomes another."""
    found = leg_of("x", text(gate("a", "PFESN")), str)
    tests: list[TestResult] = [*found.runs[0].report.tests]
    assert [test.outcome for test in tests] == [
        Outcome(word) for word in ("passed", "failed", "error", "skipped", "not-run")
    ]
