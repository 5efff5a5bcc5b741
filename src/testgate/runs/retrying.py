"""Takes up what an earlier attempt of the same job began, when the CI runs the job again."""

from testgate.errors import GateError, Overdue, Refused
from testgate.model import Run, Snapshot, has_ended
from testgate.runs.attempts import EarlierAttempt, OnRetry
from testgate.runs.context import RunContext
from testgate.runs.history import History
from testgate.runs.stopping import read
from testgate.runs.watching import Watcher


class Retrying:
    """Takes up the earlier attempt of one target, or says why it starts afresh."""

    def __init__(self, how: OnRetry, history: History, watcher: Watcher, context: RunContext) -> None:
        self._how = how
        self._history = history
        self._watcher = watcher
        self._context = context

    async def take_up(self, earlier: EarlierAttempt) -> bool:
        """Watch the earlier attempt's runs, or the one that is still going; False if the target is to be started.

        Raises:
            GateError: a run that may still be going can't be followed. Nothing may be started beside it.

        """
        if earlier.problem:
            return self._afresh(earlier.problem)
        newest = earlier.runs[-1]
        try:
            snapshot = await read(self._context.provider, self._context.engine, newest)
        except Refused as refusal:
            if not refusal.missing:
                raise
            return self._afresh(f"its run cannot be taken up: {refusal}")
        if snapshot is not None and _foreign(newest, snapshot):
            return self._afresh(f"run {newest.id} belongs to something else")
        if snapshot is not None and not has_ended(snapshot):
            return await self._adopt(earlier)
        return await self._after_its_end(earlier)

    async def _after_its_end(self, earlier: EarlierAttempt) -> bool:
        """Take the results of an attempt whose runs have ended. If that fails, a new run is alone."""
        if self._how is OnRetry.ADOPT:
            return self._afresh(f"run {earlier.runs[-1].id} of {earlier.name} has ended")
        try:
            return await self._continue(earlier)
        except Overdue:
            raise
        except GateError as fault:
            self._history.forget()
            return self._afresh(f"its run cannot be taken up: {fault}")

    async def _adopt(self, earlier: EarlierAttempt) -> bool:
        """Watch the newest run of the earlier attempt, which is still going."""
        run = earlier.runs[-1]
        page = f": {run.url}" if run.url else ""
        self._context.progress.note(run, f"run {run.id} of {earlier.name} is still going and is taken up{page}")
        await self._watcher.watch(run)
        self._history.note(f"run {run.id} was started by {earlier.name}")
        return True

    async def _continue(self, earlier: EarlierAttempt) -> bool:
        """Take the results of the earlier attempt, whose failed tests are rerun then."""
        if not earlier.whole:
            return self._afresh(f"{earlier.name} did not come to its end")
        self._history.keep_apart(earlier.runs)
        for run in earlier.runs:
            page = f": {run.url}" if run.url else ""
            self._context.progress.note(run, f"taking up run {run.id} of {earlier.name}{page}")
            await self._watcher.watch(run)
            snapshot = self._history.current.snapshot
            if snapshot is not None and _foreign(run, snapshot):
                self._history.forget()
                return self._afresh(f"run {run.id} belongs to something else")
        first = earlier.runs[0].id
        self._history.note(f"run {first} is that of {earlier.name}: what passed there was not run again")
        return True

    def _afresh(self, why: str) -> bool:
        """Say why the target is started."""
        self._history.note(f"`on-retry`: all tests are run, since {why}")
        return False


def _foreign(run: Run, snapshot: Snapshot) -> bool:
    """Whether the platform says that the run is of another target than the earlier attempt's."""
    return bool(run.ref and snapshot.ref) and run.ref != snapshot.ref
