"""Marks in annotations: how pydantic checks and prepares a value, without loading pydantic.

Files that ship with TestGate are known to be valid, so reading them needs neither.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema


class Limits:
    """Limits of a value, in the words of pydantic's core: `ge`, `le`, `min_length`, `max_length`, `pattern`."""

    def __init__(self, **limits: object) -> None:
        self._limits = limits

    def __get_pydantic_core_schema__(self, source: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """Add them."""
        return {**handler(source), **self._limits}


class Checked:
    """A check of a value: returns it, or raises ValueError."""

    def __init__(self, check: Callable[[Any], Any]) -> None:
        self._check = check

    def __get_pydantic_core_schema__(self, source: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """Check after everything else."""
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self._check, handler(source))


class Prepared:
    """What turns the short form of a value into the long one, before anything else; `short` is its JSON Schema.

    Without a short form, it checks what the value's own type can't say.
    """

    def __init__(self, prepare: Callable[[Any], Any], short: Mapping[str, Any] | None = None) -> None:
        self.prepare = prepare
        self._short = short

    def __get_pydantic_core_schema__(self, source: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """Prepare, then check."""
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self.prepare, handler(source))

    def __get_pydantic_json_schema__(self, schema: "CoreSchema", handler: "GetJsonSchemaHandler") -> dict[str, Any]:
        """Describe both forms for editors."""
        return {"anyOf": [dict(self._short), handler(schema)]} if self._short is not None else handler(schema)
