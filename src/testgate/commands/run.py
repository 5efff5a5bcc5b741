"""`command: run`: start every target, wait for all of them side by side, and report."""

import asyncio
from collections.abc import Callable, Sequence

from testgate.engine import Engine
from testgate.journal import Journal
from testgate.model import RunReport
from testgate.poller import Poller
from testgate.ports import Provider
from testgate.workflow import Teller, Workflow


async def run(  # noqa: PLR0913  # the ports that a command needs
    provider: Provider,
    engine: Engine,
    journal: Journal,
    teller: Teller,
    *,
    redact: Callable[[str], str],
    mark: Callable[[], str],
    wait: bool,
) -> Sequence[RunReport]:
    """Take each target from trigger to results. `mark` makes a unique mark; `wait` False only starts them."""
    poller = Poller(engine, provider)
    slots = asyncio.Semaphore(engine.limits.max_parallel)
    workflows = [
        Workflow(
            target,
            mark(),
            provider=provider,
            engine=engine,
            poller=poller,
            journal=journal,
            teller=teller,
            redact=redact,
            wait=wait,
        )
        for target in provider.targets()
    ]
    return await asyncio.gather(*(workflow.play(slots) for workflow in workflows))
