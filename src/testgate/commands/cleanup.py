"""The cleanup after the main step: stop what it started and could not stop, and nothing else."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from testgate.model import Intent, Run, Target
from testgate.ports import Provider
from testgate.runs.engine import Engine
from testgate.runs.searching import Search
from testgate.runs.stopping import stop_chain

LOOK_SECONDS = (0.0, 2.0, 3.0, 5.0, 5.0, 10.0, 10.0, 10.0)  # before each look; the minute has 15 s left to stop it

Say = Callable[[str], None]


class Memory(NamedTuple):
    """What the main step left: ids of runs to stop, and triggers that were never answered.

    `left` are runs that were left running on purpose. `ended` means that the step reached its end, and decided
    itself what to stop. `origins` are the key of the target and the `ref` of runs, by id.
    """

    runs: Sequence[str] = ()
    intents: Sequence[Intent] = ()
    left: Sequence[str] = ()
    ended: bool = False
    origins: Mapping[str, tuple[str, str]] = MappingProxyType({})

    @property
    def empty(self) -> bool:
        """Whether there is nothing to stop."""
        return not (self.runs or self.intents)

    def leaving(self) -> "Memory":
        """The same, if the user wants runs to continue."""
        return Memory(left=[*self.left, *self.runs], ended=self.ended)


def recall(state: Mapping[str, str]) -> Memory | None:
    """Read the state; None if there is none, so that nothing is known.

    A step that reached its end names what it could not stop or find; otherwise all its runs count.
    Runs that already existed are not ours. Each trigger was preceded by an intent, so each started
    run answers the first open intent of its target.
    """
    intents, ended = _dicts(state.get("intents", "")), state.get("ended") == "true"
    runs = [each for each in _dicts(state.get("runs", "")) if isinstance(each.get("id"), str)]
    origins = {run["id"]: (str(run.get("target", "")), str(run.get("ref", ""))) for run in runs}
    if ended:
        to_stop, left = _texts(state.get("to-stop", "")), _texts(state.get("left", ""))
        return Memory(to_stop, _open(intents, []), left, ended=True, origins=origins)
    if not state.keys() & {"intents", "runs"}:
        return None
    ours = [run["id"] for run in runs if run.get("ours") is True]
    return Memory(ours, _open(intents, [str(run.get("target")) for run in runs]), origins=origins)


def together(memories: Sequence[Memory]) -> Memory:
    """What several steps of a job left, as one."""
    return Memory(
        list(dict.fromkeys(run for each in memories for run in each.runs)),
        [intent for each in memories for intent in each.intents],
        list(dict.fromkeys(run for each in memories for run in each.left)),
        ended=True,
        origins={run: origin for each in memories for run, origin in each.origins.items()},
    )


def named(memory: Memory) -> str:
    """What may still be running, in one line: it is logged before anything else can go wrong."""
    runs = [f"run {each}" for each in memory.runs]
    intents = [
        f"a run with the build number {each.build_no}" if each.build_no else f"a run of {each.target}"
        for each in memory.intents
    ]
    return ", ".join([*runs, *intents])


async def clean_up(memory: Memory, provider: Provider, engine: Engine, say: Say) -> bool:
    """Stop what is still running, side by side; True if it is known that nothing of ours is left."""
    targets = {target.key: target for target in provider.targets()}
    owners = {each: Target(each, f"Run {each}") for each in memory.runs}

    async def stop_one(run: Run) -> bool:
        stopped = await stop_chain(provider, engine, run)
        for each in stopped:
            say(each.sentence)
        return all(each.ended for each in stopped)

    async def stop_lost(intent: Intent) -> bool:
        target = targets.get(intent.target)
        if target is None or not intent.build_no:
            say(_unclear(target.name if target else intent.target, "the platform cannot tell"))
            return False
        search = Search(provider, engine, owners, target, intent.mark)
        run = await _found(search, engine)
        if run is None:
            say(_unclear(target.name, search.seen))
            return search.nothing
        return await stop_one(run)

    stops = [stop_one(_remembered(each, target, memory, targets)) for each, target in tuple(owners.items())]
    return all(await asyncio.gather(*stops, *map(stop_lost, memory.intents)))


def _remembered(run_id: str, otherwise: Target, memory: Memory, targets: Mapping[str, Target]) -> Run:
    """A run as far as it is remembered: some platforms need more than its id to read or stop it."""
    key, ref = memory.origins.get(run_id, ("", ""))
    return Run(run_id, targets.get(key, otherwise), ref=ref)


async def _found(search: Search, engine: Engine) -> Run | None:
    """Look for a run several times: it may be listed late, or be started only now."""
    for pause in LOOK_SECONDS:
        await engine.halt.pause(pause)
        run = await search.look()
        if run is not None or search.hopeless:
            return run
    return None


def _unclear(name: str, seen: str) -> str:
    """What is known of a trigger whose run was not found."""
    return f"a trigger of {name} may have been sent without an answer: {seen}"


def _open(intents: Sequence[Mapping[str, Any]], answered: list[str]) -> list[Intent]:
    """The intents without a run. `answered` are the keys of the targets whose runs are known."""
    found = []
    for intent in intents:
        target, mark = str(intent.get("target", "")), str(intent.get("mark", ""))
        if target in answered:
            answered.remove(target)
        elif mark:
            found.append(Intent(target, mark, str(intent.get("build-no", mark))))
    return found


def _dicts(text: str) -> list[dict[str, Any]]:
    """The objects of a JSON list."""
    return [each for each in _list(text) if isinstance(each, dict)]


def _texts(text: str) -> list[str]:
    """The texts of a JSON list."""
    return [each for each in _list(text) if isinstance(each, str)]


def _list(text: str) -> list[Any]:
    """A JSON list; empty if there is none."""
    try:
        data = json.loads(text) if text else []
    except (ValueError, RecursionError):
        return []
    return data if isinstance(data, list) else []
