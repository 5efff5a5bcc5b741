"""Settling a run and its reruns into one outcome per test."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.gate.attempts import is_sound, keys_of, settle, to_rerun, unmatched
from testgate.gate.evidence import tally
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
from testgate.results import Policy, RunReport

TARGET = Target("274", "Test plan 274")
O = Outcome  # noqa: E741  # a table of outcomes reads better so


def results_of(outcomes: dict[str, Outcome], run: str = "1") -> list[TestResult]:
    """Results by name; their ids depend on the run."""
    return [
        TestResult(f"{run}-{name}", name, outcome, message=f"{name} in {run}") for name, outcome in outcomes.items()
    ]


def attempt(
    run: str,
    outcomes: dict[str, Outcome],
    result: RunResult | None = None,
    *,
    counts: Counts | None = None,
    automatic: bool = False,
    whole: RunResult | None = None,
    status: Status = Status.ENDED,
) -> Attempt:
    """An attempt whose counters and result follow from its tests, unless they are given."""
    tests = results_of(outcomes, run)
    counters = counts if counts is not None else tally(tests)
    ended = result or (RunResult.FAILED if counters.unsuccessful else RunResult.PASSED)
    snapshot = Snapshot(run, status, ended.value, ended, Reported(counters, counters.total), whole=whole)
    return Attempt(Run(run, TARGET), snapshot, tests, automatic)


def conclusion(attempts: Sequence[Attempt], policy: Policy | None = None) -> Conclusion:
    """The conclusion over all attempts."""
    snapshot, tests = settle(attempts)
    report = RunReport(TARGET, attempts[0].run, snapshot, tests, attempts=attempts)
    return judge([report], policy or Policy())[0].verdict.conclusion


def outcomes(attempts: Sequence[Attempt]) -> dict[str, Outcome]:
    """The settled outcomes by name."""
    return {test.name: test.outcome for test in settle(attempts)[1]}


FIRST = attempt("1", {"a": O.PASSED, "b": O.FAILED, "c": O.ERROR})


def test_a_test_that_passes_later_is_flaky_and_counts_as_passed() -> None:
    """If every failed test passes in the rerun, the run passes."""
    attempts = [FIRST, attempt("2", {"b": O.PASSED, "c": O.PASSED})]
    snapshot, tests = settle(attempts)
    assert conclusion(attempts) is Conclusion.PASSED
    assert [test.name for test in tests if test.flaky] == ["b", "c"]
    assert tests[1].earlier[0].message == "b in 1"
    assert tests[1].earlier[0].run_id == "1"
    assert tests[1].id == "2-b"
    assert snapshot is not None
    assert snapshot.reported.counts == Counts(passed=3)


def test_the_start_of_a_test_is_that_of_its_last_attempt() -> None:
    """A time before its rerun would lie."""
    first, again = attempt("1", {"a": O.FAILED}), attempt("2", {"a": O.PASSED})
    timed = [
        each._replace(tests=[test._replace(started=start) for test in each.tests])
        for each, start in ((first, 100.0), (again, 200.0))
    ]
    assert settle(timed)[1][0].started == 200.0


def test_a_test_that_fails_again_keeps_all_its_attempts() -> None:
    """The messages of earlier attempts are kept in order."""
    attempts = [FIRST, attempt("2", {"b": O.FAILED, "c": O.PASSED}), attempt("3", {"b": O.FAILED})]
    _snapshot, tests = settle(attempts)
    assert conclusion(attempts) is Conclusion.FAILED
    assert [each.run_id for each in tests[1].earlier] == ["1", "2"]
    assert tests[1].message == "b in 3"


@pytest.mark.parametrize(
    "rerun",
    [
        attempt("2", {"b": O.PASSED, "c": O.PASSED}, status=Status.RUNNING),
        attempt("2", {"b": O.PASSED, "c": O.PASSED}, RunResult.STOPPED),
        attempt("2", {"b": O.PASSED, "c": O.PASSED}, RunResult.UNKNOWN),
        attempt("2", {"b": O.PASSED, "c": O.PASSED}, counts=Counts(passed=1, failed=1)),
        attempt("2", {"b": O.PASSED, "c": O.PASSED}, counts=Counts(passed=3)),
        attempt("2", {"b": O.PASSED, "c": O.PASSED}, RunResult.FAILED),
        attempt("2", {}),
        Attempt(Run("2", TARGET)),
    ],
)
def test_an_unsound_rerun_proves_nothing(rerun: Attempt) -> None:
    """If a rerun is unfinished, stopped or contradicts itself, the earlier failures count."""
    assert not is_sound(rerun)
    assert outcomes([FIRST, rerun]) == {"a": O.PASSED, "b": O.FAILED, "c": O.ERROR}
    assert conclusion([FIRST, rerun]) is Conclusion.FAILED


def test_a_test_that_did_not_run_again_keeps_its_failure() -> None:
    """A test that isn't executed in the rerun has no new attempt."""
    rerun = attempt("2", {"b": O.NOT_RUN, "c": O.PASSED})
    assert outcomes([FIRST, rerun])["b"] is O.FAILED


