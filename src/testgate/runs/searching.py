"""Looks for the run of a trigger whose answer is missing, by the mark that its build number carries."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from testgate.errors import GateError, Outage, PlatformError, TriggerUnknown
from testgate.model import Intent, Run, Target
from testgate.ports import Provider
from testgate.runs.engine import Engine
from testgate.runs.halt import Halted
from testgate.text import duration
from testgate.wire import Call

LOOK_SECONDS = (1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 8.0)  # before each look: a new run may be listed half a minute late
CLOSING_LOOK_SECONDS = (0.5, 0.5, 1.0)  # the same when the step must end; the last one repeats
LONGEST_SECONDS = 60.0  # in an outage, each look takes a while
LONGEST_CLOSING_LOOK_SECONDS = 3.0  # then the next one may be answered


class Search:
    """The search for the run of one trigger. `owners` says which target got which run.

    `call` is the trigger. `seen` says in words what the last look found; `nothing` says that it saw no such run.
    """

    def __init__(
        self, provider: Provider, engine: Engine, owners: dict[str, Target], target: Target, mark: str
    ) -> None:
        self.call = provider.trigger(target, mark)
        self._provider = provider
        self._engine = engine
        self._owners = owners
        self._target = target
        self._mark = mark
        self._several = False
        self.nothing = False
        self.seen = "the platform cannot tell whether a run was started"
        if self.possible:
            self.seen = f"its run with the build number {mark} was not looked for"
        elif self.call.build_no:
            self.seen = f"its build number {self.call.build_no} is not unique, so it was not looked for"

    @property
    def possible(self) -> bool:
        """Whether the platform can tell."""
        return self._provider.find(self._target, self._mark) is not None

    @property
    def hopeless(self) -> bool:
        """Whether further looks prove nothing."""
        return self._several or not self.possible

    async def look(self) -> Run | None:
        """Look once. Exactly one run is ours; it belongs to the target from now on."""
        call = self._provider.find(self._target, self._mark)
        if call is None:
            return None
        self.nothing = False
        try:
            found = await self._ask(call)
        except PlatformError as fault:  # whatever it is: a run may have started, and that is worth another look
            self.seen = f"looking for the build number {self._mark} failed: {fault}"
            return None
        found = [run for run in found if run.id not in self._owners]
        if len(found) == 1:
            self._owners[found[0].id] = self._target
            return found[0]
        self._several, self.nothing = bool(found), not found
        ids = ", ".join(run.id for run in found)
        self.seen = (
            f"{len(found)} runs carry its build number {self._mark}: {ids}"
            if found
            else f"no run carries its build number {self._mark}"
        )
        return None

    def pauses(self) -> Iterator[float]:
        """The seconds before each look; when the step must end, they become short, and go on until its time is up."""
        halt, clock = self._engine.halt, asyncio.get_running_loop().time
        until = clock() + LONGEST_SECONDS
        for pause in LOOK_SECONDS:
            if halt.reason is not None or clock() > until:
                break
            yield pause
        number = 0
        while halt.reason is not None and halt.seconds_left > 0:
            yield CLOSING_LOOK_SECONDS[min(number, len(CLOSING_LOOK_SECONDS) - 1)]
            number += 1

    async def beside(self, asked: asyncio.Future[Run]) -> Run | None:
        """Wait for the answer; once the step must end, look for the run meanwhile. None if the answer came first."""
        if not await self._engine.halt.interrupts(asked):
            return None
        for pause in self.pauses():
            await asyncio.wait({asked}, timeout=pause)
            if asked.done() or self.hopeless:
                break
            looking = asyncio.ensure_future(self.look())
            both: set[asyncio.Future[Any]] = {asked, looking}
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                if looking.done() and (found := looking.result()) is not None:
                    return found
            finally:
                await drop(looking)
        await asyncio.wait({asked})
        return None

    def unknown(self, fault: GateError | None) -> TriggerUnknown:
        """The error if no run was found. `fault` says why there is no answer; None if the step had to end first."""
        why = fault or "the step had to end before an answer came"
        number = self.call.build_no or (self._mark if self.possible else "")
        marked = f" with the build number {number}" if number else ""
        error = TriggerUnknown(
            f"{self._target.name} may or may not have been started: {why}; {self.seen}",
            remedy=f"The trigger was not sent again. Look on the platform for a run of {self._target.name}{marked} "
            "that started just now, and stop it if you don't want it; then run the job again."
            f"{f' {fault.remedy}' if fault is not None and fault.remedy else ''}",
            intent=Intent(self._target.key, self._mark, number),
        )
        error.__cause__ = fault
        return error

    async def _ask(self, call: Call[Sequence[Run]]) -> Sequence[Run]:
        """Ask; if the step must end meanwhile, ask once more."""
        if self._engine.halt.reason is None:
            with contextlib.suppress(Halted):
                return await self._engine.halt.until(self._engine.ask(call))
        try:
            async with asyncio.timeout(LONGEST_CLOSING_LOOK_SECONDS):
                return await self._engine.ask(call, closing=True)
        except TimeoutError:
            raise Outage(f"no answer within {duration(LONGEST_CLOSING_LOOK_SECONDS)}") from None


async def drop(task: asyncio.Future[Any]) -> None:
    """End a task whose result nobody needs."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # retrieved, so that asyncio doesn't print it
