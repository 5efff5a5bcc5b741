"""Adds a build to the history, and keeps the history small."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from testgate.history.file import MOST_BUILDS, MOST_CHARACTERS, MOST_SERIES, MOST_TESTS
from testgate.history.model import ABSENT, BuildRecord, History, Key, Line, LineHistory, Part, part_of
from testgate.model import TestResult

_PER_TEST = 24  # characters between the names of a test


class LineResult(NamedTuple):
    """What this build says about a line: its tests, and the facts about their run."""

    tests: Sequence[TestResult]
    facts: Part


def added(history: History, build: BuildRecord, results: Mapping[Line, LineResult], target: str = "") -> History:
    """The history with these results of a build. Another job of the same attempt may have added lines before.

    `target` is the series that it is compared with: it is kept, however many others there are.
    """
    number = next((at for at, each in enumerate(history.builds) if _same_attempt(each, build)), len(history.builds))
    builds = [*history.builds[:number], build, *history.builds[number + 1 :]]
    lines = {
        line: LineHistory(dict(known.tests), dict(known.names), dict(known.parts))
        for line, known in history.lines.items()
    }
    for line, result in results.items():
        known = lines.setdefault(line, LineHistory())
        known.parts[number] = part_of(known, result.tests, result.facts)
    return _bounded(History(builds, lines), target)


def _same_attempt(one: BuildRecord, other: BuildRecord) -> bool:
    """Whether these are the same attempt of the same build, for the same change."""
    return one.same_build(other) and one.attempt == other.attempt and one.series == other.series


def _bounded(history: History, target: str) -> History:
    """The latest builds of the latest series, with the tests that they name."""
    kept = _kept(history.builds, target)
    moved = {number: at for at, number in enumerate(kept)}
    lines: dict[Line, LineHistory] = {}
    room, characters = MOST_TESTS, MOST_CHARACTERS
    # If there are too many tests, the lines that ran last keep their history.
    for line in sorted(history.lines, key=lambda each: -max(history.lines[each].parts, default=-1)):
        known = _compacted(history.lines[line], moved)
        size = _characters(known)
        if known.parts and len(known.tests) <= room and size <= characters:
            room -= len(known.tests)
            characters -= size
            lines[line] = known
    return History([history.builds[number] for number in kept], lines)


def _characters(known: LineHistory) -> int:
    """About how many characters the line takes in the file."""
    keys = sum(len(key.suite) + len(key.machine) + len(key.test) + _PER_TEST for key in known.tests)
    return keys + sum(map(len, known.names.values())) + sum(len(part.letters) for part in known.parts.values())


def _kept(builds: Sequence[BuildRecord], target: str) -> list[int]:
    """The numbers of the builds to keep, in order."""
    kept: list[int] = []
    counted: dict[str, int] = {}
    for number in range(len(builds) - 1, -1, -1):
        series = builds[number].series
        if series in {*counted, target} or len(counted) < MOST_SERIES:
            counted[series] = counted.get(series, 0) + 1
            if counted[series] <= MOST_BUILDS:
                kept.append(number)
    return kept[::-1]


def _compacted(known: LineHistory, moved: Mapping[int, int]) -> LineHistory:
    """The line with the builds that are kept, and the tests that one of them names."""
    parts = {moved[number]: part for number, part in known.parts.items() if number in moved}
    used = {at for part in parts.values() for at, letter in enumerate(part.letters) if letter != ABSENT}
    if len(used) == len(known.tests):
        return LineHistory(known.tests, known.names, parts)
    places = {index: at for at, index in enumerate(sorted(used))}
    tests: dict[Key, int] = {key: places[index] for key, index in known.tests.items() if index in places}
    names = {places[index]: name for index, name in known.names.items() if index in places}
    return LineHistory(tests, names, {number: _moved(part, places) for number, part in parts.items()})


def _moved(part: Part, places: Mapping[int, int]) -> Part:
    """The part for a shorter table. `places` has the new place of each test that stays, in order."""
    letters = "".join(part.letters[index] for index in places if index < len(part.letters))
    return part._replace(letters=letters, tries={places[index]: counts for index, counts in part.tries.items()})
