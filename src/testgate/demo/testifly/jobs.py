"""Jobs of the simulated Testifly: functions of a job and of the simulated time."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from testgate.demo.scenarios import rerun_value
from testgate.demo.testifly.scenarios import How, Test
from testgate.demo.testifly.timeline import AGENT, ENDED, PENDING, Timeline, lay_out

PASSED = "Passed"
_CREATED_SECONDS = 1_744_355_135  # when the project's tests were created
_LAST_SECONDS = 0xFFFFFFFF  # the latest time that fits into an id; a test that never begins has an id too
_SUCCESSFUL = frozenset({PASSED, "Skipped"})


class Attempt(NamedTuple):
    """A test in a job; `number` counts how often it was started again by the id of a result."""

    original: Test
    number: int = 0
    retitled: bool = False

    @property
    def test(self) -> Test:
        """The test as it ends in this attempt."""
        original = self.original
        title = f"{original.title} (copy)" if self.retitled else original.title
        if not self.number:
            return original._replace(title=title)
        status = rerun_value(original.later, self.number, original.status)
        error = rerun_value(original.later_errors, self.number, None if status == PASSED else original.error)
        return original._replace(title=title, status=status, error=error)


class Selection(NamedTuple):
    """What to run: the field of the start's body, and the ids in it, sorted and each once."""

    field: str
    ids: tuple[str, ...]


class Order(NamedTuple):
    """A start that has been checked: its selection, the title of the run, the tests, and how the job goes."""

    selection: Selection
    title: str
    attempts: tuple[Attempt, ...]
    how: How


class SimulatedJob(NamedTuple):
    """A job: `body` is the start's, `started` is in simulated seconds.

    `epoch` is the wall clock, in seconds, when the simulated clock is at zero.
    """

    id: str
    order: Order
    body: Mapping[str, Any]
    started: float
    epoch: float
    timeline: Timeline
    covers: tuple[str, ...] = ()

    @property
    def run_id(self) -> str:
        """The id of the job's run, whether it is reported yet or not."""
        return object_id(self.epoch + self.started + self.timeline.running, f"run of {self.id}")

    def result_id(self, position: int) -> str:
        """The result id of the job's test at a position: a new one in every job."""
        begin = self.timeline.spans[position].begin
        return object_id(self.epoch + self.started + begin, f"result {position} of {self.id}")

    def status(self, now: float) -> str:
        """The job's status."""
        phase = self.timeline.phase(now - self.started)
        return self._final_status if phase == ENDED else phase

    def active(self, now: float) -> bool:
        """Whether the job hasn't ended."""
        return self.timeline.phase(now - self.started) != ENDED

    def queued(self, now: float) -> bool:
        """Whether the job hasn't started to run."""
        return self.timeline.phase(now - self.started) in {PENDING, AGENT}

    def has_run(self, now: float) -> bool:
        """Whether the id of the job's run is reported."""
        return now - self.started >= self.timeline.run_id_known

    def stamp(self, elapsed: float) -> str:
        """The wall clock in ISO 8601, `elapsed` seconds after the start."""
        moment = datetime.fromtimestamp(self.epoch + self.started + elapsed, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @property
    def _final_status(self) -> str:
        """The status at the end."""
        if self.order.how.status is not None:
            return self.order.how.status
        successful = all(attempt.test.status in _SUCCESSFUL for attempt in self.order.attempts)
        return "Success" if successful else "Failed"


def new_job(order: Order, body: Mapping[str, Any], number: int, started: float, epoch: float) -> SimulatedJob:
    """A new job; its `number` distinguishes it from all others."""
    tests = tuple(attempt.test for attempt in order.attempts)
    timeline = lay_out(tests, order.how, agent=bool(body.get("agentName")))
    return SimulatedJob(object_id(epoch + started, f"job {number}"), order, body, started, epoch, timeline)


def job_row(job: SimulatedJob, now: float) -> dict[str, object]:
    """The job's row in the list of jobs."""
    row: dict[str, object] = {
        "jobId": job.id,
        "status": job.status(now),
        "updatedAt": job.stamp(job.timeline.changed(now - job.started)),
    }
    return {**row, "testRunId": job.run_id} if job.has_run(now) else row


def id_of(test: Test) -> str:
    """The id of a test in the project, the same in every run."""
    return test.own_id or object_id(_CREATED_SECONDS, test.title)


def object_id(seconds: float, what: str) -> str:
    """An id of 24 hexadecimal digits that begins with its time, like those of document stores."""
    digest = hashlib.sha256(what.encode(errors="surrogatepass")).hexdigest()
    return f"{int(min(seconds, _LAST_SECONDS)):08x}{digest[:16]}"
