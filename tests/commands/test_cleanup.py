"""The cleanup names every run first, and then stops them at the same time."""

import asyncio
import io
import json
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest

from testgate.composition.step import clean_up
from testgate.edges.signals import Signals
from testgate.edges.world import World
from testgate.wire import Reply, Request
from tests.support.simulated import SimulatedLoop, answer

T = TypeVar("T")
RUNS = [str(number) for number in range(1, 13)]
STATE = json.dumps([{"id": run, "target": "274", "ours": True} for run in RUNS])


class SlowPlatform:
    """Twelve endless runs, each of which takes eight seconds to stop. `begun` are the times of the stops, by run."""

    def __init__(self) -> None:
        self.begun: dict[str, float] = {}

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        """Answer a request."""
        del timeout_seconds
        loop = asyncio.get_running_loop()
        run = request.url.rpartition("/")[2]
        if request.method == "PUT":
            self.begun[run] = loop.time()
            await asyncio.sleep(8)
            return answer(request, {})
        stopped = loop.time() >= self.begun.get(run, float("inf")) + 8
        ended = {"status": "STATUS_COMPLETED", "result": "STOPPED"}
        going = {"status": "STATUS_IN_PROGRESS", "result": "QUEUED"}
        return answer(request, {"id": int(run), **(ended if stopped else going)})


def cleaned(root: Path, platform: SlowPlatform, inputs: Mapping[str, str]) -> tuple[str, float]:
    """Run the cleanup; returns its log and its simulated seconds."""
    loop = SimulatedLoop()
    stream = io.StringIO()
    environ = {
        "GITHUB_ACTIONS": "true",
        "STATE_runs": STATE,
        **{f"INPUT_{name.upper()}": value for name, value in inputs.items()},
    }

    def run(main: Coroutine[Any, Any, T]) -> T:
        return loop.run_until_complete(main)

    world = World(
        environ,
        stream,
        root,
        Signals(),
        monotonic=loop.time,
        transport=lambda *_given: platform,
        run_loop=run,
    )
    try:
        assert clean_up(world) == 0
        return stream.getvalue(), loop.time() - 1000.0
    finally:
        loop.close()


def test_runs_are_stopped_at_the_same_time(tmp_path: Path) -> None:
    """Twelve slow stops fit into a minute, even with a small `max-parallel`."""
    platform = SlowPlatform()
    given = {"api-key": "a-key-of-sixteen", "test-plan-id": "274", "max-parallel": "1"}
    log, seconds = cleaned(tmp_path, platform, given)
    assert sorted(platform.begun) == sorted(RUNS)
    assert log.count("was stopped (STOPPED)") == 12
    assert seconds < 20


@pytest.mark.parametrize(
    "given",
    [
        {"api-key": "a-key-of-sixteen", "test-plan-id": "274"},
        {"api-key": "a-key-of-sixteen", "test-plan-id": "274", "on-cancel": "leave"},
        {"api-key": "a-key-of-sixteen", "test-plan-id": "274", "wait": "false"},
        {"test-plan-id": "274"},
        {"api-key": "a-key-of-sixteen", "test-plan-id": "none"},
        {"api-key": "a-key-of-sixteen", "test-plan-id": "274", "quarantine-file": "missing.toml"},
    ],
)
def test_every_run_is_named_first(tmp_path: Path, given: dict[str, str]) -> None:
    """The ids are in the log, even if the cleanup is impossible."""
    log, _seconds = cleaned(tmp_path, SlowPlatform(), given)
    line = next(line for line in log.splitlines() if line.startswith("May still be running: "))
    assert line == f"May still be running: {', '.join(f'run {run}' for run in RUNS)}"
    assert "was stopped" not in log[: log.index(line)]


class RerunningPlatform(SlowPlatform):
    """Run 1 has ended, and its automatic rerun 2 is running."""

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        """Answer a request."""
        run = request.url.rpartition("/")[2]
        if request.method == "GET" and run == "1":
            ended = {"status": "STATUS_COMPLETED", "result": "FAILURE", "childResult": {"id": 2}, "executionId": 274}
            return answer(request, {"id": 1, **ended})
        reply = await super().send(request, timeout_seconds)
        return answer(request, json.loads(reply.body) | {"reRunParentId": 1, "executionId": 274})


def test_an_automatic_rerun_is_stopped_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step was killed while the platform reran what failed: the state names the first run only."""
    monkeypatch.setattr("tests.commands.test_cleanup.STATE", json.dumps([{"id": "1", "target": "274", "ours": True}]))
    platform = RerunningPlatform()
    log, _seconds = cleaned(tmp_path, platform, {"api-key": "a-key-of-sixteen", "test-plan-id": "274"})
    assert [*platform.begun] == ["2"]
    assert "run 2 was stopped" in log
