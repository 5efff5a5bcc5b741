"""The sentences that explain a verdict. Pure."""

from collections.abc import Sequence

from testgate.errors import Overdue
from testgate.gate.evidence import Evidence, pass_rate
from testgate.model import Conclusion, Counts, RunResult
from testgate.results import JudgedRun, Policy, RunReport
from testgate.text import one_line, plural

_LONGEST_NAME = 100
_LONGEST_WORD = 60
_BOTH = 2


def named(report: RunReport) -> str:
    """`Nightly (run 337)`; a run that has no other name is only `Run 337`."""
    name = one_line((report.snapshot.name if report.snapshot else "") or report.target.name, _LONGEST_NAME)
    itself = report.run is not None and report.target.key in {f"run {report.run.id}", f"job {report.run.id}"}
    if report.run is None or (itself and name.casefold() == report.target.key):
        return name
    return f"{name} (run {report.run.id})"


def ended(report: RunReport) -> str:
    """`Nightly (run 337) ended with the result SUCCESS`."""
    word = _word(report)
    return f"{named(report)} ended with the result {word}" if word else f"{named(report)} ended without a result"


def summed(counts: Counts) -> str:
    """`2 of 12 tests failed, 1 errored, 3 did not run`."""
    if not counts.total:
        return "no tests are known"
    numbers = ((counts.failed, "failed"), (counts.errors, "errored"), (counts.not_run, "did not run"))
    parts = [(number, verb) for number, verb in numbers if number] or [(counts.passed, "passed")]
    (number, verb), *others = parts
    more = "".join(f", {number} {verb}" for number, verb in others)
    return f"{number} of {plural(counts.total, 'test')} {verb}{more}{_excused(counts)}"


def _excused(counts: Counts) -> str:
    """`, 1 of them quarantined, 2 known and tolerated`."""
    bad = counts.failed + counts.errors + counts.not_run
    kinds = ((counts.quarantined, "quarantined"), (counts.tolerated, "known and tolerated"))
    parts = [("all" if number == bad > 1 else f"{number}", what) for number, what in kinds if number]
    return "".join(
        f", {number} of them {what}" if not place else f", {number} {what}"
        for place, (number, what) in enumerate(parts)
    )


def halted(report: RunReport) -> str:  # noqa: PLR0911  # one return per reason
    """Why the watch ended early."""
    name = named(report)
    if report.halted is Conclusion.TRIGGERED:
        return f"{name} was started without waiting for its result"
    if report.halted is Conclusion.STOP_CONFIRMED:
        return report.notes[0] if report.notes else f"{name} was stopped"
    if report.cut:
        return _cut(report)
    if report.run is None:
        return f"{report.target.name} was not started"
    if isinstance(report.fault, Overdue) and report.halted is report.fault.conclusion:
        return _overdue(report, report.fault)
    when = "`timeout` expired" if report.halted is Conclusion.TIMED_OUT else "the step was cancelled"
    if report.snapshot and report.snapshot.result is RunResult.STOPPED:
        return f"{name} had not finished when {when}; it was stopped"
    last = f" (last status: {_word(report)})" if _word(report) else ""
    return f"{name} had not finished when {when}{last}"


def _overdue(report: RunReport, fault: Overdue) -> str:
    """A limit of the run itself expired."""
    own = report.run is not None and report.run.id == fault.run_id
    stopped = report.snapshot is not None and report.snapshot.result is RunResult.STOPPED
    return f"{named(report)} {fault.what if own else f'did not end: {fault}'}{'; it was stopped' if stopped else ''}"


def _cut(report: RunReport) -> str:
    """`fail-fast` ended the watch."""
    if report.run is None:
        return f"{report.target.name} was not started: another run had failed already (`fail-fast`)"
    stopped = report.snapshot is not None and report.snapshot.result is RunResult.STOPPED
    return f"{named(report)} was {'stopped' if stopped else 'not waited for'}: another run had failed (`fail-fast`)"


def is_cut(run: JudgedRun) -> bool:
    """Whether `fail-fast` ended the run before it had a verdict of its own."""
    return run.report.cut and run.verdict.conclusion is Conclusion.CANCELLED


