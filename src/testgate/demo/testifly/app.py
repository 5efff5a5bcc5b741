"""The simulated Testifly: its routes, and the jobs that were started.

It simulates what the vendor documents: the key in `x-api-key`, starts, the status of many jobs in one
reply, and the report of a run. Jobs can't be stopped.
"""

from collections import Counter

from testgate.demo.exchange import RawReply, Recorded, first_of, json_object, json_reply, page_reply
from testgate.demo.testifly.jobs import SimulatedJob, job_row, new_job
from testgate.demo.testifly.reports import report_answer
from testgate.demo.testifly.scenarios import Scenario
from testgate.demo.testifly.starts import (
    existing,
    exists_reply,
    id_list,
    order,
    order_of,
    project_tests,
    refused,
    selector_of,
)
from testgate.demo.vendor import EPOCH_SECONDS, Call, Router, VendorApp

KEY = "demo-key"


class Testifly(VendorApp[Scenario]):
    """The simulated vendor, with the jobs that it has started."""

    key_header = "x-api-key"
    key_prefix = ""

    def __init__(self, scenario: Scenario, *, key: str = KEY, epoch_seconds: float = EPOCH_SECONDS) -> None:
        super().__init__(scenario, key=key, epoch_seconds=epoch_seconds)
        self._started: list[SimulatedJob] = []
        self._others = _others(scenario, epoch_seconds)
        self._polls: Counter[str] = Counter()

    @property
    def runs(self) -> tuple[SimulatedJob, ...]:
        """The jobs that were started, oldest first, without other people's."""
        return tuple(self._started)

    @property
    def others(self) -> tuple[SimulatedJob, ...]:
        """Other people's jobs, which exist from the start."""
        return self._others

    def handle(self, request: Recorded, now: float) -> RawReply:
        """The reply to a request; the key is checked before anything else."""
        self.check_key(request, refused(401, "Invalid API key"))
        handler, call = _ROUTER.find(request, now)
        if call.parameters["project"] != self._scenario.project:
            raise refused(404, "Project not found")
        return handler(self, call)

    def start(self, call: Call) -> RawReply:
        """Start a job, unless the same selection is already queued."""
        body = _object(call)
        wanted = order_of(self._scenario, body, self._all)
        already = self._scenario.already
        if (job := existing(self._all, wanted.selection, already, call.now)) is not None:
            return exists_reply(already, job)
        job = new_job(wanted, body, len(self._all), call.now, self._epoch)
        self._started.append(job)
        return json_reply({"success": True, "scheduleStatus": "Success", "jobId": job.id})

    def jobs(self, call: Call) -> RawReply:
        """The jobs with the given ids, and the ids that don't exist; without ids, all active jobs."""
        body = _object(call)
        if "jobIds" not in body:
            rows = [job_row(job, call.now) for job in self._all if job.active(call.now) and self._visible(job)]
            return json_reply({"success": True, "jobs": rows, "missingJobIds": []})
        wanted = tuple(dict.fromkeys(id_list(body["jobIds"], "jobIds")))
        found = {job.id: job for job in self._all if self._visible(job)}
        self._polls.update(wanted)
        rows = [job_row(found[each], call.now) for each in wanted if each in found]
        missing = [each for each in wanted if each not in found]
        return json_reply({"success": True, "jobs": rows, "missingJobIds": missing})

    def report(self, call: Call) -> RawReply:
        """The report of a run, once its id has been reported."""
        found = (job for job in self._all if job.run_id == call.parameters["run"] and job.has_run(call.now))
        job = first_of(found, refused(404, "Test run not found"))
        in_project = len(project_tests(self._scenario))
        return json_reply(report_answer(job, call.now, in_project, self._scenario.project))

    @property
    def _all(self) -> tuple[SimulatedJob, ...]:
        """Everybody's jobs."""
        return (*self._others, *self._started)

    def _visible(self, job: SimulatedJob) -> bool:
        """Whether the job has been polled often enough to be found."""
        return self._polls[job.id] >= job.order.how.missing_polls


def _object(call: Call) -> dict[str, object]:
    """The body of a request, which must be a JSON object."""
    return json_object(call.request.body, refused(400, "The request body must be a JSON object"))


def _others(scenario: Scenario, epoch: float) -> tuple[SimulatedJob, ...]:
    """Other people's jobs."""
    jobs = []
    for number, other in enumerate(scenario.others):
        wanted = order(scenario, selector_of(scenario, other.selects), (other.selects,))
        wanted = wanted._replace(how=wanted.how._replace(pending=other.queued))
        jobs.append(new_job(wanted, {}, number, 0.0, epoch)._replace(covers=other.covers))
    return tuple(jobs)


_PROJECT = "(?P<project>[^/]+)"
_NO_PAGE = page_reply(404, "Not found")
_ROUTER: Router[Testifly] = Router(
    (
        ("POST", f"/api/testExecution/{_PROJECT}", Testifly.start),
        ("POST", f"/api/jobs/{_PROJECT}", Testifly.jobs),
        ("GET", f"/api/testRun/{_PROJECT}/(?P<run>[^/]+)", Testifly.report),
    ),
    not_found=_NO_PAGE,
    not_allowed=_NO_PAGE,
)
