"""Expressions of a provider file: JMESPath, compiled once, and harmless on whatever a server answers."""

import re
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

LONGEST = 500
MOST_COPIES = 1000
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


class Compiled(NamedTuple):
    """The names of a path of names; of any other one, what the library made of it."""

    expression: Any
    keys: tuple[str, ...] | None


class Expression:
    """A JMESPath expression. Calling it with data gives what it finds there; None if it finds nothing.

    Raises:
        ValueError: the text is not JMESPath, too long, or says something else than it seems to; at the first use if it
            is `proven`.

    """

    def __init__(self, text: str, *, proven: bool = False) -> None:
        if len(text) > LONGEST:
            raise ValueError(f"is an expression of more than {LONGEST} characters")
        self.text = text
        if not proven:
            _ = self._compiled

    @cached_property
    def _compiled(self) -> Compiled:
        """The text as the library reads it."""
        return _compiled(self.text)

    def __repr__(self) -> str:
        """Show the text."""
        return f"Expression({self.text!r})"

    def __call__(self, data: object) -> Any:  # noqa: ANN401  # JSON of any shape
        """Return what the expression finds; a function that doesn't fit the data finds nothing."""
        expression, keys = self._compiled
        if keys is None:
            return _found(expression, data)
        for key in keys:  # most are a path of names, and there are ten a test
            data = data.get(key) if isinstance(data, dict) else None
        return data

    @property
    def plain(self) -> bool:
        """Whether it is a path of names, so that what it finds stands in the data itself."""
        return self._compiled.keys is not None

    def holds(self, data: object) -> bool:
        """Whether it finds something that counts as true in JMESPath: not null, false, or empty."""
        found = self(data)
        return found is not None and found is not False and found not in ("", [], {})

    def __eq__(self, other: object) -> bool:
        """Whether the texts are the same."""
        return isinstance(other, Expression) and self.text == other.text

    def __hash__(self) -> int:
        """Differ where the texts differ."""
        return hash(self.text)


def _compiled(text: str) -> Compiled:
    """Compile a text; a path of plain names, as most are, without the library.

    Raises:
        ValueError: it is not JMESPath, or says something else than it seems to.

    """
    if _PATH.fullmatch(text):
        return Compiled(None, tuple(text.split(".")))
    import jmespath  # not needed to start a run
    from jmespath.exceptions import JMESPathError

    try:
        expression = jmespath.compile(text)
    except (JMESPathError, RecursionError, ValueError) as error:
        said = str(error).strip().partition("\n")[0]
        raise ValueError(f"is not a JMESPath expression ({said})") from error
    if _negates_too_little(expression.parsed):
        raise ValueError("has a `!` that negates only the name after it. Write it with parentheses: !(rows[?failed])")
    if _copies(expression.parsed) > MOST_COPIES:
        raise ValueError(f"makes more than {MOST_COPIES} copies of what it finds: use fewer lists and tables in it")
    return Compiled(expression, _keys_of(expression.parsed))


def _found(expression: Any, data: object) -> Any:  # noqa: ANN401  # JSON of any shape
    """What an expression finds; None if a function in it doesn't fit the data."""
    from jmespath.exceptions import JMESPathError

    try:
        return expression.search(data)
    except (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError):
        return None


def _negates_too_little(parsed: dict[str, Any]) -> bool:
    """Whether something is looked for in a negation: JMESPath reads `!a.b` as `(!a).b`, which finds nothing."""
    children = [each for each in parsed["children"] if isinstance(each, dict)]
    inside = parsed["type"] in {"subexpression", "filter_projection", "flatten"}
    if inside and children and children[0]["type"] == "not_expression":
        return True
    return any(map(_negates_too_little, children))


def _copies(parsed: dict[str, Any]) -> int:
    """How many times as large as the data a result can be: `[@, @] | [@, @]` has four copies of them."""
    children = [each for each in parsed["children"] if isinstance(each, dict)]
    own = max(1, len(children)) if parsed["type"].startswith("multi_select") else 1
    return own * prod(map(_copies, children))


def _keys_of(parsed: dict[str, Any]) -> tuple[str, ...] | None:
    """The names of an expression that is a path of names; None for any other."""
    if parsed["type"] == "field":
        return (str(parsed["value"]),)
    if parsed["type"] == "subexpression":
        parts = [_keys_of(child) for child in parsed["children"]]
        found = [key for part in parts if part is not None for key in part]
        return tuple(found) if all(part is not None for part in parts) else None
    return None
