"""What can't be changed once it is made, and is compared by what it holds."""

from typing import Any


class Frozen:
    """Base class of records that take any values. What begins with an underscore belongs to nobody else.

    Dataclasses compile such methods for each class anew, which a start would wait for.
    """

    def __setattr__(self, name: str, _value: object) -> None:
        """Refuse any change."""
        raise AttributeError(f"{type(self).__name__}.{name} can't be changed")

    def __eq__(self, other: object) -> bool:
        """Whether it is of the same class, and holds the same."""
        if not isinstance(other, Frozen) or type(other) is not type(self):
            return NotImplemented
        return self._held() == other._held()

    __hash__ = None  # type: ignore[assignment]  # it may hold dictionaries

    def _held(self) -> dict[str, Any]:
        """The values by their names."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}
