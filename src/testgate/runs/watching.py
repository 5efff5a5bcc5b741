"""Watches one run to its end, with the reruns that the platform itself adds, and reads its tests."""

from testgate.errors import PlatformError, Refused
from testgate.model import Run, Snapshot, Status
from testgate.runs.collecting import Collector
from testgate.runs.context import RunContext
from testgate.runs.history import History
from testgate.runs.stopping import read

REPORT_SECONDS = (1.0, 2.0, 4.0)  # between reads of a run that has ended without naming its results
MOST_SUCCESSORS = 10  # reruns that the platform adds by itself


class Watcher:
    """Watches the runs of one target, one after another; everything learned is kept in its history."""

    def __init__(self, history: History, collector: Collector, context: RunContext) -> None:
        self._history = history
        self._collector = collector
        self._context = context

    async def watch(self, run: Run, *, automatic: bool = False) -> None:
        """Watch a run to its end, read its tests, and follow the rerun that the platform itself started."""
        history, context = self._history, self._context
        history.begin(run, automatic=automatic)
        context.owners.setdefault(run.id, history.target)
        while not history.ended:
            await self._poll()
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
        source = f"{call.request.url} {sorted(call.request.query.items())}" if call else run.id
        first = self._context.sources.setdefault(source, run.id)
        return [] if first == run.id else [f"its results are those of run {first}"]

    async def _poll(self) -> None:
        """Read the run when it is due; at its end, wait for its results, which may show that it hasn't ended."""
        history = self._history
        try:
            snapshot = await self._context.poller.next(history.current.run, history.attempt_began)
        except Refused as refusal:
            if not refusal.missing or history.given is None or history.current.snapshot is not None:
                raise
            history.missing = True
            run = history.given.id
            remedy = f"Check `run-id` ({run}): this key can't see such a run."
            raise Refused(f"run {run} was not found: {refusal}", status=refusal.status, remedy=remedy) from refusal
        history.on_snapshot(await self._with_counters(snapshot))
        history.reject_foreign()
        if history.ended:
            await self._await_report()

    async def _with_counters(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with counters, for platforms whose polls have none."""
        if snapshot.status is not Status.RUNNING or snapshot.reported.counted:
            return snapshot
        current = self._history.current
        known = current.snapshot.reported if current.snapshot else snapshot.reported
        run = current.run._replace(ref=snapshot.ref or current.run.ref)
        return snapshot._replace(reported=await self._context.poller.live(run) or known)

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
