"""What the engines share: a repository to play in, a simulated platform, and a process to start and to cancel."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from testgate.demo.server import Simulator
from testgate.demo.testifly.app import Testifly
from testgate.demo.testifly.scenarios import Scenario as TestiflyScenario
from testgate.demo.testsigma.app import Testsigma
from testgate.demo.testsigma.scenarios import Plan, Scenario, Test, one_plan
from tests.support.step import KEY

AnyScenario = Scenario | Plan | TestiflyScenario
Vendor = Simulator[Any]

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
FACES = ROOT / "faces"
IMAGE = "ghcr.io/your-org/testgate:0"  # as the examples name it
FORBIDDEN = "pwned"  # a file that only a command inside a test's name would write
SPEED = 20.0
HANG_SECONDS = 300.0  # a net for an engine that hangs
# Text that means something to a shell, to YAML, to an expression, and to a file or a log of commands.
_HOSTILE = (
    f"Pay'; touch /share/{FORBIDDEN} #",
    f"Pay $(touch /share/{FORBIDDEN})`touch /share/{FORBIDDEN}`",
    "Pay ${{ secrets.TESTGATE_API_KEY }} ' || true",
    '::set-output name=conclusion::passed " ::error::x',
    "conclusion<<END\npassed\nEND",
    "section_start:1:x\r\x1b[31m${TESTGATE_API_KEY}",
)
HOSTILE = Plan(
    name="Nightly 'x' $(exit 1) ${{ github.token }}",
    tests=tuple(Test(name, word="FAILURE", message=f"{name} broke", suite=name) for name in _HOSTILE),
    running=2.0,
)
FLAKY = Plan(tests=(Test("Login"), Test("Pay", word="FAILURE", message="slow", later=("SUCCESS",))), running=2.0)


class Problem(Exception):
    """A play went differently than it should have."""


def expect(what: str, actual: object, expected: object, log: str = "") -> None:
    """Raise a Problem unless a value is as expected."""
    if actual != expected:
        raise Problem(f"{what}: {actual!r}, expected {expected!r}\n{log}")


class Played(NamedTuple):
    """The exit code of an engine, and its whole log."""

    code: int
    log: str

    def expect(self, code: int, *texts: str) -> None:
        """Raise a Problem unless the engine ended with this code, and its log contains the texts."""
        expect("exit code of the engine", self.code, code, self.log)
        for text in texts:
            expect(f"the log contains {text!r}", text in self.log, True, self.log)
        expect("the key is in the log", KEY in self.log, False)


class Stage:
    """A folder with a repository, a home and a folder that jobs share; and the simulated platform.

    `environ` is what the engine itself may know: where programs and the container engine are.
    """

    def __init__(self, root: Path, vendor: Vendor, environ: Mapping[str, str]) -> None:
        self.repository, self.share, home = root / "shop", root / "share", root / "home"
        for folder in (self.repository, self.share, home):
            folder.mkdir()
        self.vendor = vendor
        self._log = root / "log"
        kept = {name: value for name, value in environ.items() if name == "PATH" or name.startswith("DOCKER_")}
        self.environ = {**kept, "HOME": str(home), "LANG": "C.UTF-8", "NO_COLOR": "1"}

    def commit(self, files: Mapping[str, str]) -> None:
        """Write the files into the repository, and commit them the first time: an engine needs any commit."""
        for name, text in files.items():
            path = self.repository / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if (self.repository / ".git").exists():
            return
        for command in (
            "init --quiet --initial-branch=main",
            "add --all",
            "-c user.name=Ann -c user.email=ann@example.com commit --quiet --message=Files",
            "remote add origin https://github.com/shop/web.git",
        ):
            subprocess.run(["git", *command.split()], cwd=self.repository, env=self.environ, check=True)

    @contextlib.contextmanager
    def started(self, command: Sequence[str]) -> Iterator["Running"]:
        """Start an engine in the repository, in a group of its own; it's killed if it doesn't end."""
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                [shutil.which(command[0], path=self.environ["PATH"]) or command[0], *command[1:]],
                cwd=self.repository,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield Running(process, self._log)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def play(self, command: Sequence[str]) -> Played:
        """Run an engine to its end."""
        with self.started(command) as running:
            return running.end()

    def triggers(self) -> int:
        """How many runs were started."""
        return sum(each.method == "POST" for each in self.vendor.requests)

    def stopped(self) -> list[str]:
        """The ids of the runs that were asked to stop, once each."""
        return sorted({each.path.rpartition("/")[2] for each in self.vendor.requests if each.method == "PUT"})


class Running:
    """An engine that runs."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._path = log

    @property
    def log(self) -> str:
        """Everything that it has printed."""
        return self._path.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, what: str, happened: Callable[[], bool]) -> None:
        """Wait until something has happened; an engine that ends first is a Problem."""
        until = time.monotonic() + HANG_SECONDS
        while not happened():
            if self._process.poll() is not None or time.monotonic() > until:
                raise Problem(f"{what}: did not happen\n{self.log}")
            time.sleep(0.1)

    def interrupt(self) -> None:
        """Send the engine SIGINT, as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    def end(self) -> Played:
        """Wait for its end."""
        try:
            code = self._process.wait(HANG_SECONDS)
        except subprocess.TimeoutExpired:
            raise Problem(f"the engine did not end\n{self.log}") from None
        return Played(code, self.log)


@contextlib.contextmanager
def platform(scenario: AnyScenario) -> Iterator[Vendor]:
    """The simulated platform, which accepts the key of the tests."""
    app: Any
    if isinstance(scenario, TestiflyScenario):
        app = Testifly(scenario, key=KEY)
    else:
        app = Testsigma(one_plan(scenario) if isinstance(scenario, Plan) else scenario, key=KEY)
    with Simulator(app, speed=SPEED) as vendor:
        yield vendor
