"""`command: run`: start what the inputs select, and take it to its results."""

from collections.abc import Callable, Sequence

from testgate.commands.command import Command, CommandContext, Needs
from testgate.commands.judging import judged
from testgate.errors import GateError
from testgate.gate.assembly import CommandResult
from testgate.inputs.options import CommonOptions
from testgate.model import Target
from testgate.ports import Provider
from testgate.results import RunReport
from testgate.runs.context import RunContext, RunOptions
from testgate.runs.workflow import run_all
from testgate.text import one_line
from testgate.wire import Request


async def _run(context: CommandContext) -> CommandResult:
    """Run every target."""
    targets = [*context.provider.targets()]
    lost: list[RunReport] = []
    for name in context.provider.named():
        from testgate.runs.naming import resolve  # only for those who give a name

        try:
            targets.append(await context.engine.halt.until(resolve(name, context.provider, context.engine)))
        except GateError as fault:
            lost.append(RunReport(Target(name, one_line(name, 100)), fault=fault))

    async def watch(options: RunOptions, shared: RunContext) -> Sequence[RunReport]:
        return [*lost, *(await run_all(targets, options, shared) if targets else ())]

    return await judged(context, targets, watch)


def _requests(provider: Provider, _options: CommonOptions, mark: Callable[[], str]) -> Sequence[Request]:
    """The search for names, and the triggers of what is known before."""
    seeks = [provider.seek(name, None, everything=False).request for name in provider.named()]
    return [*seeks, *(provider.trigger(target, mark()).request for target in provider.targets())]


COMMAND = Command(_run, _requests, needs=lambda _lookup: Needs.SELECTION, judges=True, remembers=True)
