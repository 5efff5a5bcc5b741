"""The runs that the simulated Testsigma knows, and the slots for new ones."""

from collections.abc import Mapping
from math import inf
from typing import Any

from testgate.demo.exchange import first_of
from testgate.demo.testsigma.replies import not_found, server_error
from testgate.demo.testsigma.runs import SimulatedRun, Start, failed_tests, first_run, rerun, unfinished
from testgate.demo.testsigma.scenarios import Plan, Scenario, Test

FIRST_RUN_ID = 337
FIRST_OTHER_ID = 101


class Ledger:
    """Runs by id: those that were started, and other people's. Not thread-safe."""

    def __init__(self, scenario: Scenario, epoch_seconds: float) -> None:
        self._epoch = epoch_seconds
        self._started: dict[int, SimulatedRun] = {}
        self._others = _others(scenario, epoch_seconds)

    @property
    def started(self) -> tuple[SimulatedRun, ...]:
        """The runs that were started, oldest first."""
        return tuple(self._started.values())

    @property
    def others(self) -> tuple[SimulatedRun, ...]:
        """Other people's runs."""
        return tuple(self._others.values())

    @property
    def all(self) -> tuple[SimulatedRun, ...]:
        """Everybody's runs."""
        return self.others + self.started

    def find(self, run_id: str) -> SimulatedRun:
        """The run with an id.

        Raises:
            Refusal: there is none.

        """
        return first_of((run for run in self.all if str(run.id) == run_id), not_found("Test plan result"))

    def reruns(self, run: SimulatedRun) -> tuple[SimulatedRun, ...]:
        """The chain of reruns of a run: its own rerun, the rerun of that one, and so on."""
        child = next((each for each in self._started.values() if each.parent_id == run.id), None)
        return () if child is None else (child, *self.reruns(child))

    def keep(self, run: SimulatedRun) -> None:
        """Add a run, or replace it with its new state."""
        (self._others if run.id in self._others else self._started)[run.id] = run

    def start(self, body: Mapping[str, Any], now: float) -> Start:
        """The identity of a run that starts now."""
        return Start(FIRST_RUN_ID + len(self._started), body, now, self._epoch)

    def advance(self, now: float) -> None:
        """Start the automatic reruns that are due by now, and the reruns of these."""
        for run in self.started:
            latest = run
            while latest.automatic_at <= now and not self.reruns(latest):
                start = self.start({}, latest.automatic_at)
                latest = rerun(start, latest, failed_tests(latest), automatic=True)
                self.keep(latest)


class Slots:
    """Decides whether a plan can be run now. Not thread-safe."""

    def __init__(self) -> None:
        self._rejected: dict[int, int] = {}
        self._first_at: dict[int, float] = {}

    def take(self, plan_id: int, plan: Plan, ledger: Ledger, now: float) -> None:
        """Let a trigger of a plan pass.

        Raises:
            Refusal: the plan is busy.

        """
        since = now - self._first_at.setdefault(plan_id, now)
        rejected = self._rejected.get(plan_id, 0)
        taken = plan.exclusive and any(run.plan_id == plan_id and unfinished(run, now) for run in ledger.all)
        if taken or rejected < plan.busy or since < plan.busy_seconds:
            self._rejected[plan_id] = rejected + (rejected < plan.busy)
            raise server_error(plan.busy_text)


def _others(scenario: Scenario, epoch: float) -> dict[int, SimulatedRun]:
    """Other people's runs of the first plan; they never end."""
    starts = [
        Start(FIRST_OTHER_ID + number, {"buildNo": f"other-{number + 1}"}, 0.0, epoch)
        for number in range(scenario.others)
    ]
    return {
        start.id: first_run(start, plan_id, Plan(plan.name, (Test("Somebody else's test"),), running=inf))
        for start in starts
        for plan_id, plan in list(scenario.plans.items())[:1]
    }
