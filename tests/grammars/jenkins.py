"""A reader like Jenkins: properties as `java.util.Properties` loads them, and notes hidden in the console log."""

from tests.grammars.dialect import Dialect, Finished

_BLANKS = " \t\f"
_SHORT = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
PREAMBLE = "\x1b[8mha:"


class BadEscape(Exception):
    """A Unicode escape without four hexadecimal digits, for which Java throws."""


def properties_of(content: bytes) -> dict[str, str]:
    """The properties; the last value of a key counts."""
    found: dict[str, str] = {}
    for line in _logical_lines(content.decode("latin-1")):
        key_end = _end_of_key(line)
        rest = line[key_end:].lstrip(_BLANKS)
        if rest[:1] in {"=", ":"}:
            rest = rest[1:].lstrip(_BLANKS)
        found[_unescaped(line[:key_end])] = _unescaped(rest)
    return found


def _logical_lines(text: str) -> list[str]:
    """The lines, continued ones joined, without leading whitespace, comments and blank lines."""
    lines: list[str] = []
    natural = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while natural:
        line = natural.pop(0).lstrip(_BLANKS)
        if not line or line[0] in "#!":
            continue
        while _continues(line) and line != "\\" and natural:
            line = line[:-1] + natural.pop(0).lstrip(_BLANKS)
        if line != "\\":
            lines.append(line)
        elif not any(natural):  # an empty line has no continuation, but it counts at the end
            lines.append("")
    return lines


def _continues(line: str) -> bool:
    """Return True if the line ends with an unescaped backslash."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _end_of_key(line: str) -> int:
    """The position after the key: the first unescaped separator or whitespace."""
    at = 0
    while at < len(line) and line[at] not in f"=:{_BLANKS}":
        at += 2 if line[at] == "\\" else 1
    return min(at, len(line))


def _unescaped(text: str) -> str:
    """The text with escapes undone; a backslash before any other character is dropped."""
    units: list[str] = []
    at = 0
    while at < len(text):
        if text[at] != "\\":
            units.append(text[at])
            at += 1
        elif text[at + 1 : at + 2] == "u":
            digits = text[at + 2 : at + 6]
            if len(digits) < 4 or not set(digits) <= set("0123456789abcdefABCDEF"):
                raise BadEscape(digits)
            units.append(chr(int(digits, 16)))
            at += 6
        else:
            units.append(_SHORT.get(text[at + 1 : at + 2], text[at + 1 : at + 2]))
            at += 2
    return "".join(units).encode("utf-16-be", errors="surrogatepass").decode("utf-16-be", errors="surrogatepass")


def holds_a_note(line: str) -> bool:
    """Return True if Jenkins would search the line for one of its own objects."""
    return PREAMBLE in line


def outputs(step: Finished) -> dict[str, str]:
    """The properties. No line of the log looks like a hidden object."""
    assert not any(map(holds_a_note, step.lines))
    return properties_of(step.left.report("outputs.properties").encode())


DIALECT = Dialect(outputs)
