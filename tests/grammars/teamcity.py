"""A reader like TeamCity, written from the parser of its open API: service messages, and values of parameters."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.grammars.dialect import Dialect, Finished

MARK = "##teamcity["
_SIGNS = {"n": "\n", "r": "\r", "x": "\x85", "l": "\u2028", "p": "\u2029", "'": "'", "|": "|", "[": "[", "]": "]"}
_ESCAPE = re.compile(r"\|(0x[0-9A-Fa-f]{4}|[nrxlp'|\[\]])")
_REFERENCE = re.compile("%([^%]*)%")


class BrokenMessage(Exception):
    """TeamCity would warn about the message, and ignore it."""


class Message(NamedTuple):
    """A service message: its name, and its attributes or its single argument."""

    name: str
    attributes: dict[str, str]
    argument: str = ""


def messages_of(line: str) -> list[Message]:
    """The service messages of a line, wherever they are in it.

    Raises:
        BrokenMessage: one of them can't be parsed.

    """
    return [_parsed(text) for text in _bodies(line)]


def lines_of(log: str) -> list[str]:
    """The lines that Java reads from a stream."""
    return re.split("\r\n|\r|\n", log)


def resolved(value: str, parameters: Mapping[str, str]) -> str:
    """A parameter's value as the next step gets it: `%name%` is another parameter, `%%` a percent sign.

    A reference to an unknown parameter stays unchanged.
    """
    return _REFERENCE.sub(
        lambda found: "%" if not found.group(1) else parameters.get(found.group(1), found.group()), value
    )


def _bodies(line: str) -> Iterator[str]:
    """The text between each mark and the next bracket that has no bar before it."""
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
    """The message, parsed from this text."""
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
    """The position of the quote that ends a value; an escaped one doesn't."""
    position = 1
    while position < len(text):
        if text[position] == "'":
            return position
        position += 2 if text[position] == "|" else 1
    return -1


def _unescaped(text: str) -> str:
    """Undo TeamCity's escapes; any other bar stays. A surrogate pair becomes one character, as in Java."""

    def character(found: re.Match[str]) -> str:
        code = found.group(1)
        return chr(int(code, base=0)) if code.startswith("0x") else _SIGNS[code]

    raw = _ESCAPE.sub(character, text)
    return raw.encode("utf-16-be", errors="surrogatepass").decode("utf-16-be", errors="surrogatepass")


def outputs(step: Finished) -> dict[str, str]:
    """The parameters of the later steps. The log has one block, one import and one build problem."""
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
