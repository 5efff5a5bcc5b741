"""The loop's hands: sends calls inside one budget, repeats what may be repeated, and knows when to halt.

Nothing here knows a vendor or a CI. Time is the running loop's: on a loop whose clock jumps, a
run of half an hour is played in milliseconds.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeVar

from testgate.edges.console import Console
from testgate.errors import BadAnswer, GateError, Outage, Refused, Unanswered, Unavailable
from testgate.model import Conclusion
from testgate.ports import Transport
from testgate.runs import pacing
from testgate.text import duration
from testgate.wire import Call

T = TypeVar("T")

OUTAGE_AT_START_SECONDS = 30.0  # before anything answered: a wrong URL must not cost ten minutes
OUTAGE_OF_EXTRAS_SECONDS = 15.0  # for details without which the verdict stands
CREDENTIALS_AGAIN_SECONDS = 5.0
CLOSING_SECONDS = {Conclusion.TIMED_OUT: 30.0, Conclusion.CANCELLED: 5.0}
LAST_SECONDS = 1.5  # after a second signal: a runner that sent two kills soon
_TELL_OUTAGE_EVERY_SECONDS = 15.0


class Limits(NamedTuple):
    """What the user allows, in seconds. `poll_interval` None lets the run's age decide."""

    timeout: float = 3600.0
    request_timeout: float = 30.0
    max_outage: float = 600.0
    requests_per_second: float = 20.0
    poll_interval: float | None = None
    max_parallel: int = 10


class Halted(Exception):
    """The step is to end now: its time is up, or it was cancelled."""

    def __init__(self, conclusion: Conclusion) -> None:
        """Take why."""
        super().__init__(conclusion.value)
        self.conclusion = conclusion


