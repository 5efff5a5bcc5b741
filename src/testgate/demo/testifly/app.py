"""The simulated Testifly: routes, what they check, and the jobs that were started.

It plays what is documented: a key in `x-api-key`, starts, the status of many jobs in one answer, and the
report of a run. Nothing stops a job.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from testgate.demo.exchange import RawReply, Recorded, Refusal, json_reply, page_reply
from testgate.demo.testifly.jobs import SimulatedJob, job_of, job_row
from testgate.demo.testifly.reports import report_answer
from testgate.demo.testifly.scenarios import Scenario
from testgate.demo.testifly.starts import (
    asked,
    chosen,
    existing,
    exists_reply,
    field_of,
    json_object,
    project_tests,
    refused,
    texts,
)

KEY = "demo-key"

_EPOCH_SECONDS = 1_776_680_130.0


class Testifly:
    """The vendor's behaviour. It is told the time in simulated seconds, and keeps the jobs.

    Calls come one at a time: the server sees to it.
    """

    base = ""

    def __init__(self, scenario: Scenario, *, key: str = KEY, epoch_seconds: float = _EPOCH_SECONDS) -> None:
        """Take what to play, the key that opens it, and the wall clock's reading at time zero."""
        self.faults = scenario.faults
        self.date_shift_seconds = scenario.date_shift_seconds
        self._scenario = scenario
        self._key = key
        self._epoch = epoch_seconds
        self._started: list[SimulatedJob] = []
        self._others = _others(scenario, epoch_seconds)
        self._asked: Counter[str] = Counter()

    @property
    def runs(self) -> tuple[SimulatedJob, ...]:
        """The jobs that were started, the oldest first; those of other people are `others`."""
        return tuple(self._started)

    @property
    def others(self) -> tuple[SimulatedJob, ...]:
        """The jobs of other people, which are there from the start."""
        return self._others

    def answer(self, request: Recorded, now: float) -> RawReply:
        """The answer to a request; the key is looked at before anything else."""
        if request.headers.get("x-api-key") != self._key:
            return refused(401, "Invalid API key")
        for route in _ROUTES:
            match = route.pattern.fullmatch(request.path) if route.method == request.method else None
            if match is None:
                continue
            if match["project"] != self._scenario.project:
                return refused(404, "Project not found")
            try:
                return route.answer(self, request, now)
            except Refusal as refusal:
                return refusal.reply
        return page_reply(404, "Not found")

    def start(self, request: Recorded, now: float) -> RawReply:
        """Start a job, unless the same is queued."""
        body = json_object(request.body)
        choice = asked(self._scenario, body, self._all)
        already = self._scenario.already
        if (job := existing(self._all, choice.selection, already, now)) is not None:
            return exists_reply(already, job)
        job = job_of(choice, body, len(self._all), now, self._epoch)
        self._started.append(job)
        return json_reply({"success": True, "scheduleStatus": "Success", "jobId": job.id})

    def jobs(self, request: Recorded, now: float) -> RawReply:
        """The jobs that were asked for, and the ids that are none's; all active ones where none is asked for."""
        body = json_object(request.body)
        if "jobIds" not in body:
            rows = [job_row(job, now) for job in self._all if job.active(now) and self._visible(job)]
            return json_reply({"success": True, "jobs": rows, "missingJobIds": []})
        wanted = tuple(dict.fromkeys(texts(body["jobIds"], "jobIds")))
        found = {job.id: job for job in self._all if self._visible(job)}
        self._asked.update(wanted)
        rows = [job_row(found[each], now) for each in wanted if each in found]
        missing = [each for each in wanted if each not in found]
        return json_reply({"success": True, "jobs": rows, "missingJobIds": missing})

    def report(self, request: Recorded, now: float) -> RawReply:
        """The report of a run, from when its id is told."""
        wanted = request.path.rpartition("/")[2]
        for job in self._all:
            if job.run_id == wanted and job.has_run(now):
                in_project = len(project_tests(self._scenario))
                return json_reply(report_answer(job, now, in_project, self._scenario.project))
        return refused(404, "Test run not found")

    @property
    def _all(self) -> tuple[SimulatedJob, ...]:
        """Everybody's jobs."""
        return (*self._others, *self._started)

    def _visible(self, job: SimulatedJob) -> bool:
        """Whether the job has been asked for often enough to be found."""
        return self._asked[job.id] >= job.choice.how.missing_polls


class _Route(NamedTuple):
    """A method, a pattern of the path, and what answers it."""

    method: str
    pattern: re.Pattern[str]
    answer: Callable[[Testifly, Recorded, float], RawReply]


_ROUTES = (
    _Route("POST", re.compile("/api/testExecution/(?P<project>[^/]+)"), Testifly.start),
    _Route("POST", re.compile("/api/jobs/(?P<project>[^/]+)"), Testifly.jobs),
    _Route("GET", re.compile("/api/testRun/(?P<project>[^/]+)/[^/]+"), Testifly.report),
)


def _others(scenario: Scenario, epoch: float) -> tuple[SimulatedJob, ...]:
    """The jobs of other people."""
    jobs = []
    for number, other in enumerate(scenario.others):
        choice = chosen(scenario, field_of(scenario, other.selects), (other.selects,))
        choice = choice._replace(how=choice.how._replace(pending=other.queued))
        jobs.append(job_of(choice, {}, number, 0.0, epoch)._replace(covers=other.covers))
    return tuple(jobs)
