"""The rules of the gate: cases, and properties that hold for any evidence."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.errors import Outage, Refused, TriggerUnknown
from testgate.gate.evidence import tally
from testgate.gate.verdict import decide, judge
from testgate.model import (
    Conclusion,
    Counts,
    Outcome,
    Reported,
    Run,
    RunResult,
    Snapshot,
    Status,
    Target,
    TestResult,
)
from testgate.results import Policy, RunReport, Verdict
from tests.gate.evidence import COUNTS, TESTS

TARGET = Target("274", "Test plan 274")
RUN = Run("337", TARGET)
STRICT = Policy()
NOTHING = Counts()


def results(**numbers: int) -> list[TestResult]:
    """Results with these numbers of tests per outcome."""
    return [
        TestResult(f"{word}{number}", f"{word} {number}", Outcome(word.replace("_", "-")))
        for word, many in numbers.items()
        for number in range(many)
    ]


def report(
    result: RunResult | None,
    counts: Counts = NOTHING,
    tests: Sequence[TestResult] = (),
    *,
    total: int | None = None,
    fault: Exception | None = None,
    halted: Conclusion | None = None,
    word: str = "",
) -> RunReport:
    """The report on a run; without a result, the run is still running."""
    status = Status.ENDED if result else Status.RUNNING
    snapshot = Snapshot(
        "337", status, word or (result.value.upper() if result else ""), result, Reported(counts, total)
    )
    return RunReport(TARGET, RUN, snapshot, tests, fault, halted)


def verdict(one: RunReport, policy: Policy = STRICT) -> Verdict:
    """The verdict on a single run."""
    return judge([one], policy)[0].verdict


def test_three_green_witnesses_are_passed() -> None:
    """Result, counters and tests agree that everything passed."""
    found = verdict(report(RunResult.PASSED, Counts(passed=3), results(passed=3), total=3))
    assert found.conclusion is Conclusion.PASSED
    assert found.counts == Counts(passed=3)


@pytest.mark.parametrize(
    ("one", "conclusion"),
    [
        (report(RunResult.PASSED, Counts(passed=8, failed=2), results(passed=10), total=10), Conclusion.FAILED),
        (report(RunResult.PASSED, Counts(passed=10), results(passed=9, failed=1), total=10), Conclusion.FAILED),
        (report(RunResult.FAILED, Counts(passed=10), results(passed=10), total=10), Conclusion.FAILED),
        (report(RunResult.UNKNOWN, Counts(passed=10), results(passed=10), total=10), Conclusion.FAILED),
        (report(RunResult.PASSED, Counts(passed=10), results(passed=8), total=10), Conclusion.PLATFORM_ERROR),
        (report(RunResult.PASSED, Counts(passed=10), [], total=10), Conclusion.PLATFORM_ERROR),
        (report(RunResult.PASSED, Counts(), [], total=10), Conclusion.PLATFORM_ERROR),
        (report(RunResult.PASSED, Counts(passed=18, failed=2), results(passed=1), total=20), Conclusion.FAILED),
        (report(RunResult.PASSED, Counts(), results(passed=4)), Conclusion.PASSED),
        (report(RunResult.PASSED, Counts(passed=3), results(passed=3, skipped=2), total=5), Conclusion.PASSED),
        (report(RunResult.STOPPED, Counts(not_run=1), results(not_run=1), total=1), Conclusion.STOPPED),
        (
            report(RunResult.STOPPED, Counts(passed=1, failed=1), results(passed=1, failed=1), total=2),
            Conclusion.STOPPED,
        ),
        (report(RunResult.PASSED), Conclusion.NOTHING_RAN),
        (report(RunResult.PASSED, total=0), Conclusion.NOTHING_RAN),
        (report(RunResult.FAILED, Counts(not_run=10), results(not_run=10), total=10), Conclusion.NOTHING_RAN),
        (report(RunResult.NOT_EXECUTED, Counts(not_run=2), results(not_run=2), total=2), Conclusion.NOTHING_RAN),
        (report(RunResult.PASSED, Counts(), results(skipped=4)), Conclusion.NOTHING_RAN),
        (report(RunResult.NOT_EXECUTED, Counts(passed=1), results(passed=1), total=1), Conclusion.FAILED),
        (
            report(RunResult.PASSED, Counts(passed=1, not_run=9), results(passed=1, not_run=9), total=10),
            Conclusion.FAILED,
        ),
        (report(RunResult.PASSED, Counts(errors=1, passed=9), results(errors=0, passed=9, error=1)), Conclusion.FAILED),
        (report(RunResult.FAILED, Counts(failed=2), [], total=2, fault=Outage("gone")), Conclusion.FAILED),
        (report(RunResult.PASSED, Counts(passed=2), [], total=2, fault=Outage("gone")), Conclusion.PLATFORM_ERROR),
        (report(None, fault=Outage("gone")), Conclusion.PLATFORM_ERROR),
        (report(None, halted=Conclusion.TIMED_OUT), Conclusion.TIMED_OUT),
        (
            report(RunResult.STOPPED, Counts(passed=1), results(passed=1), halted=Conclusion.TIMED_OUT),
            Conclusion.TIMED_OUT,
        ),
        (report(None, fault=TriggerUnknown("?"), halted=Conclusion.TIMED_OUT), Conclusion.TRIGGER_UNKNOWN),
        (report(None, fault=KeyError("bug")), Conclusion.INTERNAL_ERROR),
        (report(None), Conclusion.INTERNAL_ERROR),
    ],
)
def test_one_red_witness_is_red(one: RunReport, conclusion: Conclusion) -> None:
    """Every rule applies with the strictest policy."""
    assert verdict(one).conclusion is conclusion


def test_an_unknown_result_is_shown_verbatim() -> None:
    """People must be able to look up the word."""
    found = verdict(report(RunResult.UNKNOWN, Counts(passed=1), results(passed=1), word="PARTIALLY_PASSED"))
    assert "PARTIALLY_PASSED" in found.reason


def test_a_failed_result_within_the_limits_is_passed() -> None:
    """The failures that the gate allows explain the platform's result."""
    one = report(RunResult.FAILED, Counts(passed=9, failed=1), results(passed=9, failed=1), total=10)
    assert verdict(one, Policy(min_pass_rate=(90, 1))).conclusion is Conclusion.PASSED
    assert verdict(one, Policy(min_pass_rate=(901, 10))).conclusion is Conclusion.FAILED


