"""Reruns, quarantine and failing steps in `junit.xml`."""

import pytest
from hypothesis import given
from lxml import etree

from testgate.model import Conclusion, Earlier, Outcome, TestResult
from testgate.results import Gate
from testgate.text import clean
from tests.reports import samples
from tests.reports.readers import cases, read_junit
from tests.reports.strategies import TESTS, gates

RED = {Outcome.FAILED: ("failure", "TestFailure"), Outcome.ERROR: ("error", "TestError")}
NOT_RUN = ("error", "NotExecuted")
FIRST = Earlier(Outcome.FAILED, "First\nof all", 1.0, "1")
SECOND = Earlier(Outcome.ERROR, "Second", 1.0, "2")


def case_of(test: TestResult) -> etree._Element:
    """The test's case in the file."""
    reason = "The reason."
    judged = samples.judged(Conclusion.FAILED, reason, (test, test._replace(name="Other", outcome=Outcome.FAILED)))
    return next(case for case in cases(read_junit(samples.gate(Conclusion.FAILED, reason, judged))))


def elements(case: etree._Element) -> list[tuple[str, str | None, str]]:
    """The case's elements: tag, type and whole text."""
    return [(str(child.tag), child.get("type"), child.findtext("stackTrace") or str(child.text)) for child in case]


def failed(**more: object) -> TestResult:
    """A failed test."""
    plain = TestResult("1", "Pay", Outcome.FAILED, message="Last")
    return plain._replace(**more)  # type: ignore[arg-type]  # the fields that a test names


def test_a_flaky_test_passes_and_keeps_its_failures() -> None:
    """Every failed attempt is there, in order, but none counts as a failure."""
    case = case_of(failed(outcome=Outcome.PASSED, message="", earlier=(FIRST, SECOND)))
    assert elements(case) == [("flakyFailure", "TestFailure", "First\nof all"), ("flakyError", "TestError", "Second")]
    assert [child.get("message") for child in case] == ["First", "Second"]


def test_the_first_attempt_of_a_failed_test_is_its_failure() -> None:
    """Later attempts follow; only the last one's failing step is known."""
    case = case_of(failed(earlier=(FIRST, SECOND), step="click on Pay"))
    assert elements(case) == [
        ("failure", "TestFailure", "First\nof all"),
        ("rerunError", "TestError", "Second"),
        ("rerunFailure", "TestFailure", "Last\n\nFailing step: click on Pay"),
    ]


def test_only_failed_attempts_have_an_element() -> None:
    """An attempt that passed, was skipped or did not run has none."""
    idle = tuple(Earlier(outcome, "x") for outcome in (Outcome.NOT_RUN, Outcome.SKIPPED, Outcome.PASSED))
    assert elements(case_of(failed(earlier=idle))) == [("failure", "TestFailure", "Last")]
    assert elements(case_of(failed(outcome=Outcome.PASSED, earlier=idle))) == []


def test_an_attempt_without_a_message_has_a_default_text() -> None:
    """Without a text the element would be dropped."""
    (flaky,) = elements(case_of(failed(outcome=Outcome.PASSED, earlier=(Earlier(Outcome.ERROR, " \x1b[0m"),))))
    assert flaky == ("flakyError", "TestError", "Errored before it could pass or fail.")


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ERROR, Outcome.NOT_RUN])
def test_a_quarantined_failure_is_skipped_with_all_its_texts(outcome: Outcome) -> None:
    """The reason comes first, then the message and the failing step."""
    (child,) = case_of(failed(outcome=outcome, quarantine="SHOP-1: | down", step="pay"))
    assert (child.tag, child.get("type"), child.get("message")) == ("skipped", None, "Quarantined: SHOP-1: | down")
    assert child.text == "Quarantined: SHOP-1: | down\nLast\n\nFailing step: pay"


def test_a_quarantined_failure_keeps_all_its_attempts() -> None:
    """Their messages are in its text, because a rerun's element could count as a failure."""
    (child,) = case_of(failed(quarantine="r", earlier=(FIRST, SECOND)))
    assert child.text == "Quarantined: r\nAttempt 1: First\nof all\nAttempt 2: Second\nAttempt 3: Last"


