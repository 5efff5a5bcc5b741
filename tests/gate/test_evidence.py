"""Weighing the platform's counters against its list of tests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.gate.evidence import pass_rate, tally, weigh
from testgate.model import Counts, Earlier, Outcome, Reported, TestResult
from tests.gate.evidence import COUNTS, TESTS


@pytest.mark.parametrize(
    ("counts", "rate"),
    [
        (Counts(passed=2, failed=1), "66.66"),
        (Counts(passed=1), "100.00"),
        (Counts(passed=99_999, failed=1), "99.99"),
        (Counts(failed=3), "0.00"),
        (Counts(passed=1, skipped=9), "100.00"),
        (Counts(skipped=9), ""),
        (Counts(), ""),
    ],
)
def test_the_pass_rate_is_rounded_down(counts: Counts, rate: str) -> None:
    """A rate of 99.999 % must not be shown as 100 %."""
    assert pass_rate(counts) == rate


@given(counts=COUNTS, total=st.none() | st.integers(0, 60), tests=TESTS)
def test_shown_counts_add_up(counts: Counts, total: int | None, tests: list[TestResult]) -> None:
    """Shown counts are never negative, and include every known test."""
    evidence = weigh(Reported(counts, total), tests)
    assert all(number >= 0 for number in (*evidence.counts, *evidence.at_best))
    if evidence.missing:
        assert evidence.counts.total == max(total or 0, counts.total)


@pytest.mark.parametrize(
    ("counters", "tests", "shown", "missing", "unknown"),
    [
        (Counts(passed=2), "pp", Counts(passed=2), 0, 0),
        (Counts(passed=2), "pf", Counts(passed=1, failed=1), 0, 0),
        (Counts(passed=1, failed=1), "pp", Counts(passed=1, failed=1), 0, 0),
        (Counts(passed=3, failed=1), "pf", Counts(passed=3, failed=1), 2, 0),
        (Counts(), "pf", Counts(passed=1, failed=1), 0, 0),
    ],
)
def test_the_worse_witness_is_shown(counters: Counts, tests: str, shown: Counts, missing: int, unknown: int) -> None:
    """Counters and tests are both witnesses, and the list can be shorter than the counters."""
    outcomes = {"p": Outcome.PASSED, "f": Outcome.FAILED}
    evidence = weigh(Reported(counters), [TestResult(str(n), "t", outcomes[each]) for n, each in enumerate(tests)])
    assert (evidence.counts, evidence.missing, evidence.unknown) == (shown, missing, unknown)


def test_tests_that_nobody_explains_are_unknown() -> None:
    """They are shown as not run, but could have passed."""
    evidence = weigh(Reported(Counts(), total=3), [TestResult("1", "t", Outcome.PASSED)])
    assert (evidence.missing, evidence.unknown) == (2, 2)
    assert evidence.counts == Counts(passed=1, not_run=2)
    assert evidence.at_best == Counts(passed=3)


def test_a_tally_counts_flaky_and_quarantined_tests() -> None:
    """Both are part of the counts by outcome, too."""
    flaky = TestResult("1", "t", Outcome.PASSED, earlier=(Earlier(Outcome.FAILED),))
    quarantined = TestResult("2", "t", Outcome.FAILED, quarantine="SHOP-1")
    assert tally([flaky, quarantined]) == Counts(passed=1, failed=1, flaky=1, quarantined=1)


def test_executed_tests_that_are_not_listed_as_executed_are_a_contradiction() -> None:
    """The witnesses disagree beyond repair."""
    listed = [TestResult(number, "t", Outcome.SKIPPED) for number in "12"]
    assert "counts 2 executed tests and lists none" in weigh(Reported(Counts(passed=2)), listed).contradiction
    assert weigh(Reported(Counts(skipped=2)), listed).contradiction == ""
