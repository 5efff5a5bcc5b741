"""A reader like the runner of GitHub Actions, written from its source: files of values, and commands in the log."""

import re
import unicodedata
from typing import NamedTuple

from testgate.gate.outputs import as_variables
from tests.grammars.dialect import Dialect, Finished

COMMANDS = frozenset(
    {
        "add-mask",
        "add-matcher",
        "add-path",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "notice",
        "remove-matcher",
        "save-state",
        "set-env",
        "set-output",
        "stop-commands",
        "warning",
    }
)
# Whitespace in .NET: the separators of Unicode, and these control characters.
_BLANK_CONTROLS = "\t\n\x0b\x0c\r\x85"


class BrokenFile(Exception):
    """The runner would fail the step."""


class Command(NamedTuple):
    """A command as the runner understands it."""

    name: str
    properties: dict[str, str]
    data: str


def values_of(text: str) -> dict[str, str]:
    """The values in a file of outputs or state; the last one of a name counts.

    Raises:
        BrokenFile: the runner would reject it.

    """
    values: dict[str, str] = {}
    lines = text.removesuffix("\n").split("\n") if text else []
    while lines:
        line = lines.pop(0)
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            name, value = line.split("=", 1)
        elif heredoc >= 0:
            name, delimiter = line.split("<<", 1)
            if not delimiter or delimiter not in lines:
                raise BrokenFile(line)
            end = lines.index(delimiter)
            value = "\n".join(lines[:end])
            del lines[: end + 1]
        else:
            raise BrokenFile(line)
        if not name:
            raise BrokenFile(line)
        values[name] = value
    return values


def lines_of(log: str) -> list[str]:
    """The lines that the runner reads from a stream."""
    return re.split("\r\n|\r|\n", log)


def command_of(line: str) -> Command | None:
    """The command in a line, compared character by character; None if there is none."""
    text = line.lstrip(_BLANK_CONTROLS + "".join(c for c in set(line) if unicodedata.category(c) in {"Zs", "Zl", "Zp"}))
    end = text.find("::", 2)
    if text.startswith("::") and end >= 0:
        name, _, given = text[2:end].partition(" ")
        if name.lower() in COMMANDS:
            pairs = (pair.split("=", 1) for pair in given.strip().split(",") if "=" in pair)
            return Command(
                name, {key: _decoded(value, "\r\n:,%") for key, value in pairs}, _decoded(text[end + 2 :], "\r\n%")
            )
    start = line.find("##[")
    end = line.find("]", start)
    if start >= 0 and end >= 0:
        name, _, _given = line[start + 3 : end].partition(" ")
        if name.lower() in COMMANDS:
            return Command(name, {}, _decoded(line[end + 1 :], "\r\n;]%"))
    return None


def names_at_worst(line: str) -> set[str]:
    """Every command that a line could be to a reader that compares culture-sensitively, as .NET can.

    Such a reader skips ignorable characters, takes the position of the first of them for the position of the match, and
    doesn't find text that a combining character is joined to.
    """
    found: set[str] = set()
    text = line.lstrip(_BLANK_CONTROLS + "".join(c for c in set(line) if unicodedata.category(c) in {"Zs", "Zl", "Zp"}))
    if _matches(text, 0, "::"):
        found |= {text[2:end].split(" ", maxsplit=1)[0] for end in range(2, len(text)) if _matches(text, end, "::")}
    for start in range(len(line)):
        end = line.find("]", start)
        if end >= 0 and _matches(line, start, "##["):
            found.add(line[start + 3 : end].split(" ", maxsplit=1)[0])
    return {name for name in found if name.lower() in COMMANDS}


def _matches(text: str, start: int, mark: str) -> bool:
    """Return True if the mark is at this position; ignorable characters are skipped."""
    left = list(mark)
    for character in text[start:]:
        if not left:
            break
        if character == left[0]:
            left.pop(0)
        elif unicodedata.category(character) not in {"Cf", "Cc", "Mn", "Me", "Cn"}:
            break
    return not left


def _decoded(text: str, characters: str) -> str:
    """Undo the percent-encoding of these characters; the percent sign is the last of them."""
    for each in characters:
        text = text.replace(f"%{ord(each):02X}", each)
    return text


def outputs(step: Finished) -> dict[str, str]:
    """The values in the runner's file. The log contains no commands but the step's own."""
    names = {command.name for line in step.lines if (command := command_of(line))}
    assert names <= {"add-mask", "group", "endgroup", "error", "notice"}
    return as_variables(values_of(step.own_file("GITHUB_OUTPUT")))


DIALECT = Dialect(
    outputs,
    own_files=("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"),
    schema="vendor.github-workflows",
)
