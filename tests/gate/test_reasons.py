"""The sentences that explain a verdict."""

import pytest

from testgate.errors import Outage
from testgate.gate import reasons
from testgate.gate.evidence import weigh
from testgate.model import Conclusion, Counts, Reported, Run, RunResult, Snapshot, Status, Target
from testgate.results import JudgedRun, Policy, RunReport, Verdict

TARGET = Target("274", "Nightly")
RUN = Run("337", TARGET)
ENDED = Snapshot("337", Status.ENDED, "SUCCESS", RunResult.PASSED)
REPORT = RunReport(TARGET, RUN, ENDED)
MIXED = Counts(passed=6, failed=2, errors=1, not_run=3)


@pytest.mark.parametrize(
    ("report", "name"),
    [
        (REPORT, "Nightly (run 337)"),
        (REPORT._replace(snapshot=ENDED._replace(name="Smoke")), "Smoke (run 337)"),
        (RunReport(TARGET), "Nightly"),
        (RunReport(Target("run 366", "Run 366"), Run("366", Target("run 366", "Run 366"))), "Run 366"),
        (RunReport(Target("job 12", "Job 12"), Run("12", Target("job 12", "Job 12"))), "Job 12"),
        (RunReport(Target("run 366", "Run 366"), Run("367", Target("run 366", "Run 366"))), "Run 366 (run 367)"),
        (RunReport(Target("274", "Run 366"), Run("366", Target("274", "Run 366"))), "Run 366 (run 366)"),
        (RunReport(Target("1", "two\nlines" + "x" * 200)), "two lines" + "x" * 90 + "…"),
    ],
)
def test_a_run_is_named_by_the_platform_or_by_its_target(report: RunReport, name: str) -> None:
    """The name is one short line."""
    assert reasons.named(report) == name


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (MIXED, "2 of 12 tests failed, 1 errored, 3 did not run"),
        (Counts(passed=1, errors=1), "1 of 2 tests errored"),
        (Counts(passed=1), "1 of 1 test passed"),
        (Counts(), "no tests are known"),
    ],
)
def test_counts_are_summed_up(counts: Counts, sentence: str) -> None:
    """Unsuccessful tests come first, and passed ones are mentioned only if there are no others."""
    assert reasons.summed(counts) == sentence


RUNNING = RunReport(TARGET, RUN, Snapshot("337", Status.RUNNING, "IN_PROGRESS"))
STOPPED = RunReport(TARGET, RUN, Snapshot("337", Status.ENDED, "STOPPED", RunResult.STOPPED))


@pytest.mark.parametrize(
    ("report", "why", "sentence"),
    [
        (RUNNING, Conclusion.TRIGGERED, "Nightly (run 337) was started without waiting for its result"),
        (STOPPED, Conclusion.STOP_CONFIRMED, "Nightly (run 337) was stopped"),
        (STOPPED._replace(notes=("run 337 was stopped (STOPPED)",)), Conclusion.STOP_CONFIRMED, "run 337 was stopped"),
        (RunReport(TARGET), Conclusion.CANCELLED, "Nightly was not started"),
        (RUNNING, Conclusion.TIMED_OUT, "had not finished when `timeout` expired (last status: IN_PROGRESS)"),
        (RUNNING._replace(snapshot=None), Conclusion.TIMED_OUT, "had not finished when `timeout` expired"),
        (STOPPED, Conclusion.CANCELLED, "had not finished when the step was cancelled; it was stopped"),
    ],
)
def test_an_early_end_is_explained(report: RunReport, why: Conclusion, sentence: str) -> None:
    """The reason says what ended the watch, and what became of the run."""
    assert sentence in reasons.halted(report._replace(halted=why))


SHORT = weigh(Reported(Counts(passed=3)), [])


@pytest.mark.parametrize(
    ("sentence", "end"),
    [
        (reasons.stopped(STOPPED, MIXED), "was stopped or aborted on the platform (STOPPED): 2 of 12 tests failed"),
        (reasons.stopped(RUNNING._replace(snapshot=None), Counts()), "(no result): no tests are known"),
        (reasons.nothing_ran(REPORT, Counts()), "ended with the result SUCCESS, but it contains no tests"),
        (reasons.nothing_ran(REPORT, Counts(not_run=2)), "but none of its 2 tests ran"),
        (reasons.unproven(REPORT._replace(fault=Outage("gone")), SHORT, ""), "but its tests could not be read: gone"),
        (reasons.unproven(REPORT, SHORT, ""), "but the platform counts 3 tests and lists only 0: a pass is not proven"),
        (reasons.unproven(REPORT, SHORT, "a doubt"), "but a pass is not proven: a doubt"),
        (reasons.broken_chain(REPORT, "run 338 was stopped"), "result SUCCESS, but run 338 was stopped"),
        (reasons.unknown_result(REPORT), "which is unknown and does not prove a pass"),
        (reasons.unexplained(REPORT), "but none of its tests is known to have failed"),
        (reasons.ended(REPORT._replace(snapshot=None)), "Nightly (run 337) ended without a result"),
    ],
)
def test_each_rule_has_a_sentence(sentence: str, end: str) -> None:
    """It names the run, and what the platform reports about it."""
    assert sentence.startswith("Nightly (run 337)")
    assert end in sentence


@pytest.mark.parametrize(
    ("sentence", "end"),
    [
        (reasons.below_rate(REPORT, MIXED, Policy()), "(pass rate 50.00%)"),
        (reasons.below_rate(REPORT, MIXED, Policy((199, 2))), "; pass rate 50.00% is below `min-pass-rate` 99.5%"),
        (reasons.too_many_failures(REPORT, MIXED, 9, 3), "; 9 failures in total, `max-failures` allows 3"),
        (reasons.too_flaky(REPORT, Counts(passed=3, flaky=1), 4, 2), "4 flaky tests in total, `max-flaky` allows 2"),
    ],
)
def test_a_limit_is_shown_with_the_numbers(sentence: str, end: str) -> None:
    """People see the limit, and how far the run is from it."""
    assert sentence.startswith("Nightly (run 337): ")
    assert sentence.endswith(end)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (Counts(passed=1), "1 test passed"),
        (Counts(passed=3, skipped=1, flaky=2), "all 3 tests passed, 1 skipped, 2 flaky"),
        (Counts(passed=3, failed=1, quarantined=1), "1 of 4 tests failed, 1 of them quarantined; 3 passed"),
        (MIXED, "within the gate's limits; 2 of 12 tests failed, 1 errored, 3 did not run (pass rate 50.00%)"),
    ],
)
def test_a_pass_mentions_what_is_notable(counts: Counts, sentence: str) -> None:
    """Skipped, flaky and quarantined tests and tolerated failures are visible."""
    assert reasons.passed(REPORT, counts) == f"Nightly (run 337): {sentence}"


def judged(conclusion: Conclusion, reason: str) -> JudgedRun:
    """A run with this verdict."""
    return JudgedRun(REPORT, Verdict(conclusion, reason))


def test_several_runs_are_counted() -> None:
    """The first run that decides is explained; a single run is explained in its own words."""
    good, bad = judged(Conclusion.PASSED, "fine"), judged(Conclusion.FAILED, "2 failed")
    assert reasons.together([], []) == "there was nothing to run"
    assert reasons.together([bad], [bad]) == "2 failed"
    assert reasons.together([good, good], [good, good]) == "both runs passed"
    assert reasons.together([bad], [good, bad]) == "1 of 2 runs ended as failed: 2 failed"
