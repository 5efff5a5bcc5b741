"""`command: rerun`: read the run that is named, then start what the inputs want of it again, and wait for that."""

from collections.abc import Sequence

from testgate.commands.run import run
from testgate.errors import GateError
from testgate.model import Run, RunReport, Status, Target
from testgate.runs.stopping import read
from testgate.runs.workflow import RunContext, RunOptions


async def rerun(plan: RunOptions, ports: RunContext) -> Sequence[RunReport]:
    """Rerun each run that the inputs name; one that cannot be read does not lose the others."""
    begins: list[Target | Run] = []
    lost: list[RunReport] = []
    for named in ports.provider.attached():
        try:
            begins.append(await ports.engine.until_halted(_target_of(named, ports)))
        except GateError as fault:
            lost.append(RunReport(named.target, named, fault=fault))
    return [*lost, *await run(begins, plan, ports)]


async def _target_of(named: Run, ports: RunContext) -> Target:
    """The target that reruns this run; what the run was made from is read from the platform."""
    snapshot = await read(ports.provider, ports.engine, named)
    if snapshot is None:
        raise GateError(f"the platform does not know run {named.id}", remedy="Check `run-id`.")
    if snapshot.status is not Status.ENDED:
        raise GateError(
            f"run {named.id} is not over yet ({snapshot.word})", remedy="Wait for it with `command: attach` first."
        )
    return ports.provider.rerun(named._replace(ref=snapshot.ref or named.ref), None)
