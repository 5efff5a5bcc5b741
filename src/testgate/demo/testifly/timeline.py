"""The progress of a job: functions of its tests, its `How`, and of the seconds since its start."""

from typing import NamedTuple

from testgate.demo.testifly.scenarios import How, Test
from testgate.demo.timeline import Span, schedule

PENDING = "Pending"
AGENT = "PendingAgentConnection"
IN_PROGRESS = "InProgress"
ENDED = "Ended"
"""The phase of a job that has ended; the job reports its result instead."""

SCHEDULED = "Scheduled"
RUNNING = "Running"


class Timeline(NamedTuple):
    """The moments of a job, in seconds since its start; `spans` in the order of its tests.

    `agent` is when the wait for the agent begins, `run_id_known` when the id of the run is reported.
    """

    agent: float
    running: float
    run_id_known: float
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
        """When the job last changed."""
        moments = (self.agent, self.running, self.run_id_known, self.ended)
        return max((moment for moment in moments if moment <= elapsed), default=0.0)


def lay_out(tests: tuple[Test, ...], how: How, *, agent: bool) -> Timeline:
    """The timeline of a job; `agent` says whether it names an agent."""
    running = how.pending + (how.agent if agent or how.agent_always else 0.0)
    spans, ended = schedule((("", test.seconds) for test in tests), running, how.running)
    return Timeline(how.pending, running, running + how.run_after, ended, spans)


def word(final: str, span: Span, elapsed: float) -> str:
    """A test's status: its final one once it has ended."""
    if elapsed >= span.end:
        return final
    return RUNNING if elapsed >= span.begin else SCHEDULED
