"""One target's way from the trigger to its results, read from top to bottom; many run side by side."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from testgate.edges.journal import Journal
from testgate.errors import GateError, PlatformError, TriggerUnknown
from testgate.gate.attempts import settle, to_rerun, unmatched
from testgate.gate.verdict import judge
from testgate.model import Attempt, Conclusion, Outcome, Policy, Run, RunReport, Snapshot, Status, Target, TestResult
from testgate.ports import Provider
from testgate.runs.collecting import Collected, Collector
from testgate.runs.diagnosing import Diagnosis
from testgate.runs.engine import Engine, Halted
from testgate.runs.polling import Poller
from testgate.runs.starting import Hearer, Starter
from testgate.runs.stopping import read, stop
from testgate.text import plural

TRIGGER_ANSWER_SECONDS = 3.0  # of a closing step: how long the answer to a trigger in flight is awaited
STOP_SHARE = 0.7  # of the time to close: the rest is for the results so far
GIVE_UP_SECONDS = 10.0  # for the stop of a run that the platform does not tell of any more
REPORT_SECONDS = (1.0, 2.0, 4.0)  # between reads of a run that is over and tells of no results
MOST_SUCCESSORS = 10  # reruns that a platform adds by itself


class Teller(Hearer, Protocol):
    """Who hears of a run's progress."""

    def started(self, run: Run) -> None:
        """The platform has accepted the target, or the run was there already."""

    def moved(self, run: Run, snapshot: Snapshot) -> None:
        """A new snapshot of the run."""

    def noted(self, run: Run, text: str) -> None:
        """Something that people should know of the run."""


@dataclass(frozen=True)
class RunOptions:
    """What the user wants done with each target. `stop_at` says whether a run is to be stopped at such an end."""

    wait: bool = True
    rerun_failed: int = 0
    wait_busy: bool = True
    policy: Policy = field(default_factory=Policy)
    stop_at: Callable[[Run, Conclusion], bool] = lambda _run, _why: False
    mark: Callable[[], str] = lambda: "testgate"


@dataclass(frozen=True)
class RunContext:
    """What a workflow works with. `redact` sees every text from the platform first; `label` adds the quarantine.

    `seen` are the runs of this step that are over so far: limits over all runs weigh them together.
    """

    provider: Provider
    engine: Engine
    poller: Poller
    journal: Journal
    teller: Teller
    diagnosis: Diagnosis
    redact: Callable[[str], str] = str
    label: Callable[[TestResult], TestResult] = lambda test: test
    seen: dict[Target, RunReport] = field(default_factory=dict)


