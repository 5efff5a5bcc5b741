"""Whether a report contradicts itself: then its verdict proves nothing."""

from collections.abc import Mapping
from typing import Any

from testgate.gate.evidence import tally
from testgate.merging.leg import Leg
from testgate.model import Conclusion, Counts
from testgate.results import JudgedRun
from testgate.shapes import field_of

_PROVES_NOTHING = frozenset(
    {
        Conclusion.TRIGGERED,
        Conclusion.CREATED,
        Conclusion.STOP_CONFIRMED,
        Conclusion.CHECKED,
        Conclusion.DRY_RUN,
    }
)


def contradiction(leg: Leg, data: Mapping[str, Any]) -> str:
    """What in the report contradicts its verdict; "" if nothing."""
    if leg.conclusion in _PROVES_NOTHING:
        return f"a step that ended as `{leg.conclusion}` has no verdict on tests"
    counted = sum((run.verdict.counts for run in leg.runs), Counts())
    if leg.runs and counted != leg.counts:
        return "its counts are not the sum of those of its runs"
    listed = sum(len(run.report.tests) for run in leg.runs)
    if field_of(data, "results", "summary", "tests") != listed:
        return "its summary counts other tests than it lists"
    if leg.conclusion is not Conclusion.PASSED:
        return (
            ""
            if leg.exit_code in {0, leg.conclusion.exit_code, *_signals(leg)}
            else "its exit code isn't that of its conclusion"
        )
    return _of_passed(leg)


def _signals(leg: Leg) -> tuple[int, ...]:
    """The exit codes of a cancelled step: for SIGINT and SIGTERM."""
    return (130, 143) if leg.conclusion is Conclusion.CANCELLED else ()


def _of_passed(leg: Leg) -> str:
    """What contradicts a pass."""
    if leg.exit_code != 0:
        return "it passed with an exit code that isn't 0"
    if not leg.runs or not leg.counts.executed:
        return "it passed, and nothing ran"
    for run in leg.runs:
        if run.verdict.conclusion is not Conclusion.PASSED:
            return f"it passed, and its run {run.id} ended as `{run.verdict.conclusion}`"
        if _hides_failures(run):
            return f"run {run.id} lists more failed tests than it counts"
    return ""


def _hides_failures(run: JudgedRun) -> bool:
    """Whether the tests of a run are worse than its counts."""
    return tally(run.report.tests).unsuccessful > run.verdict.counts.unsuccessful
