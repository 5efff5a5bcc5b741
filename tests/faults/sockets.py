"""The platform on a real socket, with one fault at one endpoint, byte by byte."""

import functools
import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

from testgate.demo.exchange import RawReply, Recorded
from testgate.demo.testsigma.app import Testsigma
from tests.faults.endpoints import Endpoint
from tests.faults.kinds import SAME_ORIGIN, Kind
from tests.support.raw_server import Conversation, RawServer, serving
from tests.support.step import KEY

SPEED = 40.0  # simulated seconds per second of the clock: a run of 20 s takes half a second
_MEGABYTE = 1 << 20
_LARGE = 101 * _MEGABYTE


class Platform:
    """Plays the platform for one step.

    `hits` counts the requests that met the fault, `triggers` the triggers that may have taken effect.
    """

    def __init__(self, endpoint: Endpoint, kind: Kind, *, lasts: bool) -> None:
        self.app = Testsigma(endpoint.scenario, key=KEY)
        self.requests: list[Recorded] = []
        self.hits = 0
        self.triggers = 0
        self.server: RawServer | None = None
        self._endpoint, self._kind, self._lasts = endpoint, kind, lasts
        self._began = time.monotonic()
        self._moved: Recorded | None = None
        self._lock = threading.Lock()

    def talk(self, talk: Conversation) -> None:
        """Serve one connection until it ends."""
        while heard := talk.listen():
            request = _parsed(heard)
            with self._lock:
                request = self._unmoved(request)
                self.requests.append(request)
                spoilt = self._spoils(request)
                now = (request.at - self._began) * SPEED
                handled = not spoilt or self._kind.handles
                answer = self.app.answer(request, now) if handled else RawReply()
            if not spoilt:
                talk.say(encoded(answer))
                continue
            how = _HOW.get(self._kind.name)
            if how is not None:
                how(self, talk, answer)
                return
            assert self._kind.alter is not None
            talk.say(encoded(self._kind.alter(answer)))

    def _spoils(self, request: Recorded) -> bool:
        """Whether this request meets the fault."""
        met = self._endpoint.matches(request.method, request.path) and request is not self._moved
        spoilt = met and (self._lasts or not self.hits)
        self.hits += spoilt
        self.triggers += request.method == "POST" and not (spoilt and self._kind.limits)
        return spoilt

    def _unmoved(self, request: Recorded) -> Recorded:
        """The request, or the original one if this follows a redirect on this server."""
        if request.path == SAME_ORIGIN:
            asked = self.requests[-1]
            self._moved = request._replace(path=asked.path, query=asked.query)
            return self._moved
        return request

    def vanish(self) -> None:
        """Stop listening."""
        assert self.server is not None
        self.server.stop_listening()


def encoded(answer: RawReply, length: int | None = None) -> bytes:
    """An answer as bytes on the wire; `length` replaces the announced length of the body."""
    headers = {
        "Content-Type": answer.content_type,
        "Content-Length": str(len(answer.body) if length is None else length),
        **answer.headers,
    }
    lines = [f"HTTP/1.1 {answer.status} Answer", *(f"{name}: {text}" for name, text in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + answer.body


def _parsed(heard: bytes) -> Recorded:
    """A request in the form that the platform reads."""
    head, _, raw = heard.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ", 2)
    parts = urlsplit(target)
    headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines)}
    body = json.loads(raw) if raw else None
    return Recorded(method, parts.path, dict(parse_qsl(parts.query)), headers, body, raw, time.monotonic())


def _gone(platform: Platform, talk: Conversation, _answer: RawReply) -> None:
    """Refuse every connection from now on."""
    platform.vanish()
    talk.reset()


def _reset(_platform: Platform, talk: Conversation, _answer: RawReply) -> None:
    """Reset the connection."""
    talk.reset()


def _silent(_platform: Platform, talk: Conversation, _answer: RawReply) -> None:
    """Never answer."""
    talk.pause(300)


def _cut(_platform: Platform, talk: Conversation, answer: RawReply) -> None:
    """Send half of the body."""
    talk.say(encoded(answer._replace(body=answer.body[: len(answer.body) // 2]), len(answer.body)))


def _drip(_platform: Platform, talk: Conversation, _answer: RawReply) -> None:
    """Send a body one byte at a time."""
    talk.say(encoded(RawReply(), 10_000))
    for _byte in range(10_000):
        talk.say(b" ")
        talk.pause(0.05)


def _flood(_platform: Platform, talk: Conversation, _answer: RawReply) -> None:
    """Send a body above the limit."""
    talk.say(encoded(RawReply(), _LARGE))
    for _each in range(_LARGE // _MEGABYTE):
        talk.say(b" " * _MEGABYTE)


def _bomb(_platform: Platform, talk: Conversation, _answer: RawReply) -> None:
    """Send a small body that decompresses to one above the limit."""
    talk.say(encoded(RawReply(body=_compressed(), headers={"Content-Encoding": "gzip"})))


@functools.cache
def _compressed() -> bytes:
    """A body above the limit, compressed."""
    return gzip.compress(b" " * _LARGE, 1)


_HOW: dict[str, Callable[[Platform, Conversation, RawReply], None]] = {
    "refused": _gone,
    "reset-before": _reset,
    "reset-after": _reset,
    "silence": _silent,
    "truncated": _cut,
    "huge": _flood,
    "drip": _drip,
    "gzip-bomb": _bomb,
}


@contextmanager
def platform(endpoint: Endpoint, kind: Kind, *, lasts: bool, certificate: str = "") -> Iterator[tuple[Platform, str]]:
    """Serve the platform; yields it with its base URL."""
    played = Platform(endpoint, kind, lasts=lasts)
    with serving(played.talk, certificate=certificate) as server:
        played.server = server
        yield played, f"{server.url}{Testsigma.base}"
