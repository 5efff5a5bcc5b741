"""The format of the history file: JSON, bounded, and checked as untrusted when it is read.

A CI's cache brings the file, and whoever can write to the cache can write the file.
"""

import json
import math
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from testgate.history.model import LETTERS, LONGEST, BuildRecord, History, Key, Line, LineHistory, Part

FORMAT: Final = 1
MOST_BUILDS: Final = 20  # of each series
MOST_SERIES: Final = 30
MOST_TESTS: Final = 200_000  # of all lines together
MOST_CHARACTERS: Final = 24_000_000  # of the names and results of all lines together
_MAGIC: Final = "testgate-history"
_MOST_LINES: Final = 500
_MOST_DIGITS: Final = 9
_TEXTS: Final = ("report", "job", "job_name", "seal")
_MOST_RUNS: Final = 100  # a run and its reruns


class ForeignFileError(Exception):
    """The file is no history, or a damaged one; the message is a clause that follows its name."""


class NewerFormatError(Exception):
    """A newer version wrote the file; the message is a clause that follows its name."""


def written(history: History) -> Iterator[str]:
    """The file, in pieces."""
    head = {"kind": _MAGIC, "format": FORMAT, "builds": [build._asdict() for build in history.builds]}
    yield json.dumps(head, ensure_ascii=False)[:-1]
    yield ', "lines": ['
    separator = "\n"
    for line, known in history.lines.items():
        parts = {str(number): _part_as_json(part) for number, part in known.parts.items()}
        tests = [[*key, *filter(None, [known.names.get(index)])] for key, index in known.tests.items()]
        body = {"line": [*line], "tests": tests, "parts": parts}
        yield separator + json.dumps(body, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def _part_as_json(part: Part) -> dict[str, Any]:
    """A part, without what is usual."""
    tries = {str(index): [*counts] for index, counts in part.tries.items()}
    return {
        "letters": part.letters,
        **({"tries": tries} if tries else {}),
        **({} if part.whole else {"whole": False}),
        "seconds": round(part.seconds, 3),
        "runs": [*part.runs],
        **{name: text for name in _TEXTS if (text := getattr(part, name))},
    }


def read(text: str) -> History:
    """Read a file.

    Raises:
        ForeignFileError: it is not a history.
        NewerFormatError: it is one of a newer version.

    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ForeignFileError("is not JSON") from error
    if not isinstance(found, dict) or found.get("kind") != _MAGIC:
        raise ForeignFileError("is not a history of TestGate")
    version = found.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise NewerFormatError(f"has format {version}, and this version reads up to format {FORMAT}")
    try:
        return _history(found)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ForeignFileError("is damaged") from error


def _history(found: Mapping[str, Any]) -> History:
    """The history in the file; ValueError if a part of it contradicts another."""
    builds = [_build(each) for each in found["builds"]]
    if found["format"] != FORMAT or len(builds) > MOST_BUILDS * MOST_SERIES:
        raise ValueError
    lines: dict[Line, LineHistory] = {}
    for each in found["lines"]:
        names = _of_length(each["line"], len(Line._fields))
        lines[Line(*(_text(name) for name in names))] = _line(each, len(builds))
    if len(lines) != len(found["lines"]) or len(lines) > _MOST_LINES:
        raise ValueError
    return History(builds, lines)


def _build(found: Mapping[str, Any]) -> BuildRecord:
    """One build."""
    texts = {name: _text(found[name]) for name in ("workflow", "run", "number", "url", "series", "commit")}
    return BuildRecord(**texts, attempt=_count(found["attempt"]), at=_seconds(found["at"]))


def _line(found: Mapping[str, Any], builds: int) -> LineHistory:
    """One line."""
    keys, names = [], {}
    for index, each in enumerate(found["tests"]):
        suite, machine, test, ordinal, *name = each
        keys.append(Key(_text(suite), _text(machine), _text(test), _count(ordinal)))
        if name:
            (names[index],) = (_text(text) for text in name)
    tests = {key: index for index, key in enumerate(keys)}
    if len(tests) != len(keys) or len(keys) > MOST_TESTS:
        raise ValueError
    parts = {_index(number, builds): _part(part, len(tests)) for number, part in found["parts"].items()}
    return LineHistory(tests, names, parts)


def _part(found: Mapping[str, Any], tests: int) -> Part:
    """What a build says about a line."""
    letters, whole = found["letters"], found.get("whole", True)
    if not isinstance(letters, str) or len(letters) > tests or not LETTERS.issuperset(letters):
        raise ValueError
    if not isinstance(whole, bool):
        raise TypeError
    tries: dict[int, tuple[int, int]] = {}
    for index, counts in found.get("tries", {}).items():
        failed, tried = (_count(each) for each in _of_length(counts, 2))
        if failed > tried:
            raise ValueError
        tries[_index(index, len(letters))] = (failed, tried)
    runs = found["runs"]
    if not isinstance(runs, list) or len(runs) > _MOST_RUNS:
        raise ValueError
    ids = [_text(run) for run in runs]
    texts = [_text(found.get(name, "")) for name in _TEXTS]
    if texts[0]:
        uuid.UUID(texts[0])
    return Part(letters, tries, whole, _seconds(found["seconds"]), ids, *texts)


def _text(found: object) -> str:
    """A text of limited length, as it is: it identifies something. Whatever shows it makes it safe."""
    if not isinstance(found, str) or len(found) > LONGEST:
        raise ValueError
    return found


def _count(found: object) -> int:
    """A small whole number that is not negative."""
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= MOST_TESTS:
        raise ValueError
    return found


def _index(found: str, below: int) -> int:
    """A number in a table of this length."""
    if not (found.isascii() and found.isdigit() and len(found) <= _MOST_DIGITS) or int(found) >= below:
        raise ValueError
    return int(found)


def _seconds(found: object) -> float:
    """A finite number that is not negative."""
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found) or found < 0:
        raise ValueError
    return float(found)


def _of_length(found: object, length: int) -> Sequence[Any]:
    """A list of that length."""
    if not isinstance(found, list) or len(found) != length:
        raise ValueError
    return found
