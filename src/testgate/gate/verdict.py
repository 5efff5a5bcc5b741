"""The rules of the gate: from what is known of the runs to a conclusion and a reason. Pure.

Three witnesses speak about a run: its result, its counters and its tests. Green needs all three;
one that is red is enough for red.
"""

from collections.abc import Sequence
from typing import NamedTuple

from testgate.errors import GateError, TriggerUnknown
from testgate.gate import reasons
from testgate.gate.chain import Problem, problem_in
from testgate.gate.evidence import Evidence, weigh
from testgate.model import Attempt, Conclusion, Counts, Reported, Run, RunResult
from testgate.results import JudgedRun, Policy, RunReport, Verdict

WORST_FIRST = (
    Conclusion.INTERNAL_ERROR,
    Conclusion.TRIGGER_UNKNOWN,
    Conclusion.PLATFORM_ERROR,
    Conclusion.TIMED_OUT,
    Conclusion.STOPPED,
    Conclusion.FAILED,
    Conclusion.NOTHING_RAN,
)

_LESS_THAN_PASSED = (Conclusion.TRIGGERED, Conclusion.STOP_CONFIRMED)  # green, but nothing was proven


class _Case(NamedTuple):
    """One run before the gate. `over_limit` and `too_flaky` are the totals over all runs, if they are too high.

    `problem` is what forbids green beside the tests.
    """

    report: RunReport
    evidence: Evidence
    policy: Policy
    over_limit: int | None
    too_flaky: int | None
    problem: Problem | None

    @property
    def doubt(self) -> str:
        """Why the evidence cannot be trusted; "" if it can."""
        if self.problem is not None and self.problem.conclusion is Conclusion.PLATFORM_ERROR:
            return self.problem.reason
        return self.evidence.contradiction

    @property
    def unproven(self) -> bool:
        """Whether a pass is not proven."""
        return self.report.fault is not None or self.evidence.missing > 0 or bool(self.doubt)

    def verdict(self, conclusion: Conclusion, reason: str) -> Verdict:
        """A verdict on this run."""
        return Verdict(conclusion, reason, self.evidence.counts)


def judge(reports: Sequence[RunReport], policy: Policy) -> list[JudgedRun]:
    """Give each run its verdict; `max-failures` and `max-flaky` apply to all runs together."""
    evidence = [_evidence(report) for report in reports]
    whole = [each for report, each in zip(reports, evidence, strict=True) if not report.cut]
    failures = sum(each.failures for each in whole)
    over_limit = failures if policy.max_failures is not None and failures > policy.max_failures else None
    flaky = sum(each.counts.flaky for each in whole)
    too_flaky = flaky if policy.max_flaky is not None and flaky > policy.max_flaky else None
    return [
        JudgedRun(report, _judged(_Case(report, each, policy, over_limit, too_flaky, _problem(report))))
        for report, each in zip(reports, evidence, strict=True)
    ]


def below_rate(evidence: Evidence, policy: Policy) -> bool:
    """Whether the pass rate is below the limit for any witness, compared exactly."""
    if policy.min_pass_rate is None:
        return False
    percent, divisor = policy.min_pass_rate
    return any(counts.passed * 100 * divisor < percent * counts.weighed for counts in evidence.witnesses)


def decide(judged: Sequence[JudgedRun], policy: Policy) -> tuple[Verdict, int]:
    """The step's verdict, from those of its runs, and the exit code.

    Among the red conclusions that `fail-on` contains, the worst one decides. If it contains none
    of them, the step exits with 0, and the worst one is still reported.
    """
    counts = sum((run.verdict.counts for run in judged), Counts())
    red = [run for run in judged if not run.verdict.conclusion.green and not reasons.is_cut(run)]
    counting = [run for run in red if decides(run.verdict.conclusion, policy)]
    if not red:
        found = {run.verdict.conclusion for run in judged}
        conclusion = next((each for each in _LESS_THAN_PASSED if each in found), Conclusion.PASSED)
        return Verdict(conclusion, reasons.together(list(judged), judged), counts), 0
    worst = min(counting or red, key=lambda run: _rank(run.verdict.conclusion)).verdict.conclusion
    shown = [run for run in red if run.verdict.conclusion is worst]
    verdict = Verdict(worst, reasons.together(shown, judged), counts)
    return verdict, worst.exit_code if counting else 0


