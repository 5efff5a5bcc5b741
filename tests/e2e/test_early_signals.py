"""A signal that comes while the program is still being loaded ends the step like any other one."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from testgate.composition.step import clean_up, run_step
from testgate.demo.management.scenarios import PROJECT_ID, Scenario, cases_titled
from testgate.demo.testifly.scenarios import one_feature
from testgate.demo.testsigma.scenarios import one_plan
from testgate.edges.signals import Signals
from testgate.edges.world import World
from tests.e2e import test_management as management
from tests.e2e import test_testifly as testifly
from tests.support.marks import full
from tests.support.step import ENTRYPOINT, Left, environment, finish, read_commands
from tests.support.vendor import ENDLESS, Vendor, inputs, requests, simulator

CASES = cases_titled("Login")
DELAYS = (0, 3, 8, 20, 45, 80, 130, 220, 400)  # milliseconds
# As the first line of the image's executable starts it, and as a checkout does.
FIRST = re.findall(r"'#!/usr/bin/env -S (--\S+) ", (ENTRYPOINT.parent / "Dockerfile").read_text(encoding="utf-8"))
BLOCKED = ["env", *FIRST, sys.executable, "-I", str(ENTRYPOINT)]
DIRECT = [sys.executable, "-I", str(ENTRYPOINT)]
linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks at processes as Linux shows them")


def runs_python(pid: int) -> bool:
    """Whether the process has become the interpreter that starts the entrypoint."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return words[0] == sys.executable.encode() and str(ENTRYPOINT).encode() in words


