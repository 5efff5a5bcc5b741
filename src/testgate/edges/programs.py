"""Runs the CI's own programs, such as its agent: a few at a time, each in a thread.

Only the end of the step waits for them: between a trigger and the first poll there is no time for that.
"""

import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from testgate.edges.system import kill_group, own_group
from testgate.errors import ReportError
from testgate.inputs.lookup import is_input
from testgate.redact import Redactor
from testgate.text import Redact, beginning, shown

_PATIENCE_SECONDS = 15.0  # for one program
_AT_ONCE = 4  # each is a network call: twenty in a row would take too long
_MOST_SAID = 64 * 1024  # characters: the first lines say what is wrong
# What a program needs to start, and to reach the CI: a secret that occurs there is an ordinary word, or the proxy's.
_NEEDED_ON_WINDOWS = frozenset({"SYSTEMROOT", "PATHEXT", "COMSPEC", "USERPROFILE"})
_NEEDED = frozenset({"PATH", "HOME", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}) | _NEEDED_ON_WINDOWS
_SHOWN_WORDS = 3  # of a command: its name and action, not the values
_REMEDY = "Check that the CI's agent works inside the container, or remove it from PATH there."


class Done(NamedTuple):
    """The outcome of a program: its exit code and its output."""

    code: int
    said: str


class Runner(Protocol):
    """Runs a program with a standard input, for up to so many seconds."""

    def __call__(self, command: Sequence[str], text: str, seconds: float, /) -> Done:
        """Return the outcome.

        Raises:
            OSError: it cannot be started.
            TimeoutError: it took too long.

        """


def run_program(
    command: Sequence[str],
    text: str,
    seconds: float,
    *,
    environ: Mapping[str, str] | None = None,
    redact: Redact | None = None,
) -> Done:
    """Run a program with this standard input and this environment, which is empty if none is given.

    The output is free of secrets and limited.

    Raises:
        OSError: it cannot be started.
        TimeoutError: it took too long, and was killed together with its children.

    """
    with subprocess.Popen(  # noqa: S603  # a program of the CI, called by name; no shell parses the arguments
        [*command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env=environ or {},
        **own_group(),
    ) as program:
        try:
            said, _nothing = program.communicate(text, timeout=seconds)
        except subprocess.TimeoutExpired:
            kill_group(program)
            raise TimeoutError from None
    return Done(program.returncode, beginning(said, redact or Redactor(), _MOST_SAID))


def for_programs(environ: Mapping[str, str], redact: Callable[[str], str]) -> dict[str, str]:
    """The environment that the CI's programs get: without inputs, and without the secrets among these.

    `redact` knows those secrets. A program keeps its proxy, with the credentials for it, since it must
    reach the CI.
    """
    return {
        name: value
        for name, value in environ.items()
        if not is_input(name) and (name.upper() in _NEEDED or redact(value) == value)
    }


class Programs:
    """Runs commands, a few at a time; the same command never twice at once.

    A newer text for a command replaces one that is still waiting. After the first failure nothing
    else runs, as it would fail too.
    """

    def __init__(self, runner: Runner, redact: Callable[[str], str]) -> None:
        self._runner = runner
        self._redact = redact
        self._changed = threading.Condition()
        self._waiting: list[tuple[Sequence[str], str]] = []
        self._running: list[Sequence[str]] = []
        self._failure: ReportError | None = None

    def apart(self) -> "Programs":
        """Others, whose failures have nothing to do with these."""
        return Programs(self._runner, self._redact)

    def run(self, command: Sequence[str], text: str) -> None:
        """Run the program as soon as a slot is free and the same command isn't running."""
        with self._changed:
            if self._failure is None:
                self._waiting = [*(waits for waits in self._waiting if waits[0] != command), (command, text)]
                self._start_what_can()

    def settle(self, seconds: float) -> ReportError | None:
        """Wait until all have ended, up to this long; returns the failure, if there was one."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._running, seconds):
                self._fail(self._running[0], "did not end in time")
            return self._failure

    def resume(self) -> None:
        """Run commands again, despite an earlier failure."""
        with self._changed:
            self._failure = None

    def _start_what_can(self) -> None:
        """Fill the free slots in order."""
        for command, text in [*self._waiting]:
            if len(self._running) == _AT_ONCE:
                return
            if command not in self._running:
                self._waiting.remove((command, text))
                self._running.append(command)
                threading.Thread(target=self._work, args=(command, text), daemon=True).start()

    def _work(self, command: Sequence[str], text: str) -> None:
        """Run one program, then start whatever waited for it."""
        wrong = self._attempt(command, text)
        with self._changed:
            if wrong:
                self._fail(command, wrong)
            self._running.remove(command)
            self._start_what_can()
            self._changed.notify_all()

    def _attempt(self, command: Sequence[str], text: str) -> str:
        """Run one program; returns what went wrong, or ""."""
        try:
            done = self._runner(command, text, _PATIENCE_SECONDS)
        except TimeoutError:
            return "did not end in time"
        except (OSError, ValueError) as error:
            return f"could not be started: {getattr(error, 'strerror', None) or error}"
        said = shown(done.said, self._redact) or "no output"
        return f"ended with {done.code}: {said}" if done.code else ""

    def _fail(self, command: Sequence[str], wrong: str) -> None:
        """Remember the first failure, and drop everything that is waiting."""
        self._waiting.clear()
        name = " ".join(command[:_SHOWN_WORDS])
        self._failure = self._failure or ReportError(f"`{name}` {wrong}", remedy=_REMEDY)