def test_tests_that_are_not_listed_are_not_assumed_to_have_passed() -> None:
    """They may have failed."""
    one = report(RunResult.FAILED, Counts(passed=90, failed=10), results(passed=50), total=100)
    assert verdict(one, Policy(min_pass_rate=(80, 1))).conclusion is Conclusion.PLATFORM_ERROR


def test_unknown_tests_prove_no_failure() -> None:
    """If the rate could still be met, the run is neither proven red nor green."""
    one = report(RunResult.FAILED, Counts(), results(passed=5, failed=1), total=10)
    assert verdict(one, Policy(min_pass_rate=(90, 1))).conclusion is Conclusion.PLATFORM_ERROR
    assert verdict(one, Policy(min_pass_rate=(91, 1))).conclusion is Conclusion.FAILED


def test_max_failures_applies_to_all_runs_together() -> None:
    """A run without failures stays green."""
    bad = report(RunResult.FAILED, Counts(passed=9, failed=1), results(passed=9, failed=1), total=10)
    good = report(RunResult.PASSED, Counts(passed=5), results(passed=5), total=5)
    policy = Policy(min_pass_rate=None, max_failures=1)
    alone = [run.verdict.conclusion for run in judge([bad, good], policy)]
    together = [run.verdict.conclusion for run in judge([bad, bad, good], policy)]
    assert alone == [Conclusion.PASSED, Conclusion.PASSED]
    assert together == [Conclusion.FAILED, Conclusion.FAILED, Conclusion.PASSED]


def test_both_limits_must_hold_if_both_are_set() -> None:
    """One of them is enough to fail the run."""
    one = report(RunResult.FAILED, Counts(passed=98, failed=2), results(passed=98, failed=2), total=100)
    small = report(RunResult.FAILED, Counts(passed=1, failed=1), results(passed=1, failed=1), total=2)
    policy = Policy(min_pass_rate=(95, 1), max_failures=1)
    assert verdict(one, policy).conclusion is Conclusion.FAILED
    assert verdict(small, policy).conclusion is Conclusion.FAILED


