"""The end of the log: what somebody who is woken at night reads first. Pure."""

from collections.abc import Iterator

from testgate.gate.since import since
from testgate.results import Gate
from testgate.text import cut


def last_lines(gate: Gate, reports: str) -> Iterator[str]:
    """Verdict, changes, pages, remedy, reports, exit code. `reports` says where they are; "" leaves that out."""
    yield ""
    yield f"{gate.verdict.conclusion.upper()}: {gate.verdict.reason}"
    if found := since(gate.runs):
        yield f"  Since {found.place}: {found.sentence}"
    for run in gate.runs:
        several = f"{cut(run.label, 60)}: {run.verdict.conclusion}  " if len(gate.runs) > 1 else ""
        if run.url:
            yield f"  {several}{run.url}"
    for note in gate.notes:
        yield f"  {note}"
    if gate.remedy:
        yield f"  What to do: {gate.remedy}"
    if gate.left_running:
        yield f"  May still be running on the platform: {', '.join(gate.left_running)}"
    if reports:
        yield f"  Reports: {reports}"
    ignored = "" if gate.exit_code or gate.verdict.conclusion.green else " (`fail-on` does not include this result)"
    yield f"  Exit code: {gate.exit_code}{ignored}"
