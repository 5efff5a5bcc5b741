"""Marks by which CIs find commands in a log, broken such that people see no difference."""

import re
from collections.abc import Iterable

_BREAK = "\u200b"
FOREIGN = ("##vso[", "##teamcity[", "##[")  # of commands that are obeyed anywhere in a line
# The runner of GitHub looks behind blanks; it compares as people do, for whom some signs have no width at all.
_BEFORE_WORDS = re.compile(r"\W*")
_COLON_BEFORE_COLON = re.compile(":(?=:)")


def broken_anywhere(text: str, marks: Iterable[str]) -> str:
    """The text without these marks, each of which begins with `##`."""
    for mark in marks:
        text = text.replace(mark, f"##{_BREAK}{mark[2:]}")
    return text


def broken_at_start(line: str) -> str:
    """The line without `::` before its first word."""
    return _BEFORE_WORDS.sub(lambda found: _COLON_BEFORE_COLON.sub(f":{_BREAK}", found.group()), line, count=1)
