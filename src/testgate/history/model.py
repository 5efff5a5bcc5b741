"""What is kept of each build: one letter per test, and how often it was tried.

A history of 20 builds of 100 000 tests has two million results. They are kept as strings with one letter per test, in
the file and in memory.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from testgate.model import EarlierBuild, Outcome, TestResult
from testgate.text import one_line

ABSENT: Final = "."
PASSED: Final = "P"
FLAKY: Final = "K"
FAILED: Final = "F"
ERROR: Final = "E"
RED: Final = frozenset({FAILED, ERROR})
GREEN: Final = frozenset({PASSED, FLAKY})
_LETTERS: Final = {
    Outcome.PASSED: PASSED,
    Outcome.FAILED: FAILED,
    Outcome.ERROR: ERROR,
    Outcome.SKIPPED: "S",
    Outcome.NOT_RUN: "N",
}
_RAN: Final = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.ERROR})
_LATEST: Final = 253_402_300_799.0  # the end of the year 9999, in epoch seconds
LONGEST: Final = 1_000  # characters of a name
LETTERS: Final = frozenset({ABSENT, FLAKY, *_LETTERS.values()})


class Line(NamedTuple):
    """What is run again in every build: a target on a platform, in an environment, in a leg of a matrix."""

    provider: str
    target: str
    environment: str = ""
    leg: str = ""


class Key(NamedTuple):
    """A test of a line. `test` is the id of its case, or else its name; `ordinal` tells equal ones apart."""

    suite: str
    machine: str
    test: str
    ordinal: int = 1


class Cell(NamedTuple):
    """A test's result in a build, and in how many of its attempts it failed."""

    letter: str
    failed: int = 0
    tried: int = 1


class Part(NamedTuple):
    """What a build says about one line.

    `letters` has a letter for each test of the line's table, as far as it reaches. `tries` has failed and all attempts
    of the tests with several. A `whole` part ran to its end with all its tests. `seconds` is its duration, and `runs`
    are the ids of the run and its reruns on the platform. `report` is the id of the report about it.
    `job` is what the steps of its job have in common, `job_name` what the job is called in each build. `seal` shows who
    wrote runs and job.
    """

    letters: str = ""
    tries: Mapping[int, tuple[int, int]] = {}
    whole: bool = True
    seconds: float = 0.0
    runs: Sequence[str] = ()
    report: str = ""
    job: str = ""
    job_name: str = ""
    seal: str = ""

    def cell(self, index: int) -> Cell:
        """The result of the test with that number."""
        letter = self.letters[index] if index < len(self.letters) else ABSENT
        return Cell(letter, *self.tries.get(index, (int(letter in RED), int(letter in RED | GREEN))))


class BuildRecord(NamedTuple):
    """A build. Attempts of one build share `workflow` and `run`. `at` is its start in epoch seconds."""

    workflow: str
    run: str
    attempt: int
    number: str
    url: str
    series: str
    commit: str
    at: float

    @property
    def shown(self) -> EarlierBuild:
        """What people call it, with its page."""
        moment = dt.datetime.fromtimestamp(min(self.at, _LATEST), dt.UTC)
        label = f"#{self.number}" if self.number else f"the build of {moment:%Y-%m-%d %H:%M} UTC"
        return EarlierBuild(one_line(label, 100), self.url if self.url.startswith(("https://", "http://")) else "")

    def same_build(self, other: "BuildRecord") -> bool:
        """Whether this is another attempt of that build."""
        return (self.workflow, self.run) == (other.workflow, other.run)


@dataclass(eq=False, repr=False)
class LineHistory:
    """The table of a line's tests, and what each build says about them, by the build's number in the history.

    `names` has the latest name of each test that is known by the id of its case.
    """

    tests: dict[Key, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    parts: dict[int, Part] = field(default_factory=dict)


@dataclass(eq=False, repr=False)
class History:
    """All builds that are kept, in the order in which they began, and the lines that they ran."""

    builds: list[BuildRecord] = field(default_factory=list)
    lines: dict[Line, LineHistory] = field(default_factory=dict)


_ONCE: Final = {outcome: Cell(letter, int(letter in RED), int(outcome in _RAN)) for outcome, letter in _LETTERS.items()}


def keys_of(tests: Iterable[TestResult]) -> list[Key]:
    """The keys of the tests of one line, in their order."""
    seen: dict[tuple[str, str, str], int] = {}
    keys = []
    for test in tests:
        plain = (test.suite, test.machine, test.case_id or test.name)
        if sum(map(len, plain)) > LONGEST:
            plain = (_short(plain[0]), _short(plain[1]), _short(plain[2]))
        seen[plain] = seen.get(plain, 0) + 1
        keys.append(Key(*plain, seen[plain]))
    return keys


def _short(text: str) -> str:
    """The text, or something as distinct that is short enough for the file."""
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST - 65]} {hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"


def cell_of(test: TestResult) -> Cell:
    """The result of a test, over its attempts."""
    if not test.earlier:
        return _ONCE[test.outcome]
    outcomes = [*(each.outcome for each in test.earlier), test.outcome]
    ran = [each for each in outcomes if each in _RAN]
    failed = len(ran) - ran.count(Outcome.PASSED)
    return Cell(FLAKY if test.flaky else _LETTERS[test.outcome], failed, len(ran))


def part_of(line: LineHistory, tests: Sequence[TestResult], facts: Part) -> Part:
    """What a build says about a line: the facts, with the results of these tests. New ones get a place in its table."""
    letters: dict[int, str] = {}
    tries: dict[int, tuple[int, int]] = {}
    for key, test in zip(keys_of(tests), tests, strict=True):
        index = line.tests.setdefault(key, len(line.tests))
        if test.case_id and test.name != test.case_id:
            line.names[index] = test.name[:LONGEST]
        cell = cell_of(test)
        letters[index] = cell.letter
        if cell.tried > 1:
            tries[index] = (cell.failed, cell.tried)
    text = "".join(letters.get(index, ABSENT) for index in range(max(letters, default=-1) + 1))
    return facts._replace(letters=text, tries=tries)
