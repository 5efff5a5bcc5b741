"""Whether a report contradicts itself: then its verdict proves nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from testgate.gate.evidence import tally
from testgate.gate.verdict import decides
from testgate.merging.leg import Leg
from testgate.model import Conclusion, Counts
from testgate.results import JudgedRun, Policy
from testgate.shapes import field_of, rows_of

_PROVES_NOTHING: Final = frozenset(
    {
        Conclusion.TRIGGERED,
        Conclusion.CREATED,
        Conclusion.STOP_CONFIRMED,
        Conclusion.CHECKED,
        Conclusion.DRY_RUN,
    }
)
_CANCELLED: Final = frozenset({130, 143})  # SIGINT, SIGTERM
_STATUSES: Final = ("passed", "failed", "skipped", "pending", "other")
_STATUS_OF: Final = {
    "passed": "passed",
    "failed": "failed",
    "error": "failed",
    "skipped": "skipped",
    "not-run": "other",
}


def contradiction(leg: Leg, data: Mapping[str, Any]) -> str:
    """What in the report contradicts its verdict; "" if nothing."""
    return next(_contradictions(leg, data), "")


def _contradictions(leg: Leg, data: Mapping[str, Any]) -> Iterator[str]:
    """Everything that doesn't go together."""
    if leg.conclusion in _PROVES_NOTHING:
        yield f"a step that ended as `{leg.conclusion}` has no verdict on tests"
    if leg.runs and sum((run.verdict.counts for run in leg.runs), Counts()) != leg.counts:
        yield "its counts are not the sum of those of its runs"
    for counts in (leg.counts, *(run.verdict.counts for run in leg.runs)):
        if counts.flaky > counts.passed or counts.excused > counts.failed + counts.errors + counts.not_run:
            yield "its counts are impossible"
    yield from _rows(data)
    yield from _exit_code(leg)
    if leg.conclusion is Conclusion.PASSED:
        yield from _of_passed(leg)


def _rows(data: Mapping[str, Any]) -> Iterator[str]:
    """The summary must count the tests that are listed, and a test's status must be that of its outcome."""
    rows = rows_of(field_of(data, "results", "tests"))
    counted: Counter[object] = Counter(str(row.get("status")) for row in rows)
    summary = field_of(data, "results", "summary")
    if field_of(summary, "tests") != len(rows) or any(field_of(summary, each) != counted[each] for each in _STATUSES):
        yield "its summary counts other tests than it lists"
    for row in rows:
        for each in (row, *rows_of(row.get("retryAttempts"))):
            if _STATUS_OF.get(str(field_of(each, "extra", "outcome"))) != each.get("status"):
                yield "a test has another status than outcome"


def _exit_code(leg: Leg) -> Iterator[str]:
    """Zero is for a pass, and for what `fail-on` leaves out."""
    conclusion, code = leg.conclusion, leg.exit_code
    usual = _CANCELLED if conclusion is Conclusion.CANCELLED else {conclusion.exit_code}
    tolerant = leg.limits or Policy(fail_on=frozenset())
    if code not in usual and (code != 0 or conclusion.green or decides(conclusion, tolerant)):
        yield "its exit code isn't that of its conclusion"


def _of_passed(leg: Leg) -> Iterator[str]:
    """What contradicts a pass."""
    if not leg.runs or not leg.counts.executed:
        yield "it passed, and nothing ran"
    for run in leg.runs:
        if run.verdict.conclusion is not Conclusion.PASSED:
            yield f"it passed, and its run {run.id} ended as `{run.verdict.conclusion}`"
        yield from _of_run(run)
    yield from _beyond(leg.limits or Policy(), leg)


def _of_run(run: JudgedRun) -> Iterator[str]:
    """The tests of a run that passed must not be worse than its counts, and they must be there."""
    counts, listed = run.verdict.counts, tally(run.report.tests)
    if not counts.executed or not counts.weighed:
        yield f"run {run.id} passed, and nothing ran"
    if listed.total < counts.total:
        yield f"run {run.id} lists fewer tests than it counts"
    mine, others = listed.passed * counts.weighed, counts.passed * listed.weighed
    if mine < others or listed.unsuccessful > counts.unsuccessful:
        yield f"run {run.id} lists more failed tests than it counts"
    if not counts.unsuccessful and listed != counts:
        yield f"run {run.id} lists other tests than it counts"


def _beyond(limits: Policy, leg: Leg) -> Iterator[str]:
    """A pass keeps the limits that it was formed with."""
    every = [run.verdict.counts for run in leg.runs]
    if limits.min_pass_rate is not None:
        percent, divisor = limits.min_pass_rate
        if any(each.passed * 100 * divisor < percent * each.weighed for each in every):
            yield "it passed, and more of its tests failed than its `min-pass-rate` allows"
    if limits.max_failures is not None and leg.counts.unsuccessful > limits.max_failures:
        yield "it passed, and more of its tests failed than its `max-failures` allows"
    if limits.max_flaky is not None and leg.counts.flaky > limits.max_flaky:
        yield "it passed, and more of its tests are flaky than its `max-flaky` allows"
