"""From what was played to the gate: verdicts, remedy, notes, and what is left running. Pure."""

import signal as signals
from collections.abc import Sequence
from typing import NamedTuple

from testgate.edges.signals import EXIT_CODES
from testgate.errors import GateError
from testgate.gate.quarantine import Quarantine
from testgate.gate.remedies import remedy_for
from testgate.gate.verdict import decide, judge
from testgate.inputs.options import CommonOptions
from testgate.model import Conclusion, Gate, JudgedRun, RunReport, TestResult, Verdict
from testgate.text import plural


class CommandResult(NamedTuple):
    """What a command came back with: runs to judge, or a verdict of its own. `halted` is what ended it early.

    `test_run` is the id of the record in test management, `notes` what else people should know.
    """

    reports: Sequence[RunReport] = ()
    verdict: Verdict | None = None
    remedy: str = ""
    halted: Conclusion | None = None
    quarantine: Quarantine = Quarantine()
    test_run: str = ""
    notes: Sequence[str] = ()


def gate_of(
    played: CommandResult, options: CommonOptions, *, signal: signals.Signals | None, seconds: float, started_at: float
) -> Gate:
    """The whole step at its end."""
    policy = options.policy()
    runs = judge(played.reports, policy)
    verdict, exit_code = decide(runs, policy)
    if played.verdict is not None:
        verdict, exit_code = played.verdict, played.verdict.conclusion.exit_code
    if played.halted is Conclusion.CANCELLED and signal is not None:
        reason = f"cancelled by {signal.name}; {verdict.reason}"
        verdict = verdict._replace(conclusion=Conclusion.CANCELLED, reason=reason)
        exit_code = EXIT_CODES[signal]
    left = [run for report in played.reports for run in report.left_running]
    why = played.halted or Conclusion.PLATFORM_ERROR
    return Gate(
        title=options.title or ", ".join(run.name for run in runs) or f"TestGate {options.command}",
        verdict=verdict,
        exit_code=exit_code,
        runs=runs,
        remedy=played.remedy or _remedy(runs, verdict.conclusion, left_some=bool(left)),
        notes=[
            *_undetailed(runs),
            *played.quarantine.remarks([test for run in runs for test in run.report.tests]),
            *played.notes,
        ],
        left_running=[run.id for run in left],
        to_stop=[run.id for run in left if options.wait and options.stops(run, why)],
        seconds=seconds,
        started_at=started_at,
        demo=options.demo,
        provider=options.provider,
        test_run=played.test_run,
    )


def _remedy(runs: Sequence[JudgedRun], conclusion: Conclusion, *, left_some: bool) -> str:
    """What to do: the fault's own advice, else the conclusion's."""
    for run in runs:
        fault = run.report.fault
        if run.verdict.conclusion is conclusion and isinstance(fault, GateError) and fault.remedy:
            return fault.remedy
    if conclusion is Conclusion.CANCELLED and not left_some:
        return ""
    return remedy_for(conclusion)


def _undetailed(runs: Sequence[JudgedRun]) -> list[str]:
    """A note where the platform told nothing about any test but its name."""
    tests: list[TestResult] = [test for run in runs for test in run.report.tests]
    if tests and all(test.seconds is None and not test.message for test in tests):
        return [f"The platform gave no messages and no durations for {plural(len(tests), 'test')}."]
    return []
