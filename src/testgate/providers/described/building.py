"""Builds the parts of a provider file that is known to be valid: what it says, unchecked, and without pydantic."""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from testgate.providers.described.expressions import Expression
from testgate.providers.described.marks import Prepared
from testgate.providers.described.part import Part, key_of

P = TypeVar("P", bound=Part)


def built(part: type[P], table: Mapping[str, Any]) -> P:
    """The part of a file that a table describes; keys that it doesn't have are those of another part.

    Raises:
        TypeError: a key is missing.
        ValueError: what several keys say doesn't fit together.

    """
    given = ((field, key_of(field.name)) for field in part.every_field())
    return part(**{field.name: _value(field.type, table[key]) for field, key in given if key in table})


def _value(of: Any, value: Any) -> Any:  # noqa: ANN401  # types and values of files
    """A value as its annotation wants it."""
    if isinstance(of, type) and issubclass(of, Expression):
        return of(value, proven=True)
    if isinstance(of, type) and issubclass(of, Part):
        return built(of, value)
    kind, inner = get_origin(of), [each for each in get_args(of) if each is not NoneType]
    if kind is Annotated:
        for mark in of.__metadata__:
            value = mark.prepare(value) if isinstance(mark, Prepared) else value
    if kind is Annotated or (kind in {Union, UnionType} and len(inner) == 1):
        return _value(inner[0], value)
    if kind is list:
        return [_value(inner[0], each) for each in value]
    if kind is dict:
        return {key: _value(inner[1], each) for key, each in value.items()}
    return tuple(value) if kind is tuple else value
