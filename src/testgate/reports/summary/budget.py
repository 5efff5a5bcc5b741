"""A page with a size limit: sections are filled item by item until their room is used up."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from testgate.reports.naming import counted


class Section(NamedTuple):
    """A part of a page: `total` items, the most important first, between a head and a tail.

    The items may be lazy: those that don't fit are never made. `omitted` makes a sentence of the number of items
    that are missing.
    """

    head: str
    items: Iterable[str]
    total: int
    omitted: Callable[[int], str]
    tail: str = "\n"


class Filled(NamedTuple):
    """The part of a section that fits.

    `shown` is the number of its items. `silent` is the number of items that are missing without a sentence about them.
    """

    text: str
    shown: int = 0
    silent: int = 0


def left_out(noun: str, more: str = "") -> Callable[[int], str]:
    """Words for the items that don't fit but are in the JUnit report. `more` follows the noun."""
    return lambda missing: f"…and {counted(missing, f'more {noun}')}{more}; see the JUnit report.\n\n"


def size(text: str) -> int:
    """The number of bytes of the text in UTF-8."""
    return len(text.encode())


def fill(section: Section, room: int) -> Filled:
    """As many of the items as fit into `room` bytes, and a sentence about the others."""
    if not section.total:
        return Filled("")
    left = room - size(section.head) - size(section.tail) - size(section.omitted(section.total))
    shown: list[str] = []
    for item in section.items if left > 0 else ():
        left -= size(item)
        if left < 0:
            break
        shown.append(item)
    missing = section.total - len(shown)
    words = section.omitted(missing) if missing else ""
    if shown:
        return Filled("".join([section.head, *shown, section.tail, words]), len(shown))
    if size(words) <= room:
        return Filled(words, silent=0 if words else missing)
    return Filled("", silent=missing)
