"""`ctrf.json`: valid in the format's schema, with the same counts as the verdict."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from testgate.model import Change, Conclusion, Earlier, EarlierBuild, Outcome, Past, Record, TestResult
from testgate.reports.ctrf import Ctrf
from testgate.results import Baseline, Gate
from tests.reports import samples
from tests.reports.strategies import gates

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "ctrf.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)


def written(gate: Gate) -> Any:  # noqa: ANN401  # JSON of the format
    """The file, which is valid."""
    found = json.loads("".join(Ctrf().render(gate)))
    VALIDATOR.validate(found)
    return found


def of_tests(*tests: TestResult) -> Any:  # noqa: ANN401  # JSON of the format
    """The tests of a file with one run."""
    return written(samples.gate(Conclusion.FAILED, "x", samples.judged(Conclusion.FAILED, "x", tests)))["results"][
        "tests"
    ]


@pytest.mark.parametrize("name", sorted(samples.SAMPLES))
def test_every_sample_is_valid(name: str) -> None:
    """Whatever the conclusion."""
    gate = samples.SAMPLES[name]()
    found = written(gate)
    assert found["extra"]["conclusion"] == gate.verdict.conclusion
    assert found["extra"]["exit-code"] == gate.exit_code
    assert len(found["results"]["tests"]) == sum(len(run.report.tests) for run in gate.runs)


@given(gate=gates())
def test_any_gate_is_valid(gate: Gate) -> None:
    """The summary has the numbers of the tests in the file."""
    found = written(gate)
    summary, tests = found["results"]["summary"], found["results"]["tests"]
    counted = Counter(test["status"] for test in tests)
    assert {name: summary[name] for name in ("passed", "failed", "skipped", "pending", "other")} == {
        name: counted[name] for name in ("passed", "failed", "skipped", "pending", "other")
    }
    assert summary["tests"] == len(tests)
    assert summary["flaky"] == sum(test.get("flaky", False) for test in tests)


def test_attempts_before_the_last_are_retries() -> None:
    """The object is the last attempt; one that failed to the end is never flaky."""
    failed, passed = Earlier(Outcome.FAILED, "no", 1.5, "336"), Earlier(Outcome.PASSED)
    flaky, red, plain = of_tests(
        TestResult("1", "A", Outcome.PASSED, earlier=(failed,)),
        TestResult("2", "B", Outcome.FAILED, earlier=(failed, passed)),
        TestResult("3", "C", Outcome.PASSED),
    )
    assert (flaky["status"], flaky["retries"], flaky["flaky"]) == ("passed", 1, True)
    (attempt,) = flaky["retryAttempts"]
    assert (attempt["attempt"], attempt["status"], attempt["message"], attempt["duration"]) == (1, "failed", "no", 1500)
    assert (red["status"], red["retries"], red["flaky"]) == ("failed", 2, False)
    assert "flaky" not in plain
    assert "retries" not in plain


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome.PASSED, "passed"),
        (Outcome.FAILED, "failed"),
        (Outcome.ERROR, "failed"),
        (Outcome.SKIPPED, "skipped"),
        (Outcome.NOT_RUN, "other"),
    ],
)
def test_no_outcome_looks_better_than_it_is(outcome: Outcome, status: str) -> None:
    """What should have run and didn't is no skip."""
    (test,) = of_tests(TestResult("1", "A", outcome, "WORD", machine="Chrome", quarantine="SHOP-1", step="Click"))
    assert (test["status"], test["extra"]["outcome"], test["rawStatus"]) == (status, outcome, "WORD")
    assert (test["device"], test["tags"], test["extra"]["quarantine"]) == ("Chrome", ["quarantined"], "SHOP-1")
    assert test["steps"] == [{"name": "Click", "status": "failed"}]


def test_a_test_has_one_identity_in_every_build() -> None:
    """By its case, place and line; not by a result's id, a renamed case's name, or the title."""
    first, renamed, elsewhere = of_tests(
        TestResult("1", "Login", Outcome.PASSED, case_id="c1"),
        TestResult("2", "Log in", Outcome.FAILED, case_id="c1"),
        TestResult("3", "Login", Outcome.PASSED, case_id="c1", machine="Chrome"),
    )
    assert len({first["testId"], renamed["testId"], elsewhere["testId"]}) == 3, "one file has no identity twice"
    (alone,) = of_tests(TestResult("2", "Log in", Outcome.FAILED, case_id="c1"))
    assert first["testId"] == alone["testId"]
    judged = samples.judged(Conclusion.PASSED, "x", (TestResult("1", "Login", Outcome.PASSED, case_id="c1"),))
    gate = samples.gate(Conclusion.PASSED, "x", judged)
    ids = [
        written(each)["results"]["tests"][0]["testId"]
        for each in (gate, gate._replace(title="Build 77"), gate._replace(leg="chrome"))
    ]
    assert ids[0] == ids[1] == first["testId"] != ids[2]


def test_only_a_web_address_is_an_attachment() -> None:
    """A platform could send anything."""
    web, script = of_tests(
        TestResult("1", "A", Outcome.FAILED, video="https://x/v.mp4"),
        TestResult("2", "B", Outcome.FAILED, video="javascript:alert(1)"),
    )
    assert [each["path"] for each in web["attachments"]] == ["https://x/v.mp4"]
    assert "attachments" not in script


def test_every_hostile_test_is_there() -> None:
    """No name is lost, and the file is one line per test."""
    gate = samples.hostile()
    text = "".join(Ctrf().render(gate))
    assert len(json.loads(text)["results"]["tests"]) == sum(len(run.report.tests) for run in gate.runs)
    assert "\u2028" not in text


def test_what_changed_since_the_baseline_is_told() -> None:
    """By the format's own fields: the baseline's report, and rates of each test."""
    baseline = Baseline(EarlierBuild("#41", "https://ci/41"), report_id="4c9a1d3e-0000-5000-8000-000000000000")
    past = Past(Change.KNOWN, EarlierBuild("#38"), Record(builds=4, passed=1, flaky=1, failed=2))
    test = TestResult("1", "A", Outcome.FAILED, past=past, tolerated=True)
    judged = samples.judged(Conclusion.PASSED, "x", (test, TestResult("2", "B", Outcome.PASSED, past=Past())))
    judged = judged._replace(report=judged.report._replace(baseline=baseline))
    report = written(samples.gate(Conclusion.PASSED, "x", judged))
    assert report["baseline"] == {"reportId": baseline.report_id, "buildName": "#41", "buildUrl": "https://ci/41"}
    assert report["insights"]["extra"] == {"new-failures": 0, "known-failures": 1, "fixed": 0, "tolerated": 1}
    first, second = report["results"]["tests"]
    assert first["insights"] == {
        "passRate": {"current": 0.5},
        "failRate": {"current": 0.5},
        "flakyRate": {"current": 0.25},
        "executedInRuns": 4,
        "extra": {"change": "known", "since": "#38", "tolerated": True},
    }
    assert "insights" not in second
