"""From the result of a command to the gate: verdicts, remedy, notes, and what may still be running. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from testgate.errors import GateError
from testgate.gate.quarantine import Quarantine
from testgate.gate.remedies import remedy_for
from testgate.gate.verdict import decide, judge
from testgate.inputs.options import CommonOptions
from testgate.model import Conclusion, Intent, Run, Target, TestResult
from testgate.results import Gate, JudgedRun, RunReport, Verdict
from testgate.text import plural


class Merged(NamedTuple):
    """The steps of a matrix together: their runs with the verdicts that they got there, and the verdict on all."""

    verdict: Verdict
    exit_code: int
    runs: Sequence[JudgedRun]
    remedy: str = ""
    notes: Sequence[str] = ()
    title: str = ""
    provider: str = ""
    demo: bool = False
    left_running: Sequence[str] = ()
    legs: Sequence[str] = ()


class CommandResult(NamedTuple):
    """The result of a command: runs to judge, or a verdict of its own.

    `halted` is what ended it early. `test_run` is the id of the test run in test management,
    `notes` are further sentences for people, `lines` those that are in the log already.
    `merged` is the gate of a matrix, which isn't judged here.
    """

    reports: Sequence[RunReport] = ()
    verdict: Verdict | None = None
    remedy: str = ""
    halted: Conclusion | None = None
    quarantine: Quarantine = Quarantine()
    test_run: str = ""
    notes: Sequence[str] = ()
    lines: Sequence[str] = ()
    merged: Merged | None = None


class Interrupt(NamedTuple):
    """The signal that cancelled the step: its name, and the exit code that it leads to."""

    name: str
    exit_code: int


def gate_of(
    result: CommandResult, options: CommonOptions, *, interrupt: Interrupt | None, seconds: float, started_at: float
) -> Gate:
    """The whole step at its end. `seconds` is its duration, `started_at` is in epoch seconds."""
    if result.merged is not None:
        return _gate_of_matrix(result.merged, options, interrupt, seconds=seconds, started_at=started_at)
    policy = options.policy()
    runs = judge(result.reports, policy)
    verdict, exit_code = decide(runs, policy)
    if result.verdict is not None:
        verdict, exit_code = result.verdict, result.verdict.conclusion.exit_code
    if result.halted is Conclusion.CANCELLED and interrupt is not None:
        verdict, exit_code = _interrupted(verdict, interrupt), interrupt.exit_code
    left, lost = _left(result.reports)
    to_stop = _to_stop(result.reports, options, result.halted)
    return Gate(
        title=options.title or ", ".join(run.name for run in runs) or f"TestGate {options.command}",
        verdict=verdict,
        exit_code=exit_code,
        runs=runs,
        remedy=result.remedy or _remedy(runs, verdict.conclusion, left_some=bool(left)),
        notes=[
            *_missing_details(runs),
            *result.quarantine.remarks([test for run in runs for test in run.report.tests]),
            *result.notes,
        ],
        lines=result.lines,
        left_running=[*(run.id for run in left), *(intent.build_no for intent in lost if intent.build_no)],
        to_stop=[run.id for run in to_stop],
        to_find=[each for each in lost if _unwanted(Run("", Target(each.target, "")), options, result.halted)],
        left=[run.id for run in left if run not in to_stop],
        seconds=seconds,
        started_at=started_at,
        demo=options.demo,
        provider=options.provider,
        leg=options.leg,
        limits=policy,
        test_run=result.test_run,
    )


def _interrupted(verdict: Verdict, interrupt: Interrupt) -> Verdict:
    """The verdict on a step that was cancelled."""
    return verdict._replace(conclusion=Conclusion.CANCELLED, reason=f"cancelled by {interrupt.name}; {verdict.reason}")


def _gate_of_matrix(
    merged: Merged, options: CommonOptions, interrupt: Interrupt | None, *, seconds: float, started_at: float
) -> Gate:
    """The gate of a matrix. What its steps may have left running is theirs to stop."""
    return Gate(
        title=options.title or merged.title or "TestGate merge",
        verdict=_interrupted(merged.verdict, interrupt) if interrupt else merged.verdict,
        exit_code=interrupt.exit_code if interrupt else merged.exit_code,
        runs=merged.runs,
        remedy=merged.remedy,
        notes=merged.notes,
        left_running=merged.left_running,
        left=merged.left_running,
        seconds=seconds,
        started_at=started_at,
        demo=merged.demo,
        provider=merged.provider,
        legs=merged.legs,
        leg=options.leg,
    )


def _left(reports: Sequence[RunReport]) -> tuple[list[Run], list[Intent]]:
    """The runs that may still be running, and the triggers that may have started one that nobody found."""
    left = [run for report in reports for run in report.left_running]
    return left, [intent for report in reports for intent in report.lost]


def _to_stop(reports: Sequence[RunReport], options: CommonOptions, halted: Conclusion | None) -> list[Run]:
    """The runs that may still be running and should be stopped; some were given up for a limit of their own."""
    return [
        run
        for report in reports
        for run in report.left_running
        if _unwanted(run, options, Conclusion.TIMED_OUT if run.id in report.late else _why(report, halted))
    ]


def _why(report: RunReport, halted: Conclusion | None) -> Conclusion | None:
    """Why a target ended early: with the step, or since another one had failed."""
    return halted or (Conclusion.FAILED if report.cut else None)


def _unwanted(run: Run, options: CommonOptions, why: Conclusion | None) -> bool:
    """Whether a run that may still be running should be stopped, if that is why it was given up."""
    return options.wait and options.stops(run, why or Conclusion.PLATFORM_ERROR)


def _remedy(runs: Sequence[JudgedRun], conclusion: Conclusion, *, left_some: bool) -> str:
    """What to do: the fault's own remedy, or the conclusion's."""
    for run in runs:
        fault = run.report.fault
        lost = conclusion is Conclusion.CANCELLED and run.verdict.conclusion is Conclusion.TRIGGER_UNKNOWN
        if (lost or run.verdict.conclusion is conclusion) and isinstance(fault, GateError) and fault.remedy:
            return fault.remedy
    if conclusion is Conclusion.CANCELLED and not left_some:
        return ""
    return remedy_for(conclusion, run=any(run.id for run in runs))


def _missing_details(runs: Sequence[JudgedRun]) -> list[str]:
    """A note if the platform reported nothing about any test except its name and result."""
    tests: list[TestResult] = [test for run in runs for test in run.report.tests]
    if tests and all(test.seconds is None and not test.message for test in tests):
        return [f"The platform reported no messages and no durations for {plural(len(tests), 'test')}."]
    return []
