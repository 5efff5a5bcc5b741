"""Expressions of a provider file: JMESPath, compiled once, and harmless on whatever a server answers."""

from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

LONGEST = 500


class Expression:
    """A JMESPath expression. Calling it with data gives what it finds there; None if it finds nothing.

    Raises:
        ValueError: the text is not JMESPath, too long, or says something else than it seems to.

    """

    __slots__ = ("_compiled", "_keys", "text")

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise ValueError(f"is an expression of more than {LONGEST} characters")
        try:
            self._compiled = jmespath.compile(text)
        except (JMESPathError, RecursionError, ValueError) as error:
            said = str(error).strip().partition("\n")[0]
            raise ValueError(f"is not a JMESPath expression ({said})") from error
        if _negates_too_little(self._compiled.parsed):
            raise ValueError(
                "has a `!` that negates only the name after it. Write it with parentheses: !(rows[?failed])"
            )
        self.text = text
        self._keys = _keys_of(self._compiled.parsed)

    def __repr__(self) -> str:
        """Show the text."""
        return f"Expression({self.text!r})"

    def __call__(self, data: object) -> Any:  # noqa: ANN401  # JSON of any shape
        """Return what the expression finds; a function that doesn't fit the data finds nothing."""
        if self._keys is None:
            try:
                return self._compiled.search(data)
            except (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError):
                return None
        for key in self._keys:  # most are a path of names, and there are ten a test
            data = data.get(key) if isinstance(data, dict) else None
        return data

    @property
    def plain(self) -> bool:
        """Whether it is a path of names, so that what it finds stands in the data itself."""
        return self._keys is not None

    def holds(self, data: object) -> bool:
        """Whether it finds something that counts as true in JMESPath: not null, false, or empty."""
        found = self(data)
        return found is not None and found is not False and found not in ("", [], {})

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read it from a text."""
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(strict=True, min_length=1))

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe it for editors."""
        return {"type": "string", "maxLength": LONGEST, "description": "A JMESPath expression."}


def _negates_too_little(parsed: dict[str, Any]) -> bool:
    """Whether something is looked for in a negation: JMESPath reads `!a.b` as `(!a).b`, which finds nothing."""
    children = [each for each in parsed["children"] if isinstance(each, dict)]
    inside = parsed["type"] in {"subexpression", "filter_projection", "flatten"}
    if inside and children and children[0]["type"] == "not_expression":
        return True
    return any(map(_negates_too_little, children))


def _keys_of(parsed: dict[str, Any]) -> tuple[str, ...] | None:
    """The names of an expression that is a path of names; None for any other."""
    if parsed["type"] == "field":
        return (str(parsed["value"]),)
    if parsed["type"] == "subexpression":
        parts = [_keys_of(child) for child in parsed["children"]]
        found = [key for part in parts if part is not None for key in part]
        return tuple(found) if all(part is not None for part in parts) else None
    return None
