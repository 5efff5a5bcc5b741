"""Runs of the simulated Testsigma: how one begins, is rerun and stopped. Pure: each step makes a new value."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

from testgate.demo.testsigma import timeline
from testgate.demo.testsigma.attempts import attempt_of
from testgate.demo.testsigma.scenarios import Plan, Test

_RESULT_IDS = 100_000  # results that one run can have
_ITERATION_IDS = 100  # iterations that one result can have


class Place(NamedTuple):
    """A test's position in its plan, and those of its iterations that are run."""

    test: int
    iterations: tuple[int, ...]


class SimulatedRun(NamedTuple):
    """A run that was triggered: `body` is what the trigger sent, `started` simulated seconds.

    `epoch` is the wall clock's reading, in seconds, when the simulated clock stood at zero.
    `plan` is what this run plays of the `whole` plan, `places` where its tests are in that.
    `attempt` counts reruns; those that are `automatic` the platform began by itself.
    """

    id: int
    plan_id: int
    plan: Plan
    body: Mapping[str, Any]
    started: float
    epoch: float
    line: timeline.Timeline
    whole: Plan
    places: tuple[Place, ...]
    parent_id: int | None = None
    attempt: int = 0
    automatic: bool = False

    def millis(self, elapsed: float) -> int:
        """The wall clock's milliseconds so many seconds after the trigger."""
        return int((self.epoch + self.started + elapsed) * 1000)

    def result_id(self, position: int) -> int:
        """The id of the result of the run's test at this position."""
        return self.id * _RESULT_IDS + position + 1

    def iteration_id(self, position: int, number: int) -> int:
        """The id of the result of a test's iteration."""
        return self.result_id(position) * _ITERATION_IDS + number + 1

    def status(self, now: float) -> str:
        """The run's own status."""
        return self.line.status(now - self.started)

    @property
    def stop_asked(self) -> bool:
        """Whether somebody has stopped this run, or tried to after its end."""
        return self.line.stopped < inf

    @property
    def words(self) -> tuple[str, ...]:
        """The tests' words at the run's end."""
        pairs = zip(self.plan.tests, self.line.spans, strict=True)
        return tuple(timeline.word(test.word, span, inf, self.line.stopped) for test, span in pairs)

    @property
    def failed(self) -> tuple[int, ...]:
        """The positions of the tests that do not pass."""
        return tuple(position for position, word in enumerate(self.words) if word not in timeline.PASSING)

    @property
    def automatic_at(self) -> float:
        """When the platform begins a rerun of this run by itself, in simulated seconds; infinity for never."""
        eligible = self.attempt < self.whole.automatic_reruns and (self.automatic or self.attempt == 0)
        if not eligible or self.stop_asked or not self.failed or timeline.result(self.plan) in timeline.PASSING:
            return inf
        return self.started + self.line.ended + self.whole.automatic_gap


class Birth(NamedTuple):
    """What a new run gets from outside: its id, what was sent, and the times."""

    id: int
    body: Mapping[str, Any]
    started: float
    epoch: float


def first_run(birth: Birth, plan_id: int, plan: Plan) -> SimulatedRun:
    """A run of all tests of a plan."""
    places = tuple(Place(position, tuple(range(len(test.iterations)))) for position, test in enumerate(plan.tests))
    return SimulatedRun(
        birth.id, plan_id, plan, birth.body, birth.started, birth.epoch, timeline.lay_out(plan), plan, places
    )


def rerun(birth: Birth, parent: SimulatedRun, places: Sequence[Place], *, automatic: bool = False) -> SimulatedRun:
    """A run of some tests of another run."""
    attempt = parent.attempt + 1
    whole = parent.whole
    plan = whole._replace(
        tests=tuple(_played(whole.tests[place.test], place, attempt) for place in places),
        running=whole.running if whole.rerun_running is None else whole.rerun_running,
        result=None,
        at_start={},
        meanwhile={},
        at_end={},
        consolidated=None,
        consolidated_result=None,
        listed=None,
    )
    return first_run(birth, parent.plan_id, plan)._replace(
        whole=whole, places=tuple(places), parent_id=parent.id, attempt=attempt, automatic=automatic
    )


def stopped(run: SimulatedRun, now: float) -> SimulatedRun:
    """The run after a stop. One that has ended is called stopped all the same, at once."""
    takes = run.whole.stop_takes
    elapsed = now - run.started
    at = elapsed if run.status(now) == timeline.COMPLETED and takes < inf else elapsed + takes
    return run._replace(line=run.line._replace(stopped=min(run.line.stopped, at)))


def unfinished(run: SimulatedRun, now: float) -> bool:
    """Whether a run goes on, or is about to be rerun by the platform. One that has been is not."""
    return run.status(now) != timeline.COMPLETED or now < run.automatic_at < inf


def _played(test: Test, place: Place, attempt: int) -> Test:
    """A test as it is played in an attempt, with the iterations that are run."""
    played = attempt_of(test, attempt)
    return played._replace(iterations=tuple(played.iterations[number] for number in place.iterations))
