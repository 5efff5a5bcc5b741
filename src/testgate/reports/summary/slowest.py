"""The summary's table of the slowest tests."""

from collections.abc import Iterator, Sequence
from heapq import nlargest
from operator import itemgetter

from testgate.model import Outcome
from testgate.reports.markdown import inline
from testgate.reports.naming import case_name, milliseconds, shown_duration
from testgate.reports.summary.budget import Section
from testgate.reports.summary.wording import FoundTest, all_tests, where
from testgate.results import JudgedRun

_MOST = 5
_NOTABLY = 1.2  # times as slow as the last of them
_RAN = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.ERROR})


def slowest(runs: Sequence[JudgedRun]) -> Section:
    """The tests with the longest durations, folded; empty unless there are at least two to compare."""
    timed = ((milliseconds(pair[1].seconds), pair) for pair in all_tests(runs) if pair[1].outcome in _RAN)
    top = [pair for whole, pair in nlargest(_MOST, timed, key=itemgetter(0)) if whole]
    return Section(
        "<details><summary>Slowest tests</summary>\n\n| Test | Where | Duration |\n| :-- | :-- | --: |\n",
        _rows(top),
        len(top) if _differ(top) else 0,
        lambda _missing: "",
        tail="\n</details>\n\n",
    )


def _rows(top: Sequence[FoundTest]) -> Iterator[str]:
    """One row for each test."""
    several = len({id(judged) for judged, _ in top}) > 1
    for judged, test in top:
        suite = " · ".join(map(inline, where(judged, test, several=several)))
        yield f"| {inline(case_name(test))} | {suite} | {shown_duration(test.seconds)} |\n"


def _differ(top: Sequence[FoundTest]) -> bool:
    """Whether the slowest tests are slower than each other, so that a list says something."""
    durations = [milliseconds(test.seconds) for _judged, test in top]
    return len(durations) > 1 and durations[0] >= _NOTABLY * durations[-1]
