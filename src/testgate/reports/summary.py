"""`summary.md`: what a developer wants to know of a build at a glance, in GitHub-flavoured Markdown."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from testgate.model import Outcome, TestResult
from testgate.reports.budget import Section, fill, size
from testgate.reports.markdown import inline
from testgate.reports.reruns import build, notes, reruns, still_running
from testgate.reports.runs_table import mark, runs_table
from testgate.reports.tests_lists import failures, not_run, remaining, slowest
from testgate.reports.tolerated import flaky, quarantined
from testgate.results import Gate, JudgedRun, failed_tests

_LIMIT = 1_000_000  # bytes: GitHub drops a summary of 1 048 576 and more whole
_CUT = "…more did not fit here; all of it is in junit.xml.\n"
_Found = tuple[JudgedRun, TestResult]


class Summary:
    """The page: verdict, runs, failed tests, then what is of less weight."""

    filename = "summary.md"

    def render(self, gate: Gate, *, limit: int | None = None) -> Iterator[str]:
        """The page in pieces; without a limit it still stays below what a CI shows."""
        room = _LIMIT if limit is None else limit
        head = _head(gate)
        if size(head) > room:
            yield from _shortest(gate, room)
            return
        yield head
        yield from _body(gate, room - size(head))


def _shortest(gate: Gate, room: int) -> Iterator[str]:
    """The heading alone, or nothing where not even that fits."""
    heading = _heading(gate)
    if size(heading) <= room:
        yield heading
        if size(heading) + size(f"\n{_CUT}") <= room:
            yield f"\n{_CUT}"


def _head(gate: Gate) -> str:
    """The verdict, why, and what to do."""
    paragraphs = [_heading(gate).rstrip("\n")]
    if gate.demo:
        paragraphs.append("> **Demo:** played against the built-in simulator. Nothing real was tested.")
    if gate.verdict.reason:
        paragraphs.append(inline(gate.verdict.reason, 2_000))
    if not gate.verdict.conclusion.green:
        if not gate.exit_code:
            paragraphs.append("The step is green all the same: its `fail-on` leaves this conclusion out.")
        if gate.remedy:
            paragraphs.append(f"**What to do:** {inline(gate.remedy, 2_000)}")
    return "\n\n".join(paragraphs) + "\n\n"


def _heading(gate: Gate) -> str:
    """The first line: mark, title, conclusion."""
    conclusion = gate.verdict.conclusion
    title = inline(gate.title, 200)
    word = conclusion.value
    return f"## {_mark(gate)} {f'{title}: {word}' if title else word.capitalize()}\n"


def _mark(gate: Gate) -> str:
    """One sign for the whole step."""
    conclusion = gate.verdict.conclusion
    return mark(conclusion) if conclusion.green or gate.exit_code else "⚠️"


def _body(gate: Gate, room: int) -> Iterator[str]:
    """The sections in the order of reading; the room is given out in the order of weight.

    What is short and must not be lost gets a share first; failed tests get what is left, but for
    a quarter where there are flaky ones, which come last.
    """
    many = len(gate.runs) > 1
    sorts = _sorts(gate)
    left = room - size(_CUT)
    unsaid = 0
    texts: list[str] = []
    for section, share in _sections(gate, sorts, many=many):
        filled = fill(section, left // share)
        texts.append(filled.text)
        unsaid += filled.unsaid
        left -= size(filled.text)
    running, table, chains, remarks, origin, quiet, pardoned, slow = texts
    told, unsaid_failures = _failures(sorts.failed, left * 3 // 4 if sorts.flaky else left, many=many)
    unsteady = fill(flaky(sorts.flaky, many=many), left - size(told))
    yield from filter(None, (running, table, chains, told, unsteady.text, pardoned, quiet, slow, remarks, origin))
    if unsaid + unsaid_failures + unsteady.unsaid and room >= size(_CUT):
        yield _CUT


class _Sorts(NamedTuple):
    """The tests that did not simply pass, by how they are told."""

    failed: Sequence[_Found]
    idle: Sequence[_Found]
    flaky: Sequence[_Found]
    quarantined: Sequence[_Found]


def _sorts(gate: Gate) -> _Sorts:
    """Each test that needs a word in one of the lists."""
    found = failed_tests(gate.runs)
    every = [(run, test) for run in gate.runs for test in run.report.tests]
    return _Sorts(
        failed=[pair for pair in found if pair[1].outcome is not Outcome.NOT_RUN],
        idle=[pair for pair in found if pair[1].outcome is Outcome.NOT_RUN],
        flaky=[pair for pair in every if pair[1].flaky],
        quarantined=[pair for pair in every if pair[1].quarantined],
    )


def _sections(gate: Gate, sorts: _Sorts, *, many: bool) -> Iterator[tuple[Section, int]]:
    """Every section but failed and flaky tests, each with the share of the room that it may take at most."""
    yield still_running(gate), 8
    yield runs_table(gate.runs), 3
    yield reruns(gate.runs), 8
    yield notes(gate), 6
    yield build(gate), 6
    yield not_run(sorts.idle, many=many), 6
    yield quarantined(sorts.quarantined, many=many), 6
    yield slowest(gate.runs), 6


def _failures(failed: Sequence[_Found], room: int, *, many: bool) -> tuple[str, int]:
    """The failed tests: the gravest with their messages, then names alone, then their number."""
    told = fill(failures(failed, many=many), room * 2 // 3)
    rest = fill(remaining(failed[told.taken :], many=many, first=not told.taken), room - size(told.text))
    return told.text + rest.text, rest.unsaid
