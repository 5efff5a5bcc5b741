"""Cancel and its second chance: what is ours is stopped, and nothing else."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import Fault, Plan, Scenario, one_plan
from tests.support.step import (
    ENTRYPOINT,
    HANG_SECONDS,
    Left,
    environment,
    finish,
    interrupt,
    start,
    wait_for_line,
    wait_until,
)
from tests.support.vendor import ENDLESS, GREEN, Vendor, inputs, requests, simulator


def cancelled(folder: Path, server: Vendor, number: signal.Signals = signal.SIGINT, **more: str) -> Left:
    """A step that is cancelled while its run goes on."""
    process = start(folder, inputs(server, **more))
    wait_for_line(process, "running")
    interrupt(process, number)
    return finish(process, folder)


def cleaned(folder: Path, server: Vendor, state: Mapping[str, str], **more: str) -> str:
    """The log of the cleanup that follows a step."""
    program = folder / "testgate-cleanup"
    program.symlink_to(ENTRYPOINT)
    environ = environment(folder, inputs(server, **more)) | {f"STATE_{name}": text for name, text in state.items()}
    done = subprocess.run(  # noqa: S603  # the program under test
        [sys.executable, "-I", str(program)],
        env=environ,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=True,
    )
    return done.stdout + done.stderr


def stops(server: Vendor) -> list[str]:
    """Which runs were told to stop."""
    return sorted(each.path.rpartition("/")[2] for each in requests(server, "PUT"))


def test_a_cancel_stops_every_run_of_the_step(tmp_path: Path) -> None:
    """Ten runs: all are stopped, nobody else's run is touched, and partial results are there."""
    plans = dict.fromkeys(range(274, 284), ENDLESS)
    with simulator(Scenario(plans, others=3)) as server:
        process = start(tmp_path, inputs(server, test_plan_id=",".join(map(str, plans))))
        for _run in plans:
            wait_for_line(process, "started as run")
        interrupt(process, signal.SIGTERM)
        left = finish(process, tmp_path)
    ours = sorted(left.outputs["run-ids"].split(","))
    assert left.code == 143, left.log
    assert stops(server) == ours
    assert left.outputs["left-running"] == ""
    assert left.outputs["total"] == "20"
    assert "was stopped" in left.summary


def test_a_run_that_goes_on_after_the_stop_is_told(tmp_path: Path) -> None:
    """Not stopped: said, and listed."""
    with simulator(one_plan(ENDLESS._replace(stop_takes=float("inf")))) as server:
        left = cancelled(tmp_path, server)
    assert left.code == 130, left.log
    assert left.outputs["left-running"] == "337"
    assert left.state["to-stop"] == '["337"]'
    assert "May still be running on the platform: 337" in left.log


def test_on_cancel_leave(tmp_path: Path) -> None:
    """The run is left on purpose, and the cleanup leaves it too."""
    with simulator(one_plan(ENDLESS)) as server:
        left = cancelled(tmp_path, server, on_cancel="leave")
        assert left.outputs["left-running"] == "337"
        cleaned(tmp_path, server, left.state, on_cancel="leave")
    assert stops(server) == []


def test_a_cancel_while_the_trigger_is_in_flight(tmp_path: Path) -> None:
    """Its answer is awaited, so that its run is stopped."""
    slow = Fault("POST", action="silence", seconds=1.5)
    with simulator(one_plan(ENDLESS, slow)) as server:
        process = start(tmp_path, inputs(server))
        wait_for_line(process, "::group::")
        wait_until(lambda: server.requests)
        interrupt(process, signal.SIGINT)
        left = finish(process, tmp_path)
    assert left.code == 130, left.log
    assert left.outputs["run-id"] == "337"
    assert stops(server) == ["337"]


def test_a_run_that_ends_before_the_stop_is_not_touched(tmp_path: Path) -> None:
    """Read first: what has ended keeps its result."""
    quick = GREEN._replace(running=1.5)
    with simulator(one_plan(quick), 1.0) as server:
        process = start(tmp_path, inputs(server, poll_interval="30s"))
        wait_for_line(process, "started as run")
        signal.sigtimedwait([], 3.0)
        interrupt(process, signal.SIGINT)
        left = finish(process, tmp_path)
    assert left.code == 130, left.log
    assert stops(server) == []
    assert left.outputs["passed"] == "2"


def test_the_cleanup_after_a_kill_stops_what_was_started(tmp_path: Path) -> None:
    """The main step had no time for anything: the ids in the state are enough."""
    with simulator(one_plan(ENDLESS)._replace(others=2)) as server:
        process = start(tmp_path, inputs(server))
        wait_for_line(process, "started as run")
        process.kill()
        left = finish(process, tmp_path)
        log = cleaned(tmp_path, server, left.state)
    assert stops(server) == [left.outputs["run-id"]]
    assert "was stopped" in log


def test_the_cleanup_finds_a_run_whose_start_was_never_answered(tmp_path: Path) -> None:
    """Only the intent is in the state: the run is found by its mark, and stopped."""
    slow = Fault("POST", action="silence", seconds=20)
    with simulator(one_plan(ENDLESS, slow)) as server:
        process = start(tmp_path, inputs(server))
        wait_for_line(process, "::group::")
        wait_until(lambda: server.requests)
        process.kill()
        left = finish(process, tmp_path)
        assert "runs" not in left.state
        log = cleaned(tmp_path, server, left.state)
    assert stops(server) == ["337"], log


@pytest.mark.parametrize("more", [{"wait": "false"}, {}])
def test_the_cleanup_after_an_ordinary_end_does_nothing(tmp_path: Path, more: dict[str, str]) -> None:
    """The run had ended, or was left on purpose."""
    plan: Plan = ENDLESS if more else GREEN
    with simulator(one_plan(plan)) as server:
        process = start(tmp_path, inputs(server, **more))
        left = finish(process, tmp_path)
        assert left.code == 0, left.log
        before = len(server.requests)
        log = cleaned(tmp_path, server, left.state, **more)
    assert stops(server) == []
    assert len(server.requests) == before
    assert "Nothing was left running" in log or "on purpose" in log


def test_the_cleanup_without_a_state_does_nothing(tmp_path: Path) -> None:
    """A step that never came to a trigger left nothing."""
    with simulator(one_plan(GREEN)) as server:
        log = cleaned(tmp_path, server, {})
    assert server.requests == ()
    assert "Nothing was left running" in log


def test_the_cleanup_tries_again_what_did_not_stop(tmp_path: Path) -> None:
    """The main step could not stop its run; the second chance succeeds or warns."""
    with simulator(one_plan(ENDLESS._replace(stop_takes=float("inf")))) as server:
        left = cancelled(tmp_path, server)
        log = cleaned(tmp_path, server, left.state)
    assert len(stops(server)) >= 2
    assert "::warning title=TestGate cleanup::" in log
