"""Tries a wheel as people without Docker would: `smoke.py WHEEL`, on Linux, macOS and Windows, with any Python.

`make wheel` calls it, and CI does on each system. It isn't part of `make test`, which needs no network to install.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements.txt"
HANG_SECONDS = 600  # a net for one command
SCENARIOS = {"passing": (0, "passed"), "failing": (1, "failed"), "empty": (6, "nothing-ran")}
REPORTS = ("junit.xml", "report.html", "ctrf.json", "summary.md", "outputs.json", "outputs.env")
ON_WINDOWS = os.name == "nt"


class Installed:
    """The program in an environment of its own, and a folder with an odd name to run it in."""

    def __init__(self, root: Path, wheel: Path) -> None:
        self.workspace = root / "Größe of my checkout"
        self.workspace.mkdir()
        venv.create(root / "venv", with_pip=True)
        self._programs = root / "venv" / ("Scripts" if ON_WINDOWS else "bin")
        self.python = str(self._programs / "python")
        pip = [self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--require-hashes", "--only-binary=:all:", "-r", str(LOCK)], check=True)
        subprocess.run([*pip, str(wheel)], check=True)

    def command(self, name: str) -> str:
        """The path of a program that the wheel brings."""
        return str(self._programs / (f"{name}.exe" if ON_WINDOWS else name))

    def environ(self, extra: Mapping[str, str]) -> dict[str, str]:
        """The environment of a step outside a CI: what the system needs, and nothing of the job that runs this."""
        kept = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "PATHEXT", "COMSPEC", "HOME", "USERPROFILE")
        return {**{name: os.environ[name] for name in kept if name in os.environ}, **extra}

    def conclusion(self) -> object:
        """The conclusion among the outputs of the last step in the usual folder."""
        outputs = json.loads((self.workspace / "testgate-report" / "outputs.json").read_text(encoding="utf-8"))
        return outputs["TESTGATE_OUT_CONCLUSION"]

    def run(self, command: Sequence[str], code: int, encoding: str = "utf-8", **extra: str) -> str:
        """Run a command to its end; returns its log."""
        done = subprocess.run(
            command,
            cwd=self.workspace,
            env=self.environ(extra),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=HANG_SECONDS,
            check=False,
        )
        log = done.stdout.decode(encoding)
        expect(f"exit code of {' '.join(command[1:])}, whose log is:\n{log}", done.returncode, code)
        expect("tracebacks in the log", log.count("Traceback"), 0)
        return log


def main(arguments: Sequence[str]) -> int:
    """Try everything, and exit at the first problem."""
    (wheel,) = arguments
    with tempfile.TemporaryDirectory() as folder:
        program = Installed(Path(folder).resolve(), Path(wheel).resolve())
        try_start(program)
        try_demo(program)
        try_job(program)
        try_console(program)
        try_cancel(program)
    return 0


def try_start(program: Installed) -> None:
    """Each way to start it, and the types that it has for others."""
    version = program.run([program.command("testgate"), "--version"], 0)
    expect("version of the module", program.run([program.python, "-m", "testgate", "--version"], 0), version)
    where = "import testgate, pathlib; print((pathlib.Path(testgate.__file__).parent / 'py.typed').exists())"
    expect("py.typed", program.run([program.python, "-c", where], 0).strip(), "True")
    program.run([program.command("testgate"), "run", "--test-plan", "274"], 2)
    say(f"starts as testgate {version.strip()}, and as a module")


def try_demo(program: Installed) -> None:
    """The demo, with its exit codes and reports."""
    for scenario, (code, conclusion) in SCENARIOS.items():
        program.run([program.command("testgate"), "demo", "--demo-scenario", scenario, "--poll-interval", "1s"], code)
        for name in REPORTS:
            content = (program.workspace / "testgate-report" / name).read_bytes()
            expect(f"line ends of {name}", content.count(b"\r"), 0)
            content.decode("utf-8")
        expect("conclusion", program.conclusion(), conclusion)
    say("demo: passing, failing, empty")


def try_job(program: Installed) -> None:
    """Two steps of a job, and a third one of a later build, which knows them."""
    files = {f"GITHUB_{name}": str(program.workspace / name.lower()) for name in ("OUTPUT", "STATE", "STEP_SUMMARY")}
    job = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_JOB": "gate", "GITHUB_RUN_ATTEMPT": "1", **files}
    command = [program.command("testgate"), "demo", "--poll-interval", "1s", "--history-file", "history/tests.json"]
    program.run(command, 1, GITHUB_RUN_ID="1", **job)
    log = program.run(command, 1, GITHUB_RUN_ID="1", **job)
    expect("second folder", "writing reports to testgate-report-2" in log, expected=True)
    program.run(command, 1, GITHUB_RUN_ID="2", **job)
    written = (program.workspace / "output").read_bytes()
    expect("line ends of outputs", written.count(b"\r"), 0)
    expect("known failures in the outputs", b"known-failures<<" in written, expected=True)
    expect("history", (program.workspace / "history" / "tests.json").stat().st_size > 0, expected=True)
    program.run([program.command("testgate-cleanup")], 0, TESTGATE_DEMO="true", GITHUB_RUN_ID="2", **job)
    say("three steps of two builds, a history and a cleanup")


def try_console(program: Installed) -> None:
    """A console that lacks signs; and the whole help, which is long."""
    demo = [program.command("testgate"), "demo", "--poll-interval", "1s"]
    program.run(demo, 1, "cp1252", PYTHONIOENCODING="cp1252")
    program.run([program.command("testgate"), "run", "--help"], 0, "ascii", PYTHONIOENCODING="ascii")
    say("consoles without UTF-8")


def try_cancel(program: Installed) -> None:
    """A signal while a run goes on: what was started is stopped, and reports are there."""
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    process = subprocess.Popen(
        [program.python, "-m", "testgate", "demo", "--demo-scenario", "slow"],
        cwd=program.workspace,
        env=program.environ({}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        creationflags=flags,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "started as run" in line:
            break
    time.sleep(1)
    process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
    log, _nothing = process.communicate(timeout=HANG_SECONDS)
    expect(f"exit code after a signal; the log is:\n{log}", process.returncode, 143)
    expect("conclusion", program.conclusion(), "cancelled")
    say("cancelled, with reports")


def expect(what: str, found: object, expected: object) -> None:
    """Exit if something isn't as expected."""
    if found != expected:
        sys.exit(f"{what}: {found!r} instead of {expected!r}")


def say(text: str) -> None:
    """Say what was tried."""
    print(f"ok: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
