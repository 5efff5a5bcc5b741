"""What TeamCity reads in a log, written from the parser of its open API: service messages, and parameters' values."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.grammars.dialect import Dialect, Finished

MARK = "##teamcity["
_SIGNS = {"n": "\n", "r": "\r", "x": "\x85", "l": "\u2028", "p": "\u2029", "'": "'", "|": "|", "[": "[", "]": "]"}
_ESCAPE = re.compile(r"\|(0x[0-9A-Fa-f]{4}|[nrxlp'|\[\]])")
_REFERENCE = re.compile("%([^%]*)%")


class BrokenMessage(Exception):
    """TeamCity would warn of the message, and not obey it."""


class Message(NamedTuple):
    """A service message: its name, and its attributes or its one argument."""

    name: str
    attributes: dict[str, str]
    argument: str = ""


def messages_of(line: str) -> list[Message]:
    """The service messages of a line, wherever they stand in it.

    Raises:
        BrokenMessage: one of them does not parse.

    """
    return [_parsed(text) for text in _bodies(line)]


def lines_of(log: str) -> list[str]:
    """The lines that Java reads from a stream."""
    return re.split("\r\n|\r|\n", log)


def resolved(value: str, parameters: Mapping[str, str]) -> str:
    """A parameter's value as the next step gets it: `%name%` is another parameter, `%%` a percent sign.

    A reference to what is not there stays as it is.
    """
    return _REFERENCE.sub(
        lambda found: "%" if not found.group(1) else parameters.get(found.group(1), found.group()), value
    )


def _bodies(line: str) -> Iterator[str]:
    """What stands between each mark and the first bracket after it that no bar precedes."""
    position = 0
    while (start := line.find(MARK, position)) >= 0:
        end = line.find("]", start)
        while end >= 0 and line[end - 1] == "|":
            end = line.find("]", end + 1)
        if end < 0:
            return
        yield line[start + len(MARK) : end].strip()
        position = end + 1


def _parsed(text: str) -> Message:
    """The message of this text."""
    name, _, rest = text.partition(" ")
    rest = rest.strip()
    if rest.startswith("'"):
        if not rest.endswith("'"):
            raise BrokenMessage(text)
        return Message(name, {}, _unescaped(rest[1:-1]))
    attributes: dict[str, str] = {}
    while rest:
        attribute, equals, rest = rest.partition("=")
        attribute, rest = attribute.strip(), rest.strip()
        if not equals or not attribute.isidentifier() or not rest.startswith("'"):
            raise BrokenMessage(text)
        end = _end_of_value(rest)
        if end < 0:
            raise BrokenMessage(text)
        attributes[attribute] = _unescaped(rest[1:end])
        rest = rest[end + 1 :].strip()
    return Message(name, attributes)


def _end_of_value(text: str) -> int:
    """The place of the quote that ends a value: a sign behind a bar does not."""
    place = 1
    while place < len(text):
        if text[place] == "'":
            return place
        place += 2 if text[place] == "|" else 1
    return -1


def _unescaped(text: str) -> str:
    """Undo TeamCity's escapes; a bar before anything else stays. Two halves of a sign become one, as in Java."""

    def sign(found: re.Match[str]) -> str:
        code = found.group(1)
        return chr(int(code, base=0)) if code.startswith("0x") else _SIGNS[code]

    raw = _ESCAPE.sub(sign, text)
    return raw.encode("utf-16-be", errors="surrogatepass").decode("utf-16-be", errors="surrogatepass")


def outputs(step: Finished) -> dict[str, str]:
    """The parameters of the later steps; the log has one block, one import and one build problem."""
    messages = [message for line in lines_of(step.left.log) for message in messages_of(line)]
    kinds = [message.name for message in messages]
    assert {kind: kinds.count(kind) for kind in set(kinds) - {"setParameter", "message"}} == {
        "blockOpened": 1,
        "blockClosed": 1,
        "importData": 1,
        "buildProblem": 1,
    }
    given = [message.attributes for message in messages if message.name == "setParameter"]
    parameters = {each["name"]: each["value"] for each in given}
    return {name.removeprefix("env."): resolved(value, parameters) for name, value in parameters.items()}


DIALECT = Dialect(outputs)
