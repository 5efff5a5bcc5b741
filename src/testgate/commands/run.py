"""`command: run`, and what `attach` and `rerun` share with it: take every run to its end, side by side."""

import asyncio
from collections.abc import Sequence

from testgate.model import Run, RunReport, Target
from testgate.runs.workflow import RunContext, RunOptions, Workflow


async def run(begins: Sequence[Target | Run], plan: RunOptions, ports: RunContext) -> Sequence[RunReport]:
    """Take each target, or run that was started elsewhere, to its results; `max-parallel` at a time."""
    slots = asyncio.Semaphore(ports.engine.limits.max_parallel)
    workflows = [Workflow(begin, plan, ports) for begin in begins]
    return shared(await asyncio.gather(*(workflow.play(slots) for workflow in workflows)))


def shared(reports: Sequence[RunReport]) -> list[RunReport]:
    """Targets that the platform answered with one run share it: its tests count once."""
    kept: dict[str, RunReport] = {}
    for number, report in enumerate(reports):
        key = report.run.id if report.run else f"none {number}"
        first = kept.get(key)
        if first is None:
            kept[key] = report
        else:
            note = f"{report.target.name} was answered with the same run as {first.target.name}: {key}"
            kept[key] = first._replace(notes=[*first.notes, note])
    return [*kept.values()]
