"""What all parts of a provider file are: dataclasses that compile no code of their own."""

from collections.abc import Iterable
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, ClassVar, TypeVar, dataclass_transform

from testgate.frozen import Frozen

P = TypeVar("P", bound="Part")


def key_of(attribute: str) -> str:
    """The key of a file for an attribute: `not-run` for `not_run`, `if` for `if_`."""
    return "$schema" if attribute == "schema_" else attribute.rstrip("_").replace("_", "-")


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def part(cls: type[P]) -> type[P]:
    """Declare a part. Methods that all parts share are in `Part`: to compile some for each takes most of a start."""
    return dataclass(kw_only=True, init=False, repr=False, eq=False)(cls)


class Part(Frozen):
    """Base class of the parts."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}  # for the JSON Schema

    def __init__(self, **values: Any) -> None:  # noqa: ANN401  # each of its field's type
        """Take the values; the other fields have their defaults.

        Raises:
            TypeError: a field without default has no value.
            ValueError: the values don't fit together.

        """
        for each in self.every_field():
            vars(self)[each.name] = values[each.name] if each.name in values else self._default(each)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Refuse what doesn't fit together: ValueError. Subclasses add to it."""

    def __repr__(self) -> str:
        """Show the values."""
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._held().items())})"

    @classmethod
    def every_field(cls) -> Iterable[Field[Any]]:
        """The fields, in order."""
        return fields(cls)  # type: ignore[arg-type]  # every part is declared as a dataclass

    def _default(self, of: Field[Any]) -> Any:  # noqa: ANN401  # of the field's type
        """What a field has by default."""
        if of.default_factory is not MISSING:
            return of.default_factory()
        if of.default is MISSING:
            raise TypeError(f"{type(self).__name__} needs a value for {of.name}")
        return of.default