def listens(pid: int) -> bool:
    """Whether the process has a handler for SIGTERM."""
    (caught,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def interrupted(
    folder: Path, server: Vendor, command: Sequence[str], numbers: Sequence[signal.Signals], delay: float
) -> Left:
    """A step that is sent signals so many seconds after it has begun."""
    folder.mkdir()
    process = subprocess.Popen(  # noqa: S603  # the program under test
        command,
        cwd=folder,
        env=environment(folder, inputs(server)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    begun = runs_python if command is BLOCKED else listens
    while not begun(process.pid):
        time.sleep(0.0005)
    time.sleep(delay)
    for number in numbers:
        process.send_signal(number)
    return finish(process, folder)


@linux
@pytest.mark.parametrize(
    ("command", "number"),
    [
        pytest.param(BLOCKED, signal.SIGTERM, id="image-SIGTERM"),
        pytest.param(DIRECT, signal.SIGINT, id="checkout-SIGINT"),
        pytest.param(BLOCKED, signal.SIGINT, id="image-SIGINT", marks=pytest.mark.full),
        pytest.param(DIRECT, signal.SIGTERM, id="checkout-SIGTERM", marks=pytest.mark.full),
    ],
)
def test_a_signal_at_any_moment_of_the_start(tmp_path: Path, command: list[str], number: signal.Signals) -> None:
    """Never ignored, never a traceback: the step ends as cancelled, with everything written and no run left behind."""
    with simulator(one_plan(ENDLESS)) as server, ThreadPoolExecutor(2) as pool:
        wait = {
            delay: pool.submit(interrupted, tmp_path / str(delay), server, command, [number], delay / 1000)
            for delay in DELAYS
        }
        for delay, future in wait.items():
            left = future.result()
            assert "Traceback" not in left.log, f"after {delay} ms:\n{left.log}"
            assert left.code == 128 + number, f"after {delay} ms:\n{left.log}"
            assert left.outputs["conclusion"] == "cancelled", f"after {delay} ms:\n{left.log}"
            assert left.junit.tag == "testsuites"
            assert left.state["ended"] == "true"
        assert len(server.runs) == len(requests(server, "PUT")) < len(DELAYS)


@linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("delay", [0, 60, full(20), full(120)])
def test_the_same_signal_again_ends_the_start_at_once(tmp_path: Path, number: signal.Signals, delay: int) -> None:
    """With the exit code that a shell gives, before anything is sent."""
    with simulator(one_plan(ENDLESS)) as server:
        began = time.monotonic()
        folder = tmp_path / "step"
        folder.mkdir()
        process = subprocess.Popen(  # noqa: S603  # the program under test
            DIRECT, cwd=folder, env=environment(folder, inputs(server)), stdout=subprocess.PIPE, text=True
        )
        while not listens(process.pid):
            time.sleep(0.0005)
        time.sleep(delay / 1000)
        while process.poll() is None and time.monotonic() - began < 10:
            process.send_signal(number)
            time.sleep(0.005)
        assert process.wait(1) == 128 + number
        process.communicate()


@linux
def test_the_mask_of_the_start_is_not_inherited(tmp_path: Path) -> None:
    """What the step starts hears signals again."""
    code = (
        "import runpy, subprocess, sys\n"
        "sys.argv = ['testgate', '--version']\n"
        f"try: runpy.run_path({str(ENTRYPOINT)!r}, run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(subprocess.run(['grep', 'SigBlk', '/proc/self/status'], capture_output=True, text=True).stdout)"
    )
    done = subprocess.run(  # noqa: S603  # the program under test
        [*BLOCKED[:-1], "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    blocked = int(done.stdout.split("SigBlk:")[1], 16)
    assert not blocked & (1 << (signal.SIGTERM - 1) | 1 << (signal.SIGINT - 1))


COMMANDS = {
    "run": {},
    "run-and-record": {"test-management-project-id": PROJECT_ID},
    "two plans": {"test-plan-id": "274,275"},
    "attach": {"command": "attach", "run-id": "337", "test-plan-id": ""},
    "rerun": {"command": "rerun", "run-id": "337", "test-plan-id": ""},
    "stop": {"command": "stop", "run-id": "337", "test-plan-id": ""},
    "check": {"command": "check"},
    "create-test-run": {"command": "create-test-run", "test-management-project-id": PROJECT_ID},
}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", COMMANDS)
def test_after_an_early_signal_nothing_is_sent(tmp_path: Path, command: str, number: signal.Signals) -> None:
    """In this process: the signal was received before the step began."""
    with simulator(one_plan(ENDLESS)) as server, management.records(Scenario(CASES)) as records:
        given = inputs(server) | COMMANDS[command]
        if "test-management-project-id" in given:
            given |= management.inputs(records) | {"test-case-ids": management.ids(CASES[0])}
        code, log, outputs = in_process(tmp_path, given, number)
        # A run that somebody else started is read once more; its state is a part of the report.
        assert [each.method for each in server.requests] == (["GET"] if command == "attach" else [])
        assert records.requests == ()
    assert code == 128 + number, log
    assert outputs["conclusion"] == "cancelled", log
    assert (tmp_path / "testgate-report" / "junit.xml").exists()


def test_after_an_early_signal_the_other_platform_hears_nothing_either(tmp_path: Path) -> None:
    """It's not a matter of the platform."""
    with testifly.simulator(one_feature(*testifly.GREEN)) as server:
        code, log, _outputs = in_process(tmp_path, testifly.inputs(server), signal.SIGTERM)
        assert server.requests == ()
    assert code == 143, log


def in_process(folder: Path, given: dict[str, str], number: int) -> tuple[int, str, dict[str, str]]:
    """Exit code, log and outputs of a step that begins with a signal received."""
    environ = environment(folder, {name: value for name, value in given.items() if value})
    log = io.StringIO()
    code = run_step(World(environ, log, folder, Signals(received=[number])))
    return code, log.getvalue(), read_commands((folder / "output").read_text(encoding="utf-8"))


def test_a_cleanup_with_an_early_signal_says_what_may_still_run(tmp_path: Path) -> None:
    """It stops nothing that it can't stop in time, and is never red."""
    with simulator(one_plan(ENDLESS)) as server:
        environ = environment(tmp_path, inputs(server)) | {
            "STATE_runs": json.dumps([{"id": "337", "target": "274", "ours": True}])
        }
        log = io.StringIO()
        assert clean_up(World(environ, log, tmp_path, Signals(received=[int(signal.SIGTERM)]))) == 0
    assert "may still be running" in log.getvalue()


def test_signals_of_the_start_are_handed_over_without_a_gap() -> None:
    """What comes between the early handlers and the later ones is in the list that both share."""
    received: list[int] = []
    ends: list[int] = []
    signals = Signals(ends.append, received=received)
    received.append(signal.SIGTERM)
    seen: list[signal.Signals] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        signals.install()
        signals.react(seen.append)
        assert (signals.first, seen) == (signal.SIGTERM, [signal.SIGTERM])
        os.kill(os.getpid(), signal.SIGTERM)
        assert ends == [143]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
