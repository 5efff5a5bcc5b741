"""The rules of the gate: what is known of the runs → a conclusion and a reason. Pure.

Three witnesses speak of a run: its result, its counts and its tests. Green needs all three; one
that is red is enough for red.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from testgate.errors import GateError, TriggerUnknown
from testgate.model import (
    Conclusion,
    Counts,
    JudgedRun,
    Outcome,
    Policy,
    Reported,
    RunReport,
    RunResult,
    Snapshot,
    TestResult,
    Verdict,
)
from testgate.text import one_line, plural

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


class Evidence(NamedTuple):
    """The two witnesses that count, and what they make together.

    `counts` is what is shown: the tests' own tally where the list is whole, else the platform's
    counters. `missing` is how many tests the list lacks, `unknown` how many of these no counter
    tells of either (shown as not run).
    """

    counts: Counts
    listed: Counts
    reported: Reported
    missing: int = 0
    unknown: int = 0

    @property
    def at_best(self) -> Counts:
        """The counts if every unknown test had passed: what is red even so is proven."""
        return self.counts._replace(
            passed=self.counts.passed + self.unknown, not_run=self.counts.not_run - self.unknown
        )

    @property
    def proven_failures(self) -> int:
        """Failures that one of the witnesses saw, whatever the other says; quarantined ones are none."""
        witnesses = (self.listed, self.reported.counts)
        return max(0, *(each.failed + each.errors - each.quarantined for each in witnesses))

    @property
    def nothing_executed(self) -> bool:
        """Whether it is certain that no test was executed, or none whose failure would count."""
        known = self.missing == 0 or self.reported.counts.total >= self.reported.counted
        executed = self.listed.executed or self.reported.counts.executed
        return known and (not executed or self.counts.weighed == 0)


def tally(tests: Iterable[TestResult]) -> Counts:
    """Count tests by outcome."""
    found: Counter[Outcome] = Counter()
    flaky = quarantined = 0
    for test in tests:
        found[test.outcome] += 1
        flaky += test.flaky
        quarantined += test.quarantined
    return Counts(
        passed=found[Outcome.PASSED],
        failed=found[Outcome.FAILED],
        errors=found[Outcome.ERROR],
        skipped=found[Outcome.SKIPPED],
        not_run=found[Outcome.NOT_RUN],
        flaky=flaky,
        quarantined=quarantined,
    )


def weigh(reported: Reported, tests: Sequence[TestResult]) -> Evidence:
    """Put the platform's counters beside the list of tests."""
    listed = tally(tests)
    reported = reported._replace(counts=_as_marked(reported.counts, listed))
    missing = max(0, reported.counted - listed.total)
    if not missing:
        return Evidence(max(listed, reported.counts, key=lambda counts: counts.unsuccessful), listed, reported)
    known = max(reported.counts, listed, key=lambda counts: (counts.total, counts.unsuccessful))
    unknown = reported.counted - known.total
    return Evidence(known._replace(not_run=known.not_run + unknown), listed, reported, missing, unknown)


def _as_marked(counters: Counts, listed: Counts) -> Counts:
    """The platform's counters with what only we know: which tests are flaky or in quarantine."""
    bad = counters.failed + counters.errors + counters.not_run
    return counters._replace(flaky=min(listed.flaky, counters.passed), quarantined=min(listed.quarantined, bad))


