"""Tries a built image as a CI would: `smoke.py ENGINE IMAGE`, with docker or podman. No network is needed.

Not a part of `make test`, which runs without a container engine; `make image` calls it.
"""

import contextlib
import json
import os
import re
import secrets
import shlex
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
# What the engine itself needs; nothing of the job that runs this must reach the examples.
BARE = {name: value for name, value in os.environ.items() if name.startswith(("XDG_", "CONTAINERS_", "DOCKER_", "TMP"))}
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
    for number, code in {"TERM": 143, "INT": 130}.items():
        try_signal(engine, number, code)
        try_early_signal(engine, number, code)
    try_cancel(engine)
    try_readme(engine)
    try_examples(engine)
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


def try_signal(engine: Engine, number: str, code: int) -> None:
    """A cancel in the middle of a run: process 1 hears it, and ends with outputs and reports."""
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
        expect(f"SIG{number} ended it within {END_SECONDS} s (it took {took:.1f} s)", took < END_SECONDS, True)
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
    """A cancel as CI does it: SIGINT to the engine's client, 7.5 s, SIGTERM, 2.5 s, and then a kill."""
    name = f"testgate-smoke-{secrets.token_hex(4)}"
    with job() as here:
        environ = {"INPUT_DEMO": "true", "INPUT_DEMO-SCENARIO": "slow"}
        command = [engine.name, "run", "--rm", f"--name={name}", *here.arguments(environ), engine.image]
        # Between the CI and the client there may be a shell: one that is replaced by the client does no harm.
        shell = ["/bin/sh", "-c", f"exec {shlex.join(command)}"]
        with subprocess.Popen(shell, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as client:
            try:
                assert client.stdout is not None
                expect("the run starts", any("started as run" in line for line in client.stdout), True)
                began = time.monotonic()
                client.send_signal(signal.SIGINT)
                expect("exit code after a cancel", client.wait(timeout=7.5), 130)
                took = time.monotonic() - began
            finally:
                client.kill()
                engine("rm", "--force", name, check=False)
        expect("conclusion", here.outputs()["conclusion"], "cancelled")
        here.check_reports()
        say(f"a cancelled job: exit code 130 {took:.1f} s after SIGINT to the client, before SIGTERM was due")


def try_readme(engine: Engine) -> None:
    """The README's `docker run` lines, to the letter, in an empty folder: the image goes by the name it has there."""
    engine("tag", engine.image, README_IMAGE)
    text = README.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    runs = [line for line in lines if line.startswith("docker run")]
    # Without a key the first one ends before anything is sent; the demo fails as it should.
    for line, code in zip(runs, (2, 1), strict=True):
        with shell(engine) as run:
            run(line, {}, code)
    say(f"the README's {len(runs)} docker run lines: exit codes and reports, in a folder with a blank in its name")


def try_examples(engine: Engine) -> None:
    """Each example's `docker run` line with the environment of its CI: the container finds out all that it can know."""
    played = []
    for path in sorted(path for path in EXAMPLES.rglob("*") if path.is_file()):
        text = re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))
        for line in re.findall(rf"\bdocker run .*?{EXAMPLES_IMAGE}", text):
            written = {"%teamcity.build.checkoutDir%": "$PWD", "%teamcity.build.id%": "smoke", "$$": "$"}
            engine("tag", engine.image, line.split()[-1])
            for sign, meaning in written.items():
                line = line.replace(sign, meaning)  # noqa: PLW2901  # what the CI does before a shell sees it
            recorded = (RECORDED / f"{path.parent.name}.env").read_text(encoding="utf-8")
            environ = dict(each.split("=", 1) for each in recorded.splitlines() if each and each[0] != "#")
            # A plan of the demo's own is played, the shortest: nothing is known of the example's.
            demo = ("--env=TESTGATE_DEMO=true", "--env=TESTGATE_DEMO_SCENARIO=empty", "--network=none")
            with shell(engine, *demo) as run:
                log, workspace = run(line, environ, 6)
            expect(f"what is missing (log:\n{log})", "hint:" in log, False)
            expect(
                f"a link to the build ({workspace['summary.md'][-300:]})", "\nBuild: [" in workspace["summary.md"], True
            )
            played.append(path.parent.name)
    expect("some examples use docker run", len(played) > 3, True)
    say(f"the examples' docker run lines with their CI's variables: {', '.join(played)}")


Run = Callable[[str, Mapping[str, str], int], tuple[str, Mapping[str, str]]]


@contextlib.contextmanager
def shell(engine: Engine, *more: str) -> Iterator[Run]:
    """What runs a line in an empty folder where `docker` is this engine, and gives its log and its reports.

    `more` arguments go to each `docker run`. An agent that does nothing is on PATH too.
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
                timeout=LONGEST_SECONDS,
            )
            expect(f"exit code of {line} (log:\n{done.stdout}{done.stderr})", done.returncode, code)
            reports = {path.name: path for path in (workspace / "testgate-report").iterdir()}
            expect("reports", set(REPORTS) <= set(reports), True)
            return done.stdout, {name: path.read_text(encoding="utf-8") for name, path in reports.items()}

        yield run


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
