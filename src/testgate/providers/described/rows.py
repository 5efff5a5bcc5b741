"""The rows of an answer: in levels, with a row of another list beside them. Pure."""

from collections.abc import Sequence
from typing import Any

from testgate.providers.described.expressions import Expression
from testgate.shapes import text_of

UP, JOIN, KEY = "_up", "_join", "_key"

Row = dict[str, Any]


class Rows:
    """The innermost rows of an answer. `outer` is the number of rows of the first level; None if there is no list.

    `odd` is True if something in a list, or instead of one, is no object.
    """

    def __init__(self, levels: Sequence[Expression], data: Any) -> None:  # noqa: ANN401  # any JSON
        self.odd = False
        self.outer: int | None = None
        found: list[Row] = [data] if isinstance(data, dict) else [{"_": data}]
        for number, level in enumerate(levels):
            found = [row for outer in found for row in self._inner(level, outer, data, first=number == 0)]
        self.rows = found

    def _inner(self, level: Expression, outer: Row, data: Any, *, first: bool) -> list[Row]:  # noqa: ANN401  # any JSON
        """The rows of one level in a row; each sees its outer row as `_up`."""
        rows = level(data if first else outer)
        if rows is None and not first:
            return []
        if not isinstance(rows, list):
            self.odd = True
            return []
        if first:
            self.outer = len(rows)
        objects = [row for row in rows if isinstance(row, dict)]
        self.odd = self.odd or len(objects) != len(rows)
        return [{**row, UP: outer} for row in objects]


def join(rows: Sequence[Row], list_: Expression, on: Expression, with_: Expression) -> list[Row]:
    """The rows, each with the row of `list_` whose `on` is equal to its `with_`, as `_join`.

    Instead of a list, there can be an object, whose values are rows with its keys as `_key`. Without a value, nothing
    fits.
    """
    indexes: dict[int, tuple[object, dict[str, Row]]] = {}  # with what they are of, so that no other has its id
    joined = []
    for row in rows:
        others = list_(row)
        if not isinstance(others, list | dict):
            joined.append(row)
            continue
        _others, index = indexes.get(id(others)) or (others, _indexed(others, on))
        indexes[id(others)] = others, index
        joined.append({**row, JOIN: index.get(text_of(with_(row)))})
    return joined


def _indexed(others: list[Any] | dict[str, Any], on: Expression) -> dict[str, Row]:
    """Rows by what `on` finds in them."""
    keyed = isinstance(others, dict)
    pairs = others.items() if isinstance(others, dict) else enumerate(others)
    found = [{**each, KEY: key} if keyed else each for key, each in pairs if isinstance(each, dict)]
    return {value: each for each in found if (value := text_of(on(each)))}
