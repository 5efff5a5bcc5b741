"""The whole program on a system without POSIX, such as Windows: everything works."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import one_plan
from tests.support.step import ENTRYPOINT, Left, environment, finish, wait_for_line
from tests.support.vendor import ENDLESS, GREEN, QUICK, RED, inputs, requests, simulator

LACKING = Path(__file__).with_name("lacking.py")
CODES = {"passing": 0, "failing": 1, "flaky": 0, "empty": 6}


def started(folder: Path, given: Mapping[str, str], *arguments: str, **extra: str) -> subprocess.Popen[str]:
    """Start a step there."""
    return subprocess.Popen(  # noqa: S603  # the program under test
        [sys.executable, str(LACKING), str(ENTRYPOINT), *arguments],
        cwd=folder,
        env={**environment(folder, given), **extra},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def run(folder: Path, given: Mapping[str, str], *arguments: str, **extra: str) -> Left:
    """Run a step there."""
    return finish(started(folder, given, *arguments, **extra), folder)


@pytest.mark.parametrize("scenario", CODES)
def test_the_demo(tmp_path: Path, scenario: str) -> None:
    """With its exit code and all its reports, and without a traceback."""
    left = run(tmp_path, {"demo-scenario": scenario, "poll-interval": "1s"}, "demo")
    assert left.code == CODES[scenario], left.log
    assert "Traceback" not in left.log
    assert {path.name for path in (tmp_path / "testgate-report").iterdir()} >= {
        *("junit.xml", "report.html", "ctrf.json", "summary.md", "outputs.json"),
    }
    assert not list((tmp_path / "testgate-report").glob("*.tmp"))


def test_a_step_of_a_job_and_the_next_one(tmp_path: Path) -> None:
    """Both know earlier builds, neither overwrites the other's reports, and lines end as everywhere."""
    with simulator(one_plan(RED)) as server:
        given = inputs(server, history_file="history/tests.json")
        first = run(tmp_path, given)
        second = run(tmp_path, given)
        later = run(tmp_path, given, GITHUB_RUN_ID="4712")
    assert (first.code, second.code, later.code) == (1, 1, 1), second.log
    assert "testgate-report is in use by another step; writing reports to testgate-report-2" in second.log
    assert later.outputs["known-failures"] == "1"
    assert sorted(path.name for path in (tmp_path / "history").iterdir()) == [
        ".testgate-tests.json.lock",
        "tests.json",
    ]
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"\r" not in path.read_bytes()


def test_a_history_that_is_broken_is_set_aside(tmp_path: Path) -> None:
    """Nothing of it is lost, also if a file was set aside before."""
    (tmp_path / "tests.json").write_text("broken", encoding="utf-8")
    (tmp_path / "tests.json.set-aside").write_text("older", encoding="utf-8")
    with simulator(one_plan(GREEN)) as server:
        left = run(tmp_path, inputs(server, history_file="tests.json"))
    assert left.code == 0, left.log
    assert (tmp_path / "tests.json.set-aside").read_text(encoding="utf-8") == "older"
    assert (tmp_path / "tests.json.set-aside-2").read_text(encoding="utf-8") == "broken"
    assert "Login" in (tmp_path / "tests.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), pytest.param(signal.SIGCONT, 143, id="break")]
)
def test_a_cancelled_step_stops_its_run(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """Ctrl-C, a runner's end, and Ctrl-Break, which Windows has."""
    with simulator(one_plan(ENDLESS)) as server:
        process = started(tmp_path, inputs(server))
        wait_for_line(process, "started as run")
        process.send_signal(number)
        left = finish(process, tmp_path)
        stops = [each for each in requests(server, "PUT") if "STOPPED" in json.dumps(each.body)]
    assert left.code == code, left.log
    assert len(stops) == 1
    assert left.outputs["conclusion"] == "cancelled"


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    """The look at each folder notices it: nothing is sent, and nothing outside is written."""
    outside, folder = tmp_path / "outside", tmp_path / "checkout"
    for each in (outside, folder):
        each.mkdir()
    (folder / "out").symlink_to(outside)
    with simulator(one_plan(GREEN)) as server:
        left = run(folder, inputs(server, report_dir="out/reports"))
    assert left.code == 2, left.log
    assert "leads outside the workspace" in left.log
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_a_console_with_few_signs(tmp_path: Path, encoding: str) -> None:
    """Signs that it lacks become similar ones or numbers; the step doesn't end because of them."""
    name = "Grüße … 試験 ✓ :: ##[error]"
    with simulator(one_plan(RED._replace(tests=(RED.tests[1]._replace(name=name),))), QUICK) as server:
        process = subprocess.run(  # noqa: S603  # the program under test
            [sys.executable, str(LACKING), str(ENTRYPOINT)],
            cwd=tmp_path,
            env={**environment(tmp_path, inputs(server)), "PYTHONIOENCODING": encoding},
            capture_output=True,
            timeout=300,
            check=False,
        )
    log = process.stdout.decode(encoding)
    assert process.returncode == 1, log
    assert "\\u8a66\\u9a13 + ::" in log
    assert "\n##[" not in log
    assert "Traceback" not in log
