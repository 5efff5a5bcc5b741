"""Tries a built image as a CI would: `smoke.py ENGINE IMAGE`, with docker or podman, and without a network.

`make image` calls it. It isn't part of `make test`, which needs no container engine.
"""

import contextlib
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

README = Path(__file__).parents[2] / "README.md"
README_IMAGE = "testgate"
EXAMPLES = README.parent / "examples"
EXAMPLES_IMAGE = r"ghcr\.io/your-org/testgate:\w+"
RECORDED = README.parent / "tests" / "fixtures" / "ci"
# Variables that the engine itself needs. No others of the job that runs this may reach the examples.
BARE = {name: value for name, value in os.environ.items() if name.startswith(("XDG_", "CONTAINERS_", "DOCKER_", "TMP"))}
WORKSPACE = "/github/workspace"
COMMANDS = "/github/file_commands"
OWNER = 12345  # of the workspace, if we may change its owner: not the user in the container
HANG_SECONDS = 600  # a net for one command of the engine
REPORTS = ("junit.xml", "summary.md", "outputs.json", "outputs.env")
# Variables that a job may have set for its own Python, which must not reach ours.
HOSTILE = {"PYTHONPATH": "/nowhere", "PYTHONHOME": "/nowhere", "PYTHONSTARTUP": "/nowhere.py", "LANG": "xx_XX"}


class Engine(NamedTuple):
    """A container engine and the image to try."""

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
            timeout=HANG_SECONDS,
        )
        if check and done.returncode:
            sys.exit(f"{self.name} {' '.join(arguments)}\nfailed with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done


class Job:
    """The folders of a job, as a runner mounts them."""

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
        """The arguments of `run` before the image."""
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
            "--security-opt=label=disable",  # SELinux would deny the container access to the folders
            f"--volume={self.workspace}:{WORKSPACE}",
            f"--volume={self._commands}:{COMMANDS}",
            f"--workdir={WORKSPACE}",
            "--entrypoint=/usr/local/bin/testgate",
            *(f"--env={name}={value}" for name, value in whole.items()),
        ]

    def outputs(self) -> dict[str, str]:
        """The step's outputs, read as the runner reads them: the last value of a name wins."""
        found, lines = {}, iter((self._commands / "output").read_text(encoding="utf-8").splitlines())
        for line in filter(None, lines):
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
        """Check that every report is there and belongs to the owner of the workspace."""
        owner = self.workspace.stat()
        folder = self.workspace / "testgate-report"
        for path in (folder, *(folder / name for name in REPORTS)):
            stat = path.stat()
            expect(f"owner of {path.name}", (stat.st_uid, stat.st_gid), (owner.st_uid, owner.st_gid))


def main(arguments: Sequence[str]) -> int:
    """Try everything, and exit at the first problem."""
    name, image = arguments
    engine = Engine(shutil.which(name) or name, image)  # absolute: a stand-in of the same name is put on PATH below
    for scenario, code in {"passing": 0, "failing": 1}.items():
        try_scenario(engine, scenario, code)
    for number, code in {"TERM": 143, "INT": 130}.items():
        try_signal(engine, number, code)
        try_early_signal(engine, number, code)
    try_cancel(engine)
    try_documents(engine)
    try_examples(engine)
    try_user(engine)
    try_tools(engine)
    size = int(engine("image", "inspect", "--format={{.Size}}", engine.image).stdout)
    say(f"size {size / 1e6:.0f} MB, base included")
    return 0


def try_scenario(engine: Engine, scenario: str, code: int) -> None:
    """Run the demo as GitHub runs an action."""
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
        expect("the summary contains the name", "Web shop: nightly regression" in here.summary(), True)
        say(f"{scenario}: exit code {code}, outputs, summary and reports, with the owner of the workspace")


def try_signal(engine: Engine, number: str, code: int) -> None:
    """Cancel in the middle of a run: process 1 receives the signal, and ends with outputs and reports."""
    name = f"testgate-smoke-{secrets.token_hex(4)}"
    with job() as here:
        environ = {"INPUT_DEMO": "true", "INPUT_DEMO-SCENARIO": "slow"}
        engine("run", "--detach", f"--name={name}", *here.arguments(environ), engine.image)
        try:
            wait_for_log(engine, name, "started as run")
            began = time.monotonic()
            engine("kill", f"--signal={number}", name)
            expect(f"exit code after SIG{number}", int(engine("wait", name).stdout), code)
            took = time.monotonic() - began
        finally:
            engine("rm", "--force", name)
        expect("conclusion", here.outputs()["conclusion"], "cancelled")
        here.check_reports()
        say(f"SIG{number}: exit code {code} after {took:.1f} s, outputs and reports")


