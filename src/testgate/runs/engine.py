"""Sends calls within one request budget, and retries those that are safe to repeat.

Nothing here knows a vendor or a CI. Time is the running loop's: on a loop whose clock jumps, tests
play half an hour in milliseconds.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import NamedTuple, TypeVar

from testgate.edges.beside import beside
from testgate.edges.console import Console
from testgate.errors import BadAnswer, GateError, Outage, PlatformError, Refused, Unanswered, Unavailable
from testgate.ports import Transport
from testgate.runs import pacing
from testgate.runs.doubting import Refusals
from testgate.runs.halt import Halt
from testgate.runs.outage import OutageLog
from testgate.text import duration
from testgate.wire import Call

T = TypeVar("T")

OUTAGE_AT_START_SECONDS = 30.0  # before the first answer: a wrong URL must not cost ten minutes
OUTAGE_OF_EXTRAS_SECONDS = 15.0  # for details that the verdict doesn't need
CREDENTIALS_AGAIN_SECONDS = 5.0
LARGE_BODY = 500_000  # bytes


class Limits(NamedTuple):
    """What the user allows, in seconds. `poll_interval` None stands for `auto`.

    A run that waits for `queue_timeout`, or doesn't change for `stall_timeout`, is given up; None is no limit.
    """

    timeout: float = 3600.0
    request_timeout: float = 30.0
    max_outage: float = 600.0
    requests_per_second: float = 20.0
    poll_interval: float | None = None
    max_parallel: int = 10
    queue_timeout: float | None = None
    stall_timeout: float | None = None


@dataclass(eq=False, repr=False)
class Engine:
    """Sends calls. `chance` gives random numbers from 0 to 1, `wall_clock` epoch seconds.

    `server` is the name of the other side.
    """

    transport: Transport
    limits: Limits
    console: Console
    halt: Halt
    chance: Callable[[], float]
    redact: Callable[[str], str]
    wall_clock: Callable[[], float] = time.time
    server: str = "the platform"
    failed: int = field(default=0, init=False)  # attempts without a good answer, of all calls together
    _last_slot: float = field(default=float("-inf"), init=False)
    _answered: bool = field(default=False, init=False)
    _dated: tuple[str, float] = field(default=("", 0.0), init=False)

    def __post_init__(self) -> None:
        """Use the running loop's clock."""
        self._loop = asyncio.get_running_loop()
        self._outages = OutageLog(self.console, self._loop.time, self.server)

    async def ask(
        self, call: Call[T], *, closing: bool = False, patience: float = float("inf"), seen: bool = False
    ) -> T:
        """Send a call until it is answered, as often as it may be sent.

        With `closing`, a halt doesn't end it; the caller limits the time. `patience` lowers the
        number of seconds that the call may go without a good answer. `seen` says that what it reads
        was there before: then a refusal is believed only if it lasts.

        Raises:
            Refused, Busy: the platform said no.
            Outage: no good answer for longer than is allowed.
            Unanswered, Unavailable, BadAnswer: for a call that must not be sent again.
            Halted: the step must end.

        """
        first_fault: float | None = None
        failures = 0
        refusals = Refusals(self.limits.max_outage) if seen and not closing else None
        while True:
            await self._slot(closing=closing)
            began = self._loop.time()
            try:
                value = await self._attempt(call)
            except (Refused, Unanswered, Unavailable, BadAnswer) as fault:
                failures += 1
                self.failed += 1
                if refusals and (isinstance(fault, Refused) or is_lasting(fault)):
                    await self.doubt(fault, refusals, began)
                elif isinstance(fault, Refused):
                    await self._confirm(call, fault, failures, closing=closing or patience < CREDENTIALS_AGAIN_SECONDS)
                elif not may_repeat(fault, repeatable=call.repeatable):
                    raise
                else:
                    first_fault = began if first_fault is None else first_fault
                    await self._wait_out(call, fault, failures, (first_fault, patience), closing=closing)
            else:
                self._answered = True
                self._outages.answered()
                return value

    async def doubt(self, fault: PlatformError, refusals: Refusals, began: float) -> None:
        """Pause after a refusal of an attempt that `began` then; raise it if it is believed now."""
        pause = refusals.pause(self._loop.time(), began, self.chance())
        if pause is None:
            raise fault
        self._outages.failed(fault, refusals.since, refusals.window)
        await self._sleep(pause, closing=False)

    @property
    def skew_seconds(self) -> float | None:
        """How far this machine's clock is ahead of the platform's; None if the last answer had no date."""
        date, now = self._dated
        try:
            return now - parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError):
            return None

    def remark(self, text: str) -> None:
        """Write to the debug log."""
        self.console.debug(text)

    async def _attempt(self, call: Call[T]) -> T:
        """Send once and read the reply."""
        self.console.debug(f"{call.request.label} ({call.what})")
        reply = await self.transport.send(call.request, self.limits.request_timeout)
        reply = reply._replace(redact=self.redact)
        self._dated = (reply.headers.get("date", ""), self.wall_clock())
        self.console.debug(f"{call.request.label} answered {reply.status}, {len(reply.body)} bytes")
        try:
            if len(reply.body) < LARGE_BODY:
                return call.read(reply)
            # Reading a huge reply takes seconds, and must not hold up signals and the deadline.
            return await beside(lambda: call.read(reply))
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            # Adapters check what they read. Anything that still slips through must not lose a run that was started.
            message = f"{call.request.label} answered {reply.status} in an unknown format: {reply.quoted}"
            raise BadAnswer(message) from error

    async def _confirm(self, call: Call[T], fault: Refused, failures: int, *, closing: bool) -> None:
        """Pause before the request that confirms that the key is refused; raise any other refusal, or the second."""
        if closing or not (fault.credentials and call.repeatable and failures == 1):
            raise fault
        await self._sleep(CREDENTIALS_AGAIN_SECONDS, closing=closing)

    async def _wait_out(
        self, call: Call[T], fault: GateError, failures: int, bounds: tuple[float, float], *, closing: bool
    ) -> None:
        """Sleep before the next attempt, or give up when the outage has lasted too long."""
        since, patience = bounds
        allowed = min(self._allowed_outage(call), patience)
        now = self._loop.time()
        if now >= since + allowed:
            message = f"could not {call.what} within {duration(now - since)}: {fault}"
            raise Outage(message, remedy=_remedy_of(fault)) from fault
        self._outages.failed(fault, since, allowed)
        wish = fault.retry_after_seconds if isinstance(fault, Unavailable) else None
        pause = pacing.backoff(failures, self.chance(), wish)
        await self._sleep(min(pause, since + allowed - now), closing=closing)

    def _allowed_outage(self, call: Call[T]) -> float:
        """How many seconds this call may go without a good answer."""
        allowed = self.limits.max_outage if self._answered else min(OUTAGE_AT_START_SECONDS, self.limits.max_outage)
        return allowed if call.essential else min(allowed, OUTAGE_OF_EXTRAS_SECONDS)

    async def _slot(self, *, closing: bool) -> None:
        """Wait for this request's place in the budget of the step."""
        now = self._loop.time()
        self._last_slot = pacing.next_slot(now, self._last_slot, self.limits.requests_per_second)
        if not closing:  # the few requests of an end leave at once: a CI kills the step after seconds
            await self._sleep(self._last_slot - now, closing=False)

    async def _sleep(self, seconds: float, *, closing: bool) -> None:
        """Sleep; unless the step is closing down, a halt ends the sleep."""
        if closing:
            await asyncio.sleep(max(0.0, seconds))
        else:
            await self.halt.pause(seconds)


def is_lasting(fault: GateError) -> bool:
    """Whether another attempt would fail in the same way."""
    return isinstance(fault, Unanswered) and fault.lasting


def may_repeat(fault: GateError, *, repeatable: bool) -> bool:
    """Whether a call that failed in this way can be sent again without doing something twice."""
    match fault:
        case Unanswered():
            return not is_lasting(fault) and (repeatable or not fault.maybe_arrived)
        case Unavailable():
            return repeatable or fault.refused
        case BadAnswer():
            return repeatable
        case _:
            return False


def _remedy_of(fault: GateError) -> str:
    """The fault's own remedy, or what to do about a platform that doesn't answer."""
    return fault.remedy or "Check the platform's status page; then run the job again, or raise `max-outage`."