def decides(conclusion: Conclusion, policy: Policy) -> bool:
    """Whether this red conclusion makes the step red."""
    optional = {*WORST_FIRST, Conclusion.REPORT_ERROR} - {Conclusion.INTERNAL_ERROR}
    return conclusion not in optional or policy.fail_on is None or conclusion in policy.fail_on


def _evidence(report: RunReport) -> Evidence:
    """The evidence in a report; empty if there is none."""
    return weigh(report.snapshot.reported if report.snapshot else Reported(Counts()), report.tests)


def _problem(report: RunReport) -> Problem | None:
    """What in the chain of attempts forbids green."""
    alone = Attempt(report.run or Run("", report.target), report.snapshot, report.tests)
    return problem_in(report.attempts or [alone])


def _judged(case: _Case) -> Verdict:
    """The verdict on one run: first what ended it early, then the platform's result, then the limits."""
    report = case.report
    if report.halted is Conclusion.PLATFORM_ERROR:
        return _faulted(case)
    if report.halted is not None and not isinstance(report.fault, TriggerUnknown):
        return case.verdict(report.halted, reasons.halted(report))
    if report.snapshot is None or report.snapshot.result is None:
        return _faulted(case)
    return _of_ended(case, report.snapshot.result)


def _faulted(case: _Case) -> Verdict:
    """The verdict on a run without a known end: its fault decides."""
    fault = case.report.fault
    if isinstance(fault, GateError):
        return case.verdict(fault.conclusion, fault.message)
    why = type(fault).__name__ if fault else "a run without an end"
    return case.verdict(Conclusion.INTERNAL_ERROR, f"a bug in TestGate: {why}")


def _of_ended(case: _Case, result: RunResult) -> Verdict:  # noqa: PLR0911  # one return per rule
    """The verdict on a run that the platform says has ended: the first rule that applies."""
    evidence, policy, report = case.evidence, case.policy, case.report
    counts = evidence.counts

    if result is RunResult.STOPPED:
        return case.verdict(Conclusion.STOPPED, reasons.stopped(report, counts))
    if evidence.nothing_executed and not case.doubt and (report.fault is None or evidence.reported.counted):
        return case.verdict(Conclusion.NOTHING_RAN, reasons.nothing_ran(report, counts))
    if case.unproven and not evidence.proven_failures:
        return case.verdict(Conclusion.PLATFORM_ERROR, reasons.unproven(report, evidence, case.doubt))
    if result is RunResult.UNKNOWN:
        return case.verdict(Conclusion.FAILED, reasons.unknown_result(report))
    if (beyond := _beyond_limits(case)) is not None:
        return beyond
    if case.unproven:
        return case.verdict(Conclusion.PLATFORM_ERROR, reasons.unproven(report, evidence, case.doubt))
    if case.too_flaky is not None and counts.flaky:
        return case.verdict(Conclusion.FAILED, reasons.too_flaky(report, counts, case.too_flaky, policy.max_flaky))
    if result in {RunResult.FAILED, RunResult.NOT_EXECUTED} and not counts.unsuccessful + counts.excused:
        return case.verdict(Conclusion.FAILED, reasons.unexplained(report))
    if case.problem is not None:
        return case.verdict(case.problem.conclusion, reasons.broken_chain(report, case.problem.reason))
    return case.verdict(Conclusion.PASSED, reasons.passed(report, counts))


def _beyond_limits(case: _Case) -> Verdict | None:
    """The verdict on a run that certainly breaks the limits for failures."""
    evidence, policy, counts = case.evidence, case.policy, case.evidence.counts
    if below_rate(evidence, policy):
        return case.verdict(Conclusion.FAILED, reasons.below_rate(case.report, counts, policy))
    if case.over_limit is not None and evidence.failures:
        reason = reasons.too_many_failures(case.report, counts, case.over_limit, policy.max_failures)
        return case.verdict(Conclusion.FAILED, reason)
    return None


def _rank(conclusion: Conclusion) -> int:
    """Smaller is worse; a conclusion that isn't listed is the worst."""
    return WORST_FIRST.index(conclusion) if conclusion in WORST_FIRST else -1
