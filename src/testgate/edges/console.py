"""The log: free of secrets, safe for the CI, one line per event, with the time since the start."""

import contextlib
import os
from collections.abc import Callable
from typing import TextIO

from testgate.text import cut, shown, tidy

_LONGEST_LINE = 4000
_LONGEST_PROGRESS = 100
_BAR_CELLS = 24


class Console:
    """Writes to standard output. Every line passes `redact` and `defuse`; lines for the CI only `redact`.

    `elapsed` gives seconds since the start of the process. On a terminal, a progress bar is shown
    below the last line; `live` says whether, and can be turned off.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        redact: Callable[[str], str],
        defuse: Callable[[str], str],
        elapsed: Callable[[], float],
        debug: bool = False,
    ) -> None:
        self._stream = stream
        self._redact = redact
        self._defuse = defuse
        self._elapsed = elapsed
        self._debug = debug
        self._bar = ""
        self.live = is_terminal(stream)

    def line(self, text: str = "") -> None:
        """Print text; each of its lines is one line of the log."""
        for part in tidy(text, self._redact).split("\n"):
            self._print(self._defuse(cut(part, _LONGEST_LINE)))

    def event(self, text: str) -> None:
        """Print text with the time since the start."""
        self.line(f"{stamp(self._elapsed())}  {text}")

    def debug(self, text: str) -> None:
        """Print text if the debug log is on."""
        if self._debug:
            self.event(f"debug: {text}")

    def act(self, line: str) -> None:
        """Print a line for the CI unchanged, except for secrets."""
        self._print(self._redact(line))

    def mask(self, line: str) -> None:
        """Print the line that makes the CI hide a secret: the only line that may contain one."""
        self._print(line)

    def progress(self, done: int, total: int, text: str) -> None:
        """Repaint the progress bar; does nothing unless the stream is a terminal."""
        if self.live:
            # Without wrapping: if the bar took two rows, one of them would be left behind.
            text = shown(text, self._redact, _LONGEST_PROGRESS)
            self._bar = f"\x1b[?7l{stamp(self._elapsed())}  {bar(done, total)} {text}\x1b[?7h"
            self._write(f"\r\x1b[2K{self._bar}")

    def end_progress(self) -> None:
        """Remove the progress bar."""
        if self._bar:
            self._bar = ""
            self._write("\r\x1b[2K")

    def _print(self, line: str) -> None:
        """Print one line above the progress bar."""
        under, again = ("\r\x1b[2K", self._bar) if self._bar else ("", "")
        self._write(f"{under}{line}\n{again}")

    def _write(self, text: str) -> None:
        """Write to the stream; a log that nobody reads anymore is no reason to fail."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except BlockingIOError:  # the reader is slow: the rest is written with the next line
            return
        except (OSError, ValueError):
            _let_go(self._stream)


def _let_go(stream: TextIO) -> None:
    """Redirect a stream that can't be written to the null device.

    Python flushes its buffer once more at exit; that would fail again, and change the exit code
    to 120.
    """
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, stream.fileno())
        finally:
            os.close(nowhere)


def stamp(seconds: float) -> str:
    """Time since the start: ` 0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:  # noqa: PLR2004  # an hour
        return f"{minutes:2d}:{rest:02d}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


def bar(done: int, total: int) -> str:
    """A text bar: `[#######-----------------] 4/14`."""
    filled = min(_BAR_CELLS, _BAR_CELLS * done // total) if total else 0
    return f"[{'#' * filled}{'-' * (_BAR_CELLS - filled)}] {done}/{total or '?'}"


def is_terminal(stream: TextIO) -> bool:
    """Whether the stream is a terminal; a closed one isn't."""
    try:
        return stream.isatty()
    except ValueError:
        return False
