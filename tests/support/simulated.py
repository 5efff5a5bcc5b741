"""A loop whose clock jumps to the next event, and fakes of the ports: half an hour is played in milliseconds."""

import asyncio
import io
import json
import selectors
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from testgate.errors import Unanswered
from testgate.platforms.plain import Plain
from testgate.ports import Provider
from testgate.runs.context import RunContext
from testgate.runs.diagnosing import Diagnosis
from testgate.runs.engine import Engine, Limits
from testgate.runs.halt import Halt
from testgate.runs.polling import Poller
from testgate.runs.progress import Progress
from testgate.wire import Reply, Request
from tests.support.steps import step_of
from tests.support.surroundings import surroundings

T = TypeVar("T")


class _JumpingSelector(selectors.SelectSelector):
    """Waits for nothing: the time that would be slept is added to the clock."""

    def __init__(self) -> None:
        """Begin at a time that is not zero, as real clocks do."""
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Jump over the time to wait; a wait without end is a test that hangs."""
        if timeout is None:
            raise AssertionError("nothing will ever happen again on the simulated loop")
        self.now += max(0.0, timeout)
        return super().select(0)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """The standard loop on the jumping clock."""

    def __init__(self) -> None:
        """Make loop and clock."""
        self.clock = _JumpingSelector()
        super().__init__(self.clock)

    def time(self) -> float:
        """The simulated time in seconds."""
        return self.clock.now


def play(main: Callable[[SimulatedLoop], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on a new simulated loop; whatever it forgot is an error."""
    loop = SimulatedLoop()
    problems: list[Mapping[str, Any]] = []
    loop.set_exception_handler(lambda _loop, context: problems.append(context))
    try:
        result = loop.run_until_complete(main(loop))
        left = [task for task in asyncio.all_tasks(loop) if not task.done()]
        assert not left, f"tasks left behind: {left}"
    finally:
        loop.close()
    assert not problems, f"the loop was told of: {problems}"
    return result


Answer = Reply | Exception
Handler = Callable[[Request, float], Answer | Awaitable[Answer]]


def answer(request: Request, data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON answer."""
    return Reply(status, {"content-type": "application/json", **(headers or {})}, json.dumps(data).encode(), request)


def page(request: Request, status: int = 503, text: str = "<html><h1>Bad gateway</h1></html>") -> Reply:
    """An answer of something in between that speaks HTML."""
    return Reply(status, {"content-type": "text/html"}, text.encode(), request)


def refused(request: Request) -> Unanswered:
    """Nobody listened: the request never left."""
    return Unanswered(f"{request.label}: no connection (connection refused)", maybe_arrived=False)


def dropped(request: Request) -> Unanswered:
    """The connection broke after the request had left."""
    return Unanswered(f"{request.label}: the connection broke (reset by peer)", maybe_arrived=True)


@dataclass
class FakeTransport:
    """Answers by a function of request and time, each after `latency` simulated seconds."""

    handler: Handler
    latency: float = 0.1
    sent: list[tuple[float, Request]] = field(default_factory=list)

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        """Answer, or raise what the handler gives; never later than the time-out."""
        now = asyncio.get_running_loop().time()
        self.sent.append((now, request))
        try:
            async with asyncio.timeout(timeout_seconds):
                await asyncio.sleep(self.latency)
                result = self.handler(request, now)
                if isinstance(result, Awaitable):
                    result = await result
        except TimeoutError:
            raise Unanswered(
                f"{request.label} got no answer within {timeout_seconds:g} s", maybe_arrived=True
            ) from None
        if isinstance(result, Exception):
            raise result
        return result

    def count(self, method: str, ending: str = "") -> int:
        """How many requests of this method went to a URL with this ending."""
        return sum(1 for _at, each in self.sent if each.method == method and each.url.endswith(ending))

    def times(self, method: str) -> Sequence[float]:
        """When requests of this method were sent."""
        return [at for at, each in self.sent if each.method == method]


@dataclass
class Desk:
    """A console, a journal and an engine for one play. `log` is what was printed."""

    loop: asyncio.AbstractEventLoop
    transport: FakeTransport
    limits: Limits
    root: Any
    stream: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        """Put the parts together as the command line does."""
        began = self.loop.time()
        step = step_of(Plain(surroundings({})), self.root, self.stream, clock=self.loop.time)
        self.console, self.journal = step.console, step.journal
        self.halt = Halt(began + self.limits.timeout)
        self.engine = Engine(self.transport, self.limits, self.console, self.halt, chance=lambda: 0.5, redact=str)

    @property
    def log(self) -> str:
        """All that was printed."""
        return self.stream.getvalue()

    def context(self, provider: Provider, *, several: bool = False) -> RunContext:
        """Everything that a workflow works with."""
        return RunContext(
            provider=provider,
            engine=self.engine,
            poller=Poller(self.engine, provider),
            journal=self.journal,
            progress=Progress(self.console, self.loop.time, several=several),
            diagnosis=Diagnosis(provider, self.engine, str),
        )
