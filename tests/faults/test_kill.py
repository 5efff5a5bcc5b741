"""SIGKILL at any moment: a cleanup finds what it needs, and no file is half written."""

import json
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import Fault, Plan, Test, one_plan
from testgate.reports import REPORTS
from tests.support.marks import full
from tests.support.step import Left, finish, read_commands, start, wait_until
from tests.support.vendor import Vendor, inputs, simulator, triggers

MANY = Plan(tests=tuple(Test(f"Test {number}", message="x" * 500) for number in range(1500)), running=1.0)
SLOW_START = Fault("POST", action="silence", seconds=1.5)


def killed(folder: Path, server: Vendor, moment: str) -> Left:
    """The step, killed at a moment of its life, or right after its end if that moment was too short to see."""
    process = start(folder, inputs(server))
    wait_until(lambda: reached(folder, server, moment) or process.poll() is not None)
    process.kill()
    return finish(process, folder)


MOMENTS: Mapping[str, Callable[[Path, Sequence[str]], bool]] = {
    "the trigger arrived": lambda _folder, paths: bool(paths),
    # The outputs are the second of the two files that it is written to.
    "the id was written": lambda folder, _paths: "run-id<<" in text_of(folder / "output"),
    "the first poll": lambda _folder, paths: any(path.endswith("/337") for path in paths),
    "the tests are read": lambda _folder, paths: any("test_case_results" in path for path in paths),
    "a report is begun": lambda folder, _paths: any((folder / "testgate-report").glob(".testgate-*.tmp")),
    "a report is there": lambda folder, _paths: (folder / "testgate-report" / "junit.xml").exists(),
    "the outputs are there": lambda folder, _paths: (folder / "testgate-report" / "outputs.json").exists(),
}


def reached(folder: Path, server: Vendor, moment: str) -> bool:
    """Whether the moment has come."""
    return MOMENTS[moment](folder, [each.path for each in server.requests])


def text_of(path: Path) -> str:
    """The text of a file; empty if the file doesn't exist."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


def assert_complete(folder: Path) -> None:
    """Each file is absent or complete, and an unfinished one has a name that nobody takes for a report."""
    report = folder / "testgate-report"
    if (report / "junit.xml").exists():
        root = ET.parse(report / "junit.xml").getroot()  # noqa: S314  # our own file
        assert len(list(root.iter("testcase"))) >= 1
    if (report / "outputs.json").exists():
        assert json.loads((report / "outputs.json").read_text(encoding="utf-8"))["TESTGATE_OUT_CONCLUSION"] == "passed"
    known = {*(entry.filename for entry in REPORTS.values()), "outputs.json", "outputs.env"}
    if report.exists():
        assert {each.name for each in report.iterdir() if not each.name.startswith(".testgate-")} <= known
    for name in ("output", "state"):
        if (folder / name).exists():
            read_commands((folder / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("moment", ["the id was written", "the first poll", "the tests are read"])
def test_a_kill_during_the_run(tmp_path: Path, moment: str) -> None:
    """The run's id is in outputs and state."""
    with simulator(one_plan(MANY)) as server:
        left = killed(tmp_path, server, moment)
    assert left.code == -9
    assert left.outputs["run-id"] == "337"
    assert json.loads(left.state["runs"])[0] == {"id": "337", "target": "274", "ours": True, "ref": "274"}
    assert "ended" not in left.state
    assert_complete(tmp_path)


def test_a_kill_before_the_trigger_is_answered(tmp_path: Path) -> None:
    """The state holds the intent with the trigger's build number; nobody can know an id yet."""
    with simulator(one_plan(MANY, SLOW_START)) as server:
        left = killed(tmp_path, server, "the trigger arrived")
        (sent,) = server.requests
    assert left.code == -9
    (intent,) = json.loads(left.state["intents"])
    assert intent["mark"] == sent.body["buildNo"]
    assert "runs" not in left.state
    assert_complete(tmp_path)


@pytest.mark.parametrize("moment", ["a report is begun", full("a report is there"), "the outputs are there"])
def test_a_kill_while_reports_are_written(tmp_path: Path, moment: str) -> None:
    """Each report is absent or complete, and the id is where it was."""
    with simulator(one_plan(MANY)) as server:
        left = killed(tmp_path, server, moment)
        assert triggers(server) == 1
    assert left.outputs["run-id"] == "337"
    assert_complete(tmp_path)


@pytest.mark.parametrize("delay", [full(0.05), 0.15, full(0.25), 0.35, full(0.5), 0.8, full(1.1)])
def test_a_kill_at_any_time(tmp_path: Path, delay: float) -> None:
    """A trigger that arrived was announced before, and an id that was logged is in both files."""
    with simulator(one_plan(MANY)) as server:
        process = start(tmp_path, inputs(server))
        time.sleep(delay)
        process.kill()
        left = finish(process, tmp_path)
        arrived = triggers(server)
    assert arrived <= 1
    if arrived:
        assert "intents" in left.state
    if "started as run 337" in left.log:
        assert left.outputs["run-id"] == "337"
        assert '"337"' in left.state["runs"]
    assert_complete(tmp_path)
