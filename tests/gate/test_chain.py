"""A chain of attempts is green only if every witness of every attempt is."""

from collections.abc import Sequence

import pytest

from testgate.gate.attempts import settle
from testgate.gate.verdict import judge
from testgate.model import (
    Attempt,
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

TARGET = Target("274", "Nightly")
PASSED, FAILED, ERROR, NOT_RUN = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.NOT_RUN


def made(name: str, outcome: Outcome, quarantine: str = "") -> TestResult:
    """A test."""
    return TestResult(f"{name}-id", name, outcome, case_id=name, quarantine=quarantine)


def attempt(  # each is a witness
    run_id: str,
    *tests: TestResult,
    result: RunResult | None = RunResult.PASSED,
    counts: Counts | None = None,
    total: int | None = None,
    automatic: bool = False,
    **more: object,
) -> Attempt:
    """An attempt; its counters follow from its tests, unless they are given."""
    by = {outcome: sum(test.outcome is outcome for test in tests) for outcome in Outcome}
    counts = counts if counts is not None else Counts(by[PASSED], by[FAILED], by[ERROR], not_run=by[NOT_RUN])
    status = Status.ENDED if result else Status.RUNNING
    word = result.value.upper() if result else "RUNNING"
    snapshot = Snapshot(run_id, status, word, result, Reported(counts, total))._replace(**more)  # type: ignore[arg-type]
    return Attempt(Run(run_id, TARGET), snapshot, tests, automatic)


def verdict(attempts: Sequence[Attempt], policy: Policy | None = None) -> Verdict:
    """The verdict on a chain."""
    snapshot, tests = settle(attempts)
    report = RunReport(TARGET, attempts[0].run, snapshot, tests, attempts=attempts)
    return judge([report], policy or Policy())[0].verdict


A_PASSED, A_FAILED = made("A", PASSED), made("A", FAILED)
B_PASSED, B_FAILED = made("B", PASSED), made("B", FAILED)
Q_FAILED = made("Q", FAILED, quarantine="SHOP-1")
Q_PASSED = made("Q", PASSED)
GREEN = attempt("1", A_PASSED, B_PASSED)
RED = attempt("1", A_FAILED, B_PASSED, result=RunResult.FAILED)
MENDED = attempt("2", A_PASSED, automatic=True)
ANOTHER = ("its list is that of another run",)


def test_ordinary_chains() -> None:
    """Failures and passed reruns decide."""
    assert verdict([GREEN]).conclusion is Conclusion.PASSED
    assert verdict([RED]).conclusion is Conclusion.FAILED
    assert verdict([RED, MENDED]).conclusion is Conclusion.PASSED
    assert verdict([RED, MENDED._replace(automatic=False)]).conclusion is Conclusion.PASSED


@pytest.mark.parametrize(
    "chain",
    [
        # A quarantined failure beside a real one in a rerun of all tests: the raw counters hold both.
        [
            attempt("1", Q_FAILED, B_PASSED, result=RunResult.FAILED),
            attempt("2", Q_FAILED, B_FAILED, result=RunResult.FAILED, automatic=True),
        ],
        # A later attempt that is worse, stopped, unknown, unfinished, unreadable, short, or names another run.
        [GREEN, attempt("2", A_FAILED, B_PASSED, result=RunResult.STOPPED, automatic=True)],
        [GREEN, attempt("2", A_PASSED, B_PASSED, result=RunResult.STOPPED, automatic=True)],
        [GREEN, attempt("2", A_PASSED, B_PASSED, result=RunResult.UNKNOWN, automatic=True)],
        [GREEN, attempt("2", A_PASSED, B_PASSED, result=RunResult.NOT_EXECUTED, automatic=True)],
        [GREEN, attempt("2", A_PASSED, result=None, automatic=True)],
        [GREEN, Attempt(Run("2", TARGET), automatic=True)],
        [GREEN, attempt("2", A_PASSED, total=2, automatic=True)],
        [GREEN, attempt("2", A_PASSED, B_PASSED, automatic=True, doubts=ANOTHER)],
        [GREEN, attempt("2", A_PASSED, B_PASSED, result=RunResult.FAILED, automatic=True)],
        [GREEN, attempt("2", A_PASSED, B_PASSED, counts=Counts(1, 1), automatic=True)],
        [GREEN, attempt("2", made("C", FAILED), result=RunResult.FAILED, automatic=True)],
        [GREEN, attempt("2", B_FAILED, result=RunResult.STOPPED, automatic=True), attempt("3", A_PASSED)],
        # A broken rerun left open what a later, smaller one does not cover.
        [
            GREEN,
            attempt("2", made("A", NOT_RUN), made("B", NOT_RUN), result=RunResult.NOT_EXECUTED, automatic=True),
            attempt("3", A_PASSED, automatic=True),
        ],
        [
            GREEN,
            attempt("2", A_PASSED, result=RunResult.STOPPED, counts=Counts(1, not_run=4), automatic=True),
            attempt("3", A_PASSED, automatic=True),
        ],
        [
            GREEN,
            attempt("2", result=RunResult.UNKNOWN, automatic=True),
            attempt("3", A_PASSED, automatic=True),
        ],
        # A list that was never read is not an empty one.
        [GREEN, attempt("2", A_PASSED, automatic=True)._replace(read=False)],
        [GREEN._replace(read=False)],
        # A first run that is broken as a whole is not repaired by a rerun of its tests.
        [attempt("1", A_FAILED, B_PASSED, result=RunResult.UNKNOWN), MENDED],
        [attempt("1", A_FAILED, B_PASSED, result=RunResult.NOT_EXECUTED), MENDED],
        [attempt("1", A_FAILED, B_PASSED, result=RunResult.STOPPED), MENDED],
        [attempt("1", A_PASSED, B_PASSED, result=RunResult.FAILED), attempt("2", A_PASSED, B_PASSED)],
        # One witness of the only run contradicts.
        [attempt("1", A_PASSED, result=RunResult.FAILED, whole=RunResult.PASSED)],
        [attempt("1", A_PASSED, whole=RunResult.FAILED)],
        [attempt("1", A_PASSED, whole=RunResult.UNKNOWN)],
        [attempt("1", A_PASSED, whole=RunResult.STOPPED)],
        [attempt("1", A_PASSED, listed=RunResult.FAILED)],
        [attempt("1", A_PASSED, listed=RunResult.STOPPED)],
        [attempt("1", A_PASSED, listed=RunResult.UNKNOWN)],
        [attempt("1", A_PASSED, doubts=ANOTHER)],
        [attempt("1", A_PASSED, counts=Counts(passed=1, failed=1))],
        [attempt("1", made("A", Outcome.SKIPPED), counts=Counts(passed=1))],
    ],
)
def test_no_witness_is_outvoted(chain: list[Attempt]) -> None:
    """A witness that contradicts the others, or can't be read, is enough for red."""
    assert not verdict(chain).conclusion.green


@pytest.mark.parametrize(
    "chain",
    [
        [attempt("1", Q_FAILED, B_PASSED, result=RunResult.FAILED)],
        [
            attempt("1", Q_FAILED, B_FAILED, result=RunResult.FAILED),
            attempt("2", Q_FAILED, B_PASSED, result=RunResult.FAILED, automatic=True),
        ],
        [attempt("1", Q_FAILED, B_FAILED, result=RunResult.FAILED), attempt("2", Q_PASSED, B_PASSED, automatic=True)],
        [RED, attempt("2", A_FAILED, result=RunResult.STOPPED), attempt("3", A_PASSED)],
        [RED._replace(snapshot=RED.snapshot._replace(whole=RunResult.PASSED) if RED.snapshot else None), MENDED],
        [attempt("1", A_PASSED, counts=Counts(), total=0)],
        [attempt("1", A_PASSED, listed=RunResult.PASSED, whole=RunResult.PASSED)],
    ],
)
def test_proven_chains_are_green(chain: list[Attempt]) -> None:
    """Quarantined failures explain a red result, and a later sound attempt supersedes a broken one."""
    assert verdict(chain).conclusion is Conclusion.PASSED, verdict(chain).reason


def test_the_lower_pass_rate_decides() -> None:
    """The list and the counters disagree."""
    tests = [A_PASSED, B_FAILED, *(made(f"S{number}", Outcome.SKIPPED) for number in range(8))]
    chain = [attempt("1", *tests, counts=Counts(passed=8, failed=2), result=RunResult.FAILED)]
    found = verdict(chain, Policy(min_pass_rate=(75, 1)))
    assert found.conclusion is Conclusion.FAILED
    assert "pass rate 50.00% is below `min-pass-rate` 75%" in found.reason


def test_the_larger_number_of_failures_decides() -> None:
    """The list and the counters disagree."""
    chain = [attempt("1", A_FAILED, B_PASSED, counts=Counts(passed=8, failed=2), result=RunResult.FAILED)]
    policy = Policy(min_pass_rate=None, max_failures=1)
    assert verdict(chain, policy).conclusion is not Conclusion.PASSED


X_PASSED, X_FAILED, X_SKIPPED = made("X", PASSED), made("X", FAILED), made("X", Outcome.SKIPPED)


@pytest.mark.parametrize(
    ("before", "after", "green"),
    [
        ([X_FAILED, X_PASSED], [X_PASSED, X_PASSED], True),
        ([X_FAILED, X_PASSED], [X_PASSED, X_FAILED], False),
        ([X_PASSED, X_FAILED], [X_PASSED], True),
        ([X_FAILED, X_PASSED], [X_FAILED], False),
        ([X_FAILED, X_FAILED], [X_PASSED], False),
        ([X_FAILED, X_FAILED], [X_PASSED, X_PASSED], True),
        ([X_SKIPPED, X_FAILED], [X_PASSED, X_SKIPPED], False),
        ([X_SKIPPED, X_FAILED], [X_PASSED, X_PASSED], True),
        ([X_PASSED, X_PASSED], [X_FAILED], False),
        ([X_PASSED, X_PASSED, X_FAILED], [X_PASSED, X_PASSED], False),
    ],
)
def test_tests_that_cannot_be_told_apart(before: list[TestResult], after: list[TestResult], green: bool) -> None:
    """A failure is repaired only if every one of them passed again, or as many as had failed."""
    first = attempt("1", *before, result=RunResult.FAILED if X_FAILED in before else RunResult.PASSED)
    result = RunResult.FAILED if X_FAILED in after else RunResult.PASSED
    found = verdict([first, attempt("2", *after, result=result, automatic=True)])
    assert found.conclusion.green is green, found.reason


@pytest.mark.parametrize(
    ("counts", "total", "green"),
    [
        (Counts(), 2, True),
        (Counts(failed=1), 2, False),
        (Counts(passed=1), 2, True),
        (Counts(not_run=2), 2, False),
    ],
)
def test_counters_that_are_not_there_say_nothing(counts: Counts, total: int, green: bool) -> None:
    """Of two tests that passed, the platform counts some only; what it counts as failed is red."""
    found = verdict([attempt("1", A_PASSED, B_PASSED, counts=counts, total=total)])
    assert found.conclusion.green is green, found.reason
