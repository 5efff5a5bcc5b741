"""Puts the platform's counters beside its list of tests. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from testgate.model import Counts, Outcome, Reported, TestResult

_OUTCOME = attrgetter("outcome")


class Evidence(NamedTuple):
    """Two witnesses, counters and tests, and what they prove together.

    `counts` is what is shown: of complete witnesses, the one with the lower pass rate. `missing` is
    the number of tests that the list lacks; `unknown` is how many of these no counter explains
    either (shown as not run).
    """

    counts: Counts
    listed: Counts
    reported: Reported
    missing: int = 0
    unknown: int = 0

    @property
    def at_best(self) -> Counts:
        """The counts if every unknown test had passed. If these break a limit, it is certainly broken."""
        return self.counts._replace(
            passed=self.counts.passed + self.unknown, not_run=self.counts.not_run - self.unknown
        )

    @property
    def witnesses(self) -> list[Counts]:
        """The counts that a limit must hold for: those at best, and of each complete witness."""
        complete = [self.listed] if not self.missing else []
        return [self.at_best, *complete, *([_completed(self.reported)] if self.reported.counts.total else [])]

    @property
    def failures(self) -> int:
        """The failures for `max-failures`, according to the worst witness."""
        return max(each.unsuccessful for each in self.witnesses)

    @property
    def proven_failures(self) -> int:
        """Failures that one of the witnesses saw, without excused ones."""
        seen = (self.listed, self.reported.counts)
        return max(0, *(each.failed + each.errors - each.excused for each in seen))

    @property
    def nothing_executed(self) -> bool:
        """Whether it is certain that no test ran, or none whose failure would count."""
        known = self.missing == 0 or self.reported.counts.total >= self.reported.counted
        executed = self.listed.executed or self.reported.counts.executed
        return known and (not executed or self.counts.weighed == 0)

    @property
    def contradiction(self) -> str:
        """What the witnesses disagree about beyond repair; "" if nothing."""
        counted = self.reported.counts.executed
        if counted and self.listed.total and not self.missing and not self.listed.executed:
            return f"the platform counts {counted} executed tests and lists none"
        return ""


def tally(tests: Iterable[TestResult]) -> Counts:
    """Count tests by outcome."""
    tests = list(tests)
    found = Counter(map(_OUTCOME, tests))
    bad = [test for test in tests if test.outcome is not Outcome.PASSED and test.bad]
    return Counts(
        passed=found[Outcome.PASSED],
        failed=found[Outcome.FAILED],
        errors=found[Outcome.ERROR],
        skipped=found[Outcome.SKIPPED],
        not_run=found[Outcome.NOT_RUN],
        flaky=sum(test.flaky for test in tests if test.earlier),
        quarantined=sum(test.quarantined for test in bad),
        tolerated=sum(test.tolerated for test in bad),
    )


def weigh(reported: Reported, tests: Sequence[TestResult]) -> Evidence:
    """Compare the platform's counters with the list of tests; where they differ, the worse one counts."""
    listed = tally(tests)
    reported = reported._replace(counts=_as_marked(reported.counts, listed))
    missing = max(0, reported.counted - listed.total)
    if not missing:
        return Evidence(_worse(listed, _completed(reported)), listed, reported)
    known = max(reported.counts, listed, key=lambda counts: (counts.total, counts.unsuccessful))
    unknown = reported.counted - known.total
    return Evidence(known._replace(not_run=known.not_run + unknown), listed, reported, missing, unknown)


def pass_rate(counts: Counts) -> str:
    """The pass rate in percent with two decimals, rounded down; "" if no test ran that could have passed."""
    if not counts.weighed or not counts.executed:
        return ""
    whole, hundredths = divmod(counts.passed * 10_000 // counts.weighed, 100)
    return f"{whole}.{hundredths:02d}"


def _completed(reported: Reported) -> Counts:
    """The platform's counters; tests that only their total contains may have passed, and are counted so."""
    return reported.counts._replace(passed=reported.counts.passed + reported.counted - reported.counts.total)


def _worse(one: Counts, other: Counts) -> Counts:
    """The counts with the lower pass rate, or with more failures; `one`, if they are equally bad."""
    if not one.weighed or not other.weighed:
        return max(one, other, key=lambda counts: (counts.unsuccessful, counts.total))
    rates = one.passed * other.weighed, other.passed * one.weighed
    if rates[0] != rates[1]:
        return one if rates[0] < rates[1] else other
    return max(one, other, key=lambda counts: counts.unsuccessful)


def _as_marked(counters: Counts, listed: Counts) -> Counts:
    """The platform's counters, with what only we know: which tests are flaky or excused."""
    bad = counters.failed + counters.errors + counters.not_run
    quarantined = min(listed.quarantined, bad)
    return counters._replace(
        flaky=min(listed.flaky, counters.passed),
        quarantined=quarantined,
        tolerated=min(listed.tolerated, bad - quarantined),
    )
