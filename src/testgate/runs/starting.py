"""Starts a run exactly once: waits out a platform that is busy, and looks for a run whose trigger got no answer."""

from collections.abc import Sequence
from typing import Protocol

from testgate.errors import BadAnswer, Busy, GateError, Outage, PlatformError, TriggerUnknown, Unanswered, Unavailable
from testgate.model import Origin, Run, Target
from testgate.ports import Provider
from testgate.runs.engine import Engine, Halted
from testgate.text import duration
from testgate.wire import Call

BUSY_SECONDS = (5.0, 10.0, 20.0, 30.0)  # between two attempts at a busy platform; the last one repeats
LOOK_SECONDS = (1.0, 3.0, 6.0)  # before each look for a run that may have been started: it may show late


class Hearer(Protocol):
    """Who hears why a start takes so long."""

    def waiting(self, target: Target, why: str) -> None:
        """The target is not started yet."""


class Starter:
    """Starts targets. `wait_busy` False fails at once where the platform is busy."""

    def __init__(self, provider: Provider, engine: Engine, hearer: Hearer, *, wait_busy: bool = True) -> None:
        """Take what says, what sends, and who hears."""
        self._provider = provider
        self._engine = engine
        self._hearer = hearer
        self._wait_busy = wait_busy

    async def start(self, target: Target, mark: str) -> Run:
        """Send the trigger until it is certain what it did.

        Raises:
            TriggerUnknown: it may have started a run, and no proof was found.
            Busy: the platform is busy, and the user does not want to wait.
            PlatformError: it was refused for certain, or never left.
            Halted: the step ended before it was sent.

        """
        refusals = 0
        while True:
            try:
                return self._accepted(await self._engine.ask(self._provider.trigger(target, mark)))
            except Busy as busy:
                if not self._wait_busy:
                    raise
                pause = BUSY_SECONDS[min(refusals, len(BUSY_SECONDS) - 1)]
                refusals += 1
                self._hearer.waiting(target, f"the platform is busy ({busy}); trying again in {duration(pause)}")
                await self._engine.pause(pause)
            except (Unanswered, Unavailable, BadAnswer) as fault:
                if isinstance(fault, Unanswered) and not fault.maybe_arrived:
                    raise
                return await self._recover(target, mark, fault)

    def _accepted(self, run: Run) -> Run:
        """The run; one that was there already only where the user wants to share it.

        Raises:
            PlatformError: the user does not.

        """
        if run.origin is Origin.ADOPTED and not self._wait_busy:
            raise PlatformError(
                f"{run.target.name} is queued already, as run {run.id}",
                remedy="Run the job when it is over, or use `on-busy: wait` to share that run.",
            )
        return run

    async def _recover(self, target: Target, mark: str, fault: GateError) -> Run:
        """Look for the run by its mark: exactly one is ours, everything else is unknown."""
        seen = "the platform cannot tell whether a run was started"
        for pause in LOOK_SECONDS:
            call = self._provider.find(target, mark)
            if call is None:
                break
            self._hearer.waiting(target, f"the trigger got no usable answer ({fault}); looking for its run")
            try:
                found = await self._look(call, pause)
            except Outage as outage:  # a run may go on: that is worth another look
                seen = f"looking for it failed: {outage}"
                if self._engine.halted:
                    break
                continue
            except PlatformError as refusal:
                seen = f"looking for it failed: {refusal}"
                break
            if len(found) == 1:
                return found[0]
            if found:
                seen = f"{len(found)} runs bear the mark: {', '.join(run.id for run in found)}"
                break
            seen = "no run with its mark is to be seen"
            if self._engine.halted:
                break
        marked = f" with the build number {mark}" if self._provider.find(target, mark) else ""
        raise TriggerUnknown(
            f"{target.name} may or may not have been started: {fault}; {seen}",
            remedy=f"It was not sent again. Look on the platform for a run of it{marked} that began just now, "
            "and stop it if it is not wanted; then run the job again.",
        ) from fault

    async def _look(self, call: Call[Sequence[Run]], pause: float) -> Sequence[Run]:
        """Pause and look; where the step is to end meanwhile, there is time for one look only."""
        try:
            await self._engine.pause(pause)
            return await self._engine.ask(call)
        except Halted:
            return await self._engine.ask(call, closing=True)
