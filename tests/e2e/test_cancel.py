"""A cancel, and the cleanup after it: our runs are stopped, and no others."""

import json
import shutil
import signal
import socket
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from testgate.demo.exchange import json_reply
from testgate.demo.testsigma.scenarios import Fault, Plan, Scenario, one_plan
from tests.support.step import (
    KEY,
    Left,
    finish,
    interrupt,
    start,
    wait_for_line,
    wait_until,
)
from tests.support.step import cleaned as cleaned_up
from tests.support.vendor import ENDLESS, GREEN, Vendor, inputs, requests, simulator


def cancelled(folder: Path, server: Vendor, number: signal.Signals = signal.SIGINT, **more: str) -> Left:
    """A step that is cancelled while its run is running."""
    process = start(folder, inputs(server, **more))
    wait_for_line(process, "running")
    interrupt(process, number)
    return finish(process, folder)


def cleaned(folder: Path, server: Vendor, state: Mapping[str, str], **more: str) -> str:
    """The log of the cleanup after a step."""
    return cleaned_up(folder, inputs(server, **more), state)


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


HELD_BACK = Fault("POST", action="silence", seconds=30.0)
UNLISTED = Fault("GET", "/executions/*/test_plan_results", reply=json_reply({"content": [], "totalPages": 0}))


@pytest.mark.parametrize(
    ("end", "code", "conclusion"), [("SIGTERM", 143, "cancelled"), ("SIGINT", 130, "cancelled"), ("3s", 4, "timed-out")]
)
def test_a_run_whose_trigger_is_held_back_is_stopped(tmp_path: Path, end: str, code: int, conclusion: str) -> None:
    """The platform has made the run, and answers half a minute later: the run is found by its build number."""
    signals = end.startswith("SIG")
    with simulator(one_plan(ENDLESS, HELD_BACK)._replace(others=2)) as server:
        process = start(tmp_path, inputs(server, timeout="" if signals else end))
        wait_until(lambda: server.runs)
        if signals:
            interrupt(process, signal.Signals[end])
        left = finish(process, tmp_path)
        (run,) = server.runs
        log = cleaned(tmp_path, server, left.state)
    assert (left.code, left.outputs["conclusion"]) == (code, conclusion), left.log
    assert stops(server) == [str(run.id)] == [left.outputs["run-id"]]
    assert left.outputs["left-running"] == ""
    assert "recorded no run to stop" in log


def test_a_run_that_was_not_found_is_named_and_left_to_the_cleanup(tmp_path: Path) -> None:
    """The list shows the run only to the cleanup, and only at its third look."""
    late = UNLISTED._replace(nth=tuple(range(1, 30)))
    with simulator(one_plan(ENDLESS, HELD_BACK, late)._replace(others=2)) as server:
        process = start(tmp_path, inputs(server))
        wait_until(lambda: server.runs)
        interrupt(process, signal.SIGTERM)
        left = finish(process, tmp_path)
        mark = server.requests[0].body["buildNo"]
    assert left.code == 143, left.log
    assert mark in left.outputs["reason"]
    assert left.outputs["left-running"] == mark
    assert mark in next(line for line in left.log.splitlines() if "What to do: " in line)
    assert [each["mark"] for each in json.loads(left.state["intents"])] == [mark]
    with simulator(one_plan(ENDLESS, UNLISTED._replace(nth=(1, 2)))) as server:
        made = started(server, mark)
        log = cleaned(tmp_path, server, left.state)
    assert stops(server) == [made], log
    assert "was stopped" in log


