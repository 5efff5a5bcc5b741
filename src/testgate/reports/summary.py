"""`summary.md`: what a developer wants to know of a build at a glance, in GitHub-flavoured Markdown."""

from collections.abc import Iterator, Sequence

from testgate.model import Conclusion, Gate, JudgedRun, Outcome, TestResult, failed_tests
from testgate.reports.budget import Section, fill, size
from testgate.reports.markdown import inline
from testgate.reports.naming import counted
from testgate.reports.runs_table import runs_table
from testgate.reports.tests_lists import failures, not_run, remaining, slowest

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
    if conclusion.green:
        return "✅" if conclusion is Conclusion.PASSED else "▶️"
    return "❌" if gate.exit_code else "⚠️"


def _body(gate: Gate, room: int) -> Iterator[str]:
    """The sections in the order of reading; the room is given out in the order of weight.

    What is short and must not be lost gets a share first; failed tests get all that is left.
    """
    found = failed_tests(gate.runs)
    failed = [pair for pair in found if pair[1].outcome is not Outcome.NOT_RUN]
    idle = [pair for pair in found if pair[1].outcome is Outcome.NOT_RUN]
    left = room - size(_CUT)
    unsaid = 0
    texts: list[str] = []
    for section, share in _sections(gate, idle):
        filled = fill(section, left // share)
        texts.append(filled.text)
        unsaid += filled.unsaid
        left -= size(filled.text)
    running, table, notes, quiet, slow = texts
    told, unsaid_failures = _failures(failed, left, many=len(gate.runs) > 1)
    yield from filter(None, (running, table, told, quiet, slow, notes))
    if unsaid + unsaid_failures and room >= size(_CUT):
        yield _CUT


def _sections(gate: Gate, idle: Sequence[_Found]) -> Iterator[tuple[Section, int]]:
    """Every section but the failed tests, each with the share of the room that it may take at most."""
    yield _still_running(gate.left_running), 8
    yield runs_table(gate.runs), 3
    yield _notes(gate.notes), 6
    yield not_run(idle, many=len(gate.runs) > 1), 6
    yield slowest(gate.runs), 6


def _still_running(ids: Sequence[str]) -> Section:
    """What goes on although this step is over."""
    items = (f"{', ' if index else ' '}{inline(run_id, 100)}" for index, run_id in enumerate(ids))
    head = "**Still running on the platform:**"
    return Section(head, items, len(ids), lambda missing: f"…and {counted(missing, 'more run')}.\n\n", tail="\n\n")


def _notes(notes: Sequence[str]) -> Section:
    """What else is worth knowing."""
    sentences = [sentence for note in notes if (sentence := inline(note, 1_000))]
    items = (f"- {sentence}\n" for sentence in sentences)
    return Section("### Notes\n\n", items, len(sentences), lambda missing: f"…and {counted(missing, 'more note')}.\n\n")


def _failures(failed: Sequence[_Found], room: int, *, many: bool) -> tuple[str, int]:
    """The failed tests: the gravest with their messages, then names alone, then their number."""
    told = fill(failures(failed, many=many), room * 2 // 3)
    rest = fill(remaining(failed[told.taken :], many=many, first=not told.taken), room - size(told.text))
    return told.text + rest.text, rest.unsaid