def test_a_rerun_does_not_fix_a_failure_that_only_the_counters_know() -> None:
    """If the first run counts two failures and lists one, a rerun of that one leaves the other."""
    first = attempt("1", {"a": O.PASSED, "b": O.FAILED, "c": O.PASSED}, counts=Counts(passed=1, failed=2))
    assert conclusion([first, attempt("2", {"b": O.PASSED})]) is Conclusion.FAILED


def test_automatic_reruns_count_like_ours() -> None:
    """The platform's result of the whole chain is another witness."""
    child = attempt("2", {"b": O.PASSED, "c": O.PASSED}, automatic=True)
    assert conclusion([FIRST, child]) is Conclusion.PASSED
    red = FIRST._replace(snapshot=FIRST.snapshot._replace(whole=RunResult.FAILED) if FIRST.snapshot else None)
    assert conclusion([red, child]) is Conclusion.FAILED
    green = FIRST._replace(snapshot=FIRST.snapshot._replace(whole=RunResult.PASSED) if FIRST.snapshot else None)
    assert conclusion([green, child]) is Conclusion.PASSED
    assert conclusion([green]) is Conclusion.FAILED


def test_our_rerun_decides_after_an_automatic_one() -> None:
    """The newest rerun decides the result."""
    red = FIRST._replace(snapshot=FIRST.snapshot._replace(whole=RunResult.FAILED) if FIRST.snapshot else None)
    child = attempt("2", {"b": O.FAILED, "c": O.PASSED}, automatic=True)
    ours = attempt("3", {"b": O.PASSED})
    assert conclusion([red, child, ours]) is Conclusion.PASSED


def test_tests_with_the_same_name_are_distinguished_by_order() -> None:
    """Each of two tests with the same key is matched with its own second attempt."""
    twins = [TestResult("1", "twin", O.FAILED), TestResult("2", "twin", O.FAILED)]
    snapshot = Snapshot("1", Status.ENDED, "FAILED", RunResult.FAILED, Reported(Counts(failed=2), 2))
    again = [TestResult("3", "twin", O.PASSED), TestResult("4", "twin", O.FAILED)]
    later = Snapshot("2", Status.ENDED, "FAILED", RunResult.FAILED, Reported(Counts(passed=1, failed=1), 2))
    _snapshot, tests = settle([Attempt(Run("1", TARGET), snapshot, twins), Attempt(Run("2", TARGET), later, again)])
    assert [test.outcome for test in tests] == [O.PASSED, O.FAILED]


def test_only_failed_tests_that_count_are_rerun() -> None:
    """Passed, skipped, unexecuted and quarantined tests are not rerun."""
    tests = results_of({"a": O.PASSED, "b": O.FAILED, "c": O.ERROR, "d": O.NOT_RUN, "e": O.SKIPPED})
    tests.append(TestResult("f", "f", O.FAILED, quarantine="known"))
    assert [test.name for test in to_rerun(tests)] == ["b", "c"]


def test_unknown_tests_of_a_rerun_are_found() -> None:
    """A test that isn't in the first run matches nothing."""
    assert [test.name for test in unmatched(FIRST.tests, results_of({"b": O.PASSED, "x": O.PASSED}))] == ["x"]


