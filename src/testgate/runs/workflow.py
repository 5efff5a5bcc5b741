"""Takes one target from its trigger to its results. Many workflows run side by side.

    (start) -> watch -> collect -> [automatic rerun -> watch ...] -> [rerun -> watch ...] -> diagnose -> report

A halt or a fault can interrupt any of these steps; `Closing` then stops and reads what it can.
"""

import asyncio
from collections.abc import Callable, Sequence

from testgate.errors import GateError, Overdue
from testgate.gate.attempts import lost, to_rerun, unmatched
from testgate.gate.verdict import judge
from testgate.model import Conclusion, Run, Target, TestResult
from testgate.results import RunReport
from testgate.runs.again import Again
from testgate.runs.attempts import OnRetry
from testgate.runs.closing import Closing
from testgate.runs.collecting import Collector
from testgate.runs.context import RunContext, RunOptions
from testgate.runs.diagnosing import diagnose
from testgate.runs.failing import Cut, FailFast
from testgate.runs.halt import Halted
from testgate.runs.history import History
from testgate.runs.starting import PendingTrigger, Starter
from testgate.runs.watching import Watcher
from testgate.text import plural


class Workflow:
    """Takes one target, or a run that was started elsewhere, to its results.

    `started` is the target's run if a trigger that was meant for another one started it too.
    """

    def __init__(
        self, begin: Target | Run, options: RunOptions, context: RunContext, started: Run | None = None
    ) -> None:
        self._options = options
        self._context = context
        self._collector = Collector(
            context.provider, context.engine, context.redact, self._on_missing_detail, self._labelled
        )
        self._history = History(
            begin,
            progress=context.progress,
            sanitize=self._collector.sanitized,
            clock=asyncio.get_running_loop().time,
            recall=context.recall,
        )
        self._watcher = Watcher(self._history, self._collector, context, options.expected)
        self._trigger = PendingTrigger(started)
        self._shared: Run | None = None
        # A second trigger would start the runs beside this one again, too.
        again = options.retry_aborted if started is None else 0
        self._again = Again(again, self._history, self._watcher, context)
        self._slot: asyncio.Semaphore | None = None
        self._closing = Closing(self._history, self._trigger, self._collector, options, context)
        self._starter = Starter(
            context.provider,
            context.engine,
            context.progress,
            context.owners,
            wait_busy=options.wait_busy,
            fail_fast=context.fail_fast,
        )

    async def run(self, slots: asyncio.Semaphore) -> RunReport:
        """Go the whole way. `slots` limits how many runs are active at once. Faults become values of the report."""
        try:
            report = await self._report(slots)
            if not report.cut and self._context.engine.halt.reason is None:
                self._context.fail_fast.ended(report)
        finally:  # only now: until it is closed down, a run may still be active
            if self._slot is not None:
                self._slot.release()
        return report

    async def _report(self, slots: asyncio.Semaphore) -> RunReport:
        """The report at the end of the way, wherever that was."""
        history, closing = self._history, self._closing
        try:
            halted = await self._context.engine.halt.until(self._context.fail_fast.until(self._advance(slots)))
        except Cut as cut:
            history.note("not waited for: another run has failed (`fail-fast`)")
            report = await self._closed_down(cut.conclusion)
            ours = report.halted is cut.conclusion
            return report._replace(halted=Conclusion.CANCELLED, cut=True) if ours else report
        except Halted as halt:
            return await self._closed_down(halt.conclusion)
        except Overdue as late:
            return await self._closed_down(late.conclusion, late)
        except Exception as fault:  # noqa: BLE001  # a bug here must not cost the other runs their reports
            had_verdict = history.has_verdict
            await closing.give_up()
            # The result of a run that we stopped is no verdict: the reason for giving up is.
            gave_up = closing.stopped and not had_verdict
            return history.report(fault, Conclusion.PLATFORM_ERROR if gave_up else None)
        report = history.report(halted=halted)
        return report if self._shared is None else report._replace(run=self._shared)

    async def _closed_down(self, why: Conclusion, cause: GateError | None = None) -> RunReport:
        """The report after closing down. `cause` is why this target ends before the step; None if the step ends."""
        history, closing = self._history, self._closing
        had_verdict = history.has_verdict
        fault = await closing.close_down(why)
        # A run that ended by itself, even at the last moment, is judged by its results.
        by_itself = had_verdict or (history.has_verdict and not closing.stopped)
        if cause is None or by_itself:
            return history.report(fault, None if by_itself else why)
        if fault is not None:
            history.note(str(fault))
        return history.report(cause, self._context.engine.halt.reason or why)

    async def _advance(self, slots: asyncio.Semaphore) -> Conclusion | None:
        """Start, watch, collect and rerun; everything learned is kept in the history."""
        history = self._history
        await slots.acquire()
        self._slot = slots
        if self._context.fail_fast.red:
            raise Cut
        history.restart_clock()
        if history.given is None and await self._resume():
            return None
        run = history.given or await self._start(history.target)
        if history.given is not None:
            self._context.owners.setdefault(run.id, history.target)
            self._context.progress.started(run)
        if self._context.owners[run.id] != history.target:
            self._shared = run
            return None
        if not self._options.wait:
            history.begin(run)
            history.left_running.append(run)
            return Conclusion.TRIGGERED
        await self._watcher.watch(run)
        await self._again.retry(self._start)
        await self._finish(self._options.rerun_failed)
        return None

    async def _resume(self) -> bool:
        """Take up what an earlier attempt of this job began, and rerun what failed there; False if there is nothing."""
        earlier = self._options.earlier(self._history.target) if self._options.wait else None
        if earlier is None:
            return False
        from testgate.runs.retrying import Retrying  # for jobs that the CI runs again

        retrying = Retrying(self._options.on_retry, self._history, self._watcher, self._context)
        if not await retrying.take_up(earlier):
            return False
        again = 1 if self._options.on_retry is OnRetry.RERUN_FAILED else 0
        await self._finish(self._options.rerun_failed + again)
        return True

    async def _finish(self, reruns: int) -> None:
        """Rerun failed tests, and ask for the failing steps of those that failed in the end."""
        self._context.finished[self._history.target] = self._history.report()
        while self._again.left and (picked := self._worth_rerunning(lost)):
            self._again.left -= 1
            if not await self._rerun(picked, "test", " that broke for lack of a machine"):
                break
        else:
            await self._rerun_failed(reruns)
        await diagnose(self._history.attempts, self._context.diagnosis)

    async def _start(self, target: Target) -> Run:
        """Start a run, once; the first may have been started already."""
        if (run := self._trigger.take()) is not None:
            return run
        mark = self._options.mark()
        self._context.journal.intend(target, mark)
        return await self._trigger.run(self._publish_start(target, mark))

    async def _publish_start(self, target: Target, mark: str) -> Run:
        """Start a run, and publish its id the moment it is known."""
        with self._history.keeping_lost():
            run = await self._starter.start(target, mark)
        for each in (run, *run.others):
            self._context.journal.started(each)
            self._context.progress.started(each)
        for other in run.others:
            self._again.left = 0
            self._context.also(other)
        return run._replace(others=())

    async def _rerun_failed(self, reruns: int) -> None:
        """Rerun failed tests as often as the user wants; a rerun that fails leaves the verdict unchanged."""
        for _attempt in range(reruns):
            picked = self._worth_rerunning(to_rerun)
            if not picked or not await self._rerun(picked, "failed test"):
                return

    async def _rerun(self, picked: list[TestResult], noun: str, more: str = "") -> bool:
        """Rerun these tests; False if that was not possible."""
        history = self._history
        self._context.progress.note(history.current.run, f"rerunning {plural(len(picked), noun)}{more}")
        try:
            run = await self._start(self._context.provider.rerun(history.current.run, picked))
        except GateError as fault:
            history.note(f"could not rerun {plural(len(picked), 'test')}, the verdict is unchanged: {fault}")
            return False
        try:
            await self._watcher.watch(run)
        except GateError as fault:
            history.note(f"could not follow rerun {run.id}, the verdict is unchanged: {fault}")
            await self._closing.give_up(fault.conclusion)
            return False
        strangers = unmatched(history.attempts[0].tests, history.current.tests)
        if strangers:
            history.note(f"{plural(len(strangers), 'test')} of run {run.id} match no test of the first run")
        return True

    def _worth_rerunning(self, pick: Callable[[Sequence[TestResult]], list[TestResult]]) -> list[TestResult]:
        """Those of the newest run that count, if the verdict would be `failed`."""
        history, finished = self._history, self._context.finished
        report = finished[history.target] = history.report()
        others = [other for target, other in finished.items() if target != history.target]
        if judge([report, *others], self._options.policy)[0].verdict.conclusion is not Conclusion.FAILED:
            return []
        newest = {test.id for test in history.current.tests}
        return [test for test in pick(report.tests) if test.id in newest]

    def _labelled(self, test: TestResult) -> TestResult:
        """The test with its label. A machine that got lost excuses a failure only if the user wants such runs again."""
        return self._context.label(test if self._options.retry_aborted or not test.lost else test._replace(lost=False))

    def _on_missing_detail(self, run: Run, fault: GateError) -> None:
        """Log that details are missing; the verdict doesn't need them."""
        self._context.progress.note(run, f"could not read messages and durations, continuing without them: {fault}")


