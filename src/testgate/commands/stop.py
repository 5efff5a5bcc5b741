"""`command: stop`: stop the runs that are named, or, asked for in just these words, everybody's."""

import asyncio
from collections.abc import Sequence

from testgate.errors import GateError
from testgate.model import Conclusion, RunReport, Verdict
from testgate.ports import Provider
from testgate.runs.engine import Engine
from testgate.runs.progress import Progress
from testgate.runs.stopping import Stopped, stop


async def stop_named(provider: Provider, engine: Engine, progress: Progress) -> Sequence[RunReport]:
    """Stop each run that the inputs name, side by side; the platform's own word says what became of it."""
    runs = provider.attached()
    done = await asyncio.gather(*(engine.until_halted(stop(provider, engine, run)) for run in runs))
    for each in done:
        progress.noted(each.run, each.sentence)
    return [_report(each) for each in done]


async def stop_everything(provider: Provider, engine: Engine) -> Verdict:
    """Send the call that stops every run of the account.

    Raises:
        PlatformError: it was refused; or the platform has no such call.

    """
    call = provider.stop_all()
    if call is None:
        raise GateError("this platform cannot stop all runs", remedy="Name the runs: `stop-scope: run` with `run-id`.")
    await engine.until_halted(engine.ask(call))
    return Verdict(Conclusion.STOP_CONFIRMED, "the platform accepted the stop of every run")


def _report(done: Stopped) -> RunReport:
    """What is known of the run; one that goes on is left running, and red."""
    fault = done.fault
    if fault is None and not done.over:
        fault = GateError(done.sentence, remedy="Stop it on the platform.")
    return RunReport(
        target=done.run.target,
        run=done.run,
        snapshot=done.snapshot,
        fault=fault,
        halted=Conclusion.STOP_CONFIRMED if done.over else None,
        left_running=() if done.over else (done.run,),
        notes=(done.sentence,),
    )
