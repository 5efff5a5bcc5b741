"""The part that `run`, `attach` and `rerun` share: take runs to their results, and record these."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from testgate.commands.command import CommandContext
from testgate.gate.assembly import CommandResult
from testgate.gate.verdict import judge
from testgate.model import Run, Target
from testgate.results import RunReport
from testgate.runs.attempts import OnRetry
from testgate.runs.context import RunContext, RunOptions
from testgate.runs.diagnosing import Diagnosis
from testgate.runs.polling import Poller
from testgate.text import tidy

if TYPE_CHECKING:
    from testgate.runs.recording import Recorder

Begins = Sequence[Target | Run]
Watch = Callable[[RunOptions, RunContext], Awaitable[Sequence[RunReport]]]


async def judged(context: CommandContext, begins: Begins, watch: Watch, verb: str = "Running") -> CommandResult:
    """Watch runs in a group of the log, whose title begins with `verb`. `begins` name what is run; `watch` does it."""
    recorder = context.recorder
    if recorder is not None:
        await recorder.begin()
    step = context.step
    names = ", ".join(called(each.target.name) if isinstance(each, Run) else each.name for each in begins)
    title = tidy(f"{verb} {names}", step.redact)
    step.journal.perform(step.platform.group(title))
    parts = _context(context, len(begins))
    with parts.progress.live.ticking():
        reports = await watch(_options(context), parts)
    step.journal.perform(step.platform.end_group(title))
    result = CommandResult(reports, halted=context.engine.halt.reason, quarantine=context.quarantine)
    return result if recorder is None else await _recorded(context, result, recorder)


def called(name: str) -> str:
    """The name of a run that the user named, inside a sentence: `run 337` for `Run 337`."""
    return name[:1].lower() + name[1:]


def _options(context: CommandContext) -> RunOptions:
    """The user's options for each run."""
    options = context.options
    return RunOptions(
        wait=options.wait,
        rerun_failed=options.rerun_failed,
        retry_aborted=options.retry_aborted,
        wait_busy=options.on_busy == "wait",
        policy=options.policy(),
        stop_at=options.stops,
        mark=context.mark,
        on_retry=OnRetry(options.on_retry),
        fail_fast=options.fail_fast,
        earlier=context.earlier,
        expected=context.expected,
    )


def _context(context: CommandContext, count: int) -> RunContext:
    """The parts that workflows work with."""
    step, provider, engine = context.step, context.provider, context.engine
    return RunContext(
        provider=provider,
        engine=engine,
        poller=Poller(engine, provider),
        journal=step.journal,
        progress=context.progress(count),
        diagnosis=Diagnosis(provider, engine, step.redact),
        redact=step.redact,
        label=context.quarantine.label,
        recall=context.recall,
    )


async def _recorded(context: CommandContext, result: CommandResult, recorder: "Recorder") -> CommandResult:
    """The same result, after recording it; this never changes the verdict."""
    await recorder.finish(judge(result.reports, context.options.policy()))
    step = context.step
    for warning in recorder.warnings:
        step.journal.perform(step.platform.problem("warning", "Test management", tidy(warning, step.redact)))
    notes = [*recorder.notes, *recorder.warnings]
    return result._replace(test_run=recorder.test_run.id if recorder.test_run else "", notes=notes)