async def run_all(begins: Sequence[Target | Run], options: RunOptions, context: RunContext) -> Sequence[RunReport]:
    """Take targets, and runs that were started elsewhere, to their results; `max-parallel` at a time."""
    context.fail_fast = FailFast(options.policy, on=options.fail_fast and options.wait)
    slots = asyncio.Semaphore(context.engine.limits.max_parallel)
    tasks = [asyncio.create_task(Workflow(begin, options, context).run(slots)) for begin in begins]

    def also(run: Run) -> None:
        """Watch a run that is going already, so it waits for no slot."""
        workflow = Workflow(run.target, options, context, run)
        tasks.append(asyncio.create_task(workflow.run(asyncio.Semaphore(1))))

    context.also = also
    while not all(task.done() for task in tasks):
        await asyncio.gather(*tasks)
    return _merged([task.result() for task in tasks])


def _merged(reports: Sequence[RunReport]) -> list[RunReport]:
    """One report per run: if the platform let several targets share a run, its tests count once."""
    sharing: dict[str, list[RunReport]] = {}
    for number, report in enumerate(reports):
        sharing.setdefault(report.run.id if report.run else f"none {number}", []).append(report)
    merged = []
    for run_id, group in sharing.items():
        watched = max(group, key=lambda report: len(report.attempts))
        others = [report for report in group if report is not watched]
        notes = [f"{other.target.name} got the same run as {watched.target.name}: {run_id}" for other in others]
        merged.append(watched._replace(notes=[*watched.notes, *notes]))
    return merged