class Engine:
    """Sends calls. `chance` gives random numbers from 0 to 1; `started` is the loop's time of the start."""

    def __init__(  # noqa: PLR0913  # what it works with
        self,
        transport: Transport,
        limits: Limits,
        console: Console,
        *,
        chance: Callable[[], float],
        started: float,
        redact: Callable[[str], str],
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        """Take what it works with; the running loop is the clock."""
        self.limits = limits
        self._transport = transport
        self._console = console
        self._chance = chance
        self._redact = redact
        self._wall_clock = wall_clock
        self._loop = asyncio.get_running_loop()
        self._halt: asyncio.Future[Conclusion] = self._loop.create_future()
        self._last_slot = float("-inf")
        self._answered = False
        self._dated = ("", 0.0)
        self._outage_told = float("-inf")
        self._unreachable_since: float | None = None
        self._closing_until = float("inf")
        self._cancels = 0
        self._bounds: set[asyncio.Timeout] = set()
        self._deadline = self._loop.call_at(started + limits.timeout, self.halt, Conclusion.TIMED_OUT)

    def close(self) -> None:
        """Forget the deadline."""
        self._deadline.cancel()

    def halt(self, conclusion: Conclusion) -> None:
        """Have every workflow close down. The first reason stands; a cancel, and one more, shorten the time."""
        self._cancels += conclusion is Conclusion.CANCELLED
        again = conclusion is Conclusion.CANCELLED and self._cancels > 1
        seconds = LAST_SECONDS if again else CLOSING_SECONDS[conclusion]
        self._closing_until = min(self._closing_until, self._loop.time() + seconds)
        for bound in self._bounds:
            bound.reschedule(min(bound.when() or self._closing_until, self._closing_until))
        if not self._halt.done():
            self._halt.set_result(conclusion)

    @contextlib.asynccontextmanager
    async def closing(self, *, share: float = 1.0, more: float = 0.0) -> AsyncIterator[None]:
        """Bound what a closing step does by a share of the time that is left; a further signal makes it less.

        Raises:
            TimeoutError: the time is up.

        """
        seconds = min(self.closing_seconds, max(CLOSING_SECONDS.values())) * share + more
        async with asyncio.timeout(seconds) as bound:
            self._bounds.add(bound)
            try:
                yield
            finally:
                self._bounds.discard(bound)

    @property
    def halted(self) -> Conclusion | None:
        """Why the step is to end; None while it goes on."""
        return self._halt.result() if self._halt.done() else None

    @property
    def closing_seconds(self) -> float:
        """How long closing down may still take."""
        return max(0.0, self._closing_until - self._loop.time())

    async def until_halted(self, work: Awaitable[T]) -> T:
        """Await work, and drop it when the step is to end.

        Raises:
            Halted: it was dropped.

        """
        task = asyncio.ensure_future(work)
        both: set[asyncio.Future[Any]] = {task, self._halt}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:  # also where the caller's patience is over: what was dropped must not go on
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # looked at, so that asyncio does not print it where nobody awaits it
        if task.cancelled():
            raise Halted(self._halt.result())
        return task.result()

    async def ask(self, call: Call[T], *, closing: bool = False, patience: float = float("inf")) -> T:
        """Send a call until it is answered, as often as it may be sent.

        While closing down the halt does not end it, but the time to close does. `patience` is how
        many seconds without a good answer are enough, where less than usual is wanted.

        Raises:
            Refused, Busy: the platform said no.
            Outage: no good answer for longer than is allowed.
            Unanswered, Unavailable, BadAnswer: of a call that must not be sent again.
            Halted: the step is to end.

        """
        first_fault: float | None = None
        failures = 0
        while True:
            await self._slot(closing=closing)
            began = self._loop.time()
            try:
                value = await self._attempt(call)
            except Refused as fault:
                failures += 1
                if closing or not (fault.credentials and call.repeatable and failures == 1):
                    raise
                # A refusal of a key that was good before is confirmed once.
                await self._sleep(CREDENTIALS_AGAIN_SECONDS, closing=closing)
            except (Unanswered, Unavailable, BadAnswer) as fault:
                if not may_repeat(fault, repeatable=call.repeatable):
                    raise
                failures += 1
                first_fault = began if first_fault is None else first_fault
                await self._wait_out(call, fault, failures, (first_fault, patience), closing=closing)
            else:
                self._good()
                return value

    @property
    def skew_seconds(self) -> float | None:
        """How far this machine's clock is ahead of the platform's, by the last answer; None where it has no date."""
        date, now = self._dated
        try:
            return now - parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError):
            return None

    def remark(self, text: str) -> None:
        """Tell the debug log."""
        self._console.debug(text)

    async def pause(self, seconds: float) -> None:
        """Sleep; the step's end ends it.

        Raises:
            Halted: the step is to end.

        """
        await self._sleep(seconds, closing=False)

    async def _attempt(self, call: Call[T]) -> T:
        """One attempt: send and read."""
        self._console.debug(f"{call.request.label} ({call.what})")
        reply = await self._transport.send(call.request, self.limits.request_timeout)
        reply = reply._replace(redact=self._redact)
        self._dated = (reply.headers.get("date", ""), self._wall_clock())
        self._console.debug(f"{call.request.label} answered {reply.status}, {len(reply.body)} bytes")
        try:
            return call.read(reply)
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            # Adapters check what they read; what still slips through must not lose a run that was started.
            message = f"{call.request.label} answered {reply.status} in a shape that is not known: {reply.quoted}"
            raise BadAnswer(message) from error

    async def _wait_out(
        self, call: Call[T], fault: GateError, failures: int, bounds: tuple[float, float], *, closing: bool
    ) -> None:
        """Sleep before the next attempt, or give up when the outage has lasted too long."""
        since, patience = bounds
        allowed = min(self._allowed_outage(call), patience)
        now = self._loop.time()
        if now >= since + allowed:
            message = f"gave up to {call.what} after {duration(now - since)}: {fault}"
            raise Outage(message, remedy=_remedy_of(fault)) from fault
        self._tell_outage(fault, since, allowed)
        wish = fault.retry_after_seconds if isinstance(fault, Unavailable) else None
        pause = pacing.backoff(failures, self._chance(), wish)
        await self._sleep(min(pause, since + allowed - now), closing=closing)

    def _allowed_outage(self, call: Call[T]) -> float:
        """How long this call may go without a good answer."""
        allowed = self.limits.max_outage if self._answered else min(OUTAGE_AT_START_SECONDS, self.limits.max_outage)
        return allowed if call.essential else min(allowed, OUTAGE_OF_EXTRAS_SECONDS)

    def _tell_outage(self, fault: GateError, since: float, allowed: float) -> None:
        """One line when it begins, and one now and then."""
        now = self._loop.time()
        if self._unreachable_since is None:
            self._unreachable_since = since
            self._console.event(f"no good answer, trying again for up to {duration(allowed)}: {fault}")
        elif now - self._outage_told >= _TELL_OUTAGE_EVERY_SECONDS:
            left = duration(since + allowed - now)
            self._console.event(f"platform unreachable for {duration(now - since)}, trying for {left} more: {fault}")
        else:
            return
        self._outage_told = now

    def _good(self) -> None:
        """An answer came: an outage is over."""
        self._answered = True
        if self._unreachable_since is not None:
            lasted = duration(self._loop.time() - self._unreachable_since)
            self._unreachable_since = None
            self._console.event(f"the platform answers again after {lasted}")

    async def _slot(self, *, closing: bool) -> None:
        """Wait for this request's place in the budget of the step."""
        now = self._loop.time()
        self._last_slot = pacing.next_slot(now, self._last_slot, self.limits.requests_per_second)
        if not closing:  # the few requests of an end go at once: a runner kills after seconds
            await self._sleep(self._last_slot - now, closing=False)

    async def _sleep(self, seconds: float, *, closing: bool) -> None:
        """Sleep, but not past the step's end."""
        if closing:
            await asyncio.sleep(max(0.0, seconds))
            return
        if seconds > 0 and not self._halt.done():
            await asyncio.wait({self._halt}, timeout=seconds)
        if self._halt.done():
            raise Halted(self._halt.result())


def may_repeat(fault: GateError, *, repeatable: bool) -> bool:
    """Whether a call that failed so may be sent again without the danger of doing things twice."""
    match fault:
        case Unanswered():
            return not fault.lasting and (repeatable or not fault.maybe_arrived)
        case Unavailable():
            return repeatable or fault.refused
        case BadAnswer():
            return repeatable
        case _:
            return False


def _remedy_of(fault: GateError) -> str:
    """The fault's own remedy, else what to do about a platform that does not answer."""
    return fault.remedy or "Look at the platform's status page; then run the job again, or raise `max-outage`."
