"""A cancel, and the cleanup after it: our runs are stopped, and no others."""

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
    """A step that is cancelled while its run is running."""
    process = start(folder, inputs(server, **more))
    wait_for_line(process, "running")
    interrupt(process, number)
    return finish(process, folder)


def cleaned(folder: Path, server: Vendor, state: Mapping[str, str], **more: str) -> str:
    """The log of the cleanup after a step."""
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
    """The ids of the runs that were asked to stop."""
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


def test_a_run_that_does_not_stop_is_reported(tmp_path: Path) -> None:
    """It is an output, and the cleanup tries again."""
    with simulator(one_plan(ENDLESS._replace(stop_takes=float("inf")))) as server:
        left = cancelled(tmp_path, server)
    assert left.code == 130, left.log
    assert left.outputs["left-running"] == "337"
    assert left.state["to-stop"] == '["337"]'
    assert "May still be running on the platform: 337" in left.log


def test_on_cancel_leave_keeps_the_run(tmp_path: Path) -> None:
    """The cleanup leaves it, too."""
    with simulator(one_plan(ENDLESS)) as server:
        left = cancelled(tmp_path, server, on_cancel="leave")
        assert left.outputs["left-running"] == "337"
        cleaned(tmp_path, server, left.state, on_cancel="leave")
    assert stops(server) == []


def test_a_cancel_during_the_trigger_stops_its_run(tmp_path: Path) -> None:
    """The answer is awaited, as it contains the id."""
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


def test_a_run_that_has_ended_is_not_stopped(tmp_path: Path) -> None:
    """It is read first, and keeps its result."""
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


def test_the_cleanup_after_a_kill_stops_the_runs(tmp_path: Path) -> None:
    """The ids in the state are enough."""
    with simulator(one_plan(ENDLESS)._replace(others=2)) as server:
        process = start(tmp_path, inputs(server))
        wait_for_line(process, "started as run")
        process.kill()
        left = finish(process, tmp_path)
        log = cleaned(tmp_path, server, left.state)
    assert stops(server) == [left.outputs["run-id"]]
    assert "was stopped" in log


def test_the_cleanup_finds_a_run_by_its_mark(tmp_path: Path) -> None:
    """The trigger was never answered, so the state contains only the intent."""
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
    assert "recorded no run to stop" in log or "on purpose" in log


def test_the_cleanup_without_a_state_does_nothing(tmp_path: Path) -> None:
    """The step ended before its first trigger."""
    with simulator(one_plan(GREEN)) as server:
        log = cleaned(tmp_path, server, {})
    assert server.requests == ()
    assert "recorded no run to stop" in log


@pytest.mark.full
def test_the_cleanup_tries_again_to_stop_a_run(tmp_path: Path) -> None:
    """If the run still doesn't stop, there is a warning."""
    with simulator(one_plan(ENDLESS._replace(stop_takes=float("inf")))) as server:
        left = cancelled(tmp_path, server)
        log = cleaned(tmp_path, server, left.state)
    assert len(stops(server)) >= 2
    assert "::warning title=TestGate cleanup::" in log
