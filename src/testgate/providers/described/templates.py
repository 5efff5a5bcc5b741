"""Placeholders in a provider file: `{value.project-id}` in a text, a table or a list.

A text that is one placeholder keeps the type of what it stands for, so a list stays a list. `{name?}` leaves out
what it belongs to if it stands for nothing. `{{` and `}}` are braces. There is nothing else: no conditions, no
functions, no defaults. A table with the key `*` stands for one table for each item of the list at that key, in which
`{each}` is the item; of a map, `{each.name}` and `{each.value}` are an entry.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Self

from testgate.errors import PlatformError
from testgate.shapes import text_of

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[a-z][a-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*")
SPREAD: Final = "..."
"""The key whose value, a table or a list of tables, becomes part of the table around it."""

EACH_OF: Final = "*"
"""The key of a table in a list that is repeated for each item of its value."""
_EACH = ("each", "each.name", "each.value")


class _Missing:
    """Stands for a value that is left out."""


MISSING: Final = _Missing()

Scope = Mapping[str, Any]
"""What placeholders stand for, by name; None, "" and an empty list or table stand for nothing."""


class Placeholder(str):
    """The name of a placeholder; `optional` if it was written with a question mark."""

    __slots__ = ("optional",)
    optional: bool

    def __new__(cls, written: str) -> Self:
        """Read `name` or `name?`."""
        self = super().__new__(cls, written.removesuffix("?"))
        self.optional = written.endswith("?")
        return self


def pieces(text: str) -> list[str | Placeholder]:
    """Split a text into plain texts and placeholders.

    Raises:
        ValueError: a brace is alone, or a placeholder has no proper name.

    """
    found: list[str | Placeholder] = []
    end = 0
    for match in _PIECE.finditer(text):
        found.append(text[end : match.start()])
        end = match.end()
        if match.group() in {"{{", "}}"}:
            found.append(match.group()[0])
        elif match.group(1) is None:
            raise ValueError("has a brace without its other half; a brace itself is written twice, as `{{`")
        elif _NAME.fullmatch(match.group(1).removesuffix("?")):
            found.append(Placeholder(match.group(1)))
        else:
            raise ValueError(f"has the placeholder {match.group()}, which is no name")
    return [each for each in [*found, text[end:]] if each]


def placeholders(value: object) -> Iterator[tuple[Placeholder, bool]]:
    """Every placeholder in a text, table or list, and whether it stands alone in its text."""
    if isinstance(value, str):
        parts = pieces(value)
        yield from ((each, len(parts) == 1) for each in parts if isinstance(each, Placeholder))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from (found for found in placeholders(each) if EACH_OF not in value or found[0] not in _EACH)
    elif isinstance(value, list):
        for each in value:
            yield from placeholders(each)


def filled(value: object, scope: Scope) -> Any:  # noqa: ANN401  # JSON of any shape
    """Return the value with its placeholders filled in; `MISSING` if it is left out as a whole.

    Raises:
        PlatformError: something is needed that nothing is known of.

    """
    if isinstance(value, str):
        return _filled_text(value, scope)
    if isinstance(value, Mapping):
        return _filled_table(value, scope)
    if isinstance(value, list):
        return [each for item in value for each in _filled_items(item, scope) if each is not MISSING]
    return value


def filled_text(value: str, scope: Scope) -> str | None:
    """Return a text with its placeholders filled in; None if it is left out. A list becomes text with commas.

    Raises:
        PlatformError: something is needed that nothing is known of.

    """
    found = filled(value, scope)
    if found is MISSING:
        return None
    return ",".join(map(as_text, found)) if isinstance(found, list) else as_text(found)


def as_text(value: object) -> str:
    """A value as it is written in a URL or a form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) and not value.is_integer() else text_of(value)


def _filled_items(item: object, scope: Scope) -> Iterator[Any]:
    """Fill in an item of a list: one item, or as many as the list at its key `*` has."""
    if not isinstance(item, Mapping) or EACH_OF not in item:
        yield filled(item, scope)
        return
    table = {key: value for key, value in item.items() if key != EACH_OF}
    found = filled(item[EACH_OF], scope)
    if isinstance(found, Mapping):
        for name, value in found.items():
            yield filled(table, {**scope, "each.name": name, "each.value": value})
        return
    for each in found if isinstance(found, list) else [found]:
        if each is not MISSING:
            yield filled(table, {**scope, "each": each})


def _filled_text(text: str, scope: Scope) -> Any:  # noqa: ANN401  # a lone placeholder keeps its type
    """Fill in a text."""
    parts = pieces(text)
    values = []
    for each in parts:
        if not isinstance(each, Placeholder):
            values.append(each)
            continue
        value = scope.get(each)
        if value is None or value in ("", [], {}):
            if each.optional:
                return MISSING
            raise PlatformError(f"the provider file needs `{each}` here, and it is not known")
        if len(parts) == 1:
            return value
        values.append(as_text(value))
    return "".join(values)


def _filled_table(table: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """Fill in a table; what is left out takes its key along, as does a table or a list that becomes empty by that."""
    found: dict[str, Any] = {}
    for key, each in table.items():
        value = filled(each, scope)
        if value is MISSING or (value in ({}, []) and each not in ({}, [])):
            continue
        if key == SPREAD:
            for table_in in value if isinstance(value, list) else [value]:
                found.update(table_in if isinstance(table_in, dict) else {})
        else:
            found[key] = value
    return found
