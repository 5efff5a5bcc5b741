"""Lies: one field of one answer of an honest world is contradicted, once or every time that answer is given."""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from testgate.wire import Reply, Request
from tests.support.simulated import Answer

Handler = Callable[[Request, float], Answer]
Path = tuple[str | int, ...]

_KINDS = (
    "poll",
    "over",
    "over",
    "over",
    "list",
    "list",
    "list",
    "start",
    "rerun",
    "rerun",
    "details",
    "runs",
    "job",
    "report",
)
# Method, part of the path, kind; the first that matches.
_ANSWERS = (
    ("GET", "/step_results", "steps"),
    ("GET", "/v1/test_case_results", "details"),
    ("GET", "/test_case_results", "list"),
    ("GET", "/test_plan_results", "runs"),
    ("GET", "/execution_results/", "poll"),
    ("POST", "/execution_results", "start"),
    ("POST", "/testExecution/", "start"),
    ("POST", "/jobs/", "job"),
    ("GET", "/testRun/", "report"),
)
_WORDS = (
    *("SUCCESS", "PASSED", "FAILURE", "FAILED", "STOPPED", "ABORTED", "NOT_EXECUTED", "SKIPPED", "QUEUED", "RUNNING"),
    *("PRE_REQUISITE_FAILURE", "LICENSE_EXPIRED", "success", "Passed", "Success", "Completed", "InProgress", "Skipped"),
    *("STATUS_COMPLETED", "STATUS_IN_PROGRESS", "Failed", "failed", "", " ", "NULL", "²"),
)
_GOOD = ("SUCCESS", "PASSED", "STATUS_COMPLETED", "Success", "Passed", "Completed", "SKIPPED")
_NUMBERS = (-1, 0, 1, 2, 10**12, 1.0, 1.5, "1", "1.0", "-1", "07", "²", "1e3", "x" * 5000)
_NAMES_OF_RUN = (("id",), ("jobId",))  # a start that names another run of the plan: nobody could notice
_OTHERS: tuple[object, ...] = (None, True, False, [], {}, [{}], {"id": 90}, [None])


class Lie(NamedTuple):
    """A lie that was told: about which field of which kind of answer, and what was said in its place."""

    kind: str
    path: Path
    true: object
    told: object
    lasting: bool

    @property
    def field(self) -> str:
        """The field's name, without the numbers of rows."""
        return next((str(step) for step in reversed(self.path) if isinstance(step, str)), "")

    def __str__(self) -> str:
        """The lie in a line."""
        often = "always" if self.lasting else "once"
        where = ".".join(map(str, self.path))
        return f"{self.kind}: {where} is {shortened(self.told)} instead of {shortened(self.true)}, {often}"


class Liar:
    """An honest platform with one lie. `lie` is None until it has been told."""

    def __init__(self, honest: Handler, seed: int) -> None:
        self._honest = honest
        self._chance = random.Random(f"{seed} lie")  # noqa: S311  # a play, not a secret
        self._kind = self._chance.choice(_KINDS)
        self._turns = self._chance.choice((0, 0, 0, 1))
        self._lasting = self._chance.random() < 0.6
        self._url = ""
        self.lie: Lie | None = None

    def __call__(self, request: Request, now: float) -> Answer:
        """The honest answer, or the lie in its place."""
        reply = self._honest(request, now)
        if not isinstance(reply, Reply) or not reply.successful or kind_of(request, reply) != self._kind:
            return reply
        if self.lie is None:
            if self._turns:
                self._turns -= 1
                return reply
            return self._begin(request, reply)
        if self._lasting and request.url == self._url:
            return _told(reply, self.lie)
        return reply

    def _begin(self, request: Request, reply: Reply) -> Reply:
        """Lie for the first time."""
        path, true = self._place(json.loads(reply.body))
        while self._kind == "start" and path[:1] in _NAMES_OF_RUN:
            path, true = self._place(json.loads(reply.body))
        self._url = request.url
        self.lie = Lie(self._kind, path, true, self._instead_of(path, true), self._lasting)
        return _told(reply, self.lie)

    def _place(self, data: Any) -> tuple[Path, Any]:  # noqa: ANN401  # JSON
        """The field to lie about: rather a field of the answer than one deep inside of it."""
        path: Path = ()
        while isinstance(data, dict | list) and data:
            if path and self._chance.random() < 0.25:
                break
            step = self._chance.choice(list(data) if isinstance(data, dict) else range(len(data)))
            path, data = (*path, step), data[step]
        return path, data

    def _instead_of(self, path: Path, true: Any) -> object:  # noqa: ANN401  # JSON
        """Something else than the truth; `_DROPPED` for nothing at all."""
        chance = self._chance
        kinds: Sequence[Sequence[object]] = [(_DROPPED, None), _OTHERS]
        if isinstance(true, bool) or true is None:
            kinds = [*kinds, (True, False), _NUMBERS, _WORDS]
        elif isinstance(true, int):
            ids = (90, 274, 275, 276, 336, 337, 338, 339, 340, 999, true + 1, true - 1, float(true), str(true))
            kinds = [*kinds, _NUMBERS, ids, ids, (0, max(0, true - 1))]
        elif isinstance(true, str):
            kinds = [*kinds, _WORDS, _GOOD, _GOOD, (true.lower(), true.title(), true + " ", [true]), _NUMBERS]
        elif isinstance(true, list):
            row = chance.randrange(len(true)) if true else 0
            kinds = [*kinds, (true[:row] + true[row + 1 :], [*true, *true[row : row + 1]], [*true, *true], true[::-1])]
        elif isinstance(true, dict) and len(path) > 1:
            kinds = [*kinds, ([true],)]
        return chance.choice(chance.choice(kinds))


class _Dropped:
    """Stands for a field that is missing."""

    def __repr__(self) -> str:
        """Its name."""
        return "missing"


_DROPPED = _Dropped()


def kind_of(request: Request, reply: Reply) -> str:
    """The kind of an answer."""
    path = urlsplit(request.url).path
    kind = next((kind for method, end, kind in _ANSWERS if method == request.method and end in path), "other")
    if kind == "start" and {"isReRun", "tests"} & (request.body or {}).keys():
        return "rerun"
    if kind == "poll":
        data = json.loads(reply.body)
        return "over" if data.get("consolidatedStatus", data.get("status")) == "STATUS_COMPLETED" else "poll"
    return kind


def _told(reply: Reply, lie: Lie) -> Reply:
    """The reply with the lie in it; unchanged where it has no such field."""
    data = json.loads(reply.body)
    if not lie.path:
        return reply._replace(body=json.dumps(None if lie.told is _DROPPED else lie.told).encode())
    node = data
    try:
        for step in lie.path[:-1]:
            node = node[step]
        node[lie.path[-1]]
    except (LookupError, TypeError):
        return reply
    if lie.told is _DROPPED:
        del node[lie.path[-1]]
    else:
        node[lie.path[-1]] = lie.told
    return reply._replace(body=json.dumps(data).encode())


def shortened(value: object) -> str:
    """A value for people."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
