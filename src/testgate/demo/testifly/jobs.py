"""Jobs of the simulated Testifly, and the ids of what they make. Pure: a job is its data, told the time."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from testgate.demo.testifly.scenarios import How, Test
from testgate.demo.testifly.times import AGENT, ENDED, PENDING, Line, lay_out
from testgate.demo.testsigma.attempts import nth

PASSED = "Passed"
_CATALOGUE_SECONDS = 1_744_355_135  # when the project's tests were made
_LAST_SECONDS = 0xFFFFFFFF  # that an id can tell; what never begins has an id, too
_HARMLESS = frozenset({PASSED, "Skipped"})


class Play(NamedTuple):
    """A test as it ends in a job: `attempt` counts how often it was started by the id of a result."""

    whole: Test
    attempt: int = 0
    retitled: bool = False

    @property
    def test(self) -> Test:
        """The test with the words of this attempt."""
        whole = self.whole
        title = f"{whole.title} (copy)" if self.retitled else whole.title
        if not self.attempt:
            return whole._replace(title=title)
        status = nth(whole.later, self.attempt, whole.status)
        error = nth(whole.later_errors, self.attempt, None if status == PASSED else whole.error)
        return whole._replace(title=title, status=status, error=error)


class Selection(NamedTuple):
    """What is to run: the field of the body and its ids, sorted."""

    field: str
    ids: tuple[str, ...]


class Choice(NamedTuple):
    """What a start asks for: the selection, the run's title, its tests, and how the job goes."""

    selection: Selection
    title: str
    plays: tuple[Play, ...]
    how: How


class SimulatedJob(NamedTuple):
    """A job that was started: `body` is what the start sent, `started` simulated seconds.

    `epoch` is the wall clock's reading, in seconds, when the simulated clock stood at zero.
    """

    id: str
    choice: Choice
    body: Mapping[str, Any]
    started: float
    epoch: float
    line: Line
    covers: tuple[str, ...] = ()

    @property
    def run_id(self) -> str:
        """The id of the job's run, whether it is told already or not."""
        return object_id(self.epoch + self.started + self.line.running, f"run of {self.id}")

    def result_id(self, position: int) -> str:
        """The id of the result of the job's test at this position: another one in every job."""
        begin = self.line.spans[position].begin
        return object_id(self.epoch + self.started + begin, f"result {position} of {self.id}")

    def status(self, now: float) -> str:
        """The job's status."""
        phase = self.line.phase(now - self.started)
        return self._final if phase == ENDED else phase

    def active(self, now: float) -> bool:
        """Whether the job goes on, or has still to begin."""
        return self.line.phase(now - self.started) != ENDED

    def queued(self, now: float) -> bool:
        """Whether the job has still to begin."""
        return self.line.phase(now - self.started) in {PENDING, AGENT}

    def has_run(self, now: float) -> bool:
        """Whether the id of the job's run is told."""
        return now - self.started >= self.line.told

    def stamp(self, elapsed: float) -> str:
        """The wall clock so many seconds after the start."""
        moment = datetime.fromtimestamp(self.epoch + self.started + elapsed, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @property
    def _final(self) -> str:
        """The status that the job ends with."""
        if self.choice.how.status is not None:
            return self.choice.how.status
        return "Success" if all(play.test.status in _HARMLESS for play in self.choice.plays) else "Failed"


def job_of(choice: Choice, body: Mapping[str, Any], number: int, started: float, epoch: float) -> SimulatedJob:
    """A new job, the `number` telling it from all others."""
    line = lay_out(tuple(play.test for play in choice.plays), choice.how, agent=bool(body.get("agentName")))
    return SimulatedJob(object_id(epoch + started, f"job {number}"), choice, body, started, epoch, line)


def job_row(job: SimulatedJob, now: float) -> dict[str, object]:
    """The job as it is told."""
    row: dict[str, object] = {
        "jobId": job.id,
        "status": job.status(now),
        "updatedAt": job.stamp(job.line.changed(now - job.started)),
    }
    return {**row, "testRunId": job.run_id} if job.has_run(now) else row


def id_of(test: Test) -> str:
    """The id of a test in the project, the same in every run."""
    return test.own_id or object_id(_CATALOGUE_SECONDS, test.title)


def object_id(seconds: float, what: str) -> str:
    """An id that begins with its time, as document stores make them."""
    return (
        f"{int(min(seconds, _LAST_SECONDS)):08x}{hashlib.sha256(what.encode(errors='surrogatepass')).hexdigest()[:16]}"
    )
