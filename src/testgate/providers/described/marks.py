"""Marks in annotations: how a value of a file that isn't known to be valid is prepared and checked."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic_core import CoreSchema  # loaded for files that are checked


class Limits:
    """Limits of a value, in the words of pydantic's core: `ge`, `le`, `min_length`, `max_length`, `pattern`."""

    def __init__(self, **limits: object) -> None:
        self._limits = limits

    def around(self, schema: "CoreSchema") -> "CoreSchema":
        """The schema with these limits."""
        return {**schema, **self._limits}


class Checked:
    """A check of a value: returns it, or raises ValueError."""

    def __init__(self, check: Callable[[Any], Any]) -> None:
        self._check = check

    def around(self, schema: "CoreSchema") -> "CoreSchema":
        """The schema with the check after everything else."""
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self._check, schema)


class Prepared:
    """What turns the short form of a value into the long one, before anything else. It may refuse: ValueError."""

    def __init__(self, prepare: Callable[[Any], Any]) -> None:
        self.prepare = prepare

    def around(self, schema: "CoreSchema") -> "CoreSchema":
        """The schema with the preparation before everything else."""
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self.prepare, schema)
