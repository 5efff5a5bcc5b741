"""Which problems are worth one of the few annotations that a CI shows, and in which order. Pure."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple, TypeVar

from testgate.gate.causes import by_cause
from testgate.model import Outcome, TestResult
from testgate.results import Gate, JudgedRun, failed_tests
from testgate.text import cut, one_line, plural

T = TypeVar("T")

_MOST_NAMES = 10
_LONGEST_NAME = 100


class Announcement(NamedTuple):
    """A problem for the CI to show. `level` is error, warning or notice."""

    level: str
    title: str
    message: str


class Announcements(NamedTuple):
    """What to announce, and how many failed tests are left out."""

    shown: Sequence[Announcement]
    left_out: int = 0


def announcements(gate: Gate, most: int) -> Announcements:
    """At most so many problems: failed tests, spread over runs and causes, then one line for each other kind."""
    level = "error" if gate.exit_code else "warning"
    found = failed_tests(gate.runs)
    left = [pair for pair in found if pair[1].outcome is Outcome.NOT_RUN]
    if len(left) == 1:  # then there is room for its message
        left = []
    failed = [pair for pair in found if not left or pair[1].outcome is not Outcome.NOT_RUN]
    known = [(run, test) for run in gate.runs for test in run.report.tests if test.tolerated and test.bad]
    flaky = [(run, test) for run in gate.runs for test in run.report.tests if test.earlier and test.flaky]
    others = [
        *([_together(level, left, "did not run", several=len(gate.runs) > 1)] if left else []),
        *([_together("warning", known, "failed as before: tolerated", several=len(gate.runs) > 1)] if known else []),
        *([_together("notice", flaky, "passed only in a rerun", several=len(gate.runs) > 1)] if flaky else []),
    ]
    chosen = _spread(failed)[: max(0, most - len(others))]
    several = len(gate.runs) > 1
    tests = [
        Announcement(level, title(run, test, several=several), test.message or _no_message(test))
        for run, test in chosen
    ]
    return Announcements([*tests, *others], len(failed) - len(chosen))


def title(run: JudgedRun, test: TestResult, *, several: bool) -> str:
    """The name of a test, with where it ran."""
    where = " / ".join(filter(None, (run.label if several else "", test.suite, test.name)))
    return f"{where} ({test.machine})" if test.machine else where


def _spread(failed: Sequence[tuple[JudgedRun, TestResult]]) -> list[tuple[JudgedRun, TestResult]]:
    """The same tests in an order in which every run, and every cause in it, comes early."""
    runs: dict[int, list[tuple[JudgedRun, TestResult]]] = {}
    for run, test in failed:
        runs.setdefault(id(run), []).append((run, test))
    return list(_in_turn([list(_in_turn(by_cause(found))) for found in runs.values()]))


def _in_turn(lists: Sequence[Sequence[T]]) -> Iterator[T]:
    """The first item of each list, then the second of each, and so on."""
    missing = object()
    for row in zip_longest(*lists, fillvalue=missing):
        yield from (item for item in row if item is not missing)  # type: ignore[misc]  # the rest is of type T


def _together(level: str, found: Sequence[tuple[JudgedRun, TestResult]], what: str, *, several: bool) -> Announcement:
    """One line about tests of one kind, with their names."""
    names = [cut(one_line(title(run, test, several=several)), _LONGEST_NAME) for run, test in found[:_MOST_NAMES]]
    more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
    return Announcement(level, f"{plural(len(found), 'test')} {what}", f"{', '.join(names)}{more}")


def _no_message(test: TestResult) -> str:
    """The text for a test without a message."""
    if test.outcome is Outcome.NOT_RUN:
        return f"did not run ({test.word or 'no result'})"
    return f"the platform reported the result {test.word} without a message"
