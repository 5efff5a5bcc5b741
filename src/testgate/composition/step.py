"""Runs a step from its inputs to its exit code."""

import contextlib
import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from testgate import __version__
from testgate.commands.command import Needs
from testgate.composition import bringing, recording
from testgate.composition.answering import read_answers
from testgate.composition.ending import (
    Ending,
    gate_after_bug,
    gate_without_runs,
    log_bug,
    publish,
    publisher,
    take_places,
    wanted_reports,
)
from testgate.composition.foundation import lay_foundation
from testgate.composition.keeping import keep
from testgate.composition.ready import Ready, make_ready
from testgate.edges.places import Places
from testgate.edges.signals import handled
from testgate.edges.world import World
from testgate.errors import GateError, InputError
from testgate.gate import quarantine
from testgate.gate.assembly import Interrupt, gate_of
from testgate.model import Conclusion, Target
from testgate.results import Gate, RunReport, Verdict
from testgate.session import Session
from testgate.text import plural

if TYPE_CHECKING:
    from testgate.composition.commenting import Commenter
    from testgate.composition.remembering import Memory


def run_step(world: World) -> int:
    """Run the step that the environment describes; returns the exit code. Reports and outputs are always written."""
    foundation = lay_foundation(world)
    step = foundation.step
    step.journal.mask(step.secrets)
    ending = Ending()
    with contextlib.ExitStack() as cleanup:
        try:
            if step.platform.hint:
                step.console.line(f"hint: {step.platform.hint}")
            ready = cleanup.enter_context(make_ready(foundation))
            gate = _gate(ready, ending)
        except InputError as error:
            for warning in error.warnings:  # a misspelt input is often why another one is missing
                step.console.line(f"warning: {warning}")
            notes = [f"invalid input: {problem}" for problem in error.problems] if len(error.problems) > 1 else []
            verdict = Verdict(error.conclusion, error.message)
            gate = gate_without_runs(foundation, verdict, error.remedy)._replace(notes=notes)
        except GateError as error:
            gate = gate_without_runs(foundation, Verdict(error.conclusion, error.message), error.remedy)
        except Exception as error:  # noqa: BLE001  # a bug: reported as one, and everything is still written
            gate = gate_after_bug(foundation, error)
    return publish(foundation, ending, gate)


def clean_up(world: World) -> int:
    """Run the cleanup after a step; it is always green."""
    from testgate.composition.cleaning import clean_up as act

    return act(world)


def _gate(ready: Ready, ending: Ending) -> Gate:
    """Carry out the command and judge its result."""
    options, foundation = ready.options, ready.foundation
    step = foundation.step
    ending.options, ending.policy = options, options.policy()
    ending.places = take_places(ready)
    places = ending.places
    step.journal.on_first_outputs = lambda outputs: publisher(step, places, options).hand_out_first(outputs)
    keep(ready, places.folder)
    ending.memory, ending.commenter = _memory(ready), _commenter(ready)
    about = _introduce(ready)
    session = _session(ready, places, ending.memory)
    if options.answers and options.command == "check":
        verdict, shown = read_answers(foundation, options.answers)
        return gate_without_runs(foundation, verdict, "")._replace(lines=shown)
    if options.dry_run:
        verdict, shown = _dry_run(ready, session.mark)
        return gate_without_runs(ready.foundation, verdict, "")._replace(lines=shown)
    result = session.run(ready.foundation.command)
    for report in result.reports:
        if report.fault is not None and not isinstance(report.fault, GateError):
            log_bug(step, report.fault)
    signal = step.world.signals.first
    interrupt = Interrupt(signal.name, handled()[signal]) if signal else None
    gate = gate_of(result, options, interrupt=interrupt, seconds=step.elapsed, started_at=step.began_at)
    past = ending.memory.notes(gate) if ending.memory else ()
    return gate._replace(notes=[*gate.notes, *past, *about])


def _introduce(ready: Ready) -> Sequence[str]:
    """Say what is done, and where; returns what people should know about the platform."""
    options, foundation = ready.options, ready.foundation
    step = foundation.step
    where = "the embedded simulator" if options.demo else options.base_url or "the default address"
    if options.answers and options.command == "check":
        where = f"the answers in {options.answers}"
    remote = foundation.command.needs(step.lookup) is not Needs.REPORTS
    on = f" on {foundation.provider_name}, {where}" if remote else ""
    step.console.line(f"TestGate {__version__}: {options.command}{on}")
    about = foundation.provider.notes if foundation.provider and remote else ()
    for note in about:
        step.console.line(note)
    if options.command == "check" and foundation.provider:
        for each in foundation.provider.values:
            marks = ", ".join(mark for mark, there in (("required", each.required), ("secret", each.secret)) if there)
            step.console.line(f"value   {each.name}{f' ({marks})' if marks else ''}: {each.description}")
    return about


def _memory(ready: Ready) -> "Memory | None":
    """What earlier builds said, if the user keeps it and the command can use it."""
    given, command = ready.options.history_file, ready.foundation.command
    if not given or ready.options.dry_run:
        return None
    if not command.remembers:
        ready.foundation.step.console.line("`history-file` has no effect: only `command: run` compares builds")
        return None
    from testgate.composition.remembering import Memory  # for those who keep a history

    return Memory(ready, given)


def _commenter(ready: Ready) -> "Commenter | None":
    """What writes the comment on the pull request, if the user wants one."""
    if ready.options.comment == "false":
        return None
    from testgate.composition.commenting import Commenter  # for those who want a comment

    return Commenter(ready)


def _unchanged(report: RunReport) -> RunReport:
    """The report without a past."""
    return report


def _nothing(_target: Target) -> None:
    """Nothing is known, or wanted."""


def _session(ready: Ready, places: Places, memory: "Memory | None") -> Session:
    """The session that runs a command of this step."""
    step, options = ready.foundation.step, ready.options
    today = dt.datetime.fromtimestamp(step.world.wall_clock(), dt.UTC).date()
    judges = ready.foundation.command.judges  # a stop must not fail because of a file that only a verdict needs
    name = options.quarantine_file if judges else ""
    return Session(
        step=step,
        options=options,
        provider=ready.provider,
        preload=lambda: [entry.load() for entry in wanted_reports(step, places).values()],
        quarantine=quarantine.load(name or "", step.workspace.read_given, today),
        recorder=(lambda engine: recording.recorder(ready, engine)) if recording.records(ready) else None,
        recall=memory.recall if memory else _unchanged,
        expected=memory.expected if memory else _nothing,
        earlier=memory.earlier if memory and options.on_retry != "run" else _nothing,
    )


def _dry_run(ready: Ready, mark: Callable[[], str]) -> tuple[Verdict, list[str]]:
    """Print what would be sent; returns the first line of each request."""
    from testgate.commands.dry_run import lines

    step, command = ready.foundation.step, ready.foundation.command
    uploads = [] if command.needs(step.lookup) is Needs.NOTHING else bringing.first_requests(ready, mark)
    provider = bringing.shown(ready)
    asked = command.requests(provider, ready.options, mark)
    login = ready.provider.login() if asked else None
    first = [login.request] if login else []
    requests = [*recording.first_requests(ready), *first, *uploads, *asked]
    for line in lines(requests):
        step.console.line(line)
    verdict = Verdict(Conclusion.DRY_RUN, f"{plural(len(requests), 'request')} shown, nothing was sent")
    return verdict, [request.label for request in requests]
