"""A reader like GitLab, written from its source: sections and colors in the log, and the dotenv report."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from tests.grammars.dialect import Dialect, Finished

_OPTIONS = r"(?:\[\w+=\w+(?:, ?\w+=\w+)*\])?"
_MARK = re.compile(rf"section_(start|end):(\d+):([a-zA-Z0-9_.-]+){_OPTIONS}\r\x1b\[0K", re.ASCII)
_SEQUENCE = re.compile(r"\x1b([@-_])(.*?)([@-~])")
_LINE_END = re.compile(r"\r?\n")
_STRIPPED = "\t\n\x0b\x0c\r \0"
_REFERENCE = re.compile(r"\$([a-zA-Z_]\w*)|\$\{([a-zA-Z_]\w*)\}|%([a-zA-Z_]\w*)%", re.ASCII)


class Refused(Exception):
    """GitLab would reject the whole file."""


class Shown(NamedTuple):
    """A line of the log as people see it: its text, its colors, and the sections around it, outermost first."""

    text: str
    styles: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


class Trace:
    """A log as GitLab shows it: its lines, and the times of its sections, in epoch seconds and in their order.

    A mark counts anywhere in a line; an end without a start is ignored.
    """

    def __init__(self, log: str) -> None:
        self.lines: list[Shown] = []
        self.started: dict[str, int] = {}
        self.ended: dict[str, int] = {}
        self._around: list[str] = []
        self._text = ""
        self._styles: list[str] = []
        at = 0
        while at < len(log):
            at = self._token(log, at)
        self._flush()

    def _token(self, log: str, at: int) -> int:
        """Read the token at this position, and return the position after it."""
        if mark := _MARK.match(log, at):
            self._section(mark.group(1), int(mark.group(2)), _same(mark.group(3)))
            return mark.end()
        if sequence := _SEQUENCE.match(log, at):
            if sequence.group(1) == "[" and sequence.group(3) == "m":
                self._styles.append(sequence.group(2))
            return sequence.end()
        if end := _LINE_END.match(log, at):
            self._flush(empty=True)
            return end.end()
        self._text = "" if log[at] == "\r" else self._text + log[at]
        return at + 1

    def _section(self, which: str, seconds: int, name: str) -> None:
        """Start or end a section; the text so far becomes a line."""
        if which == "start":
            self._flush()
            self._around.append(name)
            self.started[name] = seconds
        elif name in self._around:
            self._flush()
            del self._around[self._around.index(name) :]
            self.ended[name] = seconds

    def _flush(self, *, empty: bool = False) -> None:
        """End the current line."""
        if self._text or empty:
            self.lines.append(Shown(self._text, tuple(self._styles), tuple(self._around)))
        self._text, self._styles = "", []


def _same(name: str) -> str:
    """The name that identifies a section: in lower case, with all other characters alike."""
    return re.sub(r"[^a-z0-9]", "-", name.lower())


def variables_of(content: bytes, most: int = 20) -> dict[str, str]:
    """The variables of a dotenv report.

    Raises:
        Refused: GitLab would reject the file, or its documentation forbids the content.

    """
    if len(content) >= 5 * 1024:
        raise Refused("too big")
    variables: dict[str, str] = {}
    for line in content.decode("utf-8").removesuffix("\n").split("\n"):
        key, equals, value = line.partition("=")
        if not equals:
            raise Refused(f"no assignment: {line!r}")
        key = key.strip(_STRIPPED)
        if not re.fullmatch(r"[a-zA-Z0-9_]{1,255}", key):
            raise Refused(f"not a name: {key!r}")
        if re.search(r"\s", value) or value[:1] in {"'", '"'}:
            raise Refused(f"a blank or a quote: {line!r}")
        variables[key] = value.strip(_STRIPPED)
    if len(variables) > most:
        raise Refused("too many")
    return variables


def expanded(value: str, variables: Mapping[str, str]) -> str:
    """The value as a later job gets it, with all references expanded, even those to unknown variables."""
    return _REFERENCE.sub(lambda found: variables.get(next(filter(None, found.groups())), ""), value)


def outputs(step: Finished) -> dict[str, str]:
    """The dotenv report as a later job gets it. The log has one section, which ends."""
    # The log came through a pipe, where carriage returns became line breaks.
    trace = Trace(step.left.log.replace("\n\x1b[0K", "\r\x1b[0K"))
    assert len(trace.started) == len(trace.ended) == 1
    found = variables_of(step.left.report("outputs.env").encode())
    return {name: expanded(value, found) for name, value in found.items()}


DIALECT = Dialect(
    outputs,
    own_marks=re.compile(r"^(?:\x1b\[0Ksection_(?:start|end):\d+:[A-Za-z0-9_.-]+\r\x1b\[0K|\x1b\[3[13];1m)|\x1b\[0m$"),
)
