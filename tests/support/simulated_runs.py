"""Simulates `command: run` with the throwaway vendor: its reports, log and requests."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from testgate.gate.verdict import judge
from testgate.model import Conclusion, Origin, Run, Target
from testgate.results import Policy, RunReport
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.runs.workflow import run_all
from testgate.wire import Reply, Request
from tests.support.simulated import Answer, Desk, FakeTransport, Handler, SimulatedLoop, answer, dropped, play
from tests.support.throwaway_testifly import Server, Testifly

BEGIN = 1000.0  # the time at which a simulation starts


class Simulation:
    """The result of a simulation: reports, log, requests, and the simulated seconds that it took."""

    def __init__(self, reports: Sequence[RunReport], desk: Desk, seconds: float) -> None:
        """Judge the reports with the strictest policy."""
        self.reports = reports
        self.log = desk.log
        self.transport = desk.transport
        self.journal = desk.journal
        self.seconds = seconds
        self.conclusions = [each.verdict.conclusion for each in judge(reports, Policy())]
        self.reasons = [each.verdict.reason for each in judge(reports, Policy())]


def simulate(
    root: Path,
    handler: Handler,
    *,
    features: Sequence[str] = ("a",),
    limits: Limits = Limits(),  # noqa: B008  # immutable
    cancel: float | None = None,
    again: float | None = None,
    latency: float = 0.1,
    options: RunOptions = RunOptions(),  # noqa: B008  # immutable
    vendor: Testifly | None = None,
) -> Simulation:
    """Simulate `command: run`.

    `cancel` cancels the step this many seconds after its start, and `again` a second time.
    """

    async def main(loop: SimulatedLoop) -> Simulation:
        desk = Desk(loop, FakeTransport(handler, latency), limits, root)
        began = loop.time()
        for seconds in (cancel, again):
            if seconds is not None:
                loop.call_at(began + seconds, desk.halt.request, Conclusion.CANCELLED)
        provider = vendor or Testifly(features)
        begins: list[Target | Run] = [*provider.targets(), *provider.attached()]
        marked = options._replace(mark=lambda: "mark-1")
        reports = await run_all(begins, marked, desk.context(provider, several=len(begins) > 1))
        desk.halt.close()
        await asyncio.sleep(0)
        return Simulation(reports, desk, loop.time() - began)

    return play(main)


def after(seconds: float, word: str = "Success", before: str = "InProgress") -> Callable[[str, float], str]:
    """A script of a job that ends after this time."""
    return lambda _job, age: word if age >= seconds else before


Fault = Callable[[Request, float], Answer | None]
"""Gives an answer or an exception instead of the server's answer, or None."""


def faulty(server: Server, *faults: Fault) -> Handler:
    """The server, except for requests to which one of the faults applies."""

    def handler(request: Request, now: float) -> Answer:
        for fault in faults:
            found = fault(request, now)
            if found is not None:
                return found
        return server(request, now)

    return handler


async def silence() -> Reply:
    """Never answer."""
    await asyncio.sleep(1e9)
    raise AssertionError


def silent_after(server: Server, seconds: float) -> Handler:
    """The server, until it stops answering at this simulated time."""
    return lambda request, now: silence() if now > BEGIN + seconds else server(request, now)


def lost_trigger(server: Server, lose: Callable[[Request], Answer] = dropped) -> Fault:
    """Triggers arrive at the server, but their answers are lost."""

    def fault(request: Request, now: float) -> Answer | None:
        if not request.url.endswith("/testExecution/p1"):
            return None
        server(request, now)
        return lose(request)

    return fault


def once(fits: Callable[[Request], bool], status: int) -> Fault:
    """Refuse the first request that fits with this status."""
    left = [status]
    return lambda request, _now: answer(request, {"error": "no"}, left.pop()) if left and fits(request) else None


def stops_ours(run: Run, why: Conclusion) -> bool:
    """The default of the inputs: runs that we started are stopped."""
    del why
    return run.origin is Origin.STARTED


STOPPING = RunOptions(stop_at=stops_ours)
