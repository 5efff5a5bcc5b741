"""How long messages may be, so that the whole file stays small enough for every reader."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from testgate.model import TestResult
from testgate.results import JudgedRun

LONGEST_TEXT: Final = 150_000  # characters of one case's messages in one text: readers refuse a node of 10 MB
_LARGEST_FILE: Final = 28_000_000  # bytes: GitLab reads no larger file
_CERTAINLY_SMALL: Final = 4_000_000  # characters, each of which takes up to six bytes
_LEAST: Final = 200
_PER_TEXT: Final = 700  # bytes: its element, and its first line, which stands there twice more
_PER_CASE: Final = 400  # bytes of a case without its message, two names of usual length included
_SHORTENED: Final = " … [shortened, as the whole report would be too large]"


class Caps(NamedTuple):
    """The most characters of a message: of one that makes the file red, and of any other."""

    red: int = LONGEST_TEXT
    other: int = LONGEST_TEXT

    def of(self, test: TestResult) -> int:
        """The most characters of the test's last message."""
        return self.red if test.bad and not test.excused else self.other


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning and why there isn't more."""
    return text if len(text) <= limit else text[: max(0, limit - len(_SHORTENED))].rstrip() + _SHORTENED


def caps_of(runs: Sequence[JudgedRun]) -> Caps:
    """The caps for these runs. What explains a red case gives way last."""
    tests = [test for judged in runs for test in judged.report.tests]
    if sum(len(text) for test in tests for text in _texts(test)) <= _CERTAINLY_SMALL:
        return Caps()
    texts = sum(bool(text) for test in tests for text in _texts(test))
    room = _LARGEST_FILE - _PER_CASE * len(tests) - _PER_TEXT * texts
    red = [_Size.of(test.message) for test in tests if test.bad and not test.excused]
    other = [_Size.of(text) for test in tests for text in _others(test)]
    reds = _together(red, LONGEST_TEXT)
    if reds + _together(other, LONGEST_TEXT) <= room:
        return Caps()
    least = _together(other, _LEAST)
    if room - reds >= least:
        return Caps(other=_cap(other, room - reds))
    return Caps(_cap(red, room - least), _LEAST)


class _Size(NamedTuple):
    """A text: its characters, and the bytes that it takes in the file."""

    characters: int
    size: int

    @classmethod
    def of(cls, text: str) -> "_Size":
        """The size of a text in the file, where marks are escaped."""
        marks = text.count("&") + text.count("<") + text.count(">")
        return cls(len(text), len(text.encode(errors="replace")) + 4 * marks)

    def within(self, cap: int) -> int:
        """The bytes of as many characters at most."""
        return self.size if self.characters <= cap else self.size * cap // self.characters + len(_SHORTENED)


def _together(sizes: Sequence[_Size], cap: int) -> int:
    """The bytes of texts with a cap."""
    return sum(size.within(cap) for size in sizes)


def _cap(sizes: Sequence[_Size], room: int) -> int:
    """The largest of a few caps with which texts of these sizes fit."""
    cap = LONGEST_TEXT
    while cap > _LEAST and _together(sizes, cap) > room:
        cap = cap * 3 // 4
    return max(cap, _LEAST)


def _texts(test: TestResult) -> Iterator[str]:
    """The messages of all attempts."""
    yield test.message
    yield from (each.message for each in test.earlier)


def _others(test: TestResult) -> Iterable[str]:
    """The messages that don't make the file red."""
    return [each.message for each in test.earlier] if test.bad and not test.excused else _texts(test)
