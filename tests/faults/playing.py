"""Plays a whole step, from its environment to its exit code, on a simulated clock and a simulated network."""

import asyncio
import io
import itertools
import random
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from testgate.composition.step import run_step
from testgate.demo.exchange import RawReply
from testgate.edges.signals import Signals
from testgate.edges.world import World
from testgate.errors import Unanswered
from testgate.wire import Reply, Request
from tests.faults.endpoints import BUILD, STARTS, TRIGGER, UPLOAD, Endpoint
from tests.faults.kinds import BY_NAME, NOT_ARRIVED, Kind
from tests.faults.systems import Systems, inputs
from tests.support.simulated import SimulatedLoop
from tests.support.step import read_commands

T = TypeVar("T")
LATENCY_SECONDS = 0.1
CONTENT = b"the build under test " * 5000


class Network:
    """The platform and test management, with one fault at one endpoint. `times` holds every request with its time."""

    def __init__(self, endpoint: Endpoint, kind: Kind | None, *, lasts: bool) -> None:
        self.systems = Systems(endpoint)
        self.times: list[tuple[float, Request]] = []
        self.hits = 0
        self._seen = 0
        self._arrived: Counter[str] = Counter()
        self._endpoint, self._kind, self._lasts = endpoint, kind, lasts

    @property
    def may_have_arrived(self) -> int:
        """The number of starts of one kind that may have arrived: triggers, or creations of a test run."""
        return max(self._arrived.values(), default=0)

    def sent(self, endpoint: Endpoint) -> int:
        """The number of requests to an endpoint."""
        return sum(endpoint.matches(request.method, request.url) for _at, request in self.times)

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        """Answer as the platform does, or play the fault: see `ports.Transport`."""
        self.times.append((asyncio.get_running_loop().time(), request))
        await asyncio.sleep(LATENCY_SECONDS)
        kind = self._fault(request)
        if not (kind and (kind.name in NOT_ARRIVED or kind.limits)):
            self._arrived.update(each.name for each in STARTS if each.matches(request.method, request.url))
        if kind is None or (kind.name == "redirect-same" and request.method == "GET"):  # the transport follows it
            return _reply(self._handled(request), request)
        answer = self._handled(request) if kind.handles else RawReply()
        if kind.silent:
            await asyncio.sleep(timeout_seconds - LATENCY_SECONDS)
            raise Unanswered(f"{request.label} got no answer within {timeout_seconds:g} s", maybe_arrived=True)
        if kind.lose is not None:
            raise kind.lose(request)
        assert kind.alter is not None
        return _reply(kind.alter(answer), request)

    def _fault(self, request: Request) -> Kind | None:
        """The fault that this request meets, if any."""
        if self._endpoint.lost_trigger and TRIGGER.matches(request.method, request.url):
            return BY_NAME["reset-after"]
        if self._endpoint.held_trigger and TRIGGER.matches(request.method, request.url):
            return BY_NAME["silence"]
        if self._endpoint.lost_upload and UPLOAD.matches(request.method, request.url):
            return BY_NAME["reset-after"]
        if self._kind is None or not self._endpoint.matches(request.method, request.url):
            return None
        self._seen += 1
        self.hits = self._seen - self._endpoint.spared
        return self._kind if self.hits == 1 or (self._lasts and self.hits > 1) else None

    def _handled(self, request: Request) -> RawReply:
        """The answer of the system itself."""
        return self.systems.answer(request, asyncio.get_running_loop().time() - 1000.0)


def _reply(answer: RawReply, request: Request) -> Reply:
    """The answer as the transport returns it."""
    headers = {"content-type": answer.content_type, **{name.lower(): text for name, text in answer.headers.items()}}
    return Reply(answer.status, headers, answer.body, request)


class Ended(NamedTuple):
    """What a step left behind. `unheard` collects errors of forgotten tasks, once those are garbage-collected."""

    code: int
    log: str
    folder: Path
    network: Network
    seconds: float
    unheard: list[str]

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs, read as the runner reads them."""
        return read_commands((self.folder / "output").read_text(encoding="utf-8"))

    @property
    def state(self) -> dict[str, str]:
        """The state that a cleanup receives."""
        return read_commands((self.folder / "state").read_text(encoding="utf-8"))

    @property
    def red_cases(self) -> int:
        """The number of failures and errors in the JUnit report, which must exist and be complete."""
        root = ET.parse(self.folder / "testgate-report" / "junit.xml").getroot()  # noqa: S314  # our own file
        return len(root.findall(".//failure")) + len(root.findall(".//error"))

    @property
    def going_on(self) -> list[str]:
        """The ids of the runs that are still running on the platform."""
        return self.network.systems.going_on(self.seconds)

    @property
    def warned(self) -> bool:
        """Whether a warning says that the record is incomplete."""
        return "::warning title=Test management::" in self.log

    @property
    def remedy(self) -> str:
        """The remedy in the log; empty if there is none."""
        mark = "  What to do: "
        return next((line.partition(mark)[2] for line in self.log.splitlines() if line.startswith(mark)), "")


def play(
    folder: Path,
    endpoint: Endpoint,
    kind: Kind | None,
    *,
    lasts: bool = True,
    wall_clock: Callable[[], float] = lambda: 1_700_000_000.0,
    **more: str,
) -> Ended:
    """Play a step in an empty folder."""
    loop = SimulatedLoop()
    unheard: list[str] = []
    loop.set_exception_handler(lambda _loop, context: unheard.append(str(context)))
    network = Network(endpoint, kind, lasts=lasts)
    if endpoint.brings:
        (folder / BUILD).write_bytes(CONTENT)
    stream = io.StringIO()
    tokens = (f"{number:016x}" for number in itertools.count(1))
    chances = random.Random(1)  # noqa: S311  # the same play each time

    def run(main: Coroutine[Any, Any, T]) -> T:
        return loop.run_until_complete(main)

    world = World(
        _environment(folder, endpoint, more),
        stream,
        folder,
        Signals(),
        monotonic=loop.time,
        wall_clock=wall_clock,
        chance=chances.random,
        token=lambda: next(tokens),
        transport=lambda *_given: network,
        run_loop=run,
    )
    try:
        code = run_step(world)
        left = [task for task in asyncio.all_tasks(loop) if not task.done()]
        assert not left, f"tasks left behind: {left}"
        return Ended(code, stream.getvalue(), folder, network, loop.time() - 1000.0, unheard)
    finally:
        loop.close()


def _environment(folder: Path, endpoint: Endpoint, more: dict[str, str]) -> dict[str, str]:
    """The environment of a step on GitHub Actions with the default limits."""
    given = {**inputs(endpoint), **{name.replace("_", "-"): value for name, value in more.items()}}
    return {
        **{f"INPUT_{name.upper()}": value for name, value in given.items()},
        "GITHUB_ACTIONS": "true",
        "GITHUB_RUN_ID": "4711",
        "GITHUB_JOB": "faults",
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STATE": str(folder / "state"),
        "GITHUB_STEP_SUMMARY": str(folder / "step-summary"),
    }
