"""Stops a run: read it, stop it only while it is running, read it again, and believe what it says."""

import asyncio
import contextlib
from typing import NamedTuple

from testgate.errors import BadAnswer, GateError, Refused, Unanswered, Unavailable
from testgate.model import Origin, Run, Snapshot, has_ended
from testgate.ports import Provider
from testgate.runs.engine import Engine

AGAIN_SECONDS = (0.3, 0.5, 1.0, 2.0, 4.0)  # between the reads before and after a stop
MOST_STOPS = 3
MOST_IN_A_CHAIN = 50  # automatic reruns of one run: more than anybody configures


class Stopped(NamedTuple):
    """The outcome of a stop. `asked`: the stop was sent. `ended`: the run has ended."""

    run: Run
    asked: bool
    ended: bool
    snapshot: Snapshot | None = None
    fault: GateError | None = None

    @property
    def sentence(self) -> str:
        """The outcome in words."""
        name = f"run {self.run.id}"
        if self.fault is not None:
            return f"could not stop {name}: {self.fault}"
        word = (self.snapshot.word if self.snapshot else "") or "no status"
        if self.asked:
            return f"{name} was stopped ({word})" if self.ended else f"{name} did not stop ({word})"
        return f"{name} had already ended ({word})" if self.ended else f"{name} cannot be stopped"


async def stop(provider: Provider, engine: Engine, run: Run, *, closing: bool = False) -> Stopped:
    """Stop this run and no other. Faults are values: a stop that fails is reported, and loses nothing."""
    snapshot: Snapshot | None = None
    asked = False
    try:
        for _round in range(MOST_STOPS):
            # Each stop follows a read that shows the run still running: on some servers a stop
            # rewrites the result of a run that has ended.
            snapshot = await _find(provider, engine, run, closing=closing)
            known = _as_read(run, snapshot)
            call = provider.stop(known)
            if call is None or has_ended(snapshot):
                return Stopped(run, asked=asked, ended=has_ended(snapshot), snapshot=snapshot)
            if snapshot is None or not snapshot.confirms(run):
                return Stopped(run, asked=asked, ended=False, snapshot=snapshot, fault=_not_ours(run))
            asked = True
            with contextlib.suppress(Unanswered, Unavailable, BadAnswer):
                await engine.ask(call, closing=closing)
                snapshot = await _read_until_ended(provider, engine, known, closing=closing)
                break
    except GateError as fault:
        return Stopped(run, asked=asked, ended=False, snapshot=snapshot, fault=fault)
    return Stopped(run, asked=True, ended=has_ended(snapshot), snapshot=snapshot)


async def stop_chain(provider: Provider, engine: Engine, run: Run) -> list[Stopped]:
    """Stop a run and every rerun that the platform itself added to it; the given run comes first."""
    stopped = [await stop(provider, engine, run)]
    while (snapshot := stopped[-1].snapshot) is not None and stopped[-1].ended:
        following, parent = snapshot.successor, stopped[-1].run
        known = {each.run.id for each in stopped}
        if following is None or following.id in known or len(known) > MOST_IN_A_CHAIN:
            break
        ancestors = (*parent.ancestors, parent.id)
        stopped.append(await stop(provider, engine, following._replace(ancestors=ancestors)))
    return stopped


def _as_read(run: Run, snapshot: Snapshot | None) -> Run:
    """The run with what its newest state says about it: a stop can need more than the id."""
    return run._replace(ref=snapshot.ref) if snapshot is not None and snapshot.ref else run


def _not_ours(run: Run) -> GateError:
    """Why a run is not stopped that may be somebody else's."""
    if not run.ancestors:
        return GateError("the platform does not know it", remedy="Look for it on the platform.")
    return GateError(
        f"it is not proven to be a rerun of run {run.ancestors[-1]}", remedy="Stop it on the platform if it is yours."
    )


async def read(provider: Provider, engine: Engine, run: Run, *, closing: bool = False) -> Snapshot | None:
    """Read one run once; None if the platform doesn't know it."""
    snapshots = await engine.ask(provider.poll([run]), closing=closing)
    return next((snapshot for snapshot in snapshots if snapshot.run_id == run.id), None)


async def _find(provider: Provider, engine: Engine, run: Run, *, closing: bool) -> Snapshot | None:
    """Read once; read again if a run that we started is missing, as a new run may not be known everywhere yet."""
    for pause in AGAIN_SECONDS:
        try:
            return await read(provider, engine, run, closing=closing)
        except Refused as fault:
            if not fault.missing or run.origin is not Origin.STARTED:
                raise
        await _pause(engine, pause, closing=closing)
    return await read(provider, engine, run, closing=closing)


async def _read_until_ended(provider: Provider, engine: Engine, run: Run, *, closing: bool) -> Snapshot | None:
    """Read again until the run has ended, a few times at most."""
    snapshot: Snapshot | None = None
    for pause in AGAIN_SECONDS:
        snapshot = await read(provider, engine, run, closing=closing)
        if has_ended(snapshot):
            break
        run = _as_read(run, snapshot)
        await _pause(engine, pause, closing=closing)
    return snapshot


async def _pause(engine: Engine, seconds: float, *, closing: bool) -> None:
    """Sleep; while closing down, a halt doesn't interrupt."""
    await (asyncio.sleep(seconds) if closing else engine.halt.pause(seconds))
