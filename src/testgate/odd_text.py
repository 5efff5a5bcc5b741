"""Cleans text that has control characters or several lines. Most text has neither, and is never brought here."""

import re

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


def cleaned(text: str) -> str:
    """The text without ANSI sequences and control characters; see `text.clean`."""
    return _HIDDEN.sub("\ufffd", _ANSI.sub("", _LINE_ENDS.sub("\n", text)))
