"""Starts a run exactly once: waits while the platform is busy, and looks for a run whose trigger got no answer."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from testgate.errors import (
    NEVER_LEFT,
    BadAnswer,
    Busy,
    GateError,
    PlatformError,
    Refused,
    TriggerUnknown,
    Unanswered,
    Unavailable,
)
from testgate.model import Origin, Run, Target
from testgate.ports import Provider
from testgate.runs.engine import Engine
from testgate.runs.failing import FailFast
from testgate.runs.halt import Halted
from testgate.runs.progress import Progress
from testgate.runs.searching import Search, drop
from testgate.text import duration

BUSY_SECONDS = (5.0, 10.0, 20.0, 30.0)  # between two attempts while the platform is busy; the last one repeats


class Starter:
    """Starts targets. `owners` says which target got which run. With `wait_busy` False, a busy platform is an error.

    `fail_fast` ends the wait for a busy platform.
    """

    def __init__(  # noqa: PLR0913  # the parts that it works with
        self,
        provider: Provider,
        engine: Engine,
        progress: Progress,
        owners: dict[str, Target],
        *,
        wait_busy: bool = True,
        fail_fast: FailFast | None = None,
    ) -> None:
        self._fail_fast = fail_fast or FailFast()
        self._owners = owners
        self._provider = provider
        self._engine = engine
        self._progress = progress
        self._wait_busy = wait_busy

    async def start(self, target: Target, mark: str) -> Run:
        """Send the trigger until it is certain what it did.

        Raises:
            TriggerUnknown: it may have started a run, and no proof was found.
            Busy: the platform is busy, and the user doesn't want to wait.
            PlatformError: it was certainly refused, or never sent.
            Halted: the step ended before it was sent.

        """
        search = Search(self._provider, self._engine, self._owners, target, mark)
        refusals = 0
        while True:
            try:
                return self._accepted(target, await self._answer(search))
            except Busy as busy:
                if not self._wait_busy:
                    raise
                pause = BUSY_SECONDS[min(refusals, len(BUSY_SECONDS) - 1)]
                refusals += 1
                self._progress.waiting(target, f"the platform is busy ({busy}); retrying in {duration(pause)}")
                await self._engine.halt.until(self._fail_fast.pause(pause))
            except Refused as refusal:
                if refusal.certain:
                    raise
                return await self._recover(target, search, refusal)
            except (Unanswered, Unavailable, BadAnswer) as fault:
                if isinstance(fault, Unanswered) and not fault.maybe_arrived:
                    raise
                return await self._recover(target, search, fault)

    async def _answer(self, search: Search) -> Run:
        """The answer to the trigger; or its run, if the step must end and the run is found first.

        Raises:
            TriggerUnknown: the caller gave up, and the request had left.
            GateError: the trigger failed.

        """
        asked = asyncio.ensure_future(_asked(self._engine.ask(search.call)))
        try:
            found = await search.beside(asked)
        except asyncio.CancelledError:
            found = None
        await drop(asked)
        if found is not None:
            return found
        if asked.cancelled():
            raise search.unknown(None)
        return asked.result()

    def _accepted(self, target: Target, run: Run) -> Run:
        """The run; one that was already there only if the user wants to share it.

        Raises:
            PlatformError: the user doesn't.
            BadAnswer: the platform answered with a run that another trigger started.

        """
        if run.origin is Origin.ADOPTED and not self._wait_busy:
            raise PlatformError(
                f"{run.target.name} is already queued, as run {run.id}",
                remedy="Run the job again when that run has ended, or set `on-busy: wait` to share it.",
            )
        owner = self._owners.setdefault(run.id, target)
        for other in run.others:
            self._owners.setdefault(other.id, other.target)
        first = owner is target
        if not first and (run.origin is not Origin.ADOPTED or owner.key == target.key):
            raise BadAnswer(f"the platform answered with run {run.id}, which was started for {owner.name}")
        return run

    async def _recover(self, target: Target, search: Search, fault: GateError) -> Run:
        """Look for the run by its mark. Exactly one match is ours; anything else is unknown.

        Raises:
            TriggerUnknown: it was not found, or the caller gave up.

        """
        if search.possible:
            self._progress.waiting(target, f"the trigger got no usable answer ({fault}); looking for its run")
        with contextlib.suppress(asyncio.CancelledError):
            for pause in search.pauses():
                if search.hopeless:
                    break
                await self._pause(pause)
                found = await search.look()
                if found is not None:
                    return found
        raise search.unknown(fault)

    async def _pause(self, seconds: float) -> None:
        """Sleep; if the step must end meanwhile, the next look comes at once."""
        if self._engine.halt.reason is not None:
            await asyncio.sleep(seconds)
            return
        with contextlib.suppress(Halted):
            await self._engine.halt.pause(seconds)


async def _asked(asking: Coroutine[Any, Any, Run]) -> Run:
    """The answer.

    Raises:
        Unanswered: it was cancelled, and the request never left.

    """
    try:
        return await asking
    except asyncio.CancelledError as dropped:
        if NEVER_LEFT not in dropped.args:
            raise
        raise Unanswered("the step had to end before the trigger was sent", maybe_arrived=False) from None


class PendingTrigger:
    """A trigger in flight. It outlives a halt, so that its answer is not lost.

    `answered` is the run of a trigger that has its answer already, and that nobody took yet.
    """

    def __init__(self, answered: Run | None = None) -> None:
        self._task: asyncio.Future[Run] | None = None
        if answered is not None:
            self._task = asyncio.get_running_loop().create_future()
            self._task.set_result(answered)

    def take(self) -> Run | None:
        """The run of a trigger that has its answer already, once."""
        if self._task is None or not self._task.done():
            return None
        task, self._task = self._task, None
        return task.result()

    async def run(self, start: Coroutine[Any, Any, Run]) -> Run:
        """Await the start; when the caller is cancelled, the start continues."""
        self._task = asyncio.create_task(start)
        try:
            run = await asyncio.shield(self._task)
        except Exception:  # reported here, and not once more while closing down
            self._task = None
            raise
        self._task = None
        return run

    async def wait(self, seconds: float | None = None) -> None:
        """Give a trigger in flight this long to be answered, or as long as it takes."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=seconds)

    async def settle(self, name: str) -> Run | None:
        """The run of a trigger that was in flight; None if there was none, or it was never sent.

        Raises:
            TriggerUnknown: it has still not been answered; it is dropped now.
            GateError: it failed.

        """
        task, self._task = self._task, None
        if task is None:
            return None
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
        try:
            return task.result()
        except asyncio.CancelledError:
            raise TriggerUnknown(
                f"{name} was being started when the step had to end, and no answer came",
                remedy="Look on the platform for a run with this job's build number, and stop it if you don't want it.",
            ) from None
        except Halted:
            return None
