"""`fail-fast`: ends the other targets of a step once its verdict can only be red."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from testgate.gate.verdict import decides, judge
from testgate.model import Conclusion
from testgate.results import Policy, RunReport
from testgate.runs.halt import Halted

T = TypeVar("T")


class Cut(Halted):
    """This target must end now: another one has made the step red."""

    def __init__(self) -> None:
        super().__init__(Conclusion.FAILED)


class FailFast:
    """What the targets of a step share. If it isn't `on`, nothing ends early.

    A target counts once it is over, with all its reruns: until then, each failure may still be repaired.
    """

    def __init__(self, policy: Policy | None = None, *, on: bool = False) -> None:
        self._policy = policy or Policy()
        self._on = on
        self._over: list[RunReport] = []
        self._red = asyncio.Event()

    @property
    def red(self) -> bool:
        """Whether the step can only be red."""
        return self._red.is_set()

    def ended(self, report: RunReport) -> None:
        """Count the final report of a target."""
        self._over.append(report)
        judged = judge(self._over, self._policy) if self._on else []
        found = [each.verdict.conclusion for each in judged]
        if any(not conclusion.green and decides(conclusion, self._policy) for conclusion in found):
            self._red.set()

    async def until(self, work: Awaitable[T]) -> T:
        """Await work, and drop it when the step can only be red.

        Raises:
            Cut: it was dropped.

        """
        if not self._on:
            return await work
        task = asyncio.ensure_future(work)
        red = asyncio.ensure_future(self._red.wait())
        both: set[asyncio.Future[object]] = {task, red}  # type: ignore[arg-type]  # only awaited
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:  # also when the caller itself is cancelled: the work must not continue unseen
            red.cancel()
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # retrieved, so that asyncio doesn't print it where nobody awaits the task
        if task.cancelled():
            raise Cut
        return task.result()

    async def pause(self, seconds: float) -> None:
        """Sleep, but not once the step can only be red.

        Raises:
            Cut: it can.

        """
        await self.until(asyncio.sleep(seconds))