def stopped(report: RunReport, counts: Counts) -> str:
    """The run was stopped or aborted on the platform."""
    return f"{named(report)} was stopped or aborted on the platform ({_word(report) or 'no result'}): {summed(counts)}"


def nothing_ran(report: RunReport, counts: Counts) -> str:
    """No test ran."""
    tests = f"none of its {plural(counts.total, 'test')} ran" if counts.total else "it contains no tests"
    return f"{ended(report)}, but {tests}"


def unproven(report: RunReport, evidence: Evidence, problem: str) -> str:
    """The tests don't prove the result."""
    if report.fault is not None:
        return f"{ended(report)}, but its tests could not be read: {report.fault}"
    if problem:
        return f"{ended(report)}, but a pass is not proven: {problem}"
    counted = plural(evidence.reported.counted, "test")
    listed = evidence.listed.total
    return f"{ended(report)}, but the platform counts {counted} and lists only {listed}: a pass is not proven"


def broken_chain(report: RunReport, problem: str) -> str:
    """A run or rerun is broken as a whole."""
    return f"{ended(report)}, but {problem}"


def unknown_result(report: RunReport) -> str:
    """No table knows the platform's word for the result."""
    return f"{ended(report)}, which is unknown and does not prove a pass"


def unexplained(report: RunReport) -> str:
    """The platform says failed, but no test did."""
    return f"{ended(report)}, but none of its tests is known to have failed"


def below_rate(report: RunReport, counts: Counts, policy: Policy) -> str:
    """The pass rate is below the limit."""
    if policy.min_pass_rate == (100, 1):
        return f"{named(report)}: {summed(counts)} (pass rate {pass_rate(counts)}%)"
    percent, divisor = policy.min_pass_rate or (0, 1)
    needed = f"{percent / divisor:.10g}"
    return f"{named(report)}: {summed(counts)}; pass rate {pass_rate(counts)}% is below `min-pass-rate` {needed}%"


def too_many_failures(report: RunReport, counts: Counts, failures: int, limit: int | None) -> str:
    """All runs together have more failures than `max-failures`."""
    return f"{named(report)}: {summed(counts)}; {plural(failures, 'failure')} in total, `max-failures` allows {limit}"


def too_flaky(report: RunReport, counts: Counts, flaky: int, limit: int | None) -> str:
    """All runs together have more flaky tests than `max-flaky`."""
    passed = f"{plural(counts.flaky, 'test')} passed only in a rerun"
    return f"{named(report)}: {passed}; {plural(flaky, 'flaky test')} in total, `max-flaky` allows {limit}"


def passed(report: RunReport, counts: Counts) -> str:
    """The run is within the limits of the gate."""
    name = named(report)
    if counts.unsuccessful:
        return f"{name}: within the gate's limits; {summed(counts)} (pass rate {pass_rate(counts)}%)"
    notable = ((counts.skipped, "skipped"), (counts.flaky, "flaky"))
    parts = "".join(f", {number} {word}" for number, word in notable if number)
    if counts.excused:
        return f"{name}: {summed(counts)}; {counts.passed} passed{parts}"
    every = "all " if counts.passed > 1 else ""
    return f"{name}: {every}{plural(counts.passed, 'test')} passed{parts}"


def together(shown: Sequence[JudgedRun], judged: Sequence[JudgedRun]) -> str:
    """One sentence for all runs: the reason of the only run, or how many ended like the first one shown."""
    if not shown:
        return "there was nothing to run"
    first = shown[0].verdict.reason
    if len(judged) == 1:
        return first
    conclusion = shown[0].verdict.conclusion
    if len(shown) == len(judged) and conclusion.green:
        return f"{'both' if len(judged) == _BOTH else f'all {len(judged)}'} runs {conclusion}"
    cut = sum(is_cut(run) for run in judged)
    more = f"; {plural(cut, 'other run')} not waited for (`fail-fast`)" if cut else ""
    return f"{len(shown)} of {len(judged)} runs ended as {conclusion}: {first}{more}"


def _word(report: RunReport) -> str:
    """The platform's last word on the run."""
    return one_line(report.snapshot.word, _LONGEST_WORD) if report.snapshot else ""
