"""The rows of an answer: in levels, with a row of another list beside them. Pure."""

from collections.abc import Sequence
from typing import Any

from testgate.providers.described.expressions import Expression
from testgate.shapes import text_of

UP, JOIN, KEY = "_up", "_join", "_key"

Row = dict[str, Any]


class Rows:
    """The innermost rows of an answer. `outer` is the number of rows of the first level; None if there is no list.

    `odd` is True if something in a list, or instead of one, is no object. If they are `keyed`, the innermost rows are
    the values of an object, and each has its key there as `_key`.
    """

    def __init__(self, levels: Sequence[Expression], data: Any, *, keyed: bool = False) -> None:  # noqa: ANN401  # any JSON
        self.odd = False
        self._keyed = keyed
        self.outer: int | None = None
        found: list[Row] = [data] if isinstance(data, dict) else [{"_": data}]
        for number, level in enumerate(levels):
            keyed = self._keyed and number == len(levels) - 1
            found = [row for outer in found for row in self._inner(level, outer, data, (number == 0, keyed))]
        self.rows = found

    def _inner(self, level: Expression, outer: Row, data: Any, kind: tuple[bool, bool]) -> list[Row]:  # noqa: ANN401  # any JSON
        """The rows of one level in a row, the `first` or a `keyed` one; each sees its outer row as `_up`."""
        first, keyed = kind
        rows = level(data if first else outer)
        if keyed:
            rows = _with_keys(rows)
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


def _with_keys(value: object) -> list[object] | None:
    """The values of an object, each with its key; what is no object stays what it is, and is odd."""
    if not isinstance(value, dict):
        return None if value is None else [value]
    return [{**each, KEY: key} if isinstance(each, dict) else each for key, each in value.items()]


def join(rows: Sequence[Row], list_: Expression, on: Expression, with_: Expression) -> list[Row]:
    """The rows, each with the row of `list_` whose `on` is equal to its `with_`, as `_join`."""
    indexes: dict[int, dict[str, Row]] = {}
    joined = []
    for row in rows:
        others = list_(row)
        if not isinstance(others, list):
            joined.append(row)
            continue
        index = indexes.get(id(others))
        if index is None:
            index = {text_of(on(each)): each for each in others if isinstance(each, dict)}
            indexes[id(others)] = index
        joined.append({**row, JOIN: index.get(text_of(with_(row)))})
    return joined
