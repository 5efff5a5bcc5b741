"""Runs the CI's own programs, such as its agent: a few at a time, each in a thread.

Only the end of the step waits for them: between a trigger and the first poll there is no time for that.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from testgate.errors import ReportError
from testgate.text import one_line, tidy

_PATIENCE_SECONDS = 15.0  # for one program
_AT_ONCE = 4  # each is a network call: twenty in a row would take too long
_MOST_SAID = 64 * 1024  # characters: the first lines say what is wrong
_SHOWN_WORDS = 3  # of a command: its name and action, not the values
_REMEDY = "Check that the CI's agent works inside the container, or remove it from PATH there."


class Done(NamedTuple):
    """The outcome of a program: its exit code and its output."""

    code: int
    said: str


Runner = Callable[[Sequence[str], str, float], Done]


def run_program(command: Sequence[str], text: str, seconds: float) -> Done:
    """Run a program with this standard input.

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
        start_new_session=True,  # a group of its own: signals to the step's group must not reach it
    ) as program:
        try:
            said, _nothing = program.communicate(text, timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            raise TimeoutError from None
    return Done(program.returncode, said[:_MOST_SAID])


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
        said = one_line(tidy(done.said, self._redact)) or "no output"
        return f"ended with {done.code}: {said}" if done.code else ""

    def _fail(self, command: Sequence[str], wrong: str) -> None:
        """Remember the first failure, and drop everything that is waiting."""
        self._waiting.clear()
        name = " ".join(command[:_SHOWN_WORDS])
        self._failure = self._failure or ReportError(f"`{name}` {wrong}", remedy=_REMEDY)
