"""The cleanup after the main step: stop what it started and could not stop, and nothing else."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from testgate.errors import GateError
from testgate.model import Run, Target
from testgate.ports import Provider
from testgate.runs.engine import Engine
from testgate.runs.stopping import stop_chain


class Memory(NamedTuple):
    """What the main step left: ids of runs to stop, and triggers that were never answered.

    An intent is the key of a target and the mark that its run would carry. `ended` means that the
    step reached its end, and decided itself what to stop.
    """

    runs: Sequence[str] = ()
    intents: Sequence[tuple[str, str]] = ()
    ended: bool = False


def recall(state: Mapping[str, str]) -> Memory:
    """Read the state. A step that reached its end names what it could not stop; otherwise all its runs count.

    Runs that already existed are not ours. Each trigger was preceded by an intent, so each started
    run answers the first open intent of its target.
    """
    if state.get("ended") == "true":
        return Memory([each for each in _list(state.get("to-stop", "")) if isinstance(each, str)], ended=True)
    runs = [each for each in _list(state.get("runs", "")) if isinstance(each, dict) and isinstance(each.get("id"), str)]
    answered = [str(run.get("target")) for run in runs]
    open_intents = []
    for intent in _list(state.get("intents", "")):
        if not isinstance(intent, dict):
            continue
        target, mark = str(intent.get("target", "")), str(intent.get("mark", ""))
        if target in answered:
            answered.remove(target)
        elif mark:
            open_intents.append((target, mark))
    return Memory([run["id"] for run in runs if run.get("ours") is True], open_intents)


def named(memory: Memory) -> str:
    """What may still be running, in one line: it is logged before anything else can go wrong."""
    runs = [f"run {each}" for each in memory.runs]
    intents = [f"a run with the build number {mark}" for _target, mark in memory.intents]
    return ", ".join([*runs, *intents])


async def clean_up(memory: Memory, provider: Provider, engine: Engine, say: Callable[[str], None]) -> bool:
    """Stop what is still running, side by side; True if it is known that nothing of ours is left."""
    targets = {target.key: target for target in provider.targets()}
    lost = await asyncio.gather(*(_lost(targets.get(key), mark, provider, engine, say) for key, mark in memory.intents))
    runs = {each: Run(each, Target(each, f"Run {each}")) for each in memory.runs}
    for found in lost:
        runs |= {run.id: run for run in found or () if run.id not in runs}

    async def stop_one(run: Run) -> bool:
        stopped = await stop_chain(provider, engine, run)
        for each in stopped:
            say(each.sentence)
        return all(each.ended for each in stopped)

    ended = await asyncio.gather(*(stop_one(run) for run in runs.values()))
    return all(ended) and None not in lost


async def _lost(
    target: Target | None, mark: str, provider: Provider, engine: Engine, say: Callable[[str], None]
) -> Sequence[Run] | None:
    """The run of a trigger that was never answered: the only one that carries its mark, or none.

    None if nobody knows whether there is one.
    """
    call = provider.find(target, mark) if target else None
    if call is None:
        say(f"a trigger may have been sent without an answer, and the platform cannot tell (build number {mark})")
        return None
    try:
        found = await engine.ask(call)
    except GateError as fault:
        say(f"a trigger may have been sent without an answer (build number {mark}): {fault}")
        return None
    if not found:
        say(f"a trigger may have been sent without an answer; no run carries the build number {mark}")
    if len(found) > 1:
        say(f"{len(found)} runs carry the build number {mark}: none of them is stopped")
        return None
    return found


def _list(text: str) -> list[Any]:
    """A JSON list; empty if there is none."""
    try:
        data = json.loads(text) if text else []
    except ValueError:
        return []
    return data if isinstance(data, list) else []
