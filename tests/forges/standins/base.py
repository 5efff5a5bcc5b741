"""What all stand-ins have: comments of several authors, pull requests, a token, and a limit for texts."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple
from urllib.parse import unquote

from testgate.demo.exchange import RawReply, Recorded, json_reply

TOKEN = "forge-token-0123456789"
ME, OTHER = "7", "8"  # authors: the owner of the token, and somebody else
CHANGE = "12"


class Pull(NamedTuple):
    """A pull request."""

    number: int
    sha: str = "ffac537e6cbbf934b08745a378932722df287a53"
    branch: str = "feature/login"
    open: bool = True
    owner: str = "shop"


@dataclass
class Stored:
    """A comment on the server."""

    number: int
    body: str
    author: str
    deleted: bool = False


class Asked(NamedTuple):
    """A request in parts: the segments of its path below the API, decoded."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass
class StandIn(ABC):
    """A server. `writes` says whether the token may write; `knows_itself` whether it may ask who it is."""

    api: ClassVar[str] = ""
    longest: ClassVar[int] = 65_536
    environ: ClassVar[Mapping[str, str]] = {}

    writes: bool = True
    knows_itself: bool = True
    limit: int = 0
    pulls: list[Pull] = field(default_factory=lambda: [Pull(int(CHANGE))])
    stored: list[Stored] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    # What the simulator's server wants to know.
    faults: Sequence[Any] = ()
    runs: Sequence[Any] = ()
    date_shift_seconds: float = 0.0
    base: str = ""

    def add(self, body: str, author: str = ME) -> Stored:
        """Store a comment, with the next id."""
        self.stored.append(Stored(101 + len(self.stored), body, author))
        return self.stored[-1]

    @property
    def bodies(self) -> list[str]:
        """The texts of the comments that are left."""
        return [each.body for each in self.stored if not each.deleted]

    def count(self, method: str) -> int:
        """How many requests with this method arrived."""
        return sum(each.method == method for each in self.asked)

    def answer(self, request: Recorded, now: float) -> RawReply:
        """The reply; `now` doesn't matter."""
        del now
        below = request.path.removeprefix(self.base or _path_of(self.api)).strip("/")
        path = tuple(unquote(part) for part in below.split("/"))
        asked = Asked(request.method, path, request.query, request.headers, request.body)
        self.asked.append(asked)
        if not self.knows(request.headers):
            return self.refusal(401, "Bad credentials")
        return self.route(asked)

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether the token is in the headers as the forge documents it."""
        return headers.get("authorization") == f"Bearer {TOKEN}"

    @abstractmethod
    def route(self, asked: Asked) -> RawReply:
        """The reply to a request with a good token."""

    def refusal(self, status: int, message: str) -> RawReply:
        """A refusal in the forge's form."""
        return json_reply({"message": message}, status)

    def too_long(self, body: str) -> bool:
        """Whether a text is refused for its length."""
        return len(body) > (self.limit or self.longest)

    def of(self, number: str) -> Stored | None:
        """The comment with this id."""
        return next((each for each in self.stored if str(each.number) == number and not each.deleted), None)


def _path_of(url: str) -> str:
    """The path of a URL."""
    return "/" + url.split("/", 3)[3] if url.count("/") > 2 else ""


def text_in(body: Any, *path: str) -> str:  # noqa: ANN401  # JSON of any shape
    """The text at this path of a request's body; a request without it fails the test."""
    for name in path:
        body = body[name]
    assert isinstance(body, str), json.dumps(body)
    return body