class Workflow:
    """Takes one target through its life, and keeps what is known on the way."""

    def __init__(self, begin: Target | Run, plan: RunOptions, ports: RunContext) -> None:
        """Take a target to start, or a run that was started elsewhere."""
        self._given = begin if isinstance(begin, Run) else None
        self._target = begin.target if isinstance(begin, Run) else begin
        self._plan = plan
        self._ports = ports
        self._collector = Collector(ports.provider, ports.engine, ports.redact, self._degraded, ports.label)
        self._starter = Starter(ports.provider, ports.engine, ports.teller, wait_busy=plan.wait_busy)
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._trigger_task: asyncio.Task[Run] | None = None
        self._attempts: list[Attempt] = []
        self._left: list[Run] = []
        self._notes: list[str] = []
        self._stopped = False

    async def play(self, slots: asyncio.Semaphore) -> RunReport:
        """Go the whole way. `slots` bounds how many runs go on at once. Faults are values of the report."""
        fault: Exception | None = None
        halted: Conclusion | None = None
        try:
            halted = await self._ports.engine.until_halted(self._advance(slots))
        except Halted as halt:
            had_verdict = self._first_over
            fault = await self._close_down(halt.conclusion)
            # A run that ended by itself, be it at the last moment, is judged by what it says.
            halted = None if had_verdict or (self._first_over and not self._stopped) else halt.conclusion
        except Exception as error:  # noqa: BLE001  # a bug here must not cost the other runs their reports
            fault = error
            had_verdict = self._first_over
            await self._give_up()
            # What a run says that we stopped is no verdict: the reason why it was given up is.
            halted = Conclusion.PLATFORM_ERROR if self._stopped and not had_verdict else None
        return self._report(fault, halted)

    def _report(self, fault: Exception | None, halted: Conclusion | None) -> RunReport:
        """Everything that is known, settled over the attempts."""
        snapshot, tests = settle(self._attempts)
        return RunReport(
            target=self._target,
            run=self._attempts[0].run if self._attempts else self._given,
            snapshot=snapshot,
            tests=tests,
            fault=fault,
            halted=halted,
            seconds=self._loop.time() - self._began,
            attempts=tuple(self._attempts),
            left_running=tuple(self._left),
            notes=tuple(self._notes),
        )

    async def _advance(self, slots: asyncio.Semaphore) -> Conclusion | None:
        """Start, watch, collect, rerun; what is learnt stays in the workflow."""
        async with slots:
            self._began = self._loop.time()
            run = self._given or await self._trigger(self._target)
            if self._given is not None:
                self._ports.teller.started(run)
            if not self._plan.wait:
                self._attempts.append(Attempt(run))
                self._left.append(run)
                return Conclusion.TRIGGERED
            await self._see(run)
            self._ports.seen[self._target] = self._report(None, None)
            await self._rerun()
            await self._diagnose()
            return None

    async def _trigger(self, target: Target) -> Run:
        """Start a run, once. The request outlives a halt, so that its answer is not lost."""
        mark = self._plan.mark()
        self._ports.journal.intend(target, mark)
        self._trigger_task = asyncio.create_task(self._start(target, mark))
        try:
            run = await asyncio.shield(self._trigger_task)
        except Exception:  # its end is known here, and not the close-down's to tell once more
            self._trigger_task = None
            raise
        self._trigger_task = None
        return run

    async def _start(self, target: Target, mark: str) -> Run:
        """Publish the run's id in the moment it is known."""
        run = await self._starter.start(target, mark)
        self._ports.journal.started(run)
        self._ports.teller.started(run)
        return run

    async def _see(self, run: Run, *, automatic: bool = False) -> None:
        """Watch a run to its end, read its tests, and go on with the rerun that the platform began itself."""
        self._attempts.append(Attempt(run, automatic=automatic))
        while not self._over:
            self._hear(await self._live(await self._ports.poller.next(self._now.run, self._began)))
        await self._await_report()
        self._learn(await self._collector.collect(self._now.run, self._now.snapshot))
        following = self._now.snapshot.successor if self._now.snapshot else None
        known = {attempt.run.id for attempt in self._attempts}
        if following is not None and following.id not in known and len(known) <= MOST_SUCCESSORS:
            self._ports.teller.noted(self._now.run, f"the platform reran what failed by itself, as run {following.id}")
            await self._see(following, automatic=True)

    async def _live(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with counters, where polls do not tell them."""
        if snapshot.status is not Status.RUNNING or snapshot.reported.counted:
            return snapshot
        known = self._now.snapshot.reported if self._now.snapshot else snapshot.reported
        run = self._now.run._replace(ref=snapshot.ref or self._now.run.ref)
        return snapshot._replace(reported=await self._ports.poller.live(run) or known)

    async def _await_report(self) -> None:
        """A run that is over may tell a little later where its results are; without any there is no proof.

        Raises:
            PlatformError: there are no results to ask for.

        """
        for pause in REPORT_SECONDS:
            if self._ports.provider.results(self._now.run, None) is not None:
                return
            await self._ports.engine.pause(pause)
            snapshot = await read(self._ports.provider, self._ports.engine, self._now.run)
            if snapshot is not None:
                self._hear(snapshot)
        if self._ports.provider.results(self._now.run, None) is None:
            raise PlatformError(f"run {self._now.run.id} has no report of its tests")

    async def _rerun(self) -> None:
        """Rerun what failed, as often as the user wants; an attempt that cannot be had leaves the verdict standing."""
        for _attempt in range(self._plan.rerun_failed):
            picked = self._worth_rerunning()
            if not picked:
                return
            self._ports.teller.noted(self._now.run, f"rerunning {plural(len(picked), 'test')} that failed")
            try:
                target = self._ports.provider.rerun(self._now.run, picked)
                run = await self._trigger(target)
            except GateError as fault:
                self._note(f"the rerun of {plural(len(picked), 'test')} was not to be had, the verdict stands: {fault}")
                return
            try:
                await self._see(run)
            except GateError as fault:
                self._note(f"the rerun {run.id} could not be followed, the verdict stands: {fault}")
                await self._give_up()
                return
            strangers = unmatched(self._attempts[0].tests, self._now.tests)
            if strangers:
                self._note(f"{plural(len(strangers), 'test')} of run {run.id} match none of the first run")

    async def _diagnose(self) -> None:
        """Ask for the failing steps of what failed in the end."""
        _snapshot, tests = settle(self._attempts)
        failed = {test.id for test in tests if test.outcome in {Outcome.FAILED, Outcome.ERROR}}
        for place, attempt in enumerate(self._attempts):
            wanted = [test for test in attempt.tests if test.id in failed]
            steps = await self._ports.diagnosis.steps(attempt.run, wanted)
            tests = [test._replace(step=steps.get(test.id, "")) for test in attempt.tests] if steps else attempt.tests
            self._attempts[place] = attempt._replace(tests=tests)

    def _worth_rerunning(self) -> list[TestResult]:
        """The tests to pick: what failed in the newest run and still counts, where the verdict would be `failed`."""
        report = self._ports.seen[self._target] = self._report(None, None)
        others = [other for target, other in self._ports.seen.items() if target != self._target]
        if judge([report, *others], self._plan.policy)[0].verdict.conclusion is not Conclusion.FAILED:
            return []
        newest = {test.id for test in self._now.tests}
        return [test for test in to_rerun(report.tests) if test.id in newest]

    @property
    def _now(self) -> Attempt:
        """The attempt that goes on."""
        return self._attempts[-1]

    @property
    def _over(self) -> bool:
        """Whether the platform said that the newest run is over."""
        return _is_over(self._now)

    @property
    def _first_over(self) -> bool:
        """Whether the first run is over: then there is a verdict, whatever becomes of reruns."""
        return bool(self._attempts) and _is_over(self._attempts[0])

    def _hear(self, snapshot: Snapshot) -> None:
        """Keep a snapshot and tell of it."""
        tame = self._collector.harmless(snapshot)
        run = self._now.run._replace(ref=snapshot.ref or self._now.run.ref)
        self._attempts[-1] = self._now._replace(run=run, snapshot=tame)
        self._ports.teller.moved(run, tame)

    def _learn(self, found: Collected) -> None:
        """Keep the tests of the newest run, and counters that came with them."""
        snapshot = self._now.snapshot
        if snapshot is not None and found.reported is not None:
            snapshot = snapshot._replace(reported=found.reported)
        self._attempts[-1] = self._now._replace(tests=found.tests, snapshot=snapshot)
        if found.filling:
            self._note(f"the report of run {self._now.run.id} was still being written when it was read last")

    def _note(self, text: str) -> None:
        """Keep and tell what happened beside the run itself."""
        self._notes.append(text)
        self._ports.teller.noted(self._now.run, text)

    def _degraded(self, run: Run, fault: GateError) -> None:
        """Detail is missing; the verdict does not rest on it."""
        self._ports.teller.noted(run, f"messages and durations could not be read, going on without: {fault}")

    def _leave_what_goes_on(self) -> None:
        """A run that is not known to be over may go on."""
        if self._attempts and not self._over:
            self._left.append(self._now.run)

    async def _close_down(self, why: Conclusion) -> Exception | None:
        """In the time that is left: the trigger's answer, a stop, one last read, the results so far."""
        fault: Exception | None = None
        try:
            async with self._ports.engine.closing():
                await self._await_trigger()
                if self._attempts and not self._over and self._plan.wait:
                    await self._end(why)
                    self._learn(await self._collector.collect(self._now.run, self._now.snapshot, closing=True))
        except TimeoutError:
            fault = await self._lost_trigger() or GateError(
                "closing down took too long; what is known may be incomplete"
            )
        except GateError as error:
            fault = error
        self._leave_what_goes_on()
        return fault

    async def _give_up(self) -> None:
        """A run that cannot be followed any more is not left behind if it can be helped."""
        if not self._attempts or self._over:
            return
        with contextlib.suppress(TimeoutError, GateError):
            # A cancel that comes meanwhile makes it less.
            async with asyncio.timeout(GIVE_UP_SECONDS), self._ports.engine.closing():
                await self._end(Conclusion.PLATFORM_ERROR)
        self._leave_what_goes_on()

    async def _await_trigger(self) -> None:
        """Give the answer to a trigger in flight a moment: its run must not be lost."""
        if self._trigger_task is None:
            return
        seconds = min(TRIGGER_ANSWER_SECONDS, self._ports.engine.closing_seconds)
        await asyncio.wait({self._trigger_task}, timeout=seconds)
        fault = await self._lost_trigger()
        if fault is not None:
            raise fault

    async def _lost_trigger(self) -> GateError | None:
        """The end of a trigger in flight: keep its run; else why there is none that is known of."""
        task, self._trigger_task = self._trigger_task, None
        if task is None:
            return None
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
        try:
            run = task.result()
        except asyncio.CancelledError:
            return TriggerUnknown(
                f"{self._target.name} was being started when the step had to end, and no answer came",
                remedy="Look on the platform for a run with this job's build number, and stop it if it is not wanted.",
            )
        except Halted:
            return None  # it was never sent
        except GateError as fault:
            return fault
        self._attempts.append(Attempt(run))
        return None

    async def _end(self, why: Conclusion) -> None:
        """Stop the run where that is wanted; in any case read it a last time."""
        provider, engine, run = self._ports.provider, self._ports.engine, self._now.run
        if not self._plan.stop_at(run, why):
            snapshot = await read(provider, engine, run, closing=True)
            if snapshot is not None:
                self._hear(snapshot)
            return
        try:
            async with engine.closing(share=STOP_SHARE):
                done = await stop(provider, engine, run, closing=True)
        except TimeoutError:
            self._stopped = True
            self._note(f"run {run.id} was to be stopped, and its end was not seen in time")
            return
        self._stopped = done.asked
        if done.snapshot is not None:
            self._hear(done.snapshot)
        self._note(done.sentence)


def _is_over(attempt: Attempt) -> bool:
    """Whether the platform said that the attempt's run is over."""
    return attempt.snapshot is not None and attempt.snapshot.status is Status.ENDED
