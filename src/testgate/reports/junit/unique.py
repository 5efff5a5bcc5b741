"""Unique names: JUnit readers identify a case by its classname and name."""

from collections.abc import Iterable


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
        unique = name
        while unique in self._given or (unique != name and unique in self._reserved):
            self._last[name] = self._last.get(name, 1) + 1
            unique = f"{name} ({self._last[name]})"
        self._given.add(unique)
        return unique
