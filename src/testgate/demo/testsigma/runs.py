"""Runs of the simulated Testsigma: how one starts, is rerun and is stopped.

Runs are immutable; every change makes a new value.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

from testgate.demo.scenarios import rerun_value
from testgate.demo.testsigma import timeline
from testgate.demo.testsigma.scenarios import Iteration, Plan, Test
from testgate.demo.testsigma.timeline import Timeline

_RESULT_IDS = 100_000  # results that one run can have
_ITERATION_IDS = 100  # iterations that one result can have


class SelectedTest(NamedTuple):
    """A test that is run: its position in the plan, and the positions of the iterations to run."""

    test: int
    iterations: tuple[int, ...]


class SimulatedRun(NamedTuple):
    """A run: `body` is the trigger's, `started` is in simulated seconds.

    `epoch` is the wall clock, in seconds, when the simulated clock is at zero. `selected` says which
    tests of `whole_plan` are run, and `plan` holds just those, as they end in this `attempt`. Attempts
    count from 0; an `automatic` one was started by the platform itself.
    """

    id: int
    plan_id: int
    plan: Plan
    body: Mapping[str, Any]
    started: float
    epoch: float
    timeline: Timeline
    whole_plan: Plan
    selected: tuple[SelectedTest, ...]
    parent_id: int | None = None
    attempt: int = 0
    automatic: bool = False

    def millis(self, elapsed: float) -> int:
        """The wall clock in milliseconds, `elapsed` seconds after the trigger."""
        return int((self.epoch + self.started + elapsed) * 1000)

    def result_id(self, position: int) -> int:
        """The result id of the run's test at a position."""
        return self.id * _RESULT_IDS + position + 1

    def iteration_id(self, position: int, number: int) -> int:
        """The result id of a test's iteration."""
        return self.result_id(position) * _ITERATION_IDS + number + 1

    def status(self, now: float) -> str:
        """The run's own status, regardless of its reruns."""
        return self.timeline.status(now - self.started)

    @property
    def stop_asked(self) -> bool:
        """Whether the run was stopped, even if only after its end."""
        return self.timeline.stopped < inf

    @property
    def words(self) -> tuple[str, ...]:
        """The tests' final results."""
        pairs = zip(self.plan.tests, self.timeline.spans, strict=True)
        return tuple(timeline.word(test.word, span, inf, self.timeline.stopped) for test, span in pairs)

    @property
    def failed(self) -> tuple[int, ...]:
        """The positions of the tests that don't pass."""
        return tuple(position for position, word in enumerate(self.words) if word not in timeline.PASSING)

    @property
    def automatic_at(self) -> float:
        """When the platform reruns this run by itself, in simulated seconds; infinity for never."""
        eligible = self.attempt < self.whole_plan.automatic_reruns and (self.automatic or self.attempt == 0)
        if not eligible or self.stop_asked or not self.failed or timeline.result(self.plan) in timeline.PASSING:
            return inf
        return self.started + self.timeline.ended + self.whole_plan.automatic_gap

    def iterations(self, position: int, *, passed: bool) -> tuple[int, ...]:
        """The iterations of a test that passed, or that didn't. In a stopped test, none passed."""
        stopped = self.words[position] == timeline.STOPPED
        pairs = zip(self.selected[position].iterations, self.plan.tests[position].iterations, strict=True)
        return tuple(number for number, each in pairs if (each.word in timeline.PASSING and not stopped) is passed)


class Start(NamedTuple):
    """Where a new run gets its identity from: its id, the trigger's body, and the clocks."""

    id: int
    body: Mapping[str, Any]
    started: float
    epoch: float


def first_run(start: Start, plan_id: int, plan: Plan) -> SimulatedRun:
    """A run of all tests of a plan."""
    return SimulatedRun(
        start.id,
        plan_id,
        plan,
        start.body,
        start.started,
        start.epoch,
        timeline.lay_out(plan),
        plan,
        tuple(SelectedTest(number, tuple(range(len(test.iterations)))) for number, test in enumerate(plan.tests)),
    )


def rerun(
    start: Start, parent: SimulatedRun, selected: Sequence[SelectedTest], *, automatic: bool = False
) -> SimulatedRun:
    """A rerun of some tests of another run."""
    attempt = parent.attempt + 1
    whole = parent.whole_plan
    plan = whole._replace(
        tests=tuple(_attempted(whole.tests[each.test], each, attempt) for each in selected),
        running=whole.running if whole.rerun_running is None else whole.rerun_running,
        result=None,
        at_start={},
        meanwhile={},
        at_end={},
        consolidated=None,
        consolidated_result=None,
        listed=None,
    )
    return first_run(start, parent.plan_id, plan)._replace(
        whole_plan=whole, selected=tuple(selected), parent_id=parent.id, attempt=attempt, automatic=automatic
    )


def stopped(run: SimulatedRun, now: float) -> SimulatedRun:
    """The run after a stop. One that has ended is marked as stopped too, and at once."""
    takes = run.whole_plan.stop_takes
    elapsed = now - run.started
    at = elapsed if run.status(now) == timeline.COMPLETED and takes < inf else elapsed + takes
    return run._replace(timeline=run.timeline._replace(stopped=min(run.timeline.stopped, at)))


def unfinished(run: SimulatedRun, now: float) -> bool:
    """Whether a run hasn't ended, or has ended and is waiting for its automatic rerun."""
    return run.status(now) != timeline.COMPLETED or now < run.automatic_at < inf


def failed_tests(run: SimulatedRun, *, failed_iterations: bool = False) -> tuple[SelectedTest, ...]:
    """The tests to rerun: those that didn't pass, with all their iterations or just the failed ones."""
    failed = tuple(run.selected[position] for position in run.failed)
    if not failed_iterations:
        return failed
    # A test can fail outside of its iterations: then all of them run again.
    return tuple(
        each._replace(iterations=run.iterations(position, passed=False) or each.iterations)
        for position, each in zip(run.failed, failed, strict=True)
    )


def attempt_of(test: Test, number: int) -> Test:
    """The test as it ends in an attempt: 0 is the first run, 1 its rerun, and so on."""
    if number == 0:
        return test
    word = rerun_value(test.later, number, test.word)
    before = None if word in timeline.PASSING else test.message
    iterations = tuple(
        each._replace(word=rerun_value(each.later, number, _following(each, word))) for each in test.iterations
    )
    return test._replace(word=word, message=rerun_value(test.later_messages, number, before), iterations=iterations)


def _following(iteration: Iteration, word: str) -> str:
    """The result of an iteration without later results: it passes when its test does."""
    return "SUCCESS" if word in timeline.PASSING else iteration.word


def _attempted(test: Test, selected: SelectedTest, attempt: int) -> Test:
    """The test as it ends in an attempt, with the selected iterations only."""
    ended = attempt_of(test, attempt)
    return ended._replace(iterations=tuple(ended.iterations[number] for number in selected.iterations))
