"""Compares a line of this build with what earlier builds said about it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from testgate.history.model import (
    ABSENT,
    FLAKY,
    GREEN,
    PASSED,
    RED,
    BuildRecord,
    Cell,
    History,
    Key,
    Line,
    LineHistory,
    Part,
    cell_of,
    keys_of,
)
from testgate.model import Change, EarlierBuild, Past, Record, TestResult

RECENT_BUILDS = 20


class Compared(NamedTuple):
    """A line, compared. `baseline` is None if there is nothing to compare with; then no test is new or known.

    `pasts` are in the order of the tests. `gone` are the tests of the baseline that this build lacks. `expected` is
    the usual duration in seconds, `report` the id of the baseline's report.
    """

    baseline: BuildRecord | None
    pasts: Sequence[Past] = ()
    gone: Sequence[Key] = ()
    expected: float | None = None
    report: str = ""


class _Step(NamedTuple):
    """An earlier build of a line, with what its attempts say, the newest first."""

    build: BuildRecord
    attempts: Sequence[Part]

    @property
    def part(self) -> Part:
        """What the newest attempt says."""
        return self.attempts[0]

    def cell(self, index: int | None) -> Cell:
        """The result of a test in the newest attempt; flaky, if it passed there and had failed in an earlier one."""
        if index is None:
            return Cell(ABSENT, 0, 0)
        newest, *earlier = (part.cell(index) for part in self.attempts)
        letter = FLAKY if newest.letter in GREEN and any(cell.letter in RED for cell in earlier) else newest.letter
        cells = [newest, *earlier]
        return Cell(letter, sum(cell.failed for cell in cells), sum(cell.tried for cell in cells))


class Current(NamedTuple):
    """The build of this step.

    `target` is the series that it is compared with as long as it has no past of its own, `base` the commit of it that
    the change starts from.
    """

    record: BuildRecord
    target: str = ""
    base: str = ""


def compare(history: History, current: Current, line: Line, tests: Sequence[TestResult], *, whole: bool) -> Compared:
    """Compare the tests of a line with its past. Only in a `whole` line can tests be gone."""
    known = history.lines.get(line, LineHistory())
    lineage = list(_lineage(history, known, current))
    keys = keys_of(tests)
    pasts_of = _Pasts(lineage, len(known.tests))
    pasts = [pasts_of.find(cell_of(test), known.tests.get(key)) for key, test in zip(keys, tests, strict=True)]
    if not lineage:
        return Compared(None, pasts)
    gone: list[Key] = []
    if whole:
        before = lineage[0].part
        here = set(keys)
        gone = [key for key, index in known.tests.items() if before.cell(index).letter != ABSENT and key not in here]
    return Compared(lineage[0].build, pasts, gone, _usual(lineage), lineage[0].part.report)


def expected_seconds(history: History, current: Current, line: Line) -> float | None:
    """The usual duration of a line; None if no earlier build ran it to its end."""
    return _usual(list(_lineage(history, history.lines.get(line, LineHistory()), current)))


def _lineage(history: History, line: LineHistory, current: Current) -> Iterator[_Step]:
    """The earlier builds to compare with, newest first: those of its own series, then those of the target.

    Only whole parts count, and no other attempt of this build. If the commit that the change starts from was built,
    the target's builds begin there.
    """
    build, target, base = current
    found: dict[tuple[str, str, str], list[int]] = {}
    for number in sorted(line.parts, reverse=True):
        each = history.builds[number]
        if line.parts[number].whole and not each.same_build(build):
            found.setdefault((each.workflow, each.run, each.series), []).append(number)
    steps = [
        _Step(history.builds[numbers[0]], [line.parts[number] for number in numbers]) for numbers in found.values()
    ]
    yield from (step for step in steps if step.build.series == build.series)
    if target and target != build.series:
        theirs = [step for step in steps if step.build.series == target]
        start = next((at for at, step in enumerate(theirs) if base and step.build.commit == base), 0)
        yield from theirs[start:]


class _Pasts:
    """The pasts of a line's tests. Most of many tests went the same way, and share theirs."""

    def __init__(self, lineage: Sequence[_Step], size: int) -> None:
        parts = [part for step in lineage for part in step.attempts]
        self._lineage = lineage
        self._ways = [*zip(*(part.letters.ljust(size, ABSENT) for part in parts), strict=True)] or [()] * size
        self._tried_again = {index for part in parts for index in part.tries}
        self._known: dict[tuple[Cell, tuple[str, ...] | None], Past] = {}

    def find(self, cell: Cell, index: int | None) -> Past:
        """What the lineage says about the test with that number; None if no build has it."""
        if index in self._tried_again:
            return _past(cell, index, self._lineage)
        way = (cell, None if index is None else self._ways[index])
        found = self._known.get(way)
        if found is None:
            found = self._known[way] = _past(cell, index, self._lineage)
        return found


def _past(cell: Cell, index: int | None, lineage: Sequence[_Step]) -> Past:
    """What the lineage says about one test."""
    before = [step.cell(index) for step in lineage]
    record = _record([cell, *before[: RECENT_BUILDS - 1]])
    if not lineage:
        return Past(record=record)
    was = before[0].letter
    if cell.letter in RED:
        if was not in RED:
            return Past(Change.NEW, None, record)
        return Past(Change.KNOWN, _first_red(before, lineage), record)
    if cell.letter in GREEN and was in RED:
        return Past(Change.FIXED, _first_red(before, lineage), record)
    if was == ABSENT and all(each.letter == ABSENT for each in before):
        return Past(Change.ADDED, None, record)
    return Past(record=record)


def _first_red(before: Sequence[Cell], lineage: Sequence[_Step]) -> EarlierBuild:
    """The oldest build of those in a row in which the test failed; builds in which it did not run are passed over."""
    first = lineage[0].build
    for cell, step in zip(before, lineage, strict=True):
        if cell.letter in GREEN:
            break
        if cell.letter in RED:
            first = step.build
    return first.shown


def _record(cells: Sequence[Cell]) -> Record:
    """How the test did in these builds, newest first."""
    ran = [cell for cell in cells if cell.letter in RED | GREEN]
    flaky = sum(cell.letter == FLAKY for cell in ran)
    failed = sum(cell.letter in RED for cell in ran)
    green = next((at for at, cell in enumerate(ran) if cell.letter != PASSED), len(ran))
    return Record(
        builds=len(ran),
        passed=len(ran) - flaky - failed,
        flaky=flaky,
        failed=failed,
        attempts=sum(cell.tried for cell in ran),
        failed_attempts=sum(cell.failed for cell in ran),
        green_since=green,
    )


def _usual(lineage: Sequence[_Step]) -> float | None:
    """The median of the latest durations."""
    latest = sorted(step.part.seconds for step in lineage[:5] if step.part.seconds > 0)
    return latest[len(latest) // 2] if latest else None
