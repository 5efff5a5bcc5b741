"""Tries a built image as a CI would: `smoke.py ENGINE IMAGE`, with docker or podman. No network is needed.

Not a part of `make test`, which runs without a container engine; `make image` calls it.
"""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

WORKSPACE = "/github/workspace"
COMMANDS = "/github/file_commands"
OWNER = 12345  # of the workspace, where we may give it away: not the user in the container
LONGEST_SECONDS = 120  # of one command of the engine
END_SECONDS = 8.0  # from a signal to the end; a CI kills after ten
REPORTS = ("junit.xml", "summary.md", "outputs.json", "outputs.env")
# What a job may have set for its own Python must not reach ours.
HOSTILE = {"PYTHONPATH": "/nowhere", "PYTHONHOME": "/nowhere", "PYTHONSTARTUP": "/nowhere.py", "LANG": "xx_XX"}


class Engine(NamedTuple):
    """A container engine and the image under trial."""

    name: str
    image: str

    def __call__(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the engine."""
        done = subprocess.run(
            [self.name, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_SECONDS,
        )
        if check and done.returncode:
            sys.exit(f"{self.name} {' '.join(arguments)}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done


class Job:
    """A job's folders as a runner mounts them."""

    def __init__(self, root: Path) -> None:
        self.workspace = root / "workspace"
        self._commands = root / "file_commands"
        for folder in (self.workspace, self._commands):
            folder.mkdir()
        for name in ("output", "state", "summary"):
            (self._commands / name).touch()
        if os.geteuid() == 0:
            os.chown(self.workspace, OWNER, OWNER)

    def arguments(self, environ: Mapping[str, str]) -> list[str]:
        """The arguments of `run`, up to the image."""
        files = {f"GITHUB_{name.upper()}": f"{COMMANDS}/{name}" for name in ("output", "state")}
        whole = {
            **HOSTILE,
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": f"{COMMANDS}/summary",
            "HOME": "/github/home",
            **files,
            **environ,
        }
        return [
            "--pull=never",
            "--network=none",
            "--security-opt=label=disable",  # SELinux would keep the container from folders that are not its own
            f"--volume={self.workspace}:{WORKSPACE}",
            f"--volume={self._commands}:{COMMANDS}",
            f"--workdir={WORKSPACE}",
            "--entrypoint=/usr/local/bin/testgate",
            *(f"--env={name}={value}" for name, value in whole.items()),
        ]

    def outputs(self) -> dict[str, str]:
        """The step's outputs, read as the runner reads them: the last value of a name stands."""
        found, lines = {}, iter((self._commands / "output").read_text(encoding="utf-8").splitlines())
        for line in lines:
            name, _, delimiter = line.partition("<<")
            held = []
            while (text := next(lines)) != delimiter:
                held.append(text)
            found[name] = "\n".join(held)
        return found

    def summary(self) -> str:
        """The job summary."""
        return (self._commands / "summary").read_text(encoding="utf-8")

    def check_reports(self) -> None:
        """Every report is there, and belongs to the workspace's owner."""
        owner = self.workspace.stat()
        folder = self.workspace / "testgate-report"
        for path in (folder, *(folder / name for name in REPORTS)):
            stat = path.stat()
            expect(f"owner of {path.name}", (stat.st_uid, stat.st_gid), (owner.st_uid, owner.st_gid))


def main(arguments: Sequence[str]) -> int:
    """Try everything; the first thing that is wrong ends it."""
    engine = Engine(*arguments)
    for scenario, code in {"passing": 0, "failing": 1}.items():
        try_scenario(engine, scenario, code)
    for signal, code in {"TERM": 143, "INT": 130}.items():
        try_signal(engine, signal, code)
    try_user(engine)
    try_tools(engine)
    size = int(engine("image", "inspect", "--format={{.Size}}", engine.image).stdout)
    say(f"size {size / 1e6:.0f} MB, base included")
    return 0


def try_scenario(engine: Engine, scenario: str, code: int) -> None:
    """The demo, as GitHub runs an action."""
    with job() as here:
        environ = {"INPUT_DEMO": "true", "INPUT_DEMO-SCENARIO": scenario, "INPUT_API-KEY": ""}
        done = engine("run", "--rm", *here.arguments(environ), engine.image, check=False)
        expect(f"exit code of {scenario} (log:\n{done.stdout}{done.stderr})", done.returncode, code)
        outputs = here.outputs()
        conclusion = {0: "passed", 1: "failed"}[code]
        expect("conclusion", outputs["conclusion"], conclusion)
        expect("total", outputs["total"], "14")
        here.check_reports()
        held = json.loads((here.workspace / "testgate-report" / "outputs.json").read_text(encoding="utf-8"))
        expect("outputs.json", held["TESTGATE_OUT_CONCLUSION"], conclusion)
        expect("the summary tells the name", "Web shop: nightly regression" in here.summary(), True)
        say(f"{scenario}: exit code {code}, outputs, summary and reports, owned as the workspace is")


def try_signal(engine: Engine, signal: str, code: int) -> None:
    """A cancel in the middle of a run: process 1 hears it, and ends with outputs and reports."""
    name = f"testgate-smoke-{secrets.token_hex(4)}"
    with job() as here:
        environ = {"INPUT_DEMO": "true", "INPUT_DEMO-SCENARIO": "slow"}
        engine("run", "--detach", f"--name={name}", *here.arguments(environ), engine.image)
        try:
            wait_for_log(engine, name, "started as run")
            began = time.monotonic()
            engine("kill", f"--signal={signal}", name)
            expect(f"exit code after SIG{signal}", int(engine("wait", name).stdout), code)
            took = time.monotonic() - began
        finally:
            engine("rm", "--force", name)
        expect(f"SIG{signal} ended it within {END_SECONDS} s (it took {took:.1f} s)", took < END_SECONDS, True)
        expect("conclusion", here.outputs()["conclusion"], "cancelled")
        here.check_reports()
        say(f"SIG{signal}: exit code {code} after {took:.1f} s, outputs and reports")


def try_user(engine: Engine) -> None:
    """Another user than root, unknown to the image and without a home."""
    with job() as here:
        owner = here.workspace.stat()
        environ = {"TESTGATE_DEMO": "true", "TESTGATE_DEMO_SCENARIO": "empty", "GITHUB_ACTIONS": ""}
        arguments = [*here.arguments(environ), f"--user={owner.st_uid}:{owner.st_gid}", "--read-only"]
        if Path(engine.name).name == "podman" and os.geteuid() != 0:
            arguments.append("--userns=keep-id")  # else a rootless podman makes the user another one outside
        done = engine("run", "--rm", *arguments, engine.image, check=False)
        expect(f"exit code as another user (log:\n{done.stdout}{done.stderr})", done.returncode, 6)
        here.check_reports()
        say("another user, a read-only root: works")


def try_tools(engine: Engine) -> None:
    """What runners on Kubernetes need in the image; and that ENTRYPOINT is the program."""
    for tool in ("sh", "env", "tail"):
        engine(
            "run", "--rm", "--pull=never", "--network=none", "--entrypoint=sh", engine.image, "-c", f"command -v {tool}"
        )
    version = engine("run", "--rm", "--pull=never", "--network=none", engine.image, "--version").stdout.strip()
    expect("a version", version.count("."), 2)
    say(f"sh, env and tail are there; --version says {version}")


def wait_for_log(engine: Engine, name: str, text: str) -> None:
    """Wait until the container has said something."""
    for _attempt in range(100):
        if text in engine("logs", name).stdout:
            return
        time.sleep(0.1)
    sys.exit(f"{text!r} did not appear in the log:\n{engine('logs', name).stdout}")


@contextlib.contextmanager
def job() -> Iterator[Job]:
    """A job's folders, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="testgate-smoke-") as root:
        yield Job(Path(root))


def expect(what: str, actual: object, expected: object) -> None:
    """End with a message if something is not as it should be."""
    if actual != expected:
        sys.exit(f"image: {what}: {actual!r}, expected {expected!r}")


def say(text: str) -> None:
    """One line of progress."""
    print(f"image: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