def test_a_quarantined_test_that_passed_is_an_ordinary_pass() -> None:
    """There is nothing to excuse."""
    assert elements(case_of(failed(outcome=Outcome.PASSED, quarantine="r"))) == []


def test_a_long_reason_is_whole_in_the_text() -> None:
    """Only the `message` attribute is cut."""
    (child,) = case_of(failed(quarantine="r" * 290))
    assert len(str(child.get("message"))) == 200
    assert "r" * 290 in str(child.text)


def test_the_failing_step_replaces_a_missing_message() -> None:
    """It says more than the platform's word for the result."""
    case = case_of(failed(message="", word="FAILURE", step="click on\nPay"))
    assert elements(case) == [("failure", "TestFailure", "Failing step: click on Pay")]


def test_no_text_is_longer_than_readers_accept() -> None:
    """Messages of 400 kB in twelve attempts are capped, and the failing step is kept."""
    long = "x" * 400_000
    test = failed(message=long, step="the step", earlier=(Earlier(Outcome.FAILED, long),) * 11)
    *_, last = elements(case_of(test))
    assert last[2].endswith("Failing step: the step")
    assert all(100_000 < len(text) < 300_000 for _, _, text in elements(case_of(test)))
    (skipped,) = elements(case_of(test._replace(quarantine="r")))
    assert 100_000 < len(skipped[2]) < 300_000
    assert skipped[2].count("Attempt ") == 12


@given(test=TESTS)
def test_every_attempt_is_found_in_the_case(test: TestResult) -> None:
    """Tags, types and messages of any test, derived here in another way."""
    found = elements(case_of(test))
    reds = [(*RED[attempt.outcome], attempt.message) for attempt in test.earlier if attempt.outcome in RED]
    if test.bad:
        reds.append((*RED.get(test.outcome, NOT_RUN), test.message))
    if test.outcome is Outcome.SKIPPED or (test.bad and test.excused):
        assert [(tag, kind) for tag, kind, _ in found] == [("skipped", None)]
        assert test.outcome is Outcome.SKIPPED or all(clean(message).strip() in found[0][2] for *_, message in reds)
        return
    prefixes = ["flaky"] * len(reds) if test.outcome is Outcome.PASSED else ["", *["rerun"] * len(reds)]
    expected = [
        (prefix + (tag.capitalize() if prefix else tag), kind)
        for prefix, (tag, kind, _) in zip(prefixes, reds, strict=False)
    ]
    assert [(tag, kind) for tag, kind, _ in found] == expected
    assert all(clean(message).strip() in text for (*_, text), (*_, message) in zip(found, reds, strict=True))


@given(gate=gates())
def test_quarantined_failures_do_not_make_the_file_red(gate: Gate) -> None:
    """If every failure is quarantined, there is no failure, no error, and no extra case."""
    runs = []
    for run in gate.runs:
        tests = [test._replace(quarantine="known") for test in run.report.tests] or [failed(quarantine="known")]
        verdict = run.verdict._replace(conclusion=Conclusion.PASSED)
        runs.append(run._replace(report=run.report._replace(tests=tests), verdict=verdict))
    good = gate._replace(runs=runs, exit_code=0, verdict=gate.verdict._replace(conclusion=Conclusion.PASSED))
    root = read_junit(good)
    assert not root.findall(".//failure") + root.findall(".//error")
    if runs:
        assert len(cases(root)) == sum(len(run.report.tests) for run in runs)


def test_a_red_run_without_failures_that_count_says_why() -> None:
    """With too many flaky tests, for example, the file would otherwise be green."""
    judged = samples.judged(Conclusion.FAILED, "too flaky", (samples.FLAKY, samples.EXCUSED))
    root = read_junit(samples.gate(Conclusion.FAILED, "too flaky", judged))
    assert [error.text for error in root.iter("error")] == ["too flaky"]


def test_notes_of_a_run_without_tests_are_in_its_case() -> None:
    """They say how a stop ended; a repeated sentence appears once."""
    plain = samples.judged(Conclusion.TIMED_OUT, "run 337 was stopped")
    judged = plain._replace(report=plain.report._replace(notes=("run 337 was stopped", "another thing")))
    root = read_junit(samples.gate(Conclusion.TIMED_OUT, "x", judged))
    assert [error.text for error in root.iter("error")] == ["run 337 was stopped\nanother thing"]
