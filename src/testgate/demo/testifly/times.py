"""When what happens in a job of the simulated Testifly: pure functions of its data and the seconds since its start."""

from itertools import accumulate
from math import inf
from typing import NamedTuple

from testgate.demo.testifly.scenarios import How, Test
from testgate.demo.testsigma.timeline import Span

PENDING = "Pending"
AGENT = "PendingAgentConnection"
IN_PROGRESS = "InProgress"
ENDED = "Ended"
"""Stands for the word that a job ends with."""

SCHEDULED = "Scheduled"
RUNNING = "Running"


class Line(NamedTuple):
    """The moments of a job, in seconds since its start; `spans` in the order of its tests.

    `told` is when the run's id is.
    """

    agent: float
    running: float
    told: float
    ended: float
    spans: tuple[Span, ...]

    def phase(self, elapsed: float) -> str:
        """The job's status; `ENDED` at its end."""
        if elapsed >= self.ended:
            return ENDED
        if elapsed < self.agent:
            return PENDING
        return AGENT if elapsed < self.running else IN_PROGRESS

    def changed(self, elapsed: float) -> float:
        """The moment when the job last changed."""
        moments = (self.agent, self.running, self.told, self.ended)
        return max((moment for moment in moments if moment <= elapsed), default=0.0)


def lay_out(tests: tuple[Test, ...], how: How, *, agent: bool) -> Line:
    """Lay tests out one after another, with a wait for the agent where there is one."""
    running = how.pending + (how.agent if agent or how.agent_always else 0.0)
    offsets = tuple(accumulate((test.seconds or 0.0 for test in tests), initial=0.0))
    needed = offsets[-1]
    length = needed if how.running is None else how.running
    stretched = 0 < needed != length < inf
    # A share of the whole cannot overflow, however short the tests.
    moments = [running + (length * (offset / needed) if stretched else offset) for offset in offsets]
    # Rounding must not let the job end before its last test.
    ended = max(running + length, moments[-1])
    return Line(how.pending, running, running + how.run_after, ended, tuple(map(Span, moments, moments[1:])))


def word(final: str, span: Span, elapsed: float) -> str:
    """A test's status: its final one once it has ended."""
    if elapsed >= span.end:
        return final
    return RUNNING if elapsed >= span.begin else SCHEDULED
