"""Faults that the simulator plays: which requests they hit, when, and what happens to these."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from testgate.demo.exchange import RawReply

Action = Literal["reply", "reply-after", "drop", "drop-after", "silence", "cut", "alter"]


class Fault(NamedTuple):
    """What goes wrong with the requests that it matches.

    `method` and `path` empty match all; `path` is the one on the wire or the part of it below the
    base URL's path, and a `*` in it stands for one segment. `nth` chooses among the matching
    requests, counted from 1; empty means each. `window` bounds it in simulated seconds since the
    first run was started (`since="run"`) or since the server was (`since="server"`).

    Actions: `reply` answers `reply` without handling the request, `reply-after` handles it
    first; `drop` closes the connection without handling it, `drop-after` after it; `silence`
    handles it and answers `seconds` (of real time) later; `cut` handles it and sends half of the
    answer's body; `alter` handles it and sends what the function `alter` makes of the answer
    (which `silence` and `cut` respect too).
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
        """Whether the request takes effect although its answer is spoilt."""
        return self.action not in {"reply", "drop"}

    def matches(self, method: str, *paths: str) -> bool:
        """Whether this fault is about such requests. `paths` are the forms of the request's path."""
        pattern = self.path.split("/")
        return self.method in {"", method} and (not self.path or any(_same(pattern, path.split("/")) for path in paths))

    def active(self, ages: "Ages") -> bool:
        """Whether now is inside its window."""
        if self.window is None:
            return True
        age = ages.run if self.since == "run" else ages.server
        return age is not None and self.window[0] <= age < self.window[1]


class Ages(NamedTuple):
    """Simulated seconds since the server started, and since the first run did (None before)."""

    server: float
    run: float | None = None


class FaultScript:
    """A list of faults, and how often each was met. Not safe for threads by itself."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._faults = tuple(faults)
        self._met = [0] * len(self._faults)

    def pick(self, method: str, path: str, ages: Ages, full: str | None = None) -> Fault | None:
        """The first fault that hits this request; every fault that matches counts it.

        `path` is below the base URL's path, where it lies there; `full` is the one on the wire.
        """
        paths = (path,) if full is None else (path, full)
        picked = None
        for position, fault in enumerate(self._faults):
            if not (fault.matches(method, *paths) and fault.active(ages)):
                continue
            self._met[position] += 1
            if picked is None and (not fault.nth or self._met[position] in fault.nth):
                picked = fault
        return picked


def _same(pattern: Sequence[str], segments: Sequence[str]) -> bool:
    """Whether a path has the pattern's segments."""
    return len(pattern) == len(segments) and all(
        mine in {"*", theirs} for mine, theirs in zip(pattern, segments, strict=True)
    )
