"""The end of a step at a terminal: the failed tests in a small table, and a line with all numbers. Pure."""

import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final

from testgate.gate.announcing import title
from testgate.model import Counts, Outcome
from testgate.results import Gate, failed_tests
from testgate.text import clean, duration, one_line

_MOST: Final = 20
_NARROWEST: Final = 40
_WIDEST: Final = 160
_RED, _GREEN, _YELLOW, _BOLD, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[0m"
_MARKS: Final = {Outcome.FAILED: "FAILED", Outcome.ERROR: "ERROR", Outcome.NOT_RUN: "NOT RUN"}
_COLUMN: Final = max(map(len, _MARKS.values()))


def shortlist(gate: Gate, columns: int, *, colored: bool) -> Iterator[str]:
    """Lines of at most so many columns; none if no test is known."""
    counts = gate.verdict.counts
    if not counts.total:
        return
    width = min(max(columns, _NARROWEST), _WIDEST)
    found = failed_tests(gate.runs)
    several = len(gate.runs) > 1
    names = [_safe(title(run, test, several=several)) for run, test in islice(found, _MOST)]
    room = max(_NARROWEST // 2, min(max(map(cells, names), default=0), width * 3 // 5))
    for name, (_run, test) in zip(names, found, strict=False):
        mark = _in(
            _RED if test.outcome is not Outcome.NOT_RUN else _YELLOW, _MARKS[test.outcome].ljust(_COLUMN), colored
        )
        message = _safe(test.message.strip().partition("\n")[0])
        yield f"{mark} {fitted(name, room)} {fitted(message, width - _COLUMN - room - 2)}".rstrip()
    if len(found) > _MOST:
        yield f"{'':{_COLUMN}} … and {len(found) - _MOST} more"
    yield _in(_BOLD + (_RED if gate.exit_code else _GREEN), _bar(_numbers(counts, gate.seconds), width), colored)


def _safe(text: str) -> str:
    """The text on one line, without anything that a terminal obeys."""
    return "".join(character for character in one_line(clean(text)) if character.isprintable())


def cells(text: str) -> int:
    """How many columns a text takes: some letters take two, and marks on letters none."""
    return sum(_width(character) for character in text)


def fitted(text: str, room: int) -> str:
    """The text in exactly so many columns."""
    if cells(text) <= room:
        return text + " " * (room - cells(text))
    kept, left = "", room - 1
    for character in text:
        left -= _width(character)
        if left < 0:
            break
        kept += character
    return kept + "…" + " " * max(0, room - 1 - cells(kept))


def _width(character: str) -> int:
    """The columns of one character."""
    if unicodedata.combining(character) or unicodedata.category(character) in {"Cf", "Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _numbers(counts: Counts, seconds: float) -> str:
    """`2 failed, 1 error, 10 passed in 12.3 s`."""
    parts = (
        (counts.failed, "failed"),
        (counts.errors, "errors" if counts.errors > 1 else "error"),
        (counts.not_run, "not run"),
        (counts.passed, "passed"),
        (counts.flaky, "flaky"),
        (counts.quarantined, "quarantined"),
        (counts.tolerated, "tolerated"),
        (counts.skipped, "skipped"),
    )
    return f"{', '.join(f'{number} {word}' for number, word in parts if number)} in {duration(seconds)}"


def _bar(text: str, width: int) -> str:
    """The text in the middle of a line of equals signs."""
    return f" {text} ".center(width, "=")


def _in(style: str, text: str, colored: bool) -> str:
    """The text in a style."""
    return f"{style}{text}{_PLAIN}" if colored else text
