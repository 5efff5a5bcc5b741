"""The progress of a run: functions of its plan and of the seconds since its trigger."""

from collections.abc import Iterable
from math import inf
from typing import NamedTuple

from testgate.demo.testsigma.scenarios import Plan
from testgate.demo.timeline import Span, schedule

CREATED = "STATUS_CREATED"
QUEUED = "STATUS_QUEUED"
IN_PROGRESS = "STATUS_IN_PROGRESS"
COMPLETED = "STATUS_COMPLETED"

WAITING = "QUEUED"
"""The result of anything unfinished."""

STOPPED = "STOPPED"
"""The result of anything that was stopped."""

PASSING = frozenset({"SUCCESS", "PASSED"})
"""The results that count as passed."""

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
_FAILING = ("failedCount", "abortedCount", "preRequisiteFailedCount")


class Timeline(NamedTuple):
    """The moments of a run, in seconds since its trigger; `spans` in the order of the plan's tests.

    `ended` is when the run ends by itself, `stopped` when a stop takes effect. A stop after the end
    doesn't change any test.
    """

    queued: float
    running: float
    ended: float
    spans: tuple[Span, ...]
    stopped: float = inf

    @property
    def completed(self) -> float:
        """When the run ends, by itself or by a stop."""
        return min(self.ended, self.stopped)

    def status(self, elapsed: float) -> str:
        """The run's status."""
        if elapsed >= self.completed:
            return COMPLETED
        if elapsed < self.queued:
            return CREATED
        if elapsed < self.running:
            return QUEUED
        return IN_PROGRESS


def lay_out(plan: Plan) -> Timeline:
    """The timeline of a run of the plan."""
    begin = plan.created + plan.queued
    spans, ended = schedule(((test.machine, test.seconds) for test in plan.tests), begin, plan.running)
    return Timeline(plan.created, begin, ended, spans)


def word(final: str, span: Span, elapsed: float, stopped: float = inf) -> str:
    """A test's result: its final one once it has ended, unless a stop came first."""
    if span.end <= min(elapsed, stopped):
        return final
    return STOPPED if elapsed >= stopped else WAITING


def counters(plan: Plan, timeline: Timeline, elapsed: float) -> dict[str, int]:
    """The number of tests in each state; all zero while the run is only created.

    Running tests are in `totalRunningCount` and not among the queued. Tests whose result has no
    counter are in the total only.
    """
    counts = dict.fromkeys(("totalCount", *COUNTERS.values(), "totalRunningCount", "totalQueuedCount"), 0)
    if timeline.status(elapsed) == CREATED:
        return counts
    counts["totalCount"] = len(plan.tests)
    for test, span in zip(plan.tests, timeline.spans, strict=True):
        if span.begin <= elapsed < min(span.end, timeline.stopped):
            counts["totalRunningCount"] += 1
        elif counter := COUNTERS.get(word(test.word, span, elapsed, timeline.stopped)):
            counts[counter] += 1
    counts["totalQueuedCount"] = counts["queuedCount"]
    return counts


def result(plan: Plan) -> str:
    """The result of a run of the plan that wasn't stopped: the plan's own, or that of its tests."""
    return plan.result if plan.result is not None else result_of(test.word for test in plan.tests)


def result_of(words: Iterable[str]) -> str:
    """The combined result of tests with these final results."""
    found = {COUNTERS[each] for each in words if each in COUNTERS}
    if found.intersection(_FAILING):
        return "FAILED"
    if "stoppedCount" in found:
        return STOPPED
    return "PASSED" if "passedCount" in found else "NOT_EXECUTED"
