"""Ends the step early: the deadline, signals, and the time that remains to close down.

States of a step; it never goes back to an earlier one:

    RUNNING --deadline--> CLOSING for up to 30 s --signal--> CLOSING for up to 5 s --signal--> up to 1.5 s
    RUNNING --signal---------------------------------------> CLOSING for up to 5 s --signal--> up to 1.5 s

The first reason is the one that is reported. Each later request can only shorten the time.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from typing import Any, TypeVar

from testgate.model import Conclusion

T = TypeVar("T")

CLOSING_SECONDS = {Conclusion.TIMED_OUT: 30.0, Conclusion.CANCELLED: 5.0}
LAST_SECONDS = 1.5  # after a second signal: a runner that sent two kills soon


class Halted(Exception):
    """The step must end now: it timed out or was cancelled."""

    def __init__(self, conclusion: Conclusion) -> None:
        super().__init__(conclusion.value)
        self.conclusion = conclusion


class Halt:
    """The end of a step, as an event on the running loop. `deadline` is a time of that loop."""

    def __init__(self, deadline: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._reason: asyncio.Future[Conclusion] = self._loop.create_future()
        self._closing_until = float("inf")
        self._cancels = 0
        self._bounds: dict[asyncio.Timeout, float] = {}
        self._deadline = self._loop.call_at(deadline, self.request, Conclusion.TIMED_OUT)

    def close(self) -> None:
        """Forget the deadline."""
        self._deadline.cancel()

    def request(self, conclusion: Conclusion) -> None:
        """Make every workflow close down. A cancel shortens the time to close, and so does a second one."""
        self._cancels += conclusion is Conclusion.CANCELLED
        again = conclusion is Conclusion.CANCELLED and self._cancels > 1
        seconds = LAST_SECONDS if again else CLOSING_SECONDS[conclusion]
        self._closing_until = min(self._closing_until, self._loop.time() + seconds)
        for bound, share in self._bounds.items():
            until = self._loop.time() + self.seconds_left * min(share, 1.0)
            bound.reschedule(min(bound.when() or until, until))
        if not self._reason.done():
            self._reason.set_result(conclusion)

    @property
    def reason(self) -> Conclusion | None:
        """Why the step must end; None while it runs."""
        return self._reason.result() if self._reason.done() else None

    @property
    def seconds_left(self) -> float:
        """How long closing down may still take; infinite while the step runs."""
        return max(0.0, self._closing_until - self._loop.time())

    @contextlib.asynccontextmanager
    async def closing(self, *, share: float = 1.0, more: float = 0.0) -> AsyncIterator[None]:
        """Limit a closing task to a share of the time left, plus `more` seconds; another signal shortens both.

        Raises:
            TimeoutError: the time is up.

        """
        seconds = min(self.seconds_left, max(CLOSING_SECONDS.values())) * share + more
        async with asyncio.timeout(seconds) as bound:
            self._bounds[bound] = share
            try:
                yield
            finally:
                del self._bounds[bound]

    async def interrupts(self, work: asyncio.Future[Any]) -> bool:
        """Wait until the work is done or the step must end; True if it must end, and the work continues."""
        await asyncio.wait({work, self._reason}, return_when=asyncio.FIRST_COMPLETED)
        return not work.done()

    async def until(self, work: Awaitable[T]) -> T:
        """Await work, and drop it when the step must end.

        Raises:
            Halted: it was dropped.

        """
        task = asyncio.ensure_future(work)
        both: set[asyncio.Future[Any]] = {task, self._reason}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:  # also when the caller itself is cancelled: the work must not continue unseen
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # retrieved, so that asyncio doesn't print it where nobody awaits the task
        if task.cancelled():
            raise Halted(self._reason.result())
        return task.result()

    async def pause(self, seconds: float) -> None:
        """Sleep, but not past the step's end.

        Raises:
            Halted: the step must end.

        """
        if seconds > 0 and not self._reason.done():
            await asyncio.wait({self._reason}, timeout=seconds)
        if self._reason.done():
            raise Halted(self._reason.result())
