"""Makes text from outside harmless: no control characters, no lone surrogates, a bounded length.

Escaping for a grammar (Markdown, XML, a CI's commands) is up to the module for that grammar.
"""

from collections.abc import Callable
from typing import Protocol


class Redact(Protocol):
    """Hides secrets in a text. `longest` is the length in characters of the longest spelling that it knows."""

    @property
    def longest(self) -> int:
        """The length of the longest spelling of a secret; 0 if there are no secrets."""

    def __call__(self, text: str) -> str:
        """The text without secrets."""


def clean(text: str) -> str:
    r"""Remove ANSI sequences, replace other control characters with U+FFFD, and end lines with \n.

    The result is valid XML text and can be encoded as UTF-8.
    """
    if text.isprintable():  # most texts are one line without any of this
        return text
    from testgate.odd_text import cleaned

    return cleaned(text)


def tidy(text: str, redact: Callable[[str], str]) -> str:
    """Clean text and remove secrets, including those that were interrupted by removed characters.

    Call this before text is escaped or cut: in escaped text, a secret would not be found.
    """
    hidden = redact(text)
    cleaned = clean(hidden)
    return hidden if cleaned == hidden else redact(cleaned)


def shown(text: str, redact: Callable[[str], str], limit: int = 300) -> str:
    """Text from outside, ready for a message: without secrets, clean, on one line, at most `limit` characters.

    The only way to cut text that may contain a secret: half a secret is one, too, and would not be
    found after the cut. Secrets are also looked for after blanks were joined, which can complete one.
    """
    tidied = tidy(text, redact)
    joined = " ".join(tidied.split())
    return cut(joined if joined == tidied else redact(joined), limit)


def beginning(text: str, redact: Redact, limit: int) -> str:
    """At most the first `limit` characters of a text that is too long to be looked through as a whole, tidied.

    If the limit cuts a secret in two, its first part isn't in the result.
    """
    tidied = tidy(text[:limit], redact)
    return tidied if len(text) <= limit else tidied[: max(0, len(tidied) - redact.longest)]


def one_line(text: str, limit: int = 300) -> str:
    """Clean text on one line, cut to `limit` characters. The text must be free of secrets; `shown` sees to that."""
    return cut(text if is_plain(text) else " ".join(clean(text).split()), limit)


def is_plain(text: str) -> bool:
    """Whether the text is clean and on one line already, as most names are: quick to see, so that they cost little."""
    return text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " "


def cut(text: str, limit: int) -> str:
    """Cut text to at most `limit` characters, ending with an ellipsis if something was cut.

    The text must be free of secrets; `shown` sees to that.
    """
    return text if len(text) <= limit else text[: max(0, limit - 1)] + "…"


def plural(number: int, noun: str) -> str:
    """Format a number and a noun: `1 test`, `2 tests`, `0 tests`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """Format a duration for people: `8.4 s`, `2 min 05 s`, `1 h 02 min`."""
    if seconds < 59.95:  # noqa: PLR2004  # longer durations are rounded to a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(max(60, int(seconds)), 60)
    if minutes < 60:  # noqa: PLR2004  # an hour
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"
