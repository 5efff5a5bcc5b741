"""The runs that the simulated Testsigma knows, and how they hang together."""

from collections.abc import Mapping
from math import inf
from typing import Any

from testgate.demo.testsigma.replies import Refusal, not_found
from testgate.demo.testsigma.reruns import failed_places
from testgate.demo.testsigma.runs import Birth, SimulatedRun, first_run, rerun
from testgate.demo.testsigma.scenarios import Plan, Scenario, Test

FIRST_RUN_ID = 337
FIRST_OTHER_ID = 101


class Ledger:
    """Runs by id: those that were started, and those of other people. Not safe for threads by itself."""

    def __init__(self, scenario: Scenario, epoch_seconds: float) -> None:
        """Begin with other people's runs, and the wall clock's reading at time zero."""
        self._epoch = epoch_seconds
        self._started: dict[int, SimulatedRun] = {}
        self._others = _others(scenario, epoch_seconds)

    @property
    def started(self) -> tuple[SimulatedRun, ...]:
        """The runs that were started, the oldest first."""
        return tuple(self._started.values())

    @property
    def others(self) -> tuple[SimulatedRun, ...]:
        """The runs of other people."""
        return tuple(self._others.values())

    @property
    def all(self) -> tuple[SimulatedRun, ...]:
        """Everybody's runs."""
        return self.others + self.started

    def find(self, run_id: str) -> SimulatedRun:
        """The run with this id.

        Raises:
            Refusal: there is none.

        """
        for run in self.all:
            if str(run.id) == run_id:
                return run
        raise Refusal(not_found("Test plan result"))

    def chain(self, run: SimulatedRun) -> tuple[SimulatedRun, ...]:
        """The reruns of a run, each of the one before it."""
        child = next((each for each in self._started.values() if each.parent_id == run.id), None)
        return () if child is None else (child, *self.chain(child))

    def keep(self, run: SimulatedRun) -> None:
        """Keep a run that is new or has changed."""
        (self._others if run.id in self._others else self._started)[run.id] = run

    def birth(self, body: Mapping[str, Any], now: float) -> Birth:
        """What a run that begins now gets."""
        return Birth(FIRST_RUN_ID + len(self._started), body, now, self._epoch)

    def advance(self, now: float) -> None:
        """Begin the reruns that the platform makes by itself and that are due; these can be due for another."""
        for run in self.started:
            latest = run
            while latest.automatic_at <= now and not self.chain(latest):
                birth = self.birth({}, latest.automatic_at)
                latest = rerun(birth, latest, failed_places(latest), automatic=True)
                self.keep(latest)


def _others(scenario: Scenario, epoch: float) -> dict[int, SimulatedRun]:
    """The runs of other people: endless, of the first plan."""
    births = [
        Birth(FIRST_OTHER_ID + number, {"buildNo": f"other-{number + 1}"}, 0.0, epoch)
        for number in range(scenario.others)
    ]
    return {
        birth.id: first_run(birth, plan_id, Plan(plan.name, (Test("Somebody else's test"),), running=inf))
        for birth in births
        for plan_id, plan in list(scenario.plans.items())[:1]
    }
