"""Starts `entrypoint.py` like a CI, and reads what it leaves."""

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ENTRYPOINT = Path(__file__).parents[2] / "entrypoint.py"
KEY = "e2e-secret-key-0123456789"
HANG_SECONDS = 300.0  # a net for what hangs, many times what the slowest machine needs


class Left(NamedTuple):
    """What a step left behind: its exit code, its log, and the folder that it ran in."""

    code: int
    log: str
    folder: Path

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs, read as the runner reads them; the last value of a name wins."""
        return read_commands((self.folder / "output").read_text(encoding="utf-8"))

    @property
    def state(self) -> dict[str, str]:
        """The state that a later cleanup receives."""
        return read_commands((self.folder / "state").read_text(encoding="utf-8"))

    @property
    def summary(self) -> str:
        """The job summary."""
        return (self.folder / "step-summary").read_text(encoding="utf-8")

    @property
    def junit(self) -> ET.Element:
        """The root element of the JUnit report."""
        return ET.parse(self.folder / "testgate-report" / "junit.xml").getroot()  # noqa: S314  # our own file

    def report(self, name: str) -> str:
        """The text of a file in the report directory."""
        return (self.folder / "testgate-report" / name).read_text(encoding="utf-8")

    @property
    def page(self) -> Any:  # noqa: ANN401  # JSON is any shape
        """The data of the HTML report."""
        return json.loads(self.report("report.html").partition('id="data">')[2].partition("</script>")[0])

    @property
    def runs(self) -> Any:  # noqa: ANN401  # JSON is any shape
        """The `runs` output."""
        return json.loads(self.outputs["runs"])


def read_commands(text: str) -> dict[str, str]:
    """Read a file of outputs as the runner does; a line that it would reject fails the test."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, _mark, rest = line.partition("<<")
        assert name, f"an entry without a name: {line!r}"
        if "=" in name or not rest:
            name, equals, value = line.partition("=")
            assert equals, f"neither form: {line!r}"
            found[name] = value
            continue
        value_lines = []
        for each in lines:
            if each == rest:
                break
            value_lines.append(each)
        else:
            raise AssertionError(f"the delimiter of {name} is missing")
        found[name] = "\n".join(value_lines)
    return found


def environment(folder: Path, inputs: Mapping[str, str], *, github: bool = True) -> dict[str, str]:
    """The environment of a step, with inputs as `INPUT_…` and the runner's files in `folder`."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    # The environment turns on coverage of subprocesses.
    environ |= {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
    environ |= {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
    if github:
        environ |= {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_RUN_ID": "4711",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_JOB": "e2e",
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STATE": str(folder / "state"),
            "GITHUB_STEP_SUMMARY": str(folder / "step-summary"),
        }
    return environ


def start(
    folder: Path, inputs: Mapping[str, str], *, github: bool = True, extra: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start a step in `folder`."""
    return subprocess.Popen(  # noqa: S603  # the program under test
        [sys.executable, "-I", str(ENTRYPOINT)],
        cwd=folder,
        env={**environment(folder, inputs, github=github), **(extra or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def run(
    folder: Path, inputs: Mapping[str, str], *, github: bool = True, extra: Mapping[str, str] | None = None
) -> Left:
    """Run a step to its end."""
    return finish(start(folder, inputs, github=github, extra=extra), folder)


def finish(process: subprocess.Popen[str], folder: Path) -> Left:
    """Wait for a step to end; one that hangs is killed and fails the test."""
    try:
        log, _nothing = process.communicate(timeout=HANG_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        log, _nothing = process.communicate()
        raise AssertionError(f"the step hung; its log:\n{log}") from None
    return Left(process.returncode, log, folder)


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds, however slow the machine is."""
    until = time.monotonic() + HANG_SECONDS
    while not condition():
        assert time.monotonic() < until, "the condition never held"
        time.sleep(0.005)


def wait_for_line(process: subprocess.Popen[str], words: str) -> list[str]:
    """Read the log until a line contains these words, and return what was read."""
    read: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        read.append(line)
        if words in line:
            return read
    raise AssertionError(f"{words!r} never appeared; the log:\n{''.join(read)}")


def interrupt(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Send a signal to the step."""
    process.send_signal(number)


def cleaned(folder: Path, inputs: Mapping[str, str], state: Mapping[str, str]) -> str:
    """The log of the cleanup after a step. Names in `state` that are in capitals are variables of the runner."""
    program = folder / "testgate-cleanup"
    program.symlink_to(ENTRYPOINT)
    told = {name if name.isupper() else f"STATE_{name}": text for name, text in state.items()}
    done = subprocess.run(  # noqa: S603  # the program under test
        [sys.executable, "-I", str(program)],
        env=environment(folder, inputs) | told,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=True,
    )
    return done.stdout + done.stderr
