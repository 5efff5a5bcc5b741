"""One target's way from the trigger to its results, read from top to bottom; many run side by side."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from testgate.collect import Collector
from testgate.engine import Engine, Halted
from testgate.errors import BadAnswer, GateError, TriggerUnknown, Unanswered, Unavailable
from testgate.journal import Journal
from testgate.model import Conclusion, Run, RunReport, Snapshot, Status, Target, TestResult
from testgate.poller import Poller
from testgate.ports import Provider

TRIGGER_ANSWER_SECONDS = 3.0  # of a closing step: how long the answer to a trigger in flight is awaited


class Teller(Protocol):
    """Who hears of a run's progress."""

    def started(self, run: Run) -> None:
        """The platform has accepted the target."""

    def moved(self, run: Run, snapshot: Snapshot) -> None:
        """A new snapshot of the run."""

    def degraded(self, run: Run, fault: GateError) -> None:
        """Detail could not be read; the verdict stands without it."""


class Workflow:
    """Takes one target through its life and keeps what is known on the way.

    `mark` is unique to this run. `wait` False ends after the trigger.
    """

    def __init__(  # noqa: PLR0913  # the ports that one run needs
        self,
        target: Target,
        mark: str,
        *,
        provider: Provider,
        engine: Engine,
        poller: Poller,
        journal: Journal,
        teller: Teller,
        redact: Callable[[str], str],
        wait: bool = True,
    ) -> None:
        """Take the target and what it is run with."""
        self._target = target
        self._mark = mark
        self._provider = provider
        self._engine = engine
        self._poller = poller
        self._journal = journal
        self._teller = teller
        self._wait = wait
        self._collector = Collector(provider, engine, redact, teller.degraded)
        self._loop = asyncio.get_running_loop()
        self._trigger_task: asyncio.Task[Run] | None = None
        self._run: Run | None = None
        self._snapshot: Snapshot | None = None
        self._tests: Sequence[TestResult] = ()
        self._began = self._loop.time()

    async def play(self, slots: asyncio.Semaphore) -> RunReport:
        """Go the whole way. `slots` bounds how many runs go on at once. Expected faults are values of the report."""
        fault: Exception | None = None
        halted: Conclusion | None = None
        try:
            halted = await self._engine.until_halted(self._advance(slots))
        except Halted as halt:
            halted = halt.conclusion
            fault = await self._close_down()
        except Exception as error:  # noqa: BLE001  # a bug here must not cost the other runs their reports
            fault = error
        return RunReport(
            target=self._target,
            run=self._run,
            snapshot=self._snapshot,
            tests=self._tests,
            fault=fault,
            halted=halted if not self._ended else None,
            seconds=self._loop.time() - self._began,
        )

    @property
    def _ended(self) -> bool:
        """Whether the platform said that the run is over."""
        return self._snapshot is not None and self._snapshot.status is Status.ENDED

    async def _advance(self, slots: asyncio.Semaphore) -> Conclusion | None:
        """Trigger, watch, collect; what is learnt stays in the workflow."""
        async with slots:
            self._began = self._loop.time()
            run = await self._trigger()
            if not self._wait:
                return Conclusion.TRIGGERED
            await self._watch(run)
            self._tests = await self._collector.collect(run, self._snapshot)
            return None

    async def _trigger(self) -> Run:
        """Start the run, once. The request outlives a halt, so that its answer is not lost."""
        self._journal.intend(self._target, self._mark)
        self._trigger_task = asyncio.create_task(self._started())
        return await asyncio.shield(self._trigger_task)

    async def _started(self) -> Run:
        """Send the trigger; publish the run's id in the moment it is known."""
        call = self._provider.trigger(self._target, self._mark)
        try:
            run = await self._engine.ask(call)
        except (Unanswered, Unavailable, BadAnswer) as fault:
            if isinstance(fault, Unanswered) and not fault.maybe_arrived:
                raise
            raise TriggerUnknown(
                f"{self._target.name} may or may not have been started: {fault}",
                remedy=f"It was not sent again. Look on the platform for a run with the build number {self._mark}, "
                "and stop it if it is not wanted; then run the job again.",
            ) from fault
        self._run = run
        self._journal.started(run)
        self._teller.started(run)
        return run

    async def _watch(self, run: Run) -> None:
        """Poll until the platform says that the run is over."""
        while not self._ended:
            self._hear(run, await self._poller.next(run, self._began))

    def _hear(self, run: Run, snapshot: Snapshot) -> None:
        """Keep a snapshot and tell of it."""
        self._snapshot = self._collector.harmless(snapshot)
        self._teller.moved(run, self._snapshot)

    async def _close_down(self) -> Exception | None:
        """In the time that is left: the trigger's answer, one last read, the results so far."""
        try:
            async with asyncio.timeout(self._engine.closing_seconds):
                await self._await_trigger()
                if self._run is None or not self._wait:
                    return None
                if not self._ended:
                    await self._read_once_more(self._run)
                self._tests = await self._collector.collect(self._run, self._snapshot, closing=True)
        except TimeoutError:
            return GateError(f"closing down took too long; what is known of {self._target.name} may be incomplete")
        except GateError as error:
            return error
        return None

    async def _await_trigger(self) -> None:
        """Give the answer to a trigger in flight a moment: its id is what a cleanup needs."""
        task = self._trigger_task
        if task is None:
            return
        bound = min(TRIGGER_ANSWER_SECONDS, self._engine.closing_seconds)
        await asyncio.wait({task}, timeout=bound)
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
            raise TriggerUnknown(
                f"{self._target.name} was being started when the step had to end, and no answer came",
                remedy=f"Look on the platform for a run with the build number {self._mark}.",
            )
        try:
            task.result()
        except Halted:
            return  # it was never sent

    async def _read_once_more(self, run: Run) -> None:
        """One read at the very end: the run may just have finished."""
        snapshots = await self._engine.ask(self._provider.poll([run]), closing=True)
        for snapshot in snapshots:
            if snapshot.run_id == run.id:
                self._hear(run, snapshot)
