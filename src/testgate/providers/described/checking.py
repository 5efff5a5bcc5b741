"""Checks tables against the parts of a provider file, with pydantic's core.

The core alone takes a quarter of the time of pydantic's models, and somebody waits for the trigger meanwhile.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic_core import CoreSchema, SchemaValidator, core_schema

from testgate.providers.described.expressions import Expression
from testgate.providers.described.part import Part, key_of

P = TypeVar("P", bound=Part)

EITHER = "\0"
"""Marks the location of a problem where a value can be of several kinds. No key has this name."""

_Parts = dict[str, CoreSchema]


def checked(part: type[P], table: object) -> P:
    """The part that a table describes.

    Raises:
        pydantic_core.ValidationError: with all problems.

    """
    found: P = SchemaValidator(schema_of(part)).validate_python(table)
    return found


def schema_of(part: type[Part]) -> CoreSchema:
    """What pydantic's core needs to know about a part, and about the parts in it."""
    parts: _Parts = {}
    whole = _of_part(part, parts)
    return core_schema.definitions_schema(whole, [*parts.values()])


def _of_part(part: type[Part], parts: _Parts) -> CoreSchema:
    """A part; what it consists of is added to the others."""
    name = part.__name__
    if name not in parts:
        fields = [
            core_schema.dataclass_field(
                each.name,
                _with_default(_of(each.type, parts), each),
                kw_only=True,
                validation_alias=key_of(each.name),
            )
            for each in part.every_field()
        ]
        content = core_schema.dataclass_args_schema(name, fields, extra_behavior="forbid")
        names = [each.name for each in part.every_field()]
        parts[name] = core_schema.dataclass_schema(part, content, names, post_init=True, ref=name)
    return core_schema.definition_reference_schema(name)


def _with_default(schema: CoreSchema, field: Field[Any]) -> CoreSchema:
    """A field that need not be there, if it has a default."""
    if field.default_factory is not MISSING:
        return core_schema.with_default_schema(schema, default_factory=field.default_factory)
    return schema if field.default is MISSING else core_schema.with_default_schema(schema, default=field.default)


def _of(of: Any, parts: _Parts) -> CoreSchema:  # noqa: ANN401  # types have no common type
    """The values that an annotation accepts."""
    if isinstance(of, type) and issubclass(of, Part):
        return _of_part(of, parts)
    if of is Expression:
        return core_schema.no_info_after_validator_function(of, core_schema.str_schema(strict=True, min_length=1))
    kind, inner = get_origin(of), get_args(of)
    if kind is Annotated:
        schema = _of(of.__origin__, parts)
        for mark in of.__metadata__:
            schema = mark.around(schema)
        return schema
    if kind is Literal:
        return core_schema.literal_schema([*inner])
    if kind in {Union, UnionType}:
        return _of_union(inner, parts)
    return _of_container(kind, [_of(each, parts) for each in inner]) if kind else _PLAIN[of]()


def _of_union(kinds: tuple[Any, ...], parts: _Parts) -> CoreSchema:
    """One of several kinds, or nothing if None is one of them."""
    schemas = [_of(each, parts) for each in kinds if each is not NoneType]
    either = schemas[0] if len(schemas) == 1 else core_schema.union_schema([(each, EITHER) for each in schemas])
    return core_schema.nullable_schema(either) if NoneType in kinds else either


def _of_container(kind: type, inner: list[CoreSchema]) -> CoreSchema:
    """A list, a table, or a list of fixed length."""
    if kind is list:
        return core_schema.list_schema(*inner)
    return core_schema.dict_schema(*inner) if kind is dict else core_schema.tuple_schema(inner)


_PLAIN: Mapping[Any, Any] = {
    str: core_schema.str_schema,
    int: core_schema.int_schema,
    bool: core_schema.bool_schema,
    Any: core_schema.any_schema,
}
