"""`command: rerun`: rerun the runs that the inputs name, and take the new runs to their results."""

from collections.abc import Callable, Sequence

from testgate.commands.command import Command, CommandContext, Needs, first_reads
from testgate.commands.judging import called, judged
from testgate.errors import GateError
from testgate.gate.assembly import CommandResult
from testgate.inputs.options import CommonOptions
from testgate.model import Run, Target, has_ended
from testgate.ports import Provider
from testgate.results import RunReport
from testgate.runs.context import RunContext, RunOptions
from testgate.runs.stopping import read
from testgate.runs.workflow import run_all
from testgate.wire import Request


async def _rerun(context: CommandContext) -> CommandResult:
    """Rerun every run that the inputs name."""
    return await judged(context, context.provider.attached(), _rerun_all, "Rerunning")


async def _rerun_all(options: RunOptions, context: RunContext) -> Sequence[RunReport]:
    """Read each run and rerun it; one that cannot be read doesn't affect the others."""
    targets: list[Target] = []
    lost: list[RunReport] = []
    for run in context.provider.attached():
        try:
            targets.append(await context.engine.halt.until(_target_of(run, context)))
        except GateError as fault:
            lost.append(RunReport(run.target, run, fault=fault))
    return [*lost, *await run_all(targets, options, context)]


async def _target_of(run: Run, context: RunContext) -> Target:
    """The target that reruns this run; the platform knows what the run was made from."""
    snapshot = await read(context.provider, context.engine, run)
    if snapshot is None:
        raise GateError(f"the platform does not know run {run.id}", remedy="Check `run-id`.")
    if not has_ended(snapshot):
        raise GateError(
            f"run {run.id} has not ended yet ({snapshot.word})", remedy="Wait for it with `command: attach` first."
        )
    target = context.provider.rerun(run._replace(ref=snapshot.ref or run.ref), None)
    return target._replace(name=f"Rerun of {called(target.name)}") if target.name == run.target.name else target


def _requests(provider: Provider, _options: CommonOptions, _mark: Callable[[], str]) -> Sequence[Request]:
    """The first reads: the rerun itself is made from their answers."""
    return first_reads(provider)


COMMAND = Command(_rerun, _requests, needs=lambda _lookup: Needs.RUN_IDS, judges=True)
