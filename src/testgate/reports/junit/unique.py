"""Unique names: JUnit readers identify a case by its classname and name."""

import hashlib
from collections.abc import Iterable
from typing import Final

LONGEST_NAME: Final = 255  # characters: databases of readers hold no longer names
_DIGITS = 8
_ORDINAL = len(" (1000000)")


def shortened(name: str, limit: int) -> str:
    """The name, or its beginning with a checksum of the whole: two names stay two, and the same in every run."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]
    return f"{name[: limit - _DIGITS - 1].rstrip()}~{digest}"


class UniqueNames:
    """Hands out each name once: a repeated one gets an ordinal, such as ` (2)`.

    An ordinal never produces a `reserved` name.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._reserved = set(reserved)
        self._given: set[str] = set()
        self._last: dict[str, int] = {}

    def give(self, name: str) -> str:
        """Return the name itself, or the name with the next free ordinal."""
        name = unique = shortened(name, LONGEST_NAME - _ORDINAL)
        while unique in self._given or (unique != name and unique in self._reserved):
            self._last[name] = self._last.get(name, 1) + 1
            unique = f"{name} ({self._last[name]})"
        self._given.add(unique)
        return unique
