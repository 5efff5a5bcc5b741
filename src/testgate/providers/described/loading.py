"""Checks a provider file: a valid document, or every problem with file, line, key and what to write instead."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic_core import ValidationError

from testgate.providers.described.checking import EITHER, checked
from testgate.providers.described.document import Document
from testgate.providers.described.lines import line_of, lines_of
from testgate.providers.described.part import Part, key_of
from testgate.providers.described.reading import FileFault, parsed
from testgate.providers.described.scopes import Fault, faults
from testgate.text import one_line

_MOST_PROBLEMS = 30
_LONGEST_NAME = 60
_UNKNOWN = "unexpected_keyword_argument"
_WANTED = {
    "string_type": 'must be a text. Example: "done"',
    "list_type": 'must be a list. Example: ["done"]',
    "dict_type": 'must be a table. Example: { name = "value" }',
    "dataclass_type": 'must be a table. Example: { name = "value" }',
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number. Example: 100",
    "int_parsing": "must be a whole number. Example: 100",
    "int_from_float": "must be a whole number. Example: 100",
}
"""By the type of a problem in pydantic's core: its own words are about Python, and call a value an input."""


def load(text: str, name: str, *, bundled: bool = False) -> Document:
    """Read the text of a file called `name`. Only a `bundled` one may name hosts.

    Raises:
        FileFault: with all problems.

    """
    try:
        document = checked(Document, parsed(text, name))
    except ValidationError as error:
        raise _fault(text, name, _of_parts(error.errors(include_url=False, include_input=False))) from error
    except RecursionError as error:
        raise FileFault([f"{name}: is nested too deeply"]) from error
    if found := faults(document, bundled=bundled):
        raise _fault(text, name, found)
    return document


def _fault(text: str, name: str, found: Iterable[Fault]) -> FileFault:
    """The problems with their lines."""
    lines = lines_of(text)
    problems = [f"{name}:{line_of(lines, each.place)}: {_key(each.place)} {each.what}" for each in found]
    return FileFault(problems[:_MOST_PROBLEMS])


def _of_parts(details: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """The problems that pydantic's core found. It has one for each kind that a value can be of; only one is told."""
    found: dict[object, Fault] = {}
    for number, detail in enumerate(details):
        place = tuple(each for each in detail["loc"] if each != EITHER)
        key = place if EITHER in detail["loc"] else number
        if key not in found or detail["type"] == "value_error":  # the right kind, with something wrong in it
            found[key] = _of_part(place, detail)
    return [*found.values()]


def _of_part(place: tuple[str | int, ...], detail: Mapping[str, Any]) -> Fault:
    """One problem."""
    kind = str(detail["type"])
    if kind == _UNKNOWN:
        return Fault(place, f"is not a key of the format.{_meant(place)}")
    if kind == "missing":
        return Fault(place, "is missing")
    said = str(detail["msg"]).removeprefix("Value error, ")
    if kind == "value_error":
        return Fault(place, said)
    return Fault(place, _WANTED.get(kind) or said.replace("Input should be", "must be", 1))


def _meant(place: tuple[str | int, ...]) -> str:
    """The key that was probably meant."""
    from difflib import get_close_matches  # needed only if something is misspelled

    names = _keys_at(Document, place[:-1])
    near = get_close_matches(str(place[-1]), names, n=1)
    return f" Did you mean `{near[0]}`?" if near else f" Keys here: {', '.join(sorted(names))}" if names else ""


def _keys_at(model: type[Part], place: Sequence[str | int]) -> list[str]:
    """The keys of the table at a place; empty if it isn't one of ours."""
    for step in place:
        if isinstance(step, int):
            continue
        types = {key_of(field.name): field.type for field in model.every_field()}
        inner = _model_in(types[step]) if step in types else model
        if inner is None:
            return []
        model = inner
    return [key_of(field.name) for field in model.every_field()]


def _model_in(annotation: object) -> type[Part] | None:
    """The model that an annotation holds, in a list, a dict or a union; None if there is none."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((found for found in map(_model_in, get_args(annotation)) if found is not None), None)


def _key(place: Sequence[str | int]) -> str:
    """`poll.states.passed`, or `targets[1].name`."""
    text = ""
    for step in place:
        name = one_line(str(step), _LONGEST_NAME)
        text += f"[{step + 1}]" if isinstance(step, int) else f".{name}" if text else name
    return f"`{text}`" if text else "the file"
