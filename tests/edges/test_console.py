"""The log: every line is harmless, and the progress bar leaves nothing behind."""

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given

import testgate
from testgate.edges.console import Console, bar, stamp
from testgate.platforms.github import GitHub
from testgate.redact import Redactor
from testgate.text import clean
from tests.grammars.github import command_of, lines_of, names_at_worst
from tests.support.hostile_text import TEXTS
from tests.support.screen import Terminal
from tests.support.surroundings import surroundings

SOURCE = str(Path(testgate.__file__).parents[1])


def console(
    stream: io.StringIO | None = None, *, elapsed: float = 0.0, debug: bool = False, redact: Callable[[str], str] = str
) -> tuple[Console, io.StringIO]:
    """A log for GitHub, and the stream that it writes to."""
    stream = io.StringIO() if stream is None else stream
    platform = GitHub(surroundings({}))
    return Console(stream, redact=redact, defuse=platform.defuse, elapsed=lambda: elapsed, debug=debug), stream


@given(TEXTS)
def test_no_line_of_the_log_is_a_command(text: str) -> None:
    """The runner sees only text, and all of it."""
    log, stream = console()
    log.line(text)
    printed = stream.getvalue()
    assert printed.endswith("\n")
    for line in lines_of(printed):
        assert command_of(line) is None
        assert not names_at_worst(line)
    assert printed.replace("\u200b", "") == clean(text).replace("\u200b", "") + "\n"


@given(TEXTS)
def test_no_event_is_a_command(text: str) -> None:
    """The time comes before the first line only, but every line is defused."""
    log, stream = console(debug=True)
    log.event(text)
    log.debug(text)
    assert not any(names_at_worst(line) for line in lines_of(stream.getvalue()))


@given(TEXTS, TEXTS)
def test_no_secret_reaches_the_log(before: str, after: str) -> None:
    """Secrets are hidden in text, actions and the progress bar, even with escape sequences inside."""
    log, stream = console(Terminal(), redact=Redactor(["s3cret-key"]))
    for secret in ("s3cret-key", "s3cr\x1b[0met-key", "s3c\x1b]0;x\x07ret-key"):
        log.line(f"{before}{secret}{after}")
        log.event(secret)
        log.progress(1, 2, secret)
    log.act("::error::s3cret-key")
    log.end_progress()
    assert "s3cret-key" not in stream.getvalue()


def test_a_mask_contains_the_secret() -> None:
    """It is the only line that has to."""
    log, stream = console(redact=Redactor(["s3cret-key"]))
    log.mask("::add-mask::s3cret-key")
    assert stream.getvalue() == "::add-mask::s3cret-key\n"


def test_an_action_is_printed_unchanged() -> None:
    """Lines from the CI's adapter are neither defused nor cut."""
    log, stream = console()
    log.act("::error title=a::" + "b" * 5_000)
    assert stream.getvalue() == "::error title=a::" + "b" * 5_000 + "\n"


def test_long_lines_are_cut() -> None:
    """Every line is limited by itself."""
    log, stream = console()
    log.line("a" * 100_000 + "\nshort\n" + "b" * 100_000)
    lines = stream.getvalue().splitlines()
    assert [len(line) for line in lines] == [4000, 5, 4000]
    assert lines[0].endswith("…")


def test_an_event_starts_with_the_time() -> None:
    """It is the time since the start."""
    log, stream = console(elapsed=754.9)
    log.event("still running")
    assert stream.getvalue() == "12:34  still running\n"


def test_debug_lines_are_printed_only_in_the_debug_log() -> None:
    """By default, nothing is printed."""
    for wanted in (True, False):
        log, stream = console(debug=wanted)
        log.debug("GET /x")
        assert ("debug: GET /x" in stream.getvalue()) is wanted


@pytest.mark.parametrize(("seconds", "shown"), [(0, " 0:00"), (59.9, " 0:59"), (3599, "59:59"), (3723, "1:02:03")])
def test_time_since_the_start_is_formatted(seconds: float, shown: str) -> None:
    """Minutes and seconds are shown, and hours if there are any."""
    assert stamp(seconds) == shown


@pytest.mark.parametrize(
    ("done", "total", "shown"),
    [
        (0, 0, "[------------------------] 0/?"),
        (1, 2, "[############------------] 1/2"),
        (3, 2, "[########################] 3/2"),
    ],
)
def test_the_bar_never_overflows(done: int, total: int, shown: str) -> None:
    """It fills up to its end."""
    assert bar(done, total) == shown


def test_without_a_terminal_there_is_no_bar() -> None:
    """In a file, a bar would be noise."""
    log, stream = console()
    log.progress(1, 2, "running")
    log.line("text")
    log.end_progress()
    assert stream.getvalue() == "text\n"


def test_the_bar_stays_below_the_last_line() -> None:
    """Every line is printed above it."""
    log, stream = console(Terminal())
    assert isinstance(stream, Terminal)
    log.line("first")
    log.progress(1, 4, "running")
    log.line("second")
    log.progress(2, 4, "running")
    log.act("::group::third")
    assert stream.rows() == ["first", "second", "::group::third", " 0:00  [############------------] 2/4 running"]


@pytest.mark.parametrize("columns", [10, 40, 200])
def test_the_bar_leaves_nothing_behind(columns: int) -> None:
    """At the end, the screen shows only the lines, however narrow the terminal is."""
    log, stream = console(Terminal())
    assert isinstance(stream, Terminal)
    log.end_progress()
    for done in range(5):
        log.progress(done, 4, "running: many words of what goes on, and\nmore" * 3)
        log.line(f"line {done}")
    log.end_progress()
    log.end_progress()
    log.line("last")
    assert stream.rows(columns) == [*(f"line {done}" for done in range(5)), "last"]


class Broken(io.StringIO):
    """A stream that fails."""

    def __init__(self, fault: Exception) -> None:
        super().__init__()
        self._fault = fault

    def write(self, _text: str) -> int:
        """Fail."""
        raise self._fault


@pytest.mark.parametrize(
    "fault",
    [
        BrokenPipeError(errno.EPIPE, "Broken pipe"),
        BlockingIOError(errno.EAGAIN, "not now"),
        OSError(errno.ENOSPC, "full"),
        ValueError("I/O operation on closed file"),
    ],
)
def test_a_log_that_nobody_reads_is_no_reason_to_fail(fault: Exception) -> None:
    """The step continues to its end."""
    log, _stream = console(Broken(fault))
    log.line("text")
    log.act("::group::x")


def test_a_closed_stream_is_no_terminal() -> None:
    """Writing to it is no reason to fail."""
    stream = io.StringIO()
    stream.close()
    log, _stream = console(stream)
    assert not log.live
    log.line("text")


def test_a_broken_pipe_does_not_change_the_exit_code() -> None:
    """Python's own flush at exit must not fail again."""
    program = (
        "import sys\nfrom testgate.edges.console import Console\n"
        "log = Console(sys.stdout, redact=str, defuse=str, elapsed=float)\n"
        "for number in range(1000): log.line('x' * 1000)\nsys.exit(5)\n"
    )
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(  # noqa: S603  # a program of this test
        [sys.executable, "-c", program],
        stdout=writing,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": SOURCE},
        check=False,
        timeout=30,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (5, b"")
