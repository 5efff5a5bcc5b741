"""The summary's lines about runs besides the table: their reruns, and runs that may still be going."""

from collections.abc import Iterator, Sequence

from testgate.model import Attempt, Run, Status
from testgate.reports.markdown import inline, link
from testgate.reports.naming import counted, run_name, visible
from testgate.reports.summary.budget import Section
from testgate.results import Gate, JudgedRun

_MOST = 10  # reruns of one run that are shown


def reruns(runs: Sequence[JudgedRun]) -> Section:
    """One line for each run that was rerun, with links to the runs that followed."""
    rerun = [judged for judged in runs if len(judged.report.attempts) > 1]
    return Section(
        "",
        (_line(judged, several=len(runs) > 1) for judged in rerun),
        len(rerun),
        lambda missing: f"…and {counted(missing, 'more run')} with reruns.\n\n",
        tail="",
    )


def _line(judged: JudgedRun, *, several: bool) -> str:
    """The reruns of one run, in order."""
    later = judged.report.attempts[1:]
    shown = ", ".join(map(_rerun, later[:_MOST]))
    more = f" and {counted(len(later) - _MOST, 'more rerun')}" if len(later) > _MOST else ""
    return f"Reruns{f' of {inline(run_name(judged))}' if several else ''}: {shown}{more}\n\n"


def _rerun(attempt: Attempt) -> str:
    """One rerun: its page, its number of tests, who started it, and whether its end is unknown."""
    snapshot = attempt.snapshot
    tests = len(attempt.tests) or (snapshot.reported.counted if snapshot else 0)
    remarks = [counted(tests, "test")] if tests else []
    if attempt.automatic:
        remarks.append("started by the platform")
    if snapshot is None or snapshot.status is not Status.ENDED:
        remarks.append("not known to have finished")
    return _linked(attempt.run, "run ") + (f" ({', '.join(remarks)})" if remarks else "")


def _linked(run: Run, before: str = "") -> str:
    """The run's id as a link to its page."""
    return link(f"{before}{visible(run.id, '(no id)', 100)}", run.url)


def still_running(gate: Gate) -> Section:
    """The runs that may still be going after this step, each with a link to its page if it is known."""
    known = {run.id: run for judged in gate.runs for run in _runs_of(judged)}
    ids = list(dict.fromkeys(gate.left_running))
    items = (
        f"{', ' if index else ' '}{_linked(known[run_id]) if run_id in known else inline(run_id, 100)}"
        for index, run_id in enumerate(ids)
    )
    head = "**May still be running on the platform:**"
    return Section(head, items, len(ids), lambda missing: f"…and {counted(missing, 'more run')}.\n\n", tail="\n\n")


def _runs_of(judged: JudgedRun) -> Iterator[Run]:
    """The run, its reruns, and the runs it left behind."""
    if judged.report.run:
        yield judged.report.run
    yield from (attempt.run for attempt in judged.report.attempts)
    yield from judged.report.left_running
