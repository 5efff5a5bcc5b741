"""What the summary says of runs beside their counts: reruns, what goes on, notes."""

from collections.abc import Iterator, Sequence

from testgate.model import Attempt, Run, Status
from testgate.reports.budget import Section
from testgate.reports.markdown import inline, link
from testgate.reports.naming import counted, run_name, visible
from testgate.reports.runs_table import told
from testgate.results import Gate, JudgedRun

_MOST = 10  # reruns of one run that are shown


def reruns(runs: Sequence[JudgedRun]) -> Section:
    """A line for each run that was rerun: the runs that followed, with their pages."""
    chains = [run for run in runs if len(run.report.attempts) > 1]
    return Section(
        "",
        (_chain(run, many=len(runs) > 1) for run in chains),
        len(chains),
        lambda missing: f"…and {counted(missing, 'more run')} with reruns.\n\n",
        tail="",
    )


def _chain(run: JudgedRun, *, many: bool) -> str:
    """The reruns of one run, in their order."""
    later = run.report.attempts[1:]
    shown = ", ".join(map(_rerun, later[:_MOST]))
    more = f" and {counted(len(later) - _MOST, 'more rerun')}" if len(later) > _MOST else ""
    # A dash, not a colon: with one in the name before, it would make an emoji.
    return f"{f'Reruns of {inline(run_name(run))} —' if many else 'Reruns:'} {shown}{more}\n\n"


def _rerun(attempt: Attempt) -> str:
    """One rerun: its page, how many tests were in it, and what sets it apart."""
    snapshot = attempt.snapshot
    tests = len(attempt.tests) or (snapshot.reported.counted if snapshot else 0)
    remarks = [counted(tests, "test")] if tests else []
    if attempt.automatic:
        remarks.append("by the platform itself")
    if snapshot is None or snapshot.status is not Status.ENDED:
        remarks.append("not seen to its end")
    return _linked(attempt.run, "run ") + (f" ({', '.join(remarks)})" if remarks else "")


def _linked(run: Run, before: str = "") -> str:
    """The run's id, leading to its page."""
    return link(f"{before}{visible(run.id, '(no id)', 100)}", run.url)


def still_running(gate: Gate) -> Section:
    """What goes on although this step is over, each run with its page where that is known."""
    known = {run.id: run for judged in gate.runs for run in _runs_of(judged)}
    ids = list(dict.fromkeys(gate.left_running))
    items = (
        f"{', ' if index else ' '}{_linked(known[run_id]) if run_id in known else inline(run_id, 100)}"
        for index, run_id in enumerate(ids)
    )
    head = "**Still running on the platform:**"
    return Section(head, items, len(ids), lambda missing: f"…and {counted(missing, 'more run')}.\n\n", tail="\n\n")


def _runs_of(judged: JudgedRun) -> Iterator[Run]:
    """Every run that has to do with this one."""
    if judged.report.run:
        yield judged.report.run
    yield from (attempt.run for attempt in judged.report.attempts)
    yield from judged.report.left_running


def notes(gate: Gate) -> Section:
    """What else is worth knowing: of the step, then of its runs; each sentence once."""
    sentences = [line for line in dict.fromkeys(_sentences(gate)) if line]
    items = (f"- {line}\n" for line in sentences)
    return Section("### Notes\n\n", items, len(sentences), lambda missing: f"…and {counted(missing, 'more note')}.\n\n")


def build(gate: Gate) -> Section:
    """The way back to the build in CI, for whoever reads the page elsewhere."""
    shown = link(gate.build_title, gate.build_url) if gate.build_url else inline(gate.build_title)
    return Section("", [f"Build: {shown}\n"], 1 if gate.build_title else 0, lambda _missing: "")


def _sentences(gate: Gate) -> Iterator[str]:
    """Every note, but those that stand on the page already."""
    many = len(gate.runs) > 1
    for note in gate.notes:
        yield inline(note, 1_000)
    for run in gate.runs:
        shown = f"{gate.verdict.reason}\n{told(run, many=many)}"
        name = f"{inline(run_name(run), 100)} — " if many else ""
        for note in run.report.notes:
            if note not in shown and (line := inline(note, 1_000)):
                yield f"{name}{line}"
