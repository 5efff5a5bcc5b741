"""Watches one run to its end, with the reruns that the platform itself adds, and reads its tests."""

import asyncio
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from testgate.errors import GateError, PlatformError, Refused
from testgate.model import Run, Target
from testgate.runs.collecting import Collector
from testgate.runs.context import RunContext
from testgate.runs.history import History
from testgate.runs.stopping import read

if TYPE_CHECKING:
    from testgate.runs.lateness import Lateness
    from testgate.runs.snapshots import Snapshots

REPORT_SECONDS = (1.0, 2.0, 4.0)  # between reads of a run that has ended without naming its results
LOOK_SECONDS = 15.0  # without a good answer: a look at the tests of a run that may hang
MOST_SUCCESSORS = 10  # reruns that the platform adds by itself


class Watcher:
    """Watches the runs of one target, one after another; everything learned is kept in its history.

    `expected` says how many seconds a run of a target should take.
    """

    def __init__(
        self,
        history: History,
        collector: Collector,
        context: RunContext,
        expected: Callable[[Target], float | None] = lambda _target: None,
    ) -> None:
        self._history = history
        self._collector = collector
        self._context = context
        self._expected = expected

    async def watch(self, run: Run, *, automatic: bool = False) -> None:
        """Watch a run to its end, read its tests, and follow the rerun that the platform itself started."""
        history, context = self._history, self._context
        history.begin(run, automatic=automatic)
        context.owners.setdefault(run.id, history.target)
        snapshots = self._snapshots(run)
        lateness = self._lateness()
        while not history.ended:
            await self._poll(snapshots, lateness.due(asyncio.get_running_loop().time()))
            await self._mind(lateness)
        found = await self._collector.collect(history.current.run, history.current.snapshot)
        history.on_tests(found._replace(doubts=(*found.doubts, *self._borrowed(history.current.run))))
        following = history.successor
        if following is None:
            return
        if len(following.ancestors) > MOST_SUCCESSORS:
            raise PlatformError(
                f"run {run.id} has more than {MOST_SUCCESSORS} automatic reruns; run {following.id} was not followed"
            )
        context.progress.note(history.current.run, f"the platform itself reran failed tests, as run {following.id}")
        await self.watch(following, automatic=True)

    def _borrowed(self, run: Run) -> list[str]:
        """A doubt if the results of the run come from where those of another run of this step came from."""
        call = self._context.provider.results(run, None)
        asked = call.request if call else None
        source = f"{asked.url} {sorted(asked.query.items())} {asked.body}" if asked else run.id
        first = self._context.sources.setdefault(source, run.id)
        return [] if first == run.id else [f"its results are those of run {first}"]

    def _snapshots(self, run: Run) -> "Snapshots":
        """What awaits the run's snapshots. What is expected of a target holds for its first run, not for a rerun."""
        from testgate.runs.snapshots import Snapshots  # after the trigger has been sent

        first = len(self._history.attempts) == 1
        return Snapshots(self._context, run, self._expected(self._history.target) if first else None)

    async def _poll(self, snapshots: "Snapshots", longest: float) -> None:
        """Read the run when it is due; at its end, wait for its results, which may show that it hasn't ended."""
        history = self._history
        try:
            known = history.current.snapshot.reported if history.current.snapshot else None
            snapshot = await snapshots.next(history.current.run, known, longest)
        except Refused as refusal:
            if not refusal.missing or history.given is None or history.current.snapshot is not None:
                raise
            history.missing = True
            run = history.given.id
            remedy = f"Check `run-id` ({run}): this key can't see such a run."
            raise Refused(f"run {run} was not found: {refusal}", status=refusal.status, remedy=remedy) from refusal
        known_by = history.current.run.ref
        history.on_snapshot(snapshot)
        if history.current.run.ref != known_by:
            self._context.journal.learned(history.current.run)
        history.reject_foreign()
        if history.ended:
            await self._await_report()

    def _lateness(self) -> "Lateness":
        """The clocks of the newest attempt, which begins now."""
        from testgate.runs.lateness import Lateness  # after the trigger has been sent

        limits = self._context.engine.limits
        return Lateness(limits.queue_timeout, limits.stall_timeout, asyncio.get_running_loop().time())

    async def _mind(self, lateness: "Lateness") -> None:
        """Give up the run if one of its own limits has expired.

        Raises:
            Overdue: it has.

        """
        history, engine = self._history, self._context.engine
        snapshot = history.current.snapshot
        if history.ended or snapshot is None:
            return
        lateness.answered(asyncio.get_running_loop().time(), snapshot, engine.failed)
        if lateness.wants_look:
            lateness.looked(await self._look(history.current.run))
        overdue = lateness.overdue(history.current.run, snapshot)
        if overdue is not None:
            history.late.append(overdue.run_id)
            raise overdue

    async def _look(self, run: Run) -> Hashable:
        """What the tests of a run that is still going look like, for a comparison; None if they can't be read."""
        call = self._context.provider.results(run, None)
        if call is None:
            return None
        try:
            page = await self._context.engine.ask(call, patience=LOOK_SECONDS)
        except GateError as fault:
            self._context.engine.remark(f"could not look at the tests of run {run.id}: {fault}")
            return None
        return (page.reported, tuple((test.id, test.word, test.outcome) for test in page.tests))

    async def _await_report(self) -> None:
        """Wait until the platform says where the results of a finished run are. Without results there is no proof.

        Raises:
            PlatformError: there are no results to ask for.

        """
        history, provider, engine = self._history, self._context.provider, self._context.engine
        for pause in REPORT_SECONDS:
            if not history.ended or provider.results(history.current.run, None) is not None:
                return
            await engine.halt.pause(pause)
            snapshot = await read(provider, engine, history.current.run)
            if snapshot is not None:
                history.on_snapshot(snapshot)
        if history.ended and provider.results(history.current.run, None) is None:
            raise PlatformError(f"run {history.current.run.id} has no report of its tests")