def pass_rate(counts: Counts) -> str:
    """Percent with two decimals, rounded down; "" where no test could have passed."""
    if not counts.weighed:
        return ""
    whole, hundredths = divmod(counts.passed * 10_000 // counts.weighed, 100)
    return f"{whole}.{hundredths:02d}"


def below_rate(counts: Counts, policy: Policy) -> bool:
    """Whether the pass rate is under the limit, compared exactly."""
    if policy.min_pass_rate is None:
        return False
    percent, divisor = policy.min_pass_rate
    return counts.passed * 100 * divisor < percent * counts.weighed


class _Case(NamedTuple):
    """One run before the gate. `over_limit` and `too_flaky` are the numbers over all runs where they are too many."""

    report: RunReport
    evidence: Evidence
    policy: Policy
    over_limit: int | None
    too_flaky: int | None

    def say(self, conclusion: Conclusion, reason: str) -> Verdict:
        """A verdict on this run."""
        return Verdict(conclusion, reason, self.evidence.counts)


def judge(reports: Sequence[RunReport], policy: Policy) -> list[JudgedRun]:
    """Give each run its verdict; `max-failures` weighs the failures of all runs together."""
    evidence = [_evidence(report) for report in reports]
    failures = sum(each.at_best.unsuccessful for each in evidence)
    over_limit = failures if policy.max_failures is not None and failures > policy.max_failures else None
    flaky = sum(each.counts.flaky for each in evidence)
    too_flaky = flaky if policy.max_flaky is not None and flaky > policy.max_flaky else None
    return [
        JudgedRun(report, _verdict(_Case(report, each, policy, over_limit, too_flaky)))
        for report, each in zip(reports, evidence, strict=True)
    ]


def _evidence(report: RunReport) -> Evidence:
    """The evidence of a report, empty where there is none."""
    return weigh(report.snapshot.reported if report.snapshot else Reported(Counts()), report.tests)


def _verdict(case: _Case) -> Verdict:
    """One run's verdict: what cut it short, what the platform says, then the limits."""
    report = case.report
    snapshot = report.snapshot
    if report.halted is Conclusion.PLATFORM_ERROR:
        return _faulted(case)
    if report.halted is not None and not isinstance(report.fault, TriggerUnknown):
        return case.say(report.halted, _halted_reason(report))
    if snapshot is None or snapshot.result is None:
        return _faulted(case)
    return _of_ended(case, snapshot, snapshot.result)


def _halted_reason(report: RunReport) -> str:
    """Why the watch was cut short."""
    name = _named(report)
    if report.halted is Conclusion.TRIGGERED:
        return f"{name} was started and not waited for"
    if report.halted is Conclusion.STOP_CONFIRMED:
        return report.notes[0] if report.notes else f"{name} was stopped"
    word = report.snapshot.word if report.snapshot else ""
    state = f", last seen {one_line(word, 60)}" if word else ""
    if report.snapshot and report.snapshot.result is RunResult.STOPPED:
        state = ", and was stopped"
    if report.run is None:
        return f"{report.target.name} was not started"
    why = "was not over at the `timeout`" if report.halted is Conclusion.TIMED_OUT else "was not over at the cancel"
    return f"{name} {why}{state}"


def _faulted(case: _Case) -> Verdict:
    """A run without an end that is known: the fault decides."""
    fault = case.report.fault
    if isinstance(fault, GateError):
        return case.say(fault.conclusion, fault.message)
    why = type(fault).__name__ if fault else "a run without an end"
    return case.say(Conclusion.INTERNAL_ERROR, f"a bug in TestGate: {why}")


def _of_ended(case: _Case, snapshot: Snapshot, result: RunResult) -> Verdict:  # noqa: PLR0911  # a row a rule
    """The verdict on a run that the platform says is over: the first rule that applies."""
    evidence, policy, report = case.evidence, case.policy, case.report
    counts, name, word = evidence.counts, _named(report), one_line(snapshot.word, 60) or "nothing"
    unproven = report.fault is not None or evidence.missing > 0

    if result is RunResult.STOPPED:
        return case.say(Conclusion.STOPPED, f"{name} was stopped or aborted on the platform ({word}): {_of(counts)}")
    if evidence.nothing_executed and (report.fault is None or evidence.reported.counted):
        return case.say(Conclusion.NOTHING_RAN, f"{name} ended as {word}, but {_nothing(counts)}")
    if unproven and not evidence.proven_failures:
        return case.say(Conclusion.PLATFORM_ERROR, _unproven(report, word, evidence))
    if result is RunResult.UNKNOWN:
        return case.say(Conclusion.FAILED, f"{name} ended with the result {word}, which is not known to mean success")
    if below_rate(evidence.at_best, policy):
        return case.say(Conclusion.FAILED, _too_few(name, counts, policy))
    if case.over_limit is not None and counts.unsuccessful:
        limit = f"{case.over_limit} failures in all, `max-failures` allows {policy.max_failures}"
        return case.say(Conclusion.FAILED, f"{name}: {_of(counts)}; {limit}")
    if unproven:
        return case.say(Conclusion.PLATFORM_ERROR, _unproven(report, word, evidence))
    if case.too_flaky is not None and counts.flaky:
        limit = f"{case.too_flaky} flaky tests in all, `max-flaky` allows {policy.max_flaky}"
        return case.say(Conclusion.FAILED, f"{name}: {plural(counts.flaky, 'test')} passed only in a rerun; {limit}")
    if result in {RunResult.FAILED, RunResult.NOT_EXECUTED} and not counts.unsuccessful + counts.quarantined:
        return case.say(Conclusion.FAILED, f"{name} ended as {word}, though none of its tests is known to have failed")
    return case.say(Conclusion.PASSED, _passed(name, counts))


def _named(report: RunReport) -> str:
    """The target with its run id."""
    name = (report.snapshot.name if report.snapshot else "") or report.target.name
    return f"{one_line(name, 100)} (run {report.run.id})" if report.run else one_line(name, 100)


def _of(counts: Counts) -> str:
    """`2 of 12 tests failed, 1 broke, 3 did not run`, as far as there is any."""
    if not counts.total:
        return "no test is known"
    parts = [
        f"{number} {verb}"
        for number, verb in ((counts.failed, "failed"), (counts.errors, "broke"), (counts.not_run, "did not run"))
        if number
    ]
    return f"of {plural(counts.total, 'test')} {', '.join(parts)}" if parts else f"{counts.passed} passed"


def _nothing(counts: Counts) -> str:
    """How it shows that nothing ran."""
    return f"none of its {plural(counts.total, 'test')} was executed" if counts.total else "it held no test at all"


def _passed(name: str, counts: Counts) -> str:
    """The sentence for green."""
    if counts.unsuccessful:
        return f"{name}: inside the gate's limits; {_of(counts)} (pass rate {pass_rate(counts)} %)"
    notable = ((counts.skipped, "skipped"), (counts.flaky, "of them flaky"), (counts.quarantined, "quarantined"))
    parts = "".join(f", {number} {word}" for number, word in notable if number)
    all_of_them = plural(counts.passed, "test") if counts.quarantined else f"all {plural(counts.passed, 'test')}"
    return f"{name}: {all_of_them} passed{parts}"


def _too_few(name: str, counts: Counts, policy: Policy) -> str:
    """The sentence for a pass rate under the limit."""
    if policy.min_pass_rate == (100, 1):
        return f"{name}: {_of(counts)} (pass rate {pass_rate(counts)} %)"
    percent, divisor = policy.min_pass_rate or (0, 1)
    needed = f"{percent / divisor:.10g}"
    return f"{name}: {_of(counts)}; the pass rate {pass_rate(counts)} % is below `min-pass-rate` {needed} %"


def _unproven(report: RunReport, word: str, evidence: Evidence) -> str:
    """The sentence for an end that the tests do not prove."""
    start = f"{_named(report)} ended as {word}, but"
    if report.fault is not None:
        return f"{start} its tests could not be read: {report.fault}"
    claimed = plural(evidence.reported.counted, "test")
    return f"{start} the platform counts {claimed} and lists only {evidence.listed.total}: no proof that all passed"


def decide(judged: Sequence[JudgedRun], policy: Policy) -> tuple[Verdict, int]:
    """The step's verdict from its runs', and the exit code.

    Among the red conclusions that `fail-on` names, the worst decides; where it names none of
    them, the step exits 0 and the worst is still told.
    """
    counts = sum((run.verdict.counts for run in judged), Counts())
    red = [run for run in judged if not run.verdict.conclusion.green]
    counting = [run for run in red if decides(run.verdict.conclusion, policy)]
    if not red:
        found = {run.verdict.conclusion for run in judged}
        conclusion = next((each for each in _LESS_THAN_PASSED if each in found), Conclusion.PASSED)
        return Verdict(conclusion, _together(list(judged), judged), counts), 0
    worst = min(counting or red, key=lambda run: _rank(run.verdict.conclusion)).verdict.conclusion
    told = [run for run in red if run.verdict.conclusion is worst]
    verdict = Verdict(worst, _together(told, judged), counts)
    return verdict, worst.exit_code if counting else 0


def decides(conclusion: Conclusion, policy: Policy) -> bool:
    """Whether this red conclusion makes the step red."""
    gated = {*WORST_FIRST, Conclusion.REPORT_ERROR} - {Conclusion.INTERNAL_ERROR}
    return conclusion not in gated or policy.fail_on is None or conclusion in policy.fail_on


def _rank(conclusion: Conclusion) -> int:
    """Smaller is worse; what is in no list is the worst."""
    return WORST_FIRST.index(conclusion) if conclusion in WORST_FIRST else -1


def _together(told: Sequence[JudgedRun], judged: Sequence[JudgedRun]) -> str:
    """One sentence: the only run's own, or how many ended like the first of those told."""
    if not told:
        return "there was nothing to run"
    first = told[0].verdict.reason
    if len(judged) == 1:
        return first
    conclusion = told[0].verdict.conclusion
    if len(told) == len(judged) and conclusion.green:
        return f"all {len(judged)} runs {conclusion}"
    return f"{len(told)} of {len(judged)} runs {conclusion}; {first}"
