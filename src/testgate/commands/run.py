"""`command: run`: start what the inputs select, and take it to its results."""

from collections.abc import Callable, Sequence

from testgate.commands.command import Command, CommandContext, Needs
from testgate.commands.judging import judged
from testgate.gate.assembly import CommandResult
from testgate.inputs.options import CommonOptions
from testgate.ports import Provider
from testgate.runs.workflow import run_all
from testgate.wire import Request


async def _run(context: CommandContext) -> CommandResult:
    """Run every target."""
    targets = context.provider.targets()
    return await judged(context, targets, lambda options, shared: run_all(targets, options, shared))


def _requests(provider: Provider, _options: CommonOptions, mark: Callable[[], str]) -> Sequence[Request]:
    """The triggers."""
    return [provider.trigger(target, mark()).request for target in provider.targets()]


COMMAND = Command(_run, _requests, needs=lambda _lookup: Needs.SELECTION, judges=True, remembers=True)
