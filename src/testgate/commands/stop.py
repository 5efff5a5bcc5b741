"""`command: stop`: stop the runs that the inputs name or, with `stop-scope: all`, everybody's runs."""

import asyncio
from collections.abc import Callable, Sequence

from testgate.commands.command import Command, CommandContext, Needs, first_reads
from testgate.errors import GateError
from testgate.gate.assembly import CommandResult
from testgate.inputs.lookup import Lookup
from testgate.inputs.options import CommonOptions
from testgate.model import Conclusion
from testgate.ports import Provider
from testgate.results import RunReport, Verdict
from testgate.runs.stopping import Stopped, stop_chain
from testgate.wire import Request


async def _stop(context: CommandContext) -> CommandResult:
    """Stop runs."""
    if context.options.stop_scope == "all":
        verdict = await _stop_everything(context)
        return CommandResult(verdict=verdict, halted=context.engine.halt.reason)
    return CommandResult(await _stop_named(context), halted=context.engine.halt.reason)


async def _stop_named(context: CommandContext) -> Sequence[RunReport]:
    """Stop each run that the inputs name, side by side; the platform's own word says whether it stopped."""
    runs, engine = context.provider.attached(), context.engine
    chains = await asyncio.gather(*(engine.halt.until(stop_chain(context.provider, engine, run)) for run in runs))
    stopped = [each for chain in chains for each in chain]
    progress = context.progress(len(runs))
    for each in stopped:
        progress.note(each.run, each.sentence)
    return [_report(each) for each in stopped]


async def _stop_everything(context: CommandContext) -> Verdict:
    """Send the call that stops every run of the account.

    Raises:
        PlatformError: it was refused.
        GateError: the platform has no such call.

    """
    call = context.provider.stop_all()
    if call is None:
        raise GateError("this platform cannot stop all runs", remedy="Name the runs: `stop-scope: run` with `run-id`.")
    await context.engine.halt.until(context.engine.ask(call))
    return Verdict(Conclusion.STOP_CONFIRMED, "the platform accepted the stop of every run")


def _report(stopped: Stopped) -> RunReport:
    """The report on a run that should have stopped; if it didn't, it is left running, and red."""
    fault = stopped.fault
    if fault is None and not stopped.ended:
        fault = GateError(stopped.sentence, remedy="Stop it on the platform.")
    return RunReport(
        target=stopped.run.target,
        run=stopped.run,
        snapshot=stopped.snapshot,
        fault=fault,
        halted=Conclusion.STOP_CONFIRMED if stopped.ended else None,
        left_running=() if stopped.ended else (stopped.run,),
        notes=(stopped.sentence,),
    )


def _requests(provider: Provider, options: CommonOptions, _mark: Callable[[], str]) -> Sequence[Request]:
    """The reads and stops of the named runs, or the one call that stops all."""
    if options.stop_scope == "all":
        return [call.request for call in [provider.stop_all()] if call is not None]
    stops = [provider.stop(run) for run in provider.attached()]
    return [*first_reads(provider), *(call.request for call in stops if call is not None)]


def _needs(lookup: Lookup) -> Needs:
    """`run-id`, unless all runs are stopped."""
    return Needs.NOTHING if lookup.text("stop-scope").lower() == "all" else Needs.RUN_IDS


COMMAND = Command(_stop, _requests, needs=_needs)
