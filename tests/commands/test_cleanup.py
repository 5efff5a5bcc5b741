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
from testgate.ports import Transport
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


def cleaned(
    root: Path, platform: Transport, inputs: Mapping[str, str], state: Mapping[str, str] | None = None
) -> tuple[str, float]:
    """Run the cleanup; returns its log and its simulated seconds."""
    loop = SimulatedLoop()
    stream = io.StringIO()
    environ = {
        "GITHUB_ACTIONS": "true",
        **({"STATE_runs": STATE} if state is None else {f"STATE_{name}": text for name, text in state.items()}),
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


class LatePlatform(SlowPlatform):
    """Run 7 carries the mark, and is listed only after a while. `looks` are the times of the looks."""

    def __init__(self, listed: float, mark: str = "mark-7", copies: int = 1) -> None:
        super().__init__()
        self._listed = listed
        self._rows = [{"id": 7 + number, "buildNo": mark} for number in range(copies)]
        self.looks: list[float] = []

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        """Answer a request."""
        if not request.url.endswith("test_plan_results"):
            return await super().send(request, timeout_seconds)
        now = asyncio.get_running_loop().time() - 1000.0
        self.looks.append(now)
        return answer(request, {"content": self._rows if now >= self._listed else [], "totalPages": 1})


GIVEN = {"api-key": "a-key-of-sixteen", "test-plan-id": "274"}
LOST = json.dumps([{"target": "274", "mark": "mark-7", "at": 1}])
STATES = {"killed": {"intents": LOST}, "ended": {"intents": LOST, "to-stop": "[]", "left": "[]", "ended": "true"}}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
@pytest.mark.parametrize("listed", [0.0, 14.0, 40.0])
def test_a_lost_run_is_looked_for_several_times(tmp_path: Path, listed: float, state: Mapping[str, str]) -> None:
    """It may be listed late, and is stopped when it is."""
    platform = LatePlatform(listed)
    log, seconds = cleaned(tmp_path, platform, GIVEN, state)
    assert [*platform.begun] == ["7"], log
    assert "May still be running: a run with the build number mark-7" in log
    assert "run 7 was stopped" in log
    assert seconds <= 60
    assert "warning" not in log


def test_known_runs_are_not_kept_waiting_by_a_lost_one(tmp_path: Path) -> None:
    """They are stopped while the other one is looked for."""
    platform = LatePlatform(1e9)
    log, seconds = cleaned(tmp_path, platform, GIVEN, {"intents": LOST, "to-stop": '["1", "2"]', "ended": "true"})
    assert sorted(platform.begun) == ["1", "2"]
    assert max(platform.begun.values()) < 1002
    assert 40 < seconds <= 60
    assert len(platform.looks) == 8
    assert "no run carries its build number mark-7" in log


def test_of_several_runs_with_the_mark_none_is_stopped(tmp_path: Path) -> None:
    """Nobody knows which one is ours."""
    platform = LatePlatform(0.0, copies=2)
    log, _seconds = cleaned(tmp_path, platform, GIVEN, {"intents": LOST})
    assert not platform.begun
    assert "2 runs carry its build number mark-7: 7, 8" in log
    assert "::warning title=TestGate cleanup::" in log


@pytest.mark.parametrize(
    ("given", "state", "words"),
    [
        ({"build-no": "nightly"}, {"intents": LOST}, "its build number nightly is not unique"),
        ({"test-plan-id": "275"}, {"intents": LOST}, "the platform cannot tell"),
        ({}, {"intents": LOST.replace("}", ', "build-no": ""}'), "ended": "true"}, "the platform cannot tell"),
    ],
)
def test_what_cannot_be_looked_for_is_a_warning(
    tmp_path: Path, given: Mapping[str, str], state: Mapping[str, str], words: str
) -> None:
    """A run whose build number the user chose, one of another plan, and a rerun, which carries no number."""
    platform = LatePlatform(0.0)
    log, _seconds = cleaned(tmp_path, platform, {**GIVEN, **given}, state)
    assert not platform.looks
    assert words in log
    assert "::warning title=TestGate cleanup::" in log


def test_runs_left_on_purpose_are_named_beside_those_to_stop(tmp_path: Path) -> None:
    """Only the others are stopped."""
    platform = SlowPlatform()
    log, _seconds = cleaned(tmp_path, platform, GIVEN, {"to-stop": '["1"]', "left": '["2"]', "ended": "true"})
    assert [*platform.begun] == ["1"]
    assert "Run 2 was left running on purpose." in log
