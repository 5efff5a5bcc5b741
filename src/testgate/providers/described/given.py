"""The values that the workflow gives for a provider file, checked against what the file declares. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from testgate.inputs.values import closest
from testgate.providers.described.opening import Opening, Value
from testgate.text import clean, one_line

_SHOWN = 60
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?")


class Given(NamedTuple):
    """Values by name, with their types. Those of the names in `secret` are never shown."""

    values: Mapping[str, Any]
    secret: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Show the names only."""
        return f"Given({sorted(self.values)})"


def read(document: Opening, plain: Mapping[str, str], secret: Mapping[str, str]) -> tuple[Given, list[str]]:
    """Read `values` and `secret-values`: what is given, and every problem."""
    problems: list[str] = []
    values: dict[str, Any] = {}
    for name, texts in (("values", plain), ("secret-values", secret)):
        for key, text in texts.items():
            problem = _place(document, name, key) or _put(document, values, key, text, name)
            problems += [problem] if problem else []
    for key, declared in document.values.items():
        if key not in values and declared.default:
            values[key] = _typed(declared, declared.default)
        if key not in values and declared.required:
            what = f"`{_home(declared)}`: `{key}` is required for {document.name}: {declared.about}"
            problems.append(f"{what} Example: {key}={declared.example}")
    hidden = frozenset(key for key, declared in document.values.items() if declared.secret)
    return Given(values, hidden), problems


def selection_problems(document: Opening, given: Given) -> list[str]:
    """What is wrong with the choice of what to run: nothing is selected, or two kinds at once."""
    chosen = [target for target in document.targets if any(name in given.values for name in target.values)]
    names = list(dict.fromkeys(name for target in document.targets for name in target.values))
    example = f"Example: {names[0]}={document.values[names[0]].example}"
    if not chosen:
        return [f"`values`: {_one_of(names)} is required for command run. {example}"]
    if len(chosen) > 1:
        both = list(dict.fromkeys(name for target in chosen for name in target.values if name in given.values))
        return [f"`values`: `{'`, `'.join(both)}`: give exactly one of these. {example}"]
    return []


def _one_of(names: list[str]) -> str:
    """`suite-id`, or one of `a`, `b`."""
    return f"`{names[0]}`" if len(names) == 1 else f"one of {', '.join(f'`{name}`' for name in names)}"


def _home(declared: Value) -> str:
    """The input that a value belongs into."""
    return "secret-values" if declared.secret else "values"


def _place(document: Opening, name: str, key: str) -> str:
    """What is wrong with a key: unknown, or in the wrong input."""
    base, dot, _rest = key.partition(".")
    declared = document.values.get(base)
    if declared is None or bool(dot) is not declared.map:
        near = closest(base, document.values)
        meant = f"; did you mean {near}?" if near and near != base else "."
        shape = f" It is a map: write {base}.NAME=…" if declared is not None and declared.map else ""
        known = ", ".join(document.values) or "none"
        return f"`{name}`: {one_line(key, _SHOWN)!r} is not a value of {document.name}{meant}{shape} Known: {known}"
    if _home(declared) != name:
        return f"`{name}`: `{base}` belongs into `{_home(declared)}`. Example: {base}={declared.example}"
    return ""


def _put(document: Opening, values: dict[str, Any], key: str, text: str, name: str) -> str:
    """Add a value; returns what is wrong with it."""
    base, _dot, inner = key.partition(".")
    declared = document.values[base]
    shown = "" if declared.secret else f" (given: {one_line(text, _SHOWN)})"
    problem = next(_problems(declared, text), "")
    if problem:
        return f"`{name}`: `{key}` {problem}{shown}. Example: {key}={declared.example}"
    if declared.map:
        values.setdefault(base, {})[inner] = text
    elif text:
        values[base] = _typed(declared, text)
    return ""


def _problems(declared: Value, text: str) -> Iterator[str]:
    """What is wrong with a text."""
    if clean(text) != text or "\n" in text:
        yield "must be one line of text without control characters"
    items = _items(text) if declared.list_ else [text]
    if declared.list_ and text and not items:
        yield "contains no items"
    for item in filter(None, items):
        if declared.type == "number" and not _NUMBER.fullmatch(item):
            yield "must be a number"
        if declared.type == "boolean" and item.lower() not in {"true", "false"}:
            yield "must be true or false"
        if declared.segments is not None and not all(part.strip(".") for part in item.split("/")):
            yield "must be names with a slash between them"
        if declared.choices and item not in declared.choices:
            yield f"must be one of {', '.join(declared.choices)}"


def _typed(declared: Value, text: str) -> Any:  # noqa: ANN401  # the type that the file declares
    """The value that a text stands for."""
    if declared.list_:
        return [_single(declared, item) for item in _items(text)]
    return _single(declared, text)


def _single(declared: Value, text: str) -> str | int | float | bool:
    """One item."""
    if declared.type == "boolean":
        return text.lower() == "true"
    if declared.type == "number":
        return float(text) if "." in text else int(text)
    return text


def _items(text: str) -> list[str]:
    """The items of a list, without duplicates, in order."""
    return list(dict.fromkeys(item.strip() for item in text.split(",") if item.strip()))