def try_early_signal(engine: Engine, number: str, code: int) -> None:
    """A signal as early as the engine can send one: process 1 hears it although it's only being loaded."""
    name = f"testgate-smoke-{secrets.token_hex(4)}"
    with job() as here:
        environ = {"INPUT_DEMO": "true", "INPUT_DEMO-SCENARIO": "slow"}
        engine("create", f"--name={name}", *here.arguments(environ), engine.image)
        try:
            engine("start", name)
            engine("kill", f"--signal={number}", name)
            expect(f"exit code after an early SIG{number}", int(engine("wait", name).stdout), code)
            log = engine("logs", name)
            expect("no traceback", "Traceback" in log.stdout + log.stderr, False)
        finally:
            engine("rm", "--force", name)
        expect("conclusion", here.outputs()["conclusion"], "cancelled")
        here.check_reports()
        say(f"SIG{number} at the start: exit code {code}, outputs and reports")


def try_cancel(engine: Engine) -> None:
    """Cancel as CI does: SIGINT to the engine's client, which passes it on before SIGTERM and SIGKILL would follow."""
    name = f"testgate-smoke-{secrets.token_hex(4)}"
    with job() as here:
        environ = {"INPUT_DEMO": "true", "INPUT_DEMO-SCENARIO": "slow"}
        command = [engine.name, "run", "--rm", f"--name={name}", *here.arguments(environ), engine.image]
        # There may be a shell between CI and client, which does no harm if the client replaces it.
        shell = ["/bin/sh", "-c", f"exec {shlex.join(command)}"]
        with subprocess.Popen(shell, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as client:
            try:
                assert client.stdout is not None
                expect("the run starts", any("started as run" in line for line in client.stdout), True)
                began = time.monotonic()
                client.send_signal(signal.SIGINT)
                expect("exit code after a cancel", client.wait(timeout=HANG_SECONDS), 130)
                took = time.monotonic() - began
            finally:
                client.kill()
                engine("rm", "--force", name, check=False)
        expect("conclusion", here.outputs()["conclusion"], "cancelled")
        here.check_reports()
        say(f"a cancelled job: exit code 130 {took:.1f} s after SIGINT; a runner sends SIGTERM after 7.5 s")


def try_documents(engine: Engine) -> None:
    """Run the documents' `docker run` lines to the letter, in an empty folder; the image has the name used there.

    Two things differ: nobody is at a terminal, and lines that mount more than the workspace are left out.
    """
    engine("tag", engine.image, README_IMAGE)
    pages = [README, *sorted((README.parent / "docs").glob("*.md"))]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages).replace("\\\n", " ")
    lines = [line.strip() for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    runs = [line for line in lines if line.startswith("docker run") and line.count(" -v ") == 1]
    expect("several pages have a docker run line", len(runs) > 3, True)
    for line in runs:
        # Without a key, a step ends before anything is sent. The demo fails on purpose, unless it is told to pass.
        demo = 0 if "passing" in line else 1
        with shell(engine) as run:
            run(line.replace(" -it ", " "), {}, demo if "demo" in line.lower() else 2)
    say(f"the documents' {len(runs)} docker run lines: exit codes and reports, in a folder with a space in its name")


def try_examples(engine: Engine) -> None:
    """Run each example's `docker run` line in the environment of its CI, from which the container knows the build."""
    played = []
    for path in sorted(path for path in EXAMPLES.rglob("*") if path.is_file()):
        text = re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))
        for line in re.findall(rf"\bdocker run .*?{EXAMPLES_IMAGE}", text):
            written = {"%teamcity.build.checkoutDir%": "$PWD", "%teamcity.build.id%": "smoke", "$$": "$"}
            engine("tag", engine.image, line.split()[-1])
            for sign, meaning in written.items():
                line = line.replace(sign, meaning)  # noqa: PLW2901  # what the CI replaces before a shell sees the line
            recorded = (RECORDED / f"{path.parent.name}.env").read_text(encoding="utf-8")
            environ = dict(each.split("=", 1) for each in recorded.splitlines() if each and each[0] != "#")
            # The shortest scenario of the demo stands in for the example's plan.
            demo = ("--env=TESTGATE_DEMO=true", "--env=TESTGATE_DEMO_SCENARIO=empty", "--network=none")
            with shell(engine, *demo) as run:
                log, workspace = run(line, environ, 6)
            expect(f"a hint about something missing (log:\n{log})", "hint:" in log, False)
            expect(
                f"a link to the build ({workspace['summary.md'][-300:]})", "\nBuild: [" in workspace["summary.md"], True
            )
            played.append(path.parent.name)
    expect("more than three examples use docker run", len(played) > 3, True)
    say(f"the examples' docker run lines with their CI's variables: {', '.join(played)}")


