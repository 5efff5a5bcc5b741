"""Stops a run, by the rule: read it; stop it only while it goes on; read it again; believe what it says."""

import asyncio
import contextlib
from typing import NamedTuple

from testgate.errors import BadAnswer, GateError, Refused, Unanswered, Unavailable
from testgate.model import Origin, Run, Snapshot, Status
from testgate.ports import Provider
from testgate.runs.engine import Engine

AGAIN_SECONDS = (0.3, 0.5, 1.0, 2.0, 4.0)  # between the reads before and after a stop
MOST_STOPS = 3


class Stopped(NamedTuple):
    """What became of a stop. `asked` tells whether it was sent; `over` whether the run has ended."""

    run: Run
    asked: bool
    over: bool
    snapshot: Snapshot | None = None
    fault: GateError | None = None

    @property
    def sentence(self) -> str:
        """What to tell people."""
        if self.fault is not None:
            return f"run {self.run.id} could not be stopped: {self.fault}"
        word = self.snapshot.word if self.snapshot else "nothing"
        if not self.asked:
            return (
                f"run {self.run.id} had ended already ({word})" if self.over else f"run {self.run.id} cannot be stopped"
            )
        return f"run {self.run.id} was stopped ({word})" if self.over else f"run {self.run.id} did not stop ({word})"


async def stop(provider: Provider, engine: Engine, run: Run, *, closing: bool = False) -> Stopped:
    """Stop one run and no other. Faults are values: a stop that fails is told, and loses nothing."""
    snapshot: Snapshot | None = None
    asked = False
    try:
        for _round in range(MOST_STOPS):
            # Each stop is sent only after a read that shows the run going on: on some servers a
            # stop rewrites the result of a run that has ended.
            snapshot = await _found(provider, engine, run, closing=closing)
            call = provider.stop(run)
            if call is None or _over(snapshot):
                return Stopped(run, asked=asked, over=_over(snapshot), snapshot=snapshot)
            asked = True
            with contextlib.suppress(Unanswered, Unavailable, BadAnswer):
                await engine.ask(call, closing=closing)
                snapshot = await _seen(provider, engine, run, closing=closing)
                break
    except GateError as fault:
        return Stopped(run, asked=asked, over=False, snapshot=snapshot, fault=fault)
    return Stopped(run, asked=True, over=_over(snapshot), snapshot=snapshot)


async def _found(provider: Provider, engine: Engine, run: Run, *, closing: bool) -> Snapshot | None:
    """One read; more of a run that we started and that is missing: one just created may not be known everywhere yet."""
    for pause in AGAIN_SECONDS:
        try:
            return await read(provider, engine, run, closing=closing)
        except Refused as fault:
            if not fault.missing or run.origin is not Origin.STARTED:
                raise
        await (asyncio.sleep(pause) if closing else engine.pause(pause))
    return await read(provider, engine, run, closing=closing)


async def _seen(provider: Provider, engine: Engine, run: Run, *, closing: bool) -> Snapshot | None:
    """Read again until the run is over, as long as there is patience."""
    snapshot: Snapshot | None = None
    for pause in AGAIN_SECONDS:
        snapshot = await read(provider, engine, run, closing=closing)
        if _over(snapshot):
            break
        await (asyncio.sleep(pause) if closing else engine.pause(pause))
    return snapshot


async def read(provider: Provider, engine: Engine, run: Run, *, closing: bool = False) -> Snapshot | None:
    """One read of one run; None where the platform does not know it."""
    snapshots = await engine.ask(provider.poll([run]), closing=closing)
    return next((snapshot for snapshot in snapshots if snapshot.run_id == run.id), None)


def _over(snapshot: Snapshot | None) -> bool:
    """Whether the run has ended."""
    return snapshot is not None and snapshot.status is Status.ENDED
