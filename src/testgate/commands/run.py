"""`command: run`, and what `attach` and `rerun` share with it: take every run to its end, side by side."""

import asyncio
from collections.abc import Sequence

from testgate.model import Run, RunReport, Target
from testgate.workflow import Plan, Ports, Workflow


async def run(begins: Sequence[Target | Run], plan: Plan, ports: Ports) -> Sequence[RunReport]:
    """Take each target, or run that was started elsewhere, to its results; `max-parallel` at a time."""
    slots = asyncio.Semaphore(ports.engine.limits.max_parallel)
    workflows = [Workflow(begin, plan, ports) for begin in begins]
    return await asyncio.gather(*(workflow.play(slots) for workflow in workflows))
