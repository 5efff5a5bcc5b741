"""The end of the summary: notes, and the way back to the build."""

from collections.abc import Iterator

from testgate.reports.markdown import inline, link
from testgate.reports.naming import counted, run_name
from testgate.reports.summary.budget import Section
from testgate.reports.summary.runs_table import row_note
from testgate.results import Gate

_LONGEST_NOTE = 1_000


def notes(gate: Gate) -> Section:
    """The notes of the step, then those of its runs; each sentence once."""
    lines = list(dict.fromkeys(_lines(gate)))
    items = (f"- {line}\n" for line in lines)
    return Section("### Notes\n\n", items, len(lines), lambda missing: f"…and {counted(missing, 'more note')}.\n\n")


def _lines(gate: Gate) -> Iterator[str]:
    """Every note that isn't blank and isn't on the page already."""
    several = len(gate.runs) > 1
    yield from filter(None, (inline(note, _LONGEST_NOTE) for note in (*gate.lines, *gate.notes)))
    for judged in gate.runs:
        shown = f"{gate.verdict.reason}\n{row_note(judged, several=several)}"
        name = f"{inline(run_name(judged), 100)} — " if several else ""
        for note in judged.report.notes:
            if note not in shown and (line := inline(note, _LONGEST_NOTE)):
                yield f"{name}{line}"


def build(gate: Gate) -> Section:
    """A link back to the build in CI, for people who read the page elsewhere."""
    shown = link(gate.build_title, gate.build_url) if gate.build_url else inline(gate.build_title)
    return Section("", [f"Build: {shown}\n"], 1 if gate.build_title else 0, lambda _missing: "")
