"""Starts a run exactly once: waits while the platform is busy, and looks for a run whose trigger got no answer."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from testgate.errors import (
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
from testgate.runs.halt import Halted
from testgate.runs.progress import Progress
from testgate.text import duration
from testgate.wire import Call

BUSY_SECONDS = (5.0, 10.0, 20.0, 30.0)  # between two attempts while the platform is busy; the last one repeats
LOOK_SECONDS = (1.0, 3.0, 6.0)  # before each look for a run that may have been started: it may be listed late


class Starter:
    """Starts targets. `owners` says which target got which run. With `wait_busy` False, a busy platform is an error."""

    def __init__(
        self,
        provider: Provider,
        engine: Engine,
        progress: Progress,
        owners: dict[str, Target],
        *,
        wait_busy: bool = True,
    ) -> None:
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
        refusals = 0
        while True:
            try:
                return self._accepted(target, await self._engine.ask(self._provider.trigger(target, mark)))
            except Busy as busy:
                if not self._wait_busy:
                    raise
                pause = BUSY_SECONDS[min(refusals, len(BUSY_SECONDS) - 1)]
                refusals += 1
                self._progress.waiting(target, f"the platform is busy ({busy}); retrying in {duration(pause)}")
                await self._engine.halt.pause(pause)
            except Refused as refusal:
                if refusal.certain:
                    raise
                return await self._recover(target, mark, refusal)
            except (Unanswered, Unavailable, BadAnswer) as fault:
                if isinstance(fault, Unanswered) and not fault.maybe_arrived:
                    raise
                return await self._recover(target, mark, fault)

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
        first = owner is target
        if not first and (run.origin is not Origin.ADOPTED or owner.key == target.key):
            raise BadAnswer(f"the platform answered with run {run.id}, which was started for {owner.name}")
        return run

    async def _recover(self, target: Target, mark: str, fault: GateError) -> Run:
        """Look for the run by its mark. Exactly one match is ours; anything else is unknown."""
        seen = "the platform cannot tell whether a run was started"
        for pause in LOOK_SECONDS:
            call = self._provider.find(target, mark)
            if call is None:
                break
            self._progress.waiting(target, f"the trigger got no usable answer ({fault}); looking for its run")
            try:
                found = await self._look(call, pause)
            except PlatformError as failure:  # a run may have started: that is worth another look
                seen = f"looking for it failed: {failure}"
                if self._engine.halt.reason:
                    break
                continue
            found = [run for run in found if run.id not in self._owners]
            if len(found) == 1:
                self._owners[found[0].id] = target
                return found[0]
            if found:
                seen = f"{len(found)} runs carry its build number: {', '.join(run.id for run in found)}"
                break
            seen = "no run carries its build number"
            if self._engine.halt.reason:
                break
        marked = f" with the build number {mark}" if self._provider.find(target, mark) else ""
        raise TriggerUnknown(
            f"{target.name} may or may not have been started: {fault}; {seen}",
            remedy=f"The trigger was not sent again. Look on the platform for a run of it{marked} that started just "
            "now, and stop it if you don't want it; then run the job again.",
        ) from fault

    async def _look(self, call: Call[Sequence[Run]], pause: float) -> Sequence[Run]:
        """Pause and look. If the step must end meanwhile, there is time for one look only."""
        try:
            await self._engine.halt.pause(pause)
            return await self._engine.ask(call)
        except Halted:
            return await self._engine.ask(call, closing=True)


class PendingTrigger:
    """A trigger in flight. It outlives a halt, so that its answer is not lost."""

    def __init__(self) -> None:
        self._task: asyncio.Task[Run] | None = None

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

    async def wait(self, seconds: float) -> None:
        """Give a trigger in flight a moment to be answered."""
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
