"""Whether a plan can be run now, or the platform says that it is busy."""

from collections.abc import Iterable

from testgate.demo.testsigma.replies import Refusal, server_error
from testgate.demo.testsigma.runs import SimulatedRun, unfinished
from testgate.demo.testsigma.scenarios import Plan


class Slots:
    """Counts the triggers of each plan that were refused. Not safe for threads by itself."""

    def __init__(self) -> None:
        """Begin with plans that nobody asked for."""
        self._refused: dict[int, int] = {}
        self._first: dict[int, float] = {}

    def take(self, plan_id: int, plan: Plan, runs: Iterable[SimulatedRun], now: float) -> None:
        """Let a trigger of a plan pass, `runs` being all there are.

        Raises:
            Refusal: the plan is busy.

        """
        since = now - self._first.setdefault(plan_id, now)
        refused = self._refused.get(plan_id, 0)
        taken = plan.exclusive and any(run.plan_id == plan_id and unfinished(run, now) for run in runs)
        if taken or refused < plan.busy or since < plan.busy_seconds:
            self._refused[plan_id] = refused + (refused < plan.busy)
            raise Refusal(server_error(plan.busy_text))
