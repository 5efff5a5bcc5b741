"""What a simulated platform plays, and what it remembers: the frame of every module in `vendors/`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from testgate.wire import Reply, Request
from tests.support.simulated import Answer, answer

SECONDS = 60.0
"""How long a run takes."""

Outcome = Literal["passed", "failed", "empty", "stopped", "odd", "hangs"]


class Case(NamedTuple):
    """A test of the scene."""

    id: str
    name: str
    passed: bool
    message: str = ""


CASES = {
    "passed": (Case("c1", "Login", True), Case("c2", "Pay", True)),
    "failed": (Case("c1", "Login", True), Case("c2", "Pay", False, "no button")),
    "empty": (),
    "stopped": (Case("c1", "Login", True),),
    "odd": (Case("c1", "Login", True), Case("c2", "Pay", True)),
    "hangs": (),
}


@dataclass
class Scene:
    """One run of a platform. `outcome` is how it ends: `odd` with a word that nobody knows, `hangs` never.

    A module's platform is called with each request and answers; it notes when the run was started, and stopped.
    """

    outcome: Outcome
    started: list[float] = field(default_factory=list)
    stopped: list[float] = field(default_factory=list)

    @property
    def cases(self) -> tuple[Case, ...]:
        """The tests, when the run is over."""
        return CASES[self.outcome]

    def start(self, now: float) -> None:
        """Note a start."""
        self.started.append(now)

    def stop(self, now: float) -> None:
        """Note a stop."""
        self.stopped.append(now)

    def over(self, now: float) -> bool:
        """Whether the run has ended."""
        if self.stopped:
            return True
        return self.outcome != "hangs" and bool(self.started) and now >= self.started[-1] + SECONDS

    def state(self, now: float) -> Literal["queued", "running", "passed", "failed", "stopped", "odd"]:
        """The state at this moment."""
        if self.over(now):
            if self.stopped or self.outcome == "stopped":
                return "stopped"
            return {"failed": "failed", "odd": "odd"}.get(self.outcome, "passed")  # type: ignore[return-value]
        return "queued" if not self.started or now < self.started[-1] + 5 else "running"


Platform = Callable[[Scene, Request, float], Answer]


class Vendor(NamedTuple):
    """A simulated platform. `provider` is the name of its file, `values` and `secret` what a workflow gives.

    `platform` answers each request as the vendor's documents say. `triggers` tells whether a request is the one that
    starts a run. Without `tests`, the run is its only test. `names` is what the file calls the two tests, as a
    platform may tell no names.
    """

    provider: str
    values: Mapping[str, str]
    platform: Platform
    triggers: Callable[[Request], bool]
    secret: Mapping[str, str] = {}
    tests: bool = True
    messages: bool = True
    stops: bool = True
    names: tuple[str, str] = ("Login", "Pay")


def path_of(request: Request) -> str:
    """The path of a request to the simulated platform."""
    return request.url.removeprefix("https://platform.example")


def missing(request: Request) -> Reply:
    """The answer to a request that the documents don't have: a test that gets one has found a mistake in the file."""
    raise AssertionError(f"the documents have no {request.label}")


def ok(request: Request, data: Any, status: int = 200) -> Reply:  # noqa: ANN401  # any JSON
    """An answer."""
    return answer(request, data, status)
