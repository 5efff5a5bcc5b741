"""Programs of the CI's own, such as its agent: run a few at a time, in threads of their own.

Nothing waits for them but the step's end: between a trigger and its watching there is no time for that.
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
_AT_ONCE = 4  # each is a call over the network: one after another, twenty would take too long
_MOST_SAID = 64 * 1024  # characters: the first lines tell what is wrong
_SHOWN_WORDS = 3  # of a command: its name and what it does, not the values
_REMEDY = "Check that the CI's agent works inside the container, or take it off the PATH there."


class Done(NamedTuple):
    """What a program came to: its exit code and what it said."""

    code: int
    said: str


Runner = Callable[[Sequence[str], str, float], Done]


def run_program(command: Sequence[str], text: str, seconds: float) -> Done:
    """Run a program with this standard input.

    Raises:
        OSError: it cannot be started.
        TimeoutError: it took too long, and was killed with all that it had started.

    """
    with subprocess.Popen(  # noqa: S603  # a program of the CI, by its name; no shell reads the arguments
        [*command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # a group of its own: a signal to the step's group is not for it
    ) as program:
        try:
            said, _nothing = program.communicate(text, timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            raise TimeoutError from None
    return Done(program.returncode, said[:_MOST_SAID])


class Programs:
    """Runs what it is given, a few at a time; of the same words one after the other.

    A newer text for the same words takes the place of one that still waits. After the first failure
    nothing more is run: the next would fail too.
    """

    def __init__(self, runner: Runner, redact: Callable[[str], str]) -> None:
        """Take what runs one program, and what hides secrets in what the program says."""
        self._runner = runner
        self._redact = redact
        self._changed = threading.Condition()
        self._waiting: list[tuple[Sequence[str], str]] = []
        self._running: list[Sequence[str]] = []
        self._failure: ReportError | None = None

    def run(self, command: Sequence[str], text: str) -> None:
        """Have the program run as soon as there is a place for it, and none with the same words before it."""
        with self._changed:
            if self._failure is None:
                self._waiting = [*(waits for waits in self._waiting if waits[0] != command), (command, text)]
                self._start_what_can()

    def settle(self, seconds: float) -> ReportError | None:
        """Wait until all have ended, so long at most; what went wrong, if something did."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._running, seconds):
                self._fail(self._running[0], "did not end in time")
            return self._failure

    def resume(self) -> None:
        """Run what is given from now on, whatever failed before."""
        with self._changed:
            self._failure = None

    def _start_what_can(self) -> None:
        """Fill the free places, the first that waits first."""
        for command, text in [*self._waiting]:
            if len(self._running) == _AT_ONCE:
                return
            if command not in self._running:
                self._waiting.remove((command, text))
                self._running.append(command)
                threading.Thread(target=self._work, args=(command, text), daemon=True).start()

    def _work(self, command: Sequence[str], text: str) -> None:
        """Run one, then whatever waited for it."""
        wrong = self._attempt(command, text)
        with self._changed:
            if wrong:
                self._fail(command, wrong)
            self._running.remove(command)
            self._start_what_can()
            self._changed.notify_all()

    def _attempt(self, command: Sequence[str], text: str) -> str:
        """Run one; what went wrong, "" where nothing did."""
        try:
            done = self._runner(command, text, _PATIENCE_SECONDS)
        except TimeoutError:
            return "did not end in time"
        except (OSError, ValueError) as error:
            return f"could not be started: {getattr(error, 'strerror', None) or error}"
        said = one_line(tidy(done.said, self._redact)) or "it said nothing"
        return f"ended with {done.code}: {said}" if done.code else ""

    def _fail(self, command: Sequence[str], wrong: str) -> None:
        """Remember the first failure, and drop what waits."""
        self._waiting.clear()
        name = " ".join(command[:_SHOWN_WORDS])
        self._failure = self._failure or ReportError(f"`{name}` {wrong}", remedy=_REMEDY)