def decided(conclusions: Sequence[Conclusion], fail_on: frozenset[Conclusion] | None = None) -> tuple[Conclusion, int]:
    """The conclusion and exit code of a step whose runs have these conclusions."""
    faults = {Conclusion.TRIGGER_UNKNOWN: TriggerUnknown("?"), Conclusion.PLATFORM_ERROR: Refused("no", status=404)}
    reports = {
        Conclusion.PASSED: report(RunResult.PASSED, Counts(passed=1), results(passed=1)),
        Conclusion.FAILED: report(RunResult.FAILED, Counts(failed=1), results(failed=1)),
        Conclusion.STOPPED: report(RunResult.STOPPED),
        Conclusion.NOTHING_RAN: report(RunResult.PASSED),
        Conclusion.TIMED_OUT: report(None, halted=Conclusion.TIMED_OUT),
        Conclusion.CANCELLED: report(None, halted=Conclusion.CANCELLED),
        Conclusion.INTERNAL_ERROR: report(None, fault=KeyError("bug")),
        Conclusion.TRIGGERED: report(None, halted=Conclusion.TRIGGERED),
        **{conclusion: report(None, fault=fault) for conclusion, fault in faults.items()},
    }
    policy = Policy(fail_on=fail_on)
    found, code = decide(judge([reports[each] for each in conclusions], policy), policy)
    return found.conclusion, code


C = Conclusion


@pytest.mark.parametrize(
    ("conclusions", "fail_on", "expected"),
    [
        ([C.PASSED, C.PASSED], None, (C.PASSED, 0)),
        ([C.TRIGGERED, C.TRIGGERED], None, (C.TRIGGERED, 0)),
        ([C.PASSED, C.FAILED], None, (C.FAILED, 1)),
        ([C.NOTHING_RAN, C.FAILED], None, (C.FAILED, 1)),
        ([C.FAILED, C.STOPPED], None, (C.STOPPED, 5)),
        ([C.STOPPED, C.TIMED_OUT], None, (C.TIMED_OUT, 4)),
        ([C.TIMED_OUT, C.PLATFORM_ERROR], None, (C.PLATFORM_ERROR, 3)),
        ([C.PLATFORM_ERROR, C.TRIGGER_UNKNOWN], None, (C.TRIGGER_UNKNOWN, 7)),
        ([C.PLATFORM_ERROR, C.FAILED], frozenset({C.FAILED}), (C.FAILED, 1)),
        ([C.PLATFORM_ERROR, C.FAILED], frozenset({C.NOTHING_RAN}), (C.PLATFORM_ERROR, 0)),
        ([C.FAILED], frozenset(), (C.FAILED, 0)),
        ([C.INTERNAL_ERROR, C.FAILED], frozenset(), (C.INTERNAL_ERROR, 70)),
        ([C.CANCELLED], frozenset(), (C.CANCELLED, 130)),
    ],
)
def test_the_worst_conclusion_that_counts_decides(
    conclusions: Sequence[Conclusion], fail_on: frozenset[Conclusion] | None, expected: tuple[Conclusion, int]
) -> None:
    """Only those in `fail-on` count, and bugs and cancels always do."""
    assert decided(conclusions, fail_on) == expected


@given(
    result=st.sampled_from([*RunResult, None]),
    counts=COUNTS,
    total=st.none() | st.integers(0, 60),
    tests=TESTS,
    rate=st.none() | st.tuples(st.integers(0, 1000), st.just(10)),
    most=st.none() | st.integers(0, 5),
    failing=st.booleans(),
)
def test_green_needs_proof(
    result: RunResult | None,
    counts: Counts,
    total: int | None,
    tests: list[TestResult],
    rate: tuple[int, int] | None,
    most: int | None,
    failing: bool,
) -> None:
    """Green means that something passed, everything is listed, and no limit is broken."""
    fault = Outage("gone") if failing else None
    one = report(result, counts, tests, total=total, fault=fault)
    found = verdict(one, Policy(rate, most))
    if found.conclusion is not Conclusion.PASSED:
        return
    listed = tally(tests)
    assert fault is None
    assert result in {RunResult.PASSED, RunResult.FAILED, RunResult.NOT_EXECUTED}
    assert listed.total >= max(total or 0, counts.total)
    assert listed.executed > 0 or counts.executed > 0
    for witness in (listed, counts):
        if rate is not None and witness is found.counts:
            assert witness.passed * 1000 >= rate[0] * witness.weighed
        assert most is None or witness.unsuccessful <= most
