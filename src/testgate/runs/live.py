"""The line at the bottom of a terminal: how many tests are done, and how long it may still take. Logs have none."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from testgate.edges.console import Console
from testgate.model import Status

STATES = {Status.QUEUED: "queued", Status.RUNNING: "running", Status.ENDED: "ended"}
TICK_SECONDS = 1.0
_FEW_SECONDS, _STEP_SECONDS = 10, 5
_MINUTE, _LONG, _HOUR = 60, 90, 3600


@dataclass(eq=False, repr=False)
class _Target:
    """What is known of the newest run of a target. `rest` gives its likely rest in seconds, None if nothing tells."""

    status: Status = Status.QUEUED
    done: int = 0
    total: int = 0
    bad: int = 0
    rest: Callable[[], float | None] = lambda: None


class LiveLine:
    """Sums up the runs of a step. `count` is the number of targets, of which some may not have begun."""

    def __init__(self, console: Console, count: int) -> None:
        self._console = console
        self._count = count
        self._targets: dict[str, _Target] = {}

    def began(self, target: str) -> None:
        """A run of this target began, perhaps after another one."""
        self._targets[target] = _Target()

    def foresee(self, target: str, rest: Callable[[], float | None]) -> None:
        """Say what gives the likely rest of the target's run."""
        self._targets.setdefault(target, _Target()).rest = rest

    def update(self, target: str, status: Status, counts: tuple[int, int, int]) -> None:
        """Show new counts: tests done, all tests, and those that failed."""
        found = self._targets.setdefault(target, _Target())
        found.status = status
        found.done, found.total, found.bad = counts
        self.paint()

    def paint(self) -> None:
        """Write the line anew, since time goes by; removes it if no run is going on."""
        if not self._console.live:
            return
        found = [*self._targets.values()]
        going = [each for each in found if each.status is not Status.ENDED]
        if not going:
            self._console.end_progress()
            return
        bad = sum(each.bad for each in found)
        state = (
            STATES[going[0].status] if self._count == 1 else f"{len(found) - len(going)} of {self._count} runs ended"
        )
        parts = [state, f"{bad} failed" if bad else "", self._left(going)]
        done, total = sum(each.done for each in found), sum(each.total for each in found)
        self._console.progress(done, total, ", ".join(filter(None, parts)))

    def _left(self, going: list[_Target]) -> str:
        """How long the runs may still take; "" if that isn't known of each."""
        rests = [each.rest() for each in going]
        known = [rest for rest in rests if rest is not None]
        if len(known) < len(rests) or len(self._targets) < self._count:
            return ""
        return f"about {roughly(max(known))} left"

    @contextlib.contextmanager
    def ticking(self) -> Iterator[None]:
        """Write the line anew every second; on a loop, which knows the time."""
        if not self._console.live:
            yield
            return

        async def tick() -> None:
            while True:
                await asyncio.sleep(TICK_SECONDS)
                self.paint()

        ticks = asyncio.get_running_loop().create_task(tick())
        try:
            yield
        finally:
            ticks.cancel()
            self._console.end_progress()


def roughly(seconds: float) -> str:
    """A duration without precision that nobody has: `a few seconds`, `35 s`, `4 min`, `1 h 05 min`."""
    if seconds < _FEW_SECONDS:
        return "a few seconds"
    if seconds < _LONG:
        return f"{round(seconds / _STEP_SECONDS) * _STEP_SECONDS} s"
    minutes = round(seconds / _MINUTE)
    if minutes < _HOUR / _MINUTE:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"
