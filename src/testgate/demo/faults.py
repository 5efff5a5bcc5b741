"""Faults that the simulator injects: which requests they hit, when, and what happens to those requests."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from testgate.demo.exchange import RawReply

Action = Literal["reply", "reply-after", "drop", "drop-after", "silence", "cut", "alter"]


class Fault(NamedTuple):
    """A fault, and the requests it applies to.

    An empty `method` or `path` matches every request. `path` is either the full path or the part
    below the base URL's path; `*` matches one segment. `nth` picks among the matching requests,
    counted from 1; empty picks all of them. `window` limits the fault to a range of simulated
    seconds since the first run started (`since="run"`) or since the server did (`since="server"`).

    Actions:

    - `reply`: send `reply` without handling the request;
    - `reply-after`: handle the request, then send `reply`;
    - `drop`: close the connection without handling the request;
    - `drop-after`: handle the request, then close the connection;
    - `silence`: handle the request, and answer after `seconds` of real time;
    - `cut`: handle the request, and send half of the reply's body;
    - `alter`: handle the request, and send what the function `alter` returns for the reply
      (`silence` and `cut` apply it too).
    """

    method: str = ""
    path: str = ""
    nth: tuple[int, ...] = ()
    window: tuple[float, float] | None = None
    since: Literal["run", "server"] = "run"
    action: Action = "reply"
    reply: RawReply = RawReply(status=500, content_type="text/plain", body=b"Internal Server Error")
    seconds: float = 0.0
    alter: Callable[[RawReply], RawReply] = lambda answer: answer

    @property
    def handles(self) -> bool:
        """Whether the request takes effect even though its reply is spoiled."""
        return self.action not in {"reply", "drop"}

    def matches(self, method: str, *paths: str) -> bool:
        """Whether the fault applies to a request; `paths` are the spellings of the request's path."""
        pattern = self.path.split("/")
        return self.method in {"", method} and (not self.path or any(_same(pattern, path.split("/")) for path in paths))

    def active(self, ages: "Ages") -> bool:
        """Whether the fault's window is open."""
        if self.window is None:
            return True
        age = ages.run if self.since == "run" else ages.server
        return age is not None and self.window[0] <= age < self.window[1]


class Ages(NamedTuple):
    """Simulated seconds since the server started, and since the first run started (None before that)."""

    server: float
    run: float | None = None


class FaultScript:
    """Faults in order of precedence, with a count of the requests each has matched. Not thread-safe."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._faults = tuple(faults)
        self._matched = [0] * len(self._faults)

    def pick(self, method: str, path: str, ages: Ages, full: str | None = None) -> Fault | None:
        """The first fault that hits this request. Every fault that matches the request counts it.

        `path` is relative to the base URL's path if it is below it; `full` is the path as sent.
        """
        paths = (path,) if full is None else (path, full)
        picked = None
        for position, fault in enumerate(self._faults):
            if not (fault.matches(method, *paths) and fault.active(ages)):
                continue
            self._matched[position] += 1
            if picked is None and (not fault.nth or self._matched[position] in fault.nth):
                picked = fault
        return picked


def _same(pattern: Sequence[str], segments: Sequence[str]) -> bool:
    """Whether the path's segments match the pattern's."""
    return len(pattern) == len(segments) and all(
        mine in {"*", theirs} for mine, theirs in zip(pattern, segments, strict=True)
    )
