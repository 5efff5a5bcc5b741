"""An event loop whose clock jumps to the next event, and fakes of the ports: half an hour passes in milliseconds."""

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
    """Never waits: it adds the time to wait to its clock."""

    def __init__(self) -> None:
        """Start at a time other than zero, like a real clock."""
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Skip the time to wait; waiting without end means that the test hangs."""
        if timeout is None:
            raise AssertionError("nothing will ever happen again on the simulated loop")
        self.now += max(0.0, timeout)
        return super().select(0)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """The standard loop, with a clock that jumps."""

    def __init__(self) -> None:
        self.clock = _JumpingSelector()
        super().__init__(self.clock)

    def time(self) -> float:
        """The simulated time in seconds."""
        return self.clock.now


def play(main: Callable[[SimulatedLoop], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on a new simulated loop; tasks left behind and unhandled errors fail the test."""
    loop = SimulatedLoop()
    problems: list[Mapping[str, Any]] = []
    loop.set_exception_handler(lambda _loop, context: problems.append(context))
    try:
        result = loop.run_until_complete(main(loop))
        left = [task for task in asyncio.all_tasks(loop) if not task.done()]
        assert not left, f"tasks left behind: {left}"
    finally:
        loop.close()
    assert not problems, f"unhandled errors: {problems}"
    return result


Answer = Reply | Exception
Handler = Callable[[Request, float], Answer | Awaitable[Answer]]


def answer(request: Request, data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON answer."""
    return Reply(status, {"content-type": "application/json", **(headers or {})}, json.dumps(data).encode(), request)


def page(request: Request, status: int = 503, text: str = "<html><h1>Bad gateway</h1></html>") -> Reply:
    """An HTML answer, as a gateway sends it."""
    return Reply(status, {"content-type": "text/html"}, text.encode(), request)


def refused(request: Request) -> Unanswered:
    """The connection was refused: the request never left."""
    return Unanswered(f"{request.label}: no connection (connection refused)", maybe_arrived=False)


def dropped(request: Request) -> Unanswered:
    """The connection broke after the request had left."""
    return Unanswered(f"{request.label}: the connection broke (reset by peer)", maybe_arrived=True)


@dataclass
class FakeTransport:
    """Answers with a function of request and time, after `latency` simulated seconds."""

    handler: Handler
    latency: float = 0.1
    sent: list[tuple[float, Request]] = field(default_factory=list)

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        """Answer, or raise the exception of the handler; respects the timeout."""
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
        """The number of requests with this method to URLs with this ending."""
        return sum(1 for _at, each in self.sent if each.method == method and each.url.endswith(ending))

    def times(self, method: str) -> Sequence[float]:
        """The times of the requests with this method."""
        return [at for at, each in self.sent if each.method == method]


@dataclass
class Desk:
    """A console, a journal and an engine for one simulation."""

    loop: asyncio.AbstractEventLoop
    transport: FakeTransport
    limits: Limits
    root: Any
    stream: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        """Put the parts together as the program does."""
        began = self.loop.time()
        step = step_of(Plain(surroundings({})), self.root, self.stream, clock=self.loop.time)
        self.console, self.journal = step.console, step.journal
        self.halt = Halt(began + self.limits.timeout)
        self.engine = Engine(self.transport, self.limits, self.console, self.halt, chance=lambda: 0.5, redact=str)

    @property
    def log(self) -> str:
        """Everything that was printed."""
        return self.stream.getvalue()

    def context(self, provider: Provider, *, several: bool = False) -> RunContext:
        """The context of a workflow."""
        return RunContext(
            provider=provider,
            engine=self.engine,
            poller=Poller(self.engine, provider),
            journal=self.journal,
            progress=Progress(self.console, self.loop.time, several=several),
            diagnosis=Diagnosis(provider, self.engine, str),
        )
