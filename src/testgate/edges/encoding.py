"""How the log is encoded: UTF-8 for CIs and files, and as a terminal wants it, where no sign may end the step."""

import codecs
from collections.abc import Mapping
from typing import Final, TextIO

from testgate.edges.console import is_terminal

# Without the sign that breaks the commands of CIs: it must not disappear.
_LIKE: Final[Mapping[str, str]] = {
    "…": "...",
    "✓": "+",
    "✅": "+",
    "✗": "x",
    "❌": "x",
    "·": "-",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "○": "o",
    "\N{MULTIPLICATION SIGN}": "x",
    "→": "->",
    "“": '"',
    "”": '"',
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
}
_NAME: Final = "testgate.like"


def prepare(stream: TextIO, environ: Mapping[str, str]) -> None:
    """Set how the stream is encoded, before anything is written.

    A terminal keeps its encoding, and so does a stream whose encoding the user set with `PYTHONIOENCODING`. Everything
    else gets UTF-8 with the same line ends on all systems, since that is what CIs and editors read.
    """
    if not hasattr(stream, "reconfigure"):
        return
    codecs.register_error(_NAME, _like)
    if is_terminal(stream) or environ.get("PYTHONIOENCODING", "").partition(":")[0]:
        stream.reconfigure(errors=_NAME)
    else:
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def _like(error: UnicodeError) -> tuple[str | bytes, int]:
    """What is written instead of the signs that an encoding lacks: similar ones, or their numbers."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    escaped = (_LIKE.get(sign, sign.encode("ascii", "backslashreplace").decode("ascii")) for sign in signs)
    return "".join(escaped), error.end
