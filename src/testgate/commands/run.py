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

    going = targets
    try:
        context = context._replace(provider=await _with_builds(context)) if targets else context
    except GateError as fault:  # without its build, nothing is started
        lost += [RunReport(target, fault=fault) for target in targets]
        going = []

    async def watch(options: RunOptions, shared: RunContext) -> Sequence[RunReport]:
        return [*lost, *(await run_all(going, options, shared) if going else ())]

    return await judged(context, targets, watch)


async def _with_builds(context: CommandContext) -> Provider:
    """The provider whose runs use the builds that the user brings along; they are uploaded here.

    Raises:
        GateError: one of them isn't certainly there.

    """
    uploader = context.provider.uploader()
    if uploader is None:
        return context.provider
    from testgate.runs.uploading import Bringing  # only for those who bring a build

    bringing = Bringing(uploader, context.engine, context.step.workspace.open_given, context.mark)
    return uploader.using(await context.engine.halt.until(bringing.versions()))


def _requests(provider: Provider, _options: CommonOptions, mark: Callable[[], str]) -> Sequence[Request]:
    """The search for names, and the triggers of what is known before."""
    seeks = [provider.seek(name, None, everything=False).request for name in provider.named()]
    return [*seeks, *(provider.trigger(target, mark()).request for target in provider.targets())]


COMMAND = Command(_run, _requests, needs=lambda _lookup: Needs.SELECTION, judges=True, remembers=True, brings=True)
