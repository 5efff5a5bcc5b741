"""What happens to a request on its way: a fate for each request, chosen at random by the seed."""

import random
from collections.abc import Callable
from typing import NamedTuple

from testgate.errors import Unanswered
from testgate.wire import Reply, Request
from tests.support.simulated import answer, dropped, page, refused

Answered = Callable[[Request, Reply | None], Reply | Unanswered | None]


class Fate(NamedTuple):
    """The seconds until a request takes effect (None: never), and then until an answer comes back.

    Without `back` the true answer comes back. A `back` that returns None means silence.
    """

    arrives: float | None
    returns: float
    back: Answered | None = None


class Outage(NamedTuple):
    """A period, in seconds since the start, in which every request has a fate of this kind."""

    begins: float
    ends: float
    kind: str


GARBAGE: tuple[bytes, ...] = (
    b"",
    b"[]",
    b"null",
    b"7",
    b"{}",
    b'{"id": ',
    b'{"id": 999999999, "status": "STATUS_COMPLETED", "result": "SUCCESS"}',
    b'{"id": null, "testCases": 3, "content": {"content": 1}}',
    b"<html>Sign in</html>",
    b"\xff\xfe\x00",
    b"[" * 3000,
    b'{"error": "::error::%s"}',
)
KINDS = (
    *("refused", "reset before", "reset after", "silence", "late", "slow", "gateway", "gateway after"),
    *("rate", "rate for long", "forbidden", "unknown", "garbage", "garbage after", "echo"),
)
OUTAGES = ("refused", "silence", "gateway", "rate", "garbage", "reset before", "forbidden")


def fate(kind: str, chance: random.Random) -> Fate:  # noqa: C901, PLR0911, PLR0912  # a row a kind
    """A fate of this kind."""
    soon, back = chance.uniform(0.01, 0.3), chance.uniform(0.01, 0.3)
    body = chance.choice(GARBAGE)
    status = chance.choice((500, 502, 503, 504))
    match kind:
        case "refused":
            return Fate(None, back, lambda request, _reply: refused(request))
        case "reset before":
            return Fate(None, back, lambda request, _reply: dropped(request))
        case "reset after":
            return Fate(soon, back, lambda request, _reply: dropped(request))
        case "silence":
            return Fate(chance.choice((None, soon)), back, lambda _request, _reply: None)
        case "late":
            return Fate(chance.uniform(5, 60), back, lambda _request, _reply: None)
        case "slow":
            return Fate(chance.uniform(0, 10), chance.uniform(0, 10))
        case "gateway":
            return Fate(None, back, lambda request, _reply: page(request, status))
        case "gateway after":
            return Fate(soon, back, lambda request, _reply: page(request, status))
        case "rate" | "rate for long":
            wish = {"retry-after": chance.choice(("1", "7", "", "-3", "soon", "99999999999"))} if " " in kind else {}
            return Fate(None, back, lambda request, _reply: answer(request, {"error": "slow down"}, 429, wish))
        case "forbidden":
            return Fate(None, back, lambda request, _reply: answer(request, {}, chance.choice((401, 403))))
        case "unknown":
            return Fate(None, back, lambda request, _reply: answer(request, {}, chance.choice((404, 409, 422))))
        case "garbage" | "garbage after":
            arrives = soon if " " in kind else None
            return Fate(arrives, back, lambda request, _reply: Reply(200, {}, _no_lie(request, body), request))
        case "echo":
            return Fate(None, back, _echo)
    raise AssertionError(kind)


def _no_lie(request: Request, body: bytes) -> bytes:
    """The nonsense, unless it is a credible lie: nobody could notice that a start created another run than it says."""
    return b"{}" if request.method == "POST" and b"999999999" in body else body


def _echo(request: Request, _reply: Reply | None) -> Reply:
    """An error of a server that repeats the whole request, including the key."""
    key = request.credential.value if request.credential else ""
    return answer(request, {"error": f"bad request {request.label} with {key}"}, 500)


class Trouble:
    """Decides the fate of each request in turn."""

    def __init__(self, seed: int, rate: float, outages: tuple[Outage, ...]) -> None:
        self._seed = seed
        self._rate = rate
        self._outages = outages
        self._number = 0

    def of(self, seconds: float) -> tuple[str, Fate]:
        """The fate of the next request, sent this many seconds after the start, and its kind."""
        self._number += 1
        chance = random.Random(f"{self._seed} request {self._number}")  # noqa: S311  # a play, not a secret
        kind = next((outage.kind for outage in self._outages if outage.begins <= seconds < outage.ends), "")
        if not kind and chance.random() < self._rate:
            kind = chance.choice(KINDS)
        if not kind:
            return "", Fate(chance.uniform(0.01, 0.2), chance.uniform(0.01, 0.2))
        return kind, fate(kind, chance)
