"""Inputs that hold several values: lists, sets of names, and maps."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, SecretStr

from testgate.inputs.values import Fault, Given, Kind, checked_id, choice, line, positive_id

_PLUGIN = "PLUGIN_"
SHORTEST_HIDDEN_VALUE = 8


def texts(given: Given) -> tuple[str, ...]:
    """Lines of text, each once, in their order."""
    return tuple(dict.fromkeys(line(item) for item in items(given)))


def path_ids(given: Given) -> tuple[str, ...]:
    """IDs that become part of a URL's path, each once, in their order."""
    return tuple(dict.fromkeys(checked_id(item) for item in items(given)))


def identifiers(given: Given) -> tuple[int, ...]:
    """Ids, each once, in their order."""
    return tuple(dict.fromkeys(positive_id(item) for item in items(given)))


def items(given: Given) -> tuple[str, ...]:
    """The trimmed, non-empty items of a list: after commas, on lines, or JSON from a `PLUGIN_` variable."""
    if given.variable.startswith(_PLUGIN) and given.text.startswith("[") and not given.numbered:
        data = _json(given.text)
        found: Iterable[str] = [_scalar(item, f"item {number}") for number, item in enumerate(data, 1)]
    else:
        found = re.split(r"[,\r\n]", given.text)
    listed = tuple(dict.fromkeys(item.strip() for item in found if item.strip()))
    if not listed:
        raise Fault("holds no item")
    return listed


def write_list(values: Sequence[object]) -> str:
    """The items as users would write them."""
    return ", ".join(map(str, values))


def pairs(given: Given) -> dict[str, str]:
    """A map: `key=value` on each line, split at the last `=`, or a JSON object."""
    if not given.text.startswith("{"):
        return dict(_lines(given.text))
    found = {}
    for name, value in _json(given.text).items():
        if not name.strip():
            raise Fault("has an empty key", shown="")
        found[_encodable(name)] = _scalar(value, "the value of a key")
    return found


def _lines(value: str) -> Iterable[tuple[str, str]]:
    """The keys and values of lines; messages name the line's number, as the line may hold a secret."""
    seen = set()
    for number, row in enumerate(_rows(value), 1):
        if not row.strip():
            continue
        name, equals, content = row.rpartition("=")
        if not equals or not name.strip():
            raise Fault(f"line {number} is not key=value", shown="")
        if name.strip() in seen:
            raise Fault(f"line {number} repeats a key", shown="")
        seen.add(name.strip())
        yield _encodable(name.strip()), _encodable(content.strip())


def _rows(value: str) -> list[str]:
    """The lines; only what a keyboard ends a line with ends one."""
    return value.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def secret_pairs(given: Given) -> dict[str, SecretStr]:
    """A map whose values are secrets.

    A line such as `token=abc==` is refused: split at its last `=` it would make the secret a key.
    """
    found = pairs(given)
    if any("=" in name and not value for name, value in found.items()) and not given.text.startswith("{"):
        raise Fault("has a value that ends with `=`, where lines are split: write it as a JSON object", shown="")
    return {name: SecretStr(value) for name, value in found.items()}


def _pair_secrets(given: Given) -> Sequence[str]:
    """The values that are hidden wherever they appear.

    Short ones are words such as `true` or `chrome`: hiding those would make a log unreadable.
    """
    return [value for value in _possible_values(given) if len(value) >= SHORTEST_HIDDEN_VALUE]


def _possible_values(given: Given) -> Sequence[str]:
    """All that could be a value: text behind any first or last `=` of a line, JSON values, else everything."""
    if given.text.startswith("{"):
        try:
            return [*pairs(given).values()]
        except Fault:
            return [given.text, *re.findall(r'"((?:[^"\\]|\\.)*)"', given.text)]
    return [part.strip() for row in _rows(given.text) for part in (row.partition("=")[2], row.rpartition("=")[2])]


def _json(value: str) -> Any:  # noqa: ANN401  # JSON is any shape until it is checked
    """The JSON list or object that the text begins; numbers stay as they are written."""
    try:
        return json.loads(
            value, strict=False, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_unique
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
    except RecursionError:
        where = "it is nested too deeply"
    raise Fault(f"is not valid JSON ({where})", shown="")


def _unique(found: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object in which no key stands twice."""
    if len(dict(found)) < len(found):
        raise Fault("has a key twice", shown="")
    return dict(found)


def _scalar(value: object, what: str) -> str:
    """A JSON string, number or boolean as text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _encodable(value)
    raise Fault(f"{what} must be a text, a number, true or false", shown="")


def _encodable(value: str) -> str:
    """The value, if it has a place in UTF-8."""
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Fault("is not valid UTF-8", shown="")
    return value


def names_of(*words: str) -> Callable[[Given], frozenset[str] | None]:
    """The reading of a set of these words, where `all` is None and `none` is the empty set."""

    def read(given: Given) -> frozenset[str] | None:
        """The set that the list names."""
        found = frozenset(choice(item, [*words, "all", "none"]) for item in items(given))
        if found & {"all", "none"}:
            if len(found) > 1:
                raise Fault("must be all or none alone, or names")
            return None if "all" in found else frozenset()
        return found

    return read


def _write_pairs(found: Mapping[str, str]) -> str:
    """The map as users would write it."""
    return "\n".join(f"{name}={value}" for name, value in found.items())


def _write_nothing(found: object) -> str:  # noqa: ARG001  # the values are secrets
    """Nothing."""
    return ""


PathIdList = Annotated[tuple[str, ...], Kind(path_ids, write_list, several=True)]
TextList = Annotated[tuple[str, ...], Kind(texts, write_list, several=True)]
IdList = Annotated[tuple[int, ...], Kind(identifiers, write_list, several=True)]
StringMap = Annotated[Mapping[str, str], Kind(pairs, _write_pairs, several=True)]
SecretMap = Annotated[
    Mapping[str, SecretStr], Kind(secret_pairs, _write_nothing, _pair_secrets, several=True), Field(repr=False)
]
