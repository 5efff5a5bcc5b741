"""From the result of a command to the gate."""

import pytest

from testgate.errors import Refused, TriggerUnknown
from testgate.gate.assembly import CommandResult, Interrupt, gate_of
from testgate.gate.remedies import remedy_for
from testgate.inputs.options import CommonOptions
from testgate.model import (
    Conclusion,
    Counts,
    Intent,
    Origin,
    Outcome,
    Reported,
    Run,
    RunResult,
    Snapshot,
    Status,
    Target,
)
from testgate.model import TestResult as Result
from testgate.results import Gate, RunReport, Verdict

TARGET = Target("274", "Nightly")
RUN = Run("337", TARGET)
LOGIN = Result("1", "Login", Outcome.PASSED, seconds=1.0)
ENDED = Snapshot("337", Status.ENDED, "SUCCESS", RunResult.PASSED, Reported(Counts(passed=1), 1))
PASSED = RunReport(TARGET, RUN, ENDED, [LOGIN])
TERM = Interrupt("SIGTERM", 143)
OPTIONS = CommonOptions()


def gate(result: CommandResult, options: CommonOptions = OPTIONS, interrupt: Interrupt | None = None) -> Gate:
    """The gate of a step of seven seconds."""
    return gate_of(result, options, interrupt=interrupt, seconds=7.0, started_at=1_700_000_000.0)


def test_runs_are_judged() -> None:
    """The step is named after them."""
    whole = gate(CommandResult([PASSED]))
    assert (whole.title, whole.verdict.conclusion, whole.exit_code) == ("Nightly", Conclusion.PASSED, 0)
    assert (whole.seconds, whole.started_at, whole.provider) == (7.0, 1_700_000_000.0, "testsigma")
    assert [run.id for run in whole.runs] == ["337"]
    assert (whole.remedy, whole.notes, whole.left_running, whole.to_stop) == ("", [], [], [])


@pytest.mark.parametrize(
    ("options", "title"), [(CommonOptions(title="Smoke"), "Smoke"), (CommonOptions(command="check"), "TestGate check")]
)
def test_a_step_without_runs_has_a_title(options: CommonOptions, title: str) -> None:
    """It is the user's title, or the name of the command."""
    assert gate(CommandResult(), options).title == title


def test_a_command_can_have_a_verdict_of_its_own() -> None:
    """Its remedy is shown, too."""
    whole = gate(CommandResult(verdict=Verdict(Conclusion.PLATFORM_ERROR, "2 of 5 checks failed"), remedy="Check it."))
    assert (whole.exit_code, whole.verdict.reason, whole.remedy) == (3, "2 of 5 checks failed", "Check it.")


def test_a_cancel_replaces_the_conclusion() -> None:
    """The reason names the signal, and the exit code follows from it."""
    whole = gate(CommandResult([PASSED], halted=Conclusion.CANCELLED), interrupt=TERM)
    assert (whole.verdict.conclusion, whole.exit_code) == (Conclusion.CANCELLED, 143)
    assert whole.verdict.reason.startswith("cancelled by SIGTERM; Nightly (run 337)")
    assert whole.remedy == ""  # no run is left


def test_a_signal_that_came_too_late_changes_nothing() -> None:
    """The command had already ended."""
    assert gate(CommandResult([PASSED]), interrupt=TERM).exit_code == 0


@pytest.mark.parametrize(
    ("origin", "options", "to_stop"),
    [
        (Origin.STARTED, CommonOptions(), ["337"]),
        (Origin.STARTED, CommonOptions(on_cancel="leave"), []),
        (Origin.STARTED, CommonOptions(wait=False), []),
        (Origin.ATTACHED, CommonOptions(), []),
        (Origin.ATTACHED, CommonOptions(on_cancel="stop"), ["337"]),
    ],
)
def test_the_cleanup_stops_only_runs_that_should_be_stopped(
    origin: Origin, options: CommonOptions, to_stop: list[str]
) -> None:
    """Runs of others are stopped only if the user asks for it."""
    run = RUN._replace(origin=origin)
    report = RunReport(TARGET, run, halted=Conclusion.CANCELLED, left_running=[run])
    whole = gate(CommandResult([report], halted=Conclusion.CANCELLED), options, TERM)
    assert (whole.left_running, whole.to_stop) == (["337"], to_stop)
    assert whole.remedy == remedy_for(Conclusion.CANCELLED)


def test_the_remedy_of_a_fault_wins() -> None:
    """Otherwise, the conclusion has one."""
    fault = Refused("no", status=404, remedy="Check `test-plan-id`.")
    assert gate(CommandResult([RunReport(TARGET, fault=fault)])).remedy == "Check `test-plan-id`."
    plain = Refused("no", status=404)
    expected = remedy_for(Conclusion.PLATFORM_ERROR, run=False)
    assert gate(CommandResult([RunReport(TARGET, fault=plain)])).remedy == expected
    assert "page" not in expected.partition("status page")[0]


def test_missing_details_are_noted() -> None:
    """Otherwise, people would look for messages and durations in vain."""
    bare = PASSED._replace(tests=[LOGIN._replace(seconds=None)])
    notes = gate(CommandResult([bare], notes=["A note."])).notes
    assert notes == ["The platform reported no messages and no durations for 1 test.", "A note."]


LOST = Intent("274", "mark-7", "mark-7")


@pytest.mark.parametrize(
    ("intent", "options", "left_running", "to_find"),
    [
        (LOST, CommonOptions(), ["mark-7"], [LOST]),
        (LOST, CommonOptions(on_cancel="leave"), ["mark-7"], []),
        (LOST, CommonOptions(wait=False), ["mark-7"], []),
        (LOST._replace(build_no=""), CommonOptions(), [], [LOST._replace(build_no="")]),
        (LOST._replace(build_no="nightly"), CommonOptions(), ["nightly"], [LOST._replace(build_no="nightly")]),
    ],
)
def test_a_lost_run_is_named_by_its_build_number(
    intent: Intent, options: CommonOptions, left_running: list[str], to_find: list[Intent]
) -> None:
    """The cleanup looks for it, unless the user wants runs to be left; the remedy is that of the trigger."""
    fault = TriggerUnknown("maybe started", remedy="Look for mark-7.", intent=intent)
    report = RunReport(TARGET, fault=fault, halted=Conclusion.CANCELLED, lost=[intent])
    whole = gate(CommandResult([report], halted=Conclusion.CANCELLED), options, TERM)
    assert (whole.verdict.conclusion, whole.remedy) == (Conclusion.CANCELLED, "Look for mark-7.")
    assert whole.verdict.reason == "cancelled by SIGTERM; maybe started"
    assert (whole.left_running, whole.to_find, whole.to_stop, whole.left) == (left_running, to_find, [], [])


def test_runs_that_are_left_on_purpose_are_told_apart() -> None:
    """The cleanup names them."""
    other = RUN._replace(id="338", origin=Origin.ATTACHED)
    report = RunReport(TARGET, RUN, halted=Conclusion.CANCELLED, left_running=[RUN, other])
    whole = gate(CommandResult([report], halted=Conclusion.CANCELLED), interrupt=TERM)
    assert (whole.to_stop, whole.left) == (["337"], ["338"])
