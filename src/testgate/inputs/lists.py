"""Inputs with several values: lists, sets of names, and maps."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from testgate.inputs.values import Fault, Given, Kind, checked_id, choice, line, positive_id
from testgate.redact import Secret

E = TypeVar("E", bound=StrEnum)

_PLUGIN = "PLUGIN_"
_NO_NAME = re.compile(r"://|,")

_AS_JSON = 'if that is meant, write a JSON object, such as {"name": "value"}'


def texts(given: Given) -> tuple[str, ...]:
    """Read a list of texts, without duplicates, in order."""
    return tuple(dict.fromkeys(line(item) for item in items(given)))


def path_ids(given: Given) -> tuple[str, ...]:
    """Read a list of ids that become part of a URL's path, without duplicates, in order."""
    return tuple(dict.fromkeys(checked_id(item) for item in items(given)))


def identifiers(given: Given) -> tuple[int, ...]:
    """Read a list of ids, without duplicates, in order."""
    return tuple(dict.fromkeys(positive_id(item) for item in items(given)))


def items(given: Given) -> tuple[str, ...]:
    """Split a list at commas and line breaks, or parse it as JSON if a `PLUGIN_` variable contains a JSON list."""
    if given.variable.startswith(_PLUGIN) and given.text.startswith("[") and not given.numbered:
        data = _json(given.text)
        found: Iterable[str] = [_scalar(item, f"item {number}") for number, item in enumerate(data, 1)]
    else:
        found = re.split(r"[,\r\n]", given.text)
    found_items = tuple(dict.fromkeys(item.strip() for item in found if item.strip()))
    if not found_items:
        raise Fault("contains no items")
    return found_items


def write_list(values: Sequence[object]) -> str:
    """Format a list as users would write it."""
    return ", ".join(map(str, values))


def pairs(given: Given, *, names_hold_equals: bool = False) -> dict[str, str]:
    """Read a map: one `key=value` per line, or a JSON object.

    Lines are split at their first `=`, as values hold it more often; if `names_hold_equals`, at the last one.
    """
    if not given.text.startswith("{"):
        return dict(_lines(given.text, at_last=names_hold_equals))
    found = {}
    for name, value in _json(given.text).items():
        if not name.strip():
            raise Fault("has an empty key", shown="")
        found[_encodable(name)] = _scalar(value, "the value of a key")
    return found


def _lines(value: str, *, at_last: bool) -> Iterable[tuple[str, str]]:
    """Yield the keys and values of lines. Faults name the line's number only, as the line may contain a secret."""
    seen = set()
    for number, row in enumerate(_rows(value), 1):
        if not row.strip():
            continue
        name, equals, content = row.rpartition("=") if at_last else row.partition("=")
        if not equals or not name.strip():
            raise Fault(f"line {number} is not key=value", shown="")
        if not at_last and _NO_NAME.search(name):
            raise Fault(f"line {number} has `://` or a comma before its first `=`: {_AS_JSON}", shown="")
        if name.strip() in seen:
            raise Fault(f"line {number} repeats a key", shown="")
        seen.add(name.strip())
        yield _encodable(name.strip()), _encodable(content.strip())


def _rows(value: str) -> list[str]:
    """Split at line feeds and carriage returns only, not at other Unicode line separators."""
    return value.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def named_pairs(given: Given) -> dict[str, str]:
    """Read a map whose keys are names of people's making, which can hold `=`, commas and URLs."""
    return pairs(given, names_hold_equals=True)


def secret_pairs(given: Given) -> dict[str, Secret]:
    """Read a map whose values are secrets."""
    return {name: Secret(value) for name, value in pairs(given).items()}


def _pair_secrets(given: Given) -> Sequence[str]:
    """Everything that could be a value: the text after the first `=` of a line, or the line, or JSON strings."""
    if given.text.startswith("{"):
        try:
            return [*pairs(given).values()]
        except Fault:
            return [given.text, *re.findall(r'"((?:[^"\\]|\\.)*)"', given.text)]
    parts = (row.partition("=") for row in _rows(given.text))
    return [(value if equals else name).strip() for name, equals, value in parts]


def _json(value: str) -> Any:  # noqa: ANN401  # JSON of any shape
    """Parse a JSON list or object; numbers stay text, as they were written."""
    try:
        return json.loads(
            value, strict=False, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_unique
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
    except RecursionError:
        where = "nested too deeply"
    raise Fault(f"is not valid JSON ({where})", shown="")


def _unique(found: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a JSON object, refusing duplicate keys."""
    if len(dict(found)) < len(found):
        raise Fault("contains a key twice", shown="")
    return dict(found)


def _scalar(value: object, what: str) -> str:
    """Convert a JSON string, number or boolean to text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _encodable(value)
    raise Fault(f"{what} must be a string, a number, true or false", shown="")


def _encodable(value: str) -> str:
    """Return the value if it can be encoded as UTF-8."""
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Fault("is not valid UTF-8", shown="")
    return value


def names_of(*words: E) -> Callable[[Given], frozenset[E] | None]:
    """Make a reader of a set of these words; `all` gives None, `none` the empty set."""

    def read(given: Given) -> frozenset[E] | None:
        """Read the set."""
        found = frozenset(choice(item, [*map(str, words), "all", "none"]) for item in items(given))
        if found & {"all", "none"}:
            if len(found) > 1:
                raise Fault("must be either all, none, or a list of names")
            return None if "all" in found else frozenset()
        return frozenset(word for word in words if word in found)

    return read


def write_pairs(found: Mapping[str, str]) -> str:
    """Format a map as users would write it."""
    return "\n".join(f"{name}={value}" for name, value in found.items())


def _write_nothing(found: object) -> str:  # noqa: ARG001  # the values are secrets
    """Format no value."""
    return ""


PathIdList = Annotated[tuple[str, ...], Kind(path_ids, write_list, several=True)]
TextList = Annotated[tuple[str, ...], Kind(texts, write_list, several=True)]
IdList = Annotated[tuple[int, ...], Kind(identifiers, write_list, several=True)]
NamedMap = Annotated[Mapping[str, str], Kind(named_pairs, write_pairs, several=True)]
StringMap = Annotated[Mapping[str, str], Kind(pairs, write_pairs, several=True)]
SecretMap = Annotated[Mapping[str, Secret], Kind(secret_pairs, _write_nothing, _pair_secrets, several=True)]
