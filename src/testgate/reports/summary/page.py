"""The page as a whole: the verdict first, then sections that share the room that is left."""

from collections.abc import Iterator

from testgate.gate.since import since
from testgate.reports.markdown import inline, link
from testgate.reports.summary.budget import Filled, Section, fill, size
from testgate.reports.summary.changes import changed
from testgate.reports.summary.failed import failed
from testgate.reports.summary.not_run import not_run
from testgate.reports.summary.notes import build, notes
from testgate.reports.summary.reruns import reruns, still_running
from testgate.reports.summary.runs_table import mark, runs_table
from testgate.reports.summary.slowest import slowest
from testgate.reports.summary.suites import suites
from testgate.reports.summary.tolerated import flaky, quarantined, tolerated
from testgate.results import Gate

_LIMIT = 1_000_000  # bytes: GitHub drops a whole summary of 1,048,576 bytes or more
_LONGEST_SENTENCE = 2_000
_TRUNCATED = "…truncated; see the JUnit report for the rest.\n"
_READING_ORDER = (
    "running",
    "runs",
    "reruns",
    "failed",
    "flaky",
    "quarantined",
    "tolerated",
    "changed",
    "not run",
    "suites",
    "slowest",
    "notes",
    "build",
)


class Summary:
    """A build at a glance: verdict, runs, failed tests, then everything less important."""

    def render(self, gate: Gate, *, limit: int | None = None) -> Iterator[str]:
        """Yield the page in pieces. Without a limit it still fits on the build's page of every CI."""
        room = _LIMIT if limit is None else limit
        head = _head(gate)
        if size(head) > room:
            yield from _shortest(gate, room)
            return
        yield head
        yield from _body(gate, room - size(head))


def _shortest(gate: Gate, room: int) -> Iterator[str]:
    """Only the heading, or nothing if there is no room even for that."""
    heading = _heading(gate)
    if size(heading) <= room:
        yield heading
        if size(heading) + size(f"\n{_TRUNCATED}") <= room:
            yield f"\n{_TRUNCATED}"


def _head(gate: Gate) -> str:
    """The verdict, its reason, and what to do about it."""
    paragraphs = [_heading(gate).rstrip("\n")]
    if gate.demo:
        paragraphs.append("> **Demo:** this step used the built-in simulator. Nothing real was tested.")
    if gate.verdict.reason:
        paragraphs.append(inline(gate.verdict.reason, _LONGEST_SENTENCE))
    paragraphs += _since(gate)
    if not gate.verdict.conclusion.green:
        if not gate.exit_code:
            paragraphs.append("The step still succeeds, because its `fail-on` doesn't include this conclusion.")
        if gate.remedy:
            paragraphs.append(f"**What to do:** {inline(gate.remedy, _LONGEST_SENTENCE)}")
    return "\n\n".join(paragraphs) + "\n\n"


def _since(gate: Gate) -> list[str]:
    """What changed since the baseline, and what was tolerated."""
    found = since(gate.runs)
    if found is None:
        return []
    place = link(found.place, found.build.url) if found.build else found.place
    said = [f"**Since {place}:** {found.sentence}."]
    if found.excuse:
        said.append(f"> ⚠️ **{found.excuse}:** `tolerate-known-failures` is set.")
    return said


def _heading(gate: Gate) -> str:
    """The first line: mark, title, conclusion."""
    conclusion = gate.verdict.conclusion
    title = inline(gate.title, 200)
    word = conclusion.value
    sign = mark(conclusion) if conclusion.green or gate.exit_code else "⚠️"
    return f"## {sign} {f'{title}: {word}' if title else word.capitalize()}\n"


def _body(gate: Gate, room: int) -> Iterator[str]:
    """The sections in reading order. They get their room in order of importance.

    Short sections that must not get lost come first, each limited to a share of the room. Failed tests get the rest,
    except for a quarter if there are flaky tests, which come last.
    """
    left = room - size(_TRUNCATED)
    parts: dict[str, Filled] = {}
    for name, section, share in _short_sections(gate):
        parts[name] = fill(section, left // share)
        left -= size(parts[name].text)
    unsteady = flaky(gate.runs)
    parts["failed"] = failed(gate.runs, left * 3 // 4 if unsteady.total else left)
    parts["flaky"] = fill(unsteady, left - size(parts["failed"].text))
    yield from filter(None, (parts[name].text for name in _READING_ORDER))
    if any(part.silent for part in parts.values()) and room >= size(_TRUNCATED):
        yield _TRUNCATED


def _short_sections(gate: Gate) -> Iterator[tuple[str, Section, int]]:
    """Every section except failed and flaky tests. The number n limits it to 1/n of the room that is left."""
    yield "running", still_running(gate), 8
    yield "runs", runs_table(gate.runs, gate.verdict.reason), 3
    yield "reruns", reruns(gate.runs), 8
    yield "notes", notes(gate), 6
    yield "build", build(gate), 6
    yield "not run", not_run(gate.runs), 6
    yield "tolerated", tolerated(gate.runs), 6
    yield "quarantined", quarantined(gate.runs), 6
    yield "changed", changed(gate.runs), 6
    yield "suites", suites(gate.runs), 6
    yield "slowest", slowest(gate.runs), 6
