"""How options are declared: a class whose annotated fields are inputs.

It works like a dataclass, and knows which fields were given. A library of models would take a third of the time from
the start of a step to its trigger, and check again what the kinds of the values have read.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar, Literal, NamedTuple, Self, dataclass_transform, get_args, get_origin

from testgate.frozen import Frozen
from testgate.inputs.values import Kind

_REQUIRED: Any = object()


class _Declared(NamedTuple):
    """What a field's default says about the input."""

    description: str
    example: str
    default: Any


def option(*, description: str, example: str, default: Any = _REQUIRED) -> Any:  # noqa: ANN401  # of the field's type
    """Declare an input: what it does, a valid value as users would write it, and the value without it.

    An option without a default is required.
    """
    return _Declared(description, example, default)


class Field(NamedTuple):
    """A field of a class of options, as an input. `choices` are the words that it accepts, if its type says them."""

    attribute: str
    kind: Kind
    group: str
    choices: Sequence[str]
    description: str
    example: str
    default: Any

    @property
    def name(self) -> str:
        """The input's name."""
        return self.attribute.replace("_", "-")

    @property
    def required(self) -> bool:
        """Whether it has no default."""
        return self.default is _REQUIRED

    @property
    def written_default(self) -> str:
        """The default as users would write it; "" if there is none."""
        return "" if self.required else self.kind.write(self.default)

    def problem(self, what: str, shown: str = "", hint: str = "", example: str = "") -> str:
        """Describe a fault, with the part of the value that may be shown, and an example."""
        value = f" (given: {shown})" if shown and not self.kind.secrets else ""
        meant = f"; did you mean {hint}?" if hint and not self.kind.secrets else "."
        example = " ".join((example or self.example).splitlines())
        return f"`{self.name}`: {what}{value}{meant} Example: {example}"


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(option,))
class Options(Frozen):
    """Base class of options. The field `api_key` is the input `api-key`.

    The annotation of a field contains its `Kind` and, if the documents group it, the heading as a `StrEnum`; its value
    is an `option`. Instances can't be changed. `fields` are those of the class, by their attributes.
    """

    fields: ClassVar[Mapping[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        """Collect the fields: those of the base classes first.

        Raises:
            TypeError: a field has no kind.

        """
        found: dict[str, Field] = {}
        for base in reversed(cls.__mro__[1:]):
            found |= getattr(base, "fields", {})
        for attribute, annotation in cls.__annotations__.items():
            found[attribute] = _field(cls, attribute, annotation)
        cls.fields = found

    def __init__(self, **values: Any) -> None:  # noqa: ANN401  # each of its field's type
        """Take the values; the other fields have their defaults.

        Raises:
            TypeError: a value is of no field, or a field without default has no value.

        """
        for attribute in values.keys() - self.fields.keys():
            raise TypeError(f"{type(self).__name__} has no field {attribute}")
        for attribute, field in self.fields.items():
            value = values.get(attribute, field.default)
            if value is _REQUIRED:
                raise TypeError(f"{type(self).__name__} needs a value for {attribute}")
            vars(self)[attribute] = value
        vars(self)["_given"] = frozenset(values)

    def __repr__(self) -> str:
        """Show what was given, without secrets; even the names in a map of them may be a part of one."""
        given = (field for field in self.fields.values() if field.attribute in self.given)
        shown = (
            f"{each.attribute}={'***' if each.kind.secrets else repr(vars(self)[each.attribute])}" for each in given
        )
        return f"{type(self).__name__}({', '.join(shown)})"

    @property
    def given(self) -> frozenset[str]:
        """The fields that were given, be it with the values of their defaults."""
        return frozenset(vars(self)["_given"])

    def replacing(self, **values: Any) -> Self:  # noqa: ANN401  # each of its field's type
        """The same options with other values."""
        given = {attribute: vars(self)[attribute] for attribute in self.given}
        return type(self)(**{**given, **values})

    def contradictions(self) -> Iterator[str]:
        """What is wrong with values that are valid one by one: sentences that name the inputs."""
        yield from ()


def _field(cls: type, attribute: str, annotation: Any) -> Field:  # noqa: ANN401  # types have no common type
    """The field that an annotation and a default declare."""
    metadata = getattr(annotation, "__metadata__", ())
    declared = cls.__dict__.get(attribute)
    kind = next((mark for mark in metadata if isinstance(mark, Kind)), None)
    if kind is None or not isinstance(declared, _Declared):
        raise TypeError(f"{cls.__name__}.{attribute} has no kind, such as whole(0), or is no option(…)")
    of = annotation.__origin__
    return Field(
        attribute,
        kind,
        group=next((str(mark) for mark in metadata if isinstance(mark, StrEnum)), ""),
        choices=get_args(of) if get_origin(of) is Literal else (),
        description=declared.description,
        example=declared.example,
        default=declared.default,
    )
