"""Makes text from outside harmless: no control characters, no lone surrogates, a bounded length.

Escaping for a grammar (Markdown, XML, a CI's commands) is up to the module for that grammar.
"""

import re
from collections.abc import Callable

_ANSI = re.compile(
    r"(?:\x1b[\[]|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]"  # CSI: colours, cursor movements
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)?"  # OSC: titles, links
    r"|\x1b[PX^_][^\x1b\x9c]{0,4096}(?:\x1b\\|\x9c)?"  # DCS, SOS, PM, APC
    r"|\x1b[ -/]{0,16}[0-~]?"  # other escapes
)
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # these change the direction of text
)
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029\x85]")
_BLANKS = re.compile(r"\s+")


def clean(text: str) -> str:
    r"""Remove ANSI sequences, replace other control characters with U+FFFD, and end lines with \n.

    The result is valid XML text and can be encoded as UTF-8.
    """
    return _HIDDEN.sub("\ufffd", _ANSI.sub("", _LINE_ENDS.sub("\n", text)))


def tidy(text: str, redact: Callable[[str], str]) -> str:
    """Clean text and remove secrets, including those that were interrupted by removed characters.

    Call this before text is escaped or cut: in escaped text, a secret would not be found.
    """
    return redact(clean(redact(text)))


def one_line(text: str, limit: int = 300) -> str:
    """Clean text on one line, cut to `limit` characters."""
    return cut(_BLANKS.sub(" ", clean(text)).strip(), limit)


def cut(text: str, limit: int) -> str:
    """Cut text to at most `limit` characters, ending with an ellipsis if something was cut."""
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