def started(server: Vendor, mark: str) -> str:
    """Start a run with this build number, and return its id."""
    request = urllib.request.Request(  # noqa: S310  # the simulator
        f"{server.url}/execution_results",
        json.dumps({"executionId": 274, "buildNo": mark}).encode(),
        {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as reply:  # noqa: S310  # the simulator
        return str(json.load(reply)["id"])


def test_a_trigger_that_never_left_leaves_nothing_in_doubt(tmp_path: Path) -> None:
    """Nobody answers the TLS handshake: no byte of the request was sent, and the log doesn't say that it may have."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/api/v1"
        process = start(tmp_path, {"api-key": KEY, "base-url": url, "test-plan-id": "274"})
        connection, _address = silent.accept()
        with connection:
            interrupt(process, signal.SIGTERM)
            left = finish(process, tmp_path)
    assert (left.code, left.outputs["conclusion"]) == (143, "cancelled")
    assert "was not started" in left.outputs["reason"]
    assert (left.outputs["left-running"], json.loads(left.state["intents"])) == ("", [])


@pytest.mark.parametrize("service", ["", "ACT", "GITEA_ACTIONS", "FORGEJO_ACTIONS"])
def test_a_cleanup_that_was_told_nothing_stops_the_runs_in_the_report_directory(tmp_path: Path, service: str) -> None:
    """After a kill, these runners hand over no state."""
    extra = {service: "true"} if service else {}
    with simulator(one_plan(ENDLESS)._replace(others=2)) as server:
        process = start(tmp_path, inputs(server), extra=extra)
        wait_for_line(process, "started as run")
        process.kill()
        left = finish(process, tmp_path)
        log = cleaned(tmp_path, server, extra)
    assert stops(server) == [left.outputs["run-id"]], log
    assert "was stopped" in log


def test_a_cleanup_that_was_told_nothing_looks_for_a_trigger(tmp_path: Path) -> None:
    """The step was killed before the trigger was answered; its intent is in the report directory."""
    with simulator(one_plan(ENDLESS, HELD_BACK)) as server:
        process = start(tmp_path, inputs(server))
        wait_until(lambda: server.runs)
        process.kill()
        finish(process, tmp_path)
        log = cleaned(tmp_path, server, {})
    assert stops(server) == ["337"], log


def forged(folder: Path) -> None:
    """Name somebody else's run, without the key."""
    (state,) = (folder / "testgate-report").glob(".testgate-*.state")
    state.write_text(state.read_text(encoding="utf-8").replace("337", "338"), encoding="utf-8")


def removed(folder: Path) -> None:
    """Remove what the step left."""
    shutil.rmtree(folder / "testgate-report")


def nothing(_folder: Path) -> None:
    """Leave it as it is."""


@pytest.mark.parametrize(
    ("change", "extra"),
    [
        (nothing, {"GITHUB_RUN_ID": "4712"}),  # another job's
        (nothing, {"GITHUB_RUN_ATTEMPT": "2"}),
        (nothing, {"GITHUB_JOB": "other"}),
        (nothing, {"INPUT_API-KEY": "another-key-of-sixteen"}),
        (nothing, {"INPUT_API-KEY": ""}),
        (nothing, {"INPUT_REPORT-DIR": "elsewhere"}),
        (forged, {}),
        (removed, {}),
    ],
)
def test_a_cleanup_never_says_what_it_does_not_know(
    tmp_path: Path, change: Callable[[Path], None], extra: Mapping[str, str]
) -> None:
    """Without proof that what is there is this job's, it stops nothing, and says what to look for."""
    with simulator(one_plan(ENDLESS)._replace(others=2)) as server:
        process = start(tmp_path, inputs(server))
        wait_for_line(process, "started as run")
        process.kill()
        finish(process, tmp_path)
        change(tmp_path)
        before = len(requests(server, "PUT"))
        log = cleaned(tmp_path, server, extra)
    assert len(requests(server, "PUT")) == before
    assert "::warning title=TestGate cleanup::" in log
    assert "it cannot know whether a run was left running" in log
    assert "build number that begins with testgate-471" in log
    assert "recorded no run" not in log


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("more", [{"wait": "false"}, {"on_cancel": "leave"}])
def test_a_run_that_was_left_on_purpose_is_named(tmp_path: Path, more: dict[str, str], *, told: bool) -> None:
    """And nothing is asked, whether the runner hands over the state or not."""
    with simulator(one_plan(ENDLESS)) as server:
        process = start(tmp_path, inputs(server, **more))
        wait_for_line(process, "started as run")
        if "on_cancel" in more:
            interrupt(process, signal.SIGTERM)
        left = finish(process, tmp_path)
        before = len(server.requests)
        log = cleaned(tmp_path, server, left.state if told else {}, **more)
    assert len(server.requests) == before
    assert f"Run {left.outputs['run-id']} was left running on purpose." in log
    assert "warning" not in log


def test_a_run_that_another_step_left_on_purpose_is_not_stopped(tmp_path: Path) -> None:
    """The first step didn't wait, the second was killed; nobody tells the cleanup which step is its own."""
    with simulator(one_plan(ENDLESS)) as server:
        first = finish(start(tmp_path, inputs(server, wait="false")), tmp_path).outputs["run-id"]
        process = start(tmp_path, inputs(server))
        wait_for_line(process, "started as run")
        process.kill()
        second = finish(process, tmp_path)
        log = cleaned(tmp_path, server, {})
    assert stops(server) == [second.outputs["run-id"]]
    assert f"Run {first} was left running on purpose." in log


def test_the_cleanup_of_a_step_that_ended_says_nothing_new(tmp_path: Path) -> None:
    """Without a state, the report directory tells it."""
    with simulator(one_plan(GREEN)) as server:
        finish(start(tmp_path, inputs(server)), tmp_path)
        log = cleaned(tmp_path, server, {})
    assert "recorded no run to stop" in log
    assert "warning" not in log


def test_the_cleanup_without_a_state_says_that_it_knows_nothing(tmp_path: Path) -> None:
    """There is no report directory either."""
    with simulator(one_plan(GREEN)) as server:
        log = cleaned(tmp_path, server, {})
    assert server.requests == ()
    assert "it cannot know" in log


@pytest.mark.full
def test_the_cleanup_tries_again_to_stop_a_run(tmp_path: Path) -> None:
    """If the run still doesn't stop, there is a warning."""
    with simulator(one_plan(ENDLESS._replace(stop_takes=float("inf")))) as server:
        left = cancelled(tmp_path, server)
        log = cleaned(tmp_path, server, left.state)
    assert len(stops(server)) >= 2
    assert "::warning title=TestGate cleanup::" in log
