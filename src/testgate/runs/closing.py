"""Ends the watch of one target before its time: the trigger's answer, a stop, one last read, the results so far."""

import asyncio
import contextlib

from testgate.errors import GateError
from testgate.model import Conclusion
from testgate.runs.collecting import Collector
from testgate.runs.context import RunContext, RunOptions
from testgate.runs.history import History
from testgate.runs.starting import PendingTrigger
from testgate.runs.stopping import MOST_IN_A_CHAIN, read, stop

TRIGGER_SHARE = 0.6  # of the time to close, for the answer to a trigger in flight, and the look for its run
STOP_SHARE = 0.7  # of the time to close; the rest is for the results so far
GIVE_UP_SECONDS = 10.0  # to stop a run that can no longer be read


class Closing:
    """Closes down one target. `stopped` says whether a stop was sent for one of its runs."""

    def __init__(
        self,
        history: History,
        trigger: PendingTrigger,
        collector: Collector,
        options: RunOptions,
        context: RunContext,
    ) -> None:
        self.stopped = False
        self._history = history
        self._trigger = trigger
        self._collector = collector
        self._options = options
        self._context = context

    async def close_down(self, why: Conclusion) -> Exception | None:
        """Use the time that is left; returns what went wrong, if anything."""
        halt, history = self._context.engine.halt, self._history
        fault: Exception | None = None
        try:
            async with halt.closing():
                with contextlib.suppress(TimeoutError):
                    async with halt.closing(share=TRIGGER_SHARE):
                        await self._trigger.wait()
                await self._keep_started()
                if self._options.wait:
                    await self._end_chain(why, collect=True)
        except TimeoutError:
            fault = await self._out_of_time()
        except GateError as error:
            fault = error
        history.leave_unless_ended()
        return fault

    async def give_up(self, why: Conclusion = Conclusion.PLATFORM_ERROR) -> None:
        """Stop a run that can no longer be followed, or is overdue, if possible."""
        history = self._history
        with contextlib.suppress(TimeoutError, GateError):
            # A cancel that comes meanwhile shortens the time.
            async with asyncio.timeout(GIVE_UP_SECONDS), self._context.engine.halt.closing():
                await self._end_chain(why, collect=False)
        history.leave_unless_ended()

    async def _end_chain(self, why: Conclusion, *, collect: bool) -> None:
        """End the newest run, and every rerun that the platform adds to it meanwhile."""
        history = self._history
        while history.attempts:
            if history.ended:
                following = history.successor
                if following is None and collect and not history.current.read:
                    await self._collect()
                    continue
                if following is None or len(following.ancestors) > MOST_IN_A_CHAIN:
                    return
                history.begin(following, automatic=True)
            await self._end(why)
            history.reject_foreign()
            if collect:
                await self._collect()
            if not history.ended:
                return

    async def _collect(self) -> None:
        """Read the results of the newest run so far."""
        attempt = self._history.current
        self._history.on_tests(await self._collector.collect(attempt.run, attempt.snapshot, closing=True))

    async def _keep_started(self) -> None:
        """Keep the run of a trigger that was in flight.

        Raises:
            GateError: the trigger failed, or nobody knows what it did.

        """
        run = await self._trigger.settle(self._history.target.name)
        if run is not None:
            self._history.begin(run)

    async def _out_of_time(self) -> Exception:
        """What is missing because the time was up: a trigger without an answer weighs more than details."""
        try:
            await self._keep_started()
        except GateError as lost:
            return lost
        return GateError("closing down took too long; the results may be incomplete")

    async def _end(self, why: Conclusion) -> None:
        """Stop the run if the user wants that; in any case read it a last time."""
        provider, engine, history = self._context.provider, self._context.engine, self._history
        run = history.current.run
        if not self._options.stop_at(run, why):
            snapshot = await read(provider, engine, run, closing=True)
            if snapshot is not None:
                history.on_snapshot(snapshot)
            return
        try:
            async with engine.halt.closing(share=STOP_SHARE):
                done = await stop(provider, engine, run, closing=True)
        except TimeoutError:
            self.stopped = True
            history.note(f"run {run.id} was asked to stop, but did not end in time")
            return
        self.stopped = self.stopped or done.asked
        if done.snapshot is not None:
            history.on_snapshot(done.snapshot)
        history.note(done.sentence)
