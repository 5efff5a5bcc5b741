"""When what happens in a run: pure functions of the plan and of the seconds since its trigger."""

from collections.abc import Iterable
from math import inf
from typing import NamedTuple

from testgate.demo.testsigma.scenarios import Plan

CREATED = "STATUS_CREATED"
QUEUED = "STATUS_QUEUED"
IN_PROGRESS = "STATUS_IN_PROGRESS"
COMPLETED = "STATUS_COMPLETED"

WAITING = "QUEUED"
"""The result word of what has not ended."""

STOPPED = "STOPPED"
"""The result word of what was stopped."""

PASSING = frozenset({"SUCCESS", "PASSED"})
"""The result words of what went well."""

COUNTERS = {
    "SUCCESS": "passedCount",
    "PASSED": "passedCount",
    "FAILURE": "failedCount",
    "FAILED": "failedCount",
    "ABORTED": "abortedCount",
    "STOPPED": "stoppedCount",
    "NOT_EXECUTED": "notExecutedCount",
    "PRE_REQUISITE_FAILURE": "preRequisiteFailedCount",
    WAITING: "queuedCount",
}
_BROKEN = ("failedCount", "abortedCount", "preRequisiteFailedCount")


class Span(NamedTuple):
    """When a test begins and ends, in seconds since the trigger."""

    begin: float
    end: float


class Timeline(NamedTuple):
    """The moments of a run, in seconds since its trigger; `spans` in the order of the plan's tests.

    `ended` is when the run ends by itself, `stopped` when a stop takes effect. A stop after the end
    changes no test any more.
    """

    queued: float
    running: float
    ended: float
    spans: tuple[Span, ...]
    stopped: float = inf

    @property
    def over(self) -> float:
        """When the run has completed, in whichever way."""
        return min(self.ended, self.stopped)

    def status(self, elapsed: float) -> str:
        """The run's status."""
        if elapsed >= self.over:
            return COMPLETED
        if elapsed < self.queued:
            return CREATED
        if elapsed < self.running:
            return QUEUED
        return IN_PROGRESS


def lay_out(plan: Plan) -> Timeline:
    """Lay the plan's tests out: one after another on each machine, machines side by side."""
    begin = plan.created + plan.queued
    lanes: dict[str, float] = {}
    offsets = []
    for test in plan.tests:
        at = lanes.get(test.machine, 0.0)
        lanes[test.machine] = at + (test.seconds or 0.0)
        offsets.append(Span(at, lanes[test.machine]))
    longest = max(lanes.values(), default=0.0)
    running = longest if plan.running is None else plan.running
    stretched = 0 < longest != running < inf

    def moment(offset: float) -> float:
        """Seconds since the trigger. A share of the whole cannot overflow, however short the tests."""
        return begin + (running * (offset / longest) if stretched else offset)

    spans = tuple(Span(moment(span.begin), moment(span.end)) for span in offsets)
    # Rounding must not let the run end before its last test.
    ended = max([begin + running, *(span.end for span in spans)])
    return Timeline(plan.created, begin, ended, spans)


def word(final: str, span: Span, elapsed: float, stopped: float = inf) -> str:
    """A test's result word: its final one once it has ended, unless a stop came first."""
    if span.end <= min(elapsed, stopped):
        return final
    return STOPPED if elapsed >= stopped else WAITING


def counters(plan: Plan, line: Timeline, elapsed: float) -> dict[str, int]:
    """How many tests are where; a run that was only just created knows of none.

    Running tests are in `totalRunningCount` and not among the queued. Words that have no counter
    count in the total alone.
    """
    counts = dict.fromkeys(("totalCount", *COUNTERS.values(), "totalRunningCount", "totalQueuedCount"), 0)
    if line.status(elapsed) == CREATED:
        return counts
    counts["totalCount"] = len(plan.tests)
    for test, span in zip(plan.tests, line.spans, strict=True):
        if span.begin <= elapsed < min(span.end, line.stopped):
            counts["totalRunningCount"] += 1
        elif counter := COUNTERS.get(word(test.word, span, elapsed, line.stopped)):
            counts[counter] += 1
    counts["totalQueuedCount"] = counts["queuedCount"]
    return counts


def result(plan: Plan) -> str:
    """The run's result word at its end, from the plan or, where it has none, from its tests."""
    return plan.result if plan.result is not None else result_of(test.word for test in plan.tests)


def result_of(words: Iterable[str]) -> str:
    """What tests with these final words make together."""
    found = {COUNTERS[each] for each in words if each in COUNTERS}
    if found.intersection(_BROKEN):
        return "FAILED"
    if "stoppedCount" in found:
        return STOPPED
    return "PASSED" if "passedCount" in found else "NOT_EXECUTED"
