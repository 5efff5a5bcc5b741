"""Combines the polls of many runs into few requests.

Each workflow awaits the next snapshot of its run. The first one that is due asks for its own run
and for all runs that are due soon, as many as one request of the provider can hold.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from testgate.errors import GateError, Refused
from testgate.model import Origin, Reported, Run, Snapshot
from testgate.ports import Provider
from testgate.runs.doubting import Refusals
from testgate.runs.engine import Engine

LIVE_SECONDS = 15.0
AGAIN_SECONDS = 5.0  # after a doubt that a run still exists, it is not due later than this
_NEAR = 0.5  # of an interval: how much earlier a run may be polled together with another one


class _Absent(Refused):
    """A run is missing from an answer about several."""


@dataclass(eq=False, repr=False)
class _Wait:
    """A workflow waiting for the next snapshot of its run."""

    run: Run
    due: float
    interval: float
    snapshot: asyncio.Future[Snapshot] = field(repr=False)
    taken: bool = False


class Poller:
    """Polls runs when they are due. Each caller decides when that is; see `predicting.Pace`."""

    def __init__(self, engine: Engine, provider: Provider) -> None:
        self._engine = engine
        self._provider = provider
        self._loop = asyncio.get_running_loop()
        self._waiting: list[_Wait] = []
        self._last_live = float("-inf")
        self._seen: set[str] = set()

    async def live(self, run: Run) -> Reported | None:
        """The counters of a running run: asked for at most every 15 s over all runs, without retries."""
        if self._loop.time() - self._last_live < LIVE_SECONDS:
            return None
        call = self._provider.live(run)
        if call is None:
            return None
        self._last_live = self._loop.time()
        try:
            return await self._engine.ask(call._replace(repeatable=False))
        except GateError as fault:
            self._engine.remark(f"could not read the counters of run {run.id}: {fault}")
            return None

    async def next(self, run: Run, interval: float) -> Snapshot:
        """Wait until the run is due, in `interval` seconds, and return its snapshot.

        A run of ours, or one that was read before, is believed to be unknown only if that lasts.

        Raises:
            PlatformError: it could not be read, or the platform does not know the run.

        """
        refusals = Refusals(self._engine.limits.max_outage)
        while True:
            began = self._loop.time()
            try:
                snapshot = await self._next(run, interval)
            except _Absent as fault:
                if not self._known(run):
                    raise
                await self._engine.doubt(fault, refusals, began)
                interval = min(interval, max(AGAIN_SECONDS, self._engine.limits.poll_interval or 0.0))
            else:
                self._seen.add(run.id)
                return snapshot

    def _known(self, run: Run) -> bool:
        """Whether the platform certainly knew the run."""
        return run.origin is Origin.STARTED or run.id in self._seen

    async def _next(self, run: Run, interval: float) -> Snapshot:
        """The next snapshot, from a request for this run or for several."""
        wait = _Wait(run, self._loop.time() + interval, interval, self._loop.create_future())
        self._waiting.append(wait)
        try:
            await asyncio.wait({wait.snapshot}, timeout=interval)
            if not wait.taken:
                await self._ask_with(wait)
            return await wait.snapshot
        finally:
            wait.snapshot.cancel()
            if wait in self._waiting:
                self._waiting.remove(wait)

    async def _ask_with(self, first: _Wait) -> None:
        """Poll this run and those that are due soon; each workflow gets its own answer."""
        now = self._loop.time()
        near = [each for each in self._waiting if each is not first and each.due <= now + each.interval * _NEAR]
        asked = [first, *sorted(near, key=lambda each: each.due)[: self._provider.poll_batch - 1]]
        for each in asked:
            each.taken = True
            self._waiting.remove(each)
        try:
            runs = {each.run.id: each.run for each in asked}  # two targets can share a run
            seen = all(self._known(each) for each in runs.values())
            snapshots = await self._engine.ask(self._provider.poll([*runs.values()]), seen=seen)
        except BaseException as fault:
            _fail(asked, fault)
            raise
        _answer(asked, snapshots)


def _fail(asked: Sequence[_Wait], fault: BaseException) -> None:
    """Pass the fault on to the others that waited for the same request; the first raises it itself."""
    for each in asked[1:]:
        if not each.snapshot.done():
            if isinstance(fault, Exception):
                each.snapshot.set_exception(fault)
            else:
                each.snapshot.cancel()


def _answer(asked: Sequence[_Wait], snapshots: Sequence[Snapshot]) -> None:
    """Hand out the snapshots by run id."""
    by_id: dict[str, Snapshot] = {}
    for snapshot in snapshots:
        if by_id.setdefault(snapshot.run_id, snapshot) != snapshot:
            doubt = "the platform gave two different answers about it"
            by_id[snapshot.run_id] = by_id[snapshot.run_id]._replace(doubts=(*snapshot.doubts, doubt))
    for each in asked:
        if each.snapshot.done():
            continue
        found = by_id.get(each.run.id)
        if found is not None:
            each.snapshot.set_result(found)
        else:
            each.snapshot.set_exception(
                _Absent(
                    f"the platform does not know run {each.run.id}",
                    status=404,
                    remedy="Check whether the run was deleted on the platform.",
                )
            )
