"""Makes the texts of tests safe and small: clean, free of secrets, and cut."""

from collections.abc import Callable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, Final

from testgate.model import TestResult
from testgate.text import cut, one_line, tidy

LONGEST_MESSAGE: Final = 16_000
LONGEST_NAME: Final = 1_000
LONGEST_WORD: Final = 200
_TEXTS: Final = ("case_id", "name", "word", "suite", "machine", "message", "step", "video")
_LINES: Final = ("case_id", "name", "word", "suite", "machine", "step", "video")  # messages may have several lines
_BETWEEN: Final = "\N{SECTION SIGN}"  # lines that are looked at together
_NOT_PLAIN: Final = ("  ", f"{_BETWEEN} ", f" {_BETWEEN}")  # blanks that repeat, or are at one end of a line
_MOST_KNOWN: Final = 10_000
_LONGEST_KNOWN: Final = 200


class Cleaner:
    """Cleans tests. `redact` sees every text first."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        self._redact = redact
        self._texts = attrgetter(*_TEXTS)
        self._lines = attrgetter(*_LINES)
        self._word = _Remembering(lambda text: self.short(text, LONGEST_WORD))
        self._place = _Remembering(lambda text: self.short(text, LONGEST_NAME))
        self._message = _Remembering(lambda text: cut(self._tidy(text).strip(), LONGEST_MESSAGE))

    def plain(self, tests: Sequence[TestResult], *, named: bool) -> bool:
        """Whether all texts but the messages are certainly clean, short and free of secrets, as most are.

        Seen at once for many tests, this costs little. What isn't plain together may still be plain alone. With
        `named`, each test must have a name.
        """
        lines = list(chain.from_iterable(map(self._lines, tests)))
        joined = _BETWEEN.join(["", *lines, ""])
        return (
            joined.isprintable()
            and not any(each in joined for each in _NOT_PLAIN)
            and max(map(len, lines), default=0) <= LONGEST_WORD
            and self._redact(joined) == joined
            and (not named or all(test.name for test in tests))
        )

    def test(self, test: TestResult, room: bool, *, plain: bool = False) -> TestResult:
        """The result with every text clean, cut and free of secrets; without `room`, its message is one line.

        `plain` says that only the message has to be looked at.
        """
        message = self._message(test.message)
        if plain and room:
            return test if message == test.message else test._replace(message=message)
        cleaned = (
            self.short(test.case_id, LONGEST_WORD),
            self.short(test.name, LONGEST_NAME) or f"(unnamed test {test.case_id or test.id})",
            self._word(test.word),
            self._place(test.suite),
            self._place(test.machine),
            message if room else one_line(message),
            self._place(test.step),
            self._place(test.video),
        )
        if cleaned == self._texts(test):  # as most tests
            return test
        changed: dict[str, Any] = dict(zip(_TEXTS, cleaned, strict=True))
        return test._replace(**changed)

    def short(self, text: str, limit: int) -> str:
        """Text on one safe line."""
        return one_line(self._tidy(text), limit)

    def _tidy(self, text: str) -> str:
        """Clean text, free of secrets."""
        return tidy(text, self._redact)


class _Remembering:
    """Cleans a text once: suites, machines and most messages repeat. What it remembers is bounded."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """The clean text."""
        found = self._known.get(text)
        if found is None:
            found = self._make(text)
            if len(text) <= _LONGEST_KNOWN and len(self._known) < _MOST_KNOWN:
                self._known[text] = found
        return found