Run = Callable[[str, Mapping[str, str], int], tuple[str, Mapping[str, str]]]


@contextlib.contextmanager
def shell(engine: Engine, *more: str) -> Iterator[Run]:
    """A function that runs a line in an empty folder where `docker` is this engine, and returns its log and reports.

    `more` arguments are added to each `docker run`. An agent that does nothing is on PATH too.
    """
    with tempfile.TemporaryDirectory(prefix="testgate-smoke-") as root:
        tools, workspace = Path(root) / "bin", Path(root) / "a checkout"
        tools.mkdir()
        workspace.mkdir()
        docker = f'#!/bin/sh\nshift\nexec {engine.name} run {shlex.join(more)} "$@"\n'
        for name, text in {"docker": docker, "buildkite-agent": "#!/bin/sh\ncat >/dev/null\n"}.items():
            (tools / name).write_text(text, encoding="utf-8")
            (tools / name).chmod(0o755)

        def run(line: str, environ: Mapping[str, str], code: int) -> tuple[str, Mapping[str, str]]:
            done = subprocess.run(
                ["/bin/sh", "-c", line],
                cwd=workspace,
                env={"HOME": root, **BARE, **environ, "PATH": f"{tools}:{os.environ['PATH']}"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=HANG_SECONDS,
            )
            expect(f"exit code of {line} (log:\n{done.stdout}{done.stderr})", done.returncode, code)
            reports = {path.name: path for path in (workspace / "testgate-report").iterdir()}
            expect("reports", set(REPORTS) <= set(reports), True)
            return done.stdout, {name: path.read_text(encoding="utf-8") for name, path in reports.items()}

        yield run


def try_user(engine: Engine) -> None:
    """Run as a user other than root, whom the image doesn't know and who has no home."""
    with job() as here:
        owner = here.workspace.stat()
        environ = {"TESTGATE_DEMO": "true", "TESTGATE_DEMO_SCENARIO": "empty", "GITHUB_ACTIONS": ""}
        arguments = [*here.arguments(environ), f"--user={owner.st_uid}:{owner.st_gid}", "--read-only"]
        if Path(engine.name).name == "podman" and os.geteuid() != 0:
            arguments.append("--userns=keep-id")  # otherwise a rootless podman maps the user to another one outside
        done = engine("run", "--rm", *arguments, engine.image, check=False)
        expect(f"exit code as another user (log:\n{done.stdout}{done.stderr})", done.returncode, 6)
        here.check_reports()
        say("works as another user and with a read-only root")


def try_tools(engine: Engine) -> None:
    """Check for the tools that runners on Kubernetes need, and that ENTRYPOINT is the program."""
    for tool in ("sh", "env", "tail"):
        engine(
            "run", "--rm", "--pull=never", "--network=none", "--entrypoint=sh", engine.image, "-c", f"command -v {tool}"
        )
    version = engine("run", "--rm", "--pull=never", "--network=none", engine.image, "--version").stdout.strip()
    expect("a version", version.count("."), 2)
    say(f"sh, env and tail are there; --version prints {version}")


def wait_for_log(engine: Engine, name: str, text: str) -> None:
    """Wait until the container has logged the text."""
    until = time.monotonic() + HANG_SECONDS
    while time.monotonic() < until:
        if text in engine("logs", name).stdout:
            return
        time.sleep(0.1)
    sys.exit(f"{text!r} did not appear in the log:\n{engine('logs', name).stdout}")


@contextlib.contextmanager
def job() -> Iterator[Job]:
    """The folders of a job, which are removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="testgate-smoke-") as root:
        yield Job(Path(root))


def expect(what: str, actual: object, expected: object) -> None:
    """Exit with a message unless a value is as expected."""
    if actual != expected:
        sys.exit(f"image: {what}: {actual!r}, expected {expected!r}")


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"image: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
