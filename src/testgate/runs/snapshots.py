"""Awaits the snapshots of one run, each when it is due, and learns from them when the next one is."""

import asyncio
import contextlib
from collections.abc import Iterator

from testgate.model import Origin, Reported, Run, Snapshot, Status
from testgate.runs.context import RunContext
from testgate.runs.predicting import Pace, Seen


class Snapshots:
    """The snapshots of one run from now on. `expected` is how long it should take, in seconds.

    A run that was started elsewhere is older than we know. So its expected length says nothing, and
    the tests that it had done before us don't either.
    """

    def __init__(self, context: RunContext, run: Run, expected: float | None = None) -> None:
        ours = run.origin is Origin.STARTED
        fixed = context.engine.limits.poll_interval
        self._pace = Pace(fixed, expected if ours else None, Seen(base=0 if ours else None))
        self._poller = context.poller
        self._progress = context.progress
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._beat: asyncio.TimerHandle | None = None
        self._progress.foresee(run, self._rest)

    async def next(self, run: Run, known: Reported | None, longest: float = float("inf")) -> Snapshot:
        """The next snapshot of the run, with the `known` counters if there are no newer ones.

        It is asked for in `longest` seconds at most.

        Raises:
            PlatformError: it could not be read, or the platform does not know the run.

        """
        interval = min(longest, self._pace.interval(self._loop.time() - self._began))
        with self._beating(run, interval):
            snapshot = await self._poller.next(run, interval)
        fresh: Reported | None = snapshot.reported if snapshot.reported.counted else None
        if fresh is None and snapshot.status is Status.RUNNING:  # a platform whose polls have no counters
            fresh = await self._poller.live(run._replace(ref=snapshot.ref or run.ref))
            snapshot = snapshot._replace(reported=fresh or known or snapshot.reported)
        self._learn(snapshot.status, fresh)
        return snapshot

    def _rest(self) -> float | None:
        """How long the run may still take, as far as anything tells."""
        return self._pace.rest(self._loop.time() - self._began)

    def _learn(self, status: Status, fresh: Reported | None) -> None:
        """Add to what is known of the run's progress; counters that are not fresh would look like a silence."""
        counts = None if fresh is None else (fresh.counts.executed + fresh.counts.skipped, fresh.counted)
        age = self._loop.time() - self._began
        self._pace = self._pace.after(age, running=status is not Status.QUEUED, counts=counts)

    @contextlib.contextmanager
    def _beating(self, run: Run, seconds: float) -> Iterator[None]:
        """Let the log show every minute that the step is alive, until the run is due; then the engine logs outages."""
        due = self._loop.time() + seconds

        def beat() -> None:
            pause = self._progress.beat(run)
            if self._loop.time() + pause < due:
                self._beat = self._loop.call_later(pause, beat)

        beat()
        try:
            yield
        finally:
            if self._beat is not None:
                self._beat.cancel()
