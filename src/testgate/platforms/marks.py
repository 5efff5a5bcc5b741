"""Breaks the marks by which CIs find commands in a log, with an invisible character."""

import re
from collections.abc import Iterable

from testgate.platforms.limits import JSON_LISTS
from testgate.text import clean

BREAK = "\u200b"  # zero-width space
FOREIGN = ("##vso[", "##teamcity[", "##[")  # of commands that take effect anywhere in a line
# GitHub's runner skips whitespace before a command. It compares like people do: some characters have no width at all.
_BEFORE_WORDS = re.compile(r"\W*")
_COLON_BEFORE_COLON = re.compile(":(?=:)")


def broken_anywhere(text: str, marks: Iterable[str]) -> str:
    """The text without these marks; each of them begins with `##`."""
    for mark in marks:
        text = text.replace(mark, f"##{BREAK}{mark[2:]}")
    return text


def broken_at_start(line: str) -> str:
    """The line without `::` before its first word."""
    return _BEFORE_WORDS.sub(lambda found: _COLON_BEFORE_COLON.sub(f":{BREAK}", found.group()), line, count=1)


def inert(output: str, value: str) -> str:
    r"""The clean value of an output, without commands that would take effect when a later step prints it.

    In the outputs that are JSON, `\u0023` spells a number sign, so they still parse to the same list.
    """
    value = clean(value)
    return value.replace("##", r"#\u0023") if output in JSON_LISTS else broken_anywhere(value, FOREIGN)


def utf16_units(character: str) -> list[str]:
    """The UTF-16 code units of a character, one or two, as four lower-case hexadecimal digits each."""
    units = character.encode("utf-16-be", errors="surrogatepass").hex()
    return [units[start : start + 4] for start in range(0, len(units), 4)]
