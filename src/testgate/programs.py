"""Programs of the CI's own, such as its agent: run one after another in a thread of their own.

Nothing waits for them but the step's end: between a trigger and its watching there is no time for that.
"""

import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from testgate.errors import ReportError
from testgate.text import one_line

_PATIENCE_SECONDS = 15.0  # for one program
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
        TimeoutError: it took too long, and was killed.

    """
    try:
        done = subprocess.run(  # noqa: S603  # a program of the CI, by its name; no shell reads the arguments
            [*command],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return Done(done.returncode, done.stdout)


class Programs:
    """Runs what it is given in that order. After the first failure it runs nothing more: the next would fail too."""

    def __init__(self, runner: Runner, redact: Callable[[str], str]) -> None:
        """Take what runs one program, and what hides secrets in what the program says."""
        self._runner = runner
        self._redact = redact
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Sequence[str], str]] = deque()
        self._running: Sequence[str] = ()
        self._failure: ReportError | None = None

    def run(self, command: Sequence[str], text: str) -> None:
        """Have the program run as soon as those before it have ended."""
        with self._changed:
            if self._failure is not None:
                return
            self._waiting.append((command, text))
            if not self._running:
                self._running = command
                threading.Thread(target=self._work, daemon=True).start()

    def settle(self, seconds: float) -> ReportError | None:
        """Wait until all have ended, so long at most; what went wrong, if something did."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._running, seconds):
                self._fail("did not end in time")
            return self._failure

    def _work(self) -> None:
        """Run what waits, one after another, until nothing does."""
        while True:
            with self._changed:
                if not self._waiting:
                    self._running = ()
                    self._changed.notify_all()
                    return
                self._running, text = self._waiting.popleft()
            wrong = self._attempt(self._running, text)
            if wrong:
                with self._changed:
                    self._fail(wrong)

    def _attempt(self, command: Sequence[str], text: str) -> str:
        """Run one; what went wrong, "" where nothing did."""
        try:
            done = self._runner(command, text, _PATIENCE_SECONDS)
        except TimeoutError:
            return "did not end in time"
        except OSError as error:
            return f"could not be started: {error.strerror or error}"
        said = one_line(self._redact(done.said)) or "it said nothing"
        return f"ended with {done.code}: {said}" if done.code else ""

    def _fail(self, wrong: str) -> None:
        """Remember the first failure, and drop what waits."""
        self._waiting.clear()
        name = " ".join(self._running[:_SHOWN_WORDS])
        self._failure = self._failure or ReportError(f"`{name}` {wrong}", remedy=_REMEDY)
