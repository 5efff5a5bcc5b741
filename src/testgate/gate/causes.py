"""Groups failed tests by cause: their messages are the same once numbers, ids and addresses are set aside. Pure."""

import re
from collections.abc import Iterable
from typing import TypeVar

from testgate.model import TestResult
from testgate.text import cut, one_line

T = TypeVar("T")

_LONGEST_CAUSE = 200
_LONGEST_LINE = 2_000
_VARYING = re.compile(r"0x[0-9a-f]+|\b(?=[0-9a-f-]*\d)[0-9a-f][0-9a-f-]{7,}\b|\d+", re.IGNORECASE)


def cause_key(message: str) -> str:
    """What the messages of failures with one cause have in common: their first line without what varies."""
    start = message[:_LONGEST_LINE].lstrip()
    return _VARYING.sub("#", cut(one_line(start.partition("\n")[0], _LONGEST_LINE), _LONGEST_CAUSE))


def by_cause(found: Iterable[tuple[T, TestResult]]) -> list[list[tuple[T, TestResult]]]:
    """The tests, each with something of its own, in groups of one cause; tests without a message are alone."""
    groups: dict[str, list[tuple[T, TestResult]]] = {}
    for number, pair in enumerate(found):
        groups.setdefault(cause_key(pair[1].message) or f"\n{number}", []).append(pair)
    return [*groups.values()]