def test_quarantined_and_flaky_tests_are_counted_separately_too() -> None:
    """They are part of the other counts, and the limits apply to them."""
    tests = [*results_of({"a": O.PASSED}), TestResult("b", "b", O.FAILED, quarantine="SHOP-1")]
    snapshot = Snapshot("1", Status.ENDED, "FAILED", RunResult.FAILED, Reported(Counts(passed=1, failed=1), 2))
    report = RunReport(TARGET, Run("1", TARGET), snapshot, tests)
    verdict = judge([report], Policy())[0].verdict
    assert verdict.conclusion is Conclusion.PASSED
    assert verdict.counts == Counts(passed=1, failed=1, quarantined=1)
    alone = report._replace(tests=tests[1:], snapshot=snapshot._replace(reported=Reported(Counts(failed=1), 1)))
    assert judge([alone], Policy())[0].verdict.conclusion is Conclusion.NOTHING_RAN
    flaky = [FIRST, attempt("2", {"b": O.PASSED, "c": O.PASSED})]
    assert conclusion(flaky, Policy(max_flaky=2)) is Conclusion.PASSED
    assert conclusion(flaky, Policy(max_flaky=1)) is Conclusion.FAILED


some = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(Outcome), min_size=1)


@given(first=some, reruns=st.lists(some, max_size=3))
def test_reruns_neither_add_nor_lose_tests(first: dict[str, Outcome], reruns: list[dict[str, Outcome]]) -> None:
    """The counters always follow the tests."""
    attempts = [attempt(str(number), each) for number, each in enumerate([first, *reruns], 1)]
    snapshot, tests = settle(attempts)
    assert [test.name for test in tests] == list(first)
    assert snapshot is not None
    assert snapshot.reported.counts._replace(flaky=0) == tally(tests)._replace(flaky=0)
    assert len(keys_of(tests)) == len(set(keys_of(tests)))


def equals(run: str, *outcomes: Outcome, automatic: bool = False, quarantine: str = "") -> Attempt:
    """An attempt at tests that nothing tells apart; a quarantine covers the first."""
    made = attempt(run, {}, RunResult.FAILED if O.FAILED in outcomes else RunResult.PASSED, automatic=automatic)
    tests = [TestResult(f"{run}-{row}", "Login", outcome) for row, outcome in enumerate(outcomes)]
    tests = [test._replace(quarantine=quarantine if row == 0 else "") for row, test in enumerate(tests)]
    reported = Reported(tally(tests), len(tests))
    assert made.snapshot is not None
    return made._replace(tests=tests, snapshot=made.snapshot._replace(reported=reported))


@pytest.mark.parametrize(
    ("chain", "green"),
    [
        pytest.param([equals("1", O.PASSED, O.FAILED), equals("2", O.PASSED)], True, id="one of two"),
        pytest.param([equals("1", O.FAILED, O.FAILED), equals("2", O.PASSED, O.PASSED)], True, id="both"),
        pytest.param([equals("1", O.PASSED, O.FAILED, O.FAILED), equals("2", O.PASSED)], False, id="one of three"),
        pytest.param(
            [equals("1", O.PASSED, O.FAILED, O.FAILED), equals("2", O.PASSED, O.FAILED)], False, id="one passes"
        ),
        pytest.param(
            [equals("1", O.PASSED, O.FAILED, O.FAILED), equals("2", O.PASSED, O.FAILED), equals("3", O.PASSED)],
            True,
            id="one after the other",
        ),
        pytest.param(
            [equals("1", O.PASSED, O.FAILED, O.FAILED), equals("2", O.PASSED, O.FAILED), equals("3", O.FAILED)],
            False,
            id="the second never",
        ),
        pytest.param(
            [
                equals("1", O.PASSED, O.FAILED, O.FAILED),
                equals("2", O.PASSED, O.FAILED, automatic=True),
                equals("3", O.PASSED, automatic=True),
            ],
            False,
            id="nobody knows what the platform picked",
        ),
        pytest.param(
            [equals("1", O.FAILED, O.FAILED, O.PASSED, quarantine="SHOP-1"), equals("2", O.PASSED)],
            True,
            id="the quarantined one is not picked",
        ),
        pytest.param(
            [equals("1", O.FAILED, O.FAILED, O.PASSED, quarantine="SHOP-1"), equals("2", O.FAILED)],
            False,
            id="the other one fails again",
        ),
    ],
)
def test_what_comes_back_is_matched_with_what_was_picked(chain: list[Attempt], green: bool) -> None:
    """Tests that nothing tells apart: as many passes as were picked repair them."""
    assert (conclusion(chain) is Conclusion.PASSED) is green
