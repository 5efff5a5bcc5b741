"""The lines of a TOML file on which its keys stand. `tomllib` tells lines only for faults of syntax."""

import re
from collections.abc import Mapping, Sequence

_TABLE = re.compile(r"\s*\[(?P<array>\[)?\s*(?P<name>[^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*(?P<name>(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"))*)\s*=")
_QUOTES = ('"""', "'''")

Place = tuple[str | int, ...]


def lines_of(text: str) -> Mapping[Place, int]:
    """The line, from 1, of each table and key, by its place: `("poll", "states", "passed")`.

    Elements of an array of tables are numbered from 0. What stands inside a value has the line of the value's key.
    """
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    quote, depth = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            quote = "" if quote in line else quote
            continue
        if depth <= 0:
            depth = 0
            if match := _TABLE.fullmatch(line):
                table = _numbered(_names(match["name"]), counts)
                if match["array"]:
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                found.setdefault(table, number)
                continue
            if match := _KEY.match(line):
                found.setdefault((*table, *_names(match["name"])), number)
        plain = (
            re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|#.*", "", line) if not any(each in line for each in _QUOTES) else ""
        )
        depth += plain.count("[") - plain.count("]") + plain.count("{") - plain.count("}")
        quote = next((each for each in _QUOTES if line.count(each) == 1), "")
    return found


def line_of(found: Mapping[Place, int], place: Sequence[str | int]) -> int:
    """The line of a place, or of what it stands in; 1 if nothing is known."""
    for end in range(len(place), 0, -1):
        if tuple(place[:end]) in found:
            return found[tuple(place[:end])]
    return 1


def _names(text: str) -> Place:
    """The parts of a dotted key."""
    return tuple(part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", text))


def _numbered(names: Place, counts: Mapping[Place, int]) -> Place:
    """The place of a table inside elements of arrays: those of the last element so far."""
    place: Place = ()
    for name in names[:-1]:
        place = (*place, name)
        if place in counts:
            place = (*place, counts[place])
    return (*place, *names[-1:])
