"""Writes comments against stand-ins on a simulated clock, with faults in between."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from testgate.demo.exchange import Recorded
from testgate.forges import load
from testgate.forges.place import Place
from testgate.ports import Build
from testgate.ports.forge import Forge
from testgate.publishing.commenting import Comments
from testgate.publishing.marker import Marker
from testgate.runs.engine import Limits
from testgate.wire import Call, Reply, Request
from tests.forges.standins import TOKEN, StandIn
from tests.support.simulated import Answer, Desk, FakeTransport, play

T = TypeVar("T")

MARKER = Marker("a" * 32, "b" * 32, "500", 1)
BUILD = Build(change="12", branch="feature/login", commit="ffac537e6cbbf934b08745a378932722df287a53")
Fault = Callable[[Request, Callable[[], Reply]], Answer | None]
"""What happens to a request instead; None lets it through. The function hands it to the server."""


def forge_on(name: str, server: StandIn, build: Build = BUILD, token: str = TOKEN) -> Forge:
    """The adapter, as a job on this forge makes it."""
    entry = load(name)
    place = entry.place(server.environ, build)
    assert isinstance(place, Place)
    return entry.build(place, token)


def handed(server: StandIn, request: Request) -> Reply:
    """The server's reply to a request."""
    headers = {request.credential.header.lower(): request.credential.value} if request.credential else {}
    body = json.loads(json.dumps(request.body)) if request.body is not None else None
    parts = urlsplit(request.url)
    query = {**dict(parse_qsl(parts.query)), **request.query}
    reply = server.answer(Recorded(request.method, parts.path, query, headers, body, b"", 0.0), 0.0)
    return Reply(reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.body, request)


class Played:
    """The result of writing comments: what was said, or the error, of each writer; and how long it took."""

    def __init__(self, said: Sequence[str | Exception], seconds: float, log: str) -> None:
        self.said = said
        self.seconds = seconds
        self.log = log

    @property
    def only(self) -> str | Exception:
        """What the only writer said."""
        (said,) = self.said
        return said


def written(
    folder: Path,
    name: str,
    server: StandIn,
    *faults: Fault,
    bodies: Sequence[str] = ("hello",),
    marker: Marker = MARKER,
    markers: Sequence[Marker] = (),
    build: Build = BUILD,
    only_changes: bool = False,
    green: bool = False,
    latency: float = 0.1,
    simulated: bool = True,
) -> Played:
    """Let a writer write each of these texts, all at the same time.

    With `markers`, each of them has its own. Only on a clock that isn't `simulated`, answers can be so large that they
    are read in a thread.
    """
    left = list(faults)

    def handler(request: Request, _now: float) -> Answer | Awaitable[Answer]:
        for fault in left:
            answer = fault(request, lambda: handed(server, request))
            if answer is not None:
                return answer
        return handed(server, request)

    async def main(loop: asyncio.AbstractEventLoop) -> Played:
        desk = Desk(loop, FakeTransport(handler, latency), Limits(), folder)
        began = loop.time()

        async def ask(call: Call[T]) -> T:
            return await desk.engine.ask(call, closing=True)

        async def one(text: str, marker: Marker) -> str | Exception:
            comments = Comments(
                forge_on(name, server, build),
                ask,
                lambda room: text[:room],
                marker,
                only_changes=only_changes,
                green=green,
            )
            try:
                return await comments.post()
            except Exception as error:  # noqa: BLE001  # the test says which
                return error

        said = await asyncio.gather(*map(one, bodies, markers or [marker] * len(bodies)))
        desk.halt.close()
        return Played(said, loop.time() - began, desk.log)

    if simulated:
        return play(main)
    with asyncio.Runner() as runner:
        return runner.run(main(runner.get_loop()))
