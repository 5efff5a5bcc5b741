"""`command: attach`: take runs that were started elsewhere to their results."""

from collections.abc import Callable, Sequence

from testgate.commands.command import Command, CommandContext, Needs, first_reads
from testgate.commands.judging import judged
from testgate.gate.assembly import CommandResult
from testgate.inputs.options import CommonOptions
from testgate.ports import Provider
from testgate.runs.workflow import run_all
from testgate.wire import Request


async def _attach(context: CommandContext) -> CommandResult:
    """Watch every run that the inputs name."""
    runs = context.provider.attached()
    return await judged(context, runs, lambda options, shared: run_all(runs, options, shared), "Watching")


def _requests(provider: Provider, _options: CommonOptions, _mark: Callable[[], str]) -> Sequence[Request]:
    """The first reads."""
    return first_reads(provider)


COMMAND = Command(_attach, _requests, needs=lambda _lookup: Needs.RUN_IDS, judges=True)
