"""A page that must not exceed a number of bytes: sections are filled element by element."""

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Section(NamedTuple):
    """A part of a page: `total` items, the most important first, between a head and a tail.

    The items may be made lazily: those that do not fit are never made. `omitted` words how many are missing.
    """

    head: str
    items: Iterable[str]
    total: int
    omitted: Callable[[int], str]
    tail: str = "\n"


class Filled(NamedTuple):
    """A section as it fits: its text, how many items are in it, and how many are missing without a word."""

    text: str
    taken: int
    unsaid: int = 0


def size(text: str) -> int:
    """The bytes of the text in UTF-8."""
    return len(text.encode())


def fill(section: Section, room: int) -> Filled:
    """As many of the items as `room` bytes hold, and a word about the others."""
    if not section.total:
        return Filled("", 0)
    left = room - size(section.head) - size(section.tail) - size(section.omitted(section.total))
    taken: list[str] = []
    for item in section.items if left > 0 else ():
        left -= size(item)
        if left < 0:
            break
        taken.append(item)
    missing = section.total - len(taken)
    words = section.omitted(missing) if missing else ""
    if taken:
        return Filled("".join([section.head, *taken, section.tail, words]), len(taken))
    if size(words) <= room:
        return Filled(words, 0, unsaid=0 if words else missing)
    return Filled("", 0, unsaid=missing)
