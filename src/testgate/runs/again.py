"""Starts a target once more whose run the platform gave up: that is nobody's failure."""

from collections.abc import Awaitable, Callable

from testgate.errors import GateError
from testgate.model import Run, Target
from testgate.runs.context import RunContext
from testgate.runs.history import History
from testgate.runs.watching import Watcher


class Again:
    """Starts one target again. `left` is how often that may still happen."""

    def __init__(self, left: int, history: History, watcher: Watcher, context: RunContext) -> None:
        self.left = left
        self._history = history
        self._watcher = watcher
        self._context = context

    async def retry(self, start: Callable[[Target], Awaitable[Run]]) -> None:
        """Start the target again while the platform gives up its runs; the new run takes the place of the old one.

        If it can't be started, the verdict on the old one stands.
        """
        history = self._history
        while self.left and history.given_up:
            self.left -= 1
            before = history.current
            word = before.snapshot.word if before.snapshot else ""
            history.note(f"{_linked(before.run)} was given up by the platform ({word}); it is started once more")
            run = await self._started(start)
            if run is None:
                return
            history.note(f"{_linked(run)} takes the place of run {before.run.id}")
            await self._watcher.watch(run)

    async def _started(self, start: Callable[[Target], Awaitable[Run]]) -> Run | None:
        """The new run; None if there is none. From the trigger on, whatever begins takes the place of the old run."""
        history = self._history
        history.retrying = True
        try:
            run = await start(history.target)
        except GateError as fault:
            history.retrying = False
            history.note(f"it could not be started again, the verdict is unchanged: {fault}")
            return None
        if self._context.owners[run.id] != history.target:
            history.retrying = False
            history.note(f"it was not started again: run {run.id} is that of another target")
            return None
        return run


def _linked(run: Run) -> str:
    """`run 337 (https://…)`."""
    return f"run {run.id} ({run.url})" if run.url else f"run {run.id}"
