"""A vendor that does not exist here, written in an hour: the proof that the Provider port fits a second one.

Its runs are asked for in batches by POST, its report is one page, and it can refuse for now.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from testgate.errors import BadAnswer, Busy
from testgate.model import Counts, Origin, Outcome, Page, Reported, Run, RunResult, Snapshot, Status, Target, TestResult
from testgate.ports import Provider
from testgate.wire import Call, Credential, Reply, Request

JOBS: Mapping[str, tuple[Status, RunResult | None]] = {
    "Pending": (Status.QUEUED, None),
    "PendingAgentConnection": (Status.QUEUED, None),
    "InProgress": (Status.RUNNING, None),
    "Success": (Status.ENDED, RunResult.PASSED),
    "Failed": (Status.ENDED, RunResult.FAILED),
    "Stopped": (Status.ENDED, RunResult.STOPPED),
}
OUTCOMES = {"Passed": Outcome.PASSED, "Failed": Outcome.FAILED, "Skipped": Outcome.SKIPPED}


class Testifly:
    """Says what to ask; see `ports.Provider`."""

    poll_batch = 100

    def __init__(
        self,
        features: Sequence[str],
        base: str = "https://testifly.invalid/api",
        *,
        attached: Sequence[str] = (),
        can_stop: bool = False,
        can_find: bool = False,
    ) -> None:
        """Take what to run, and what this make-believe platform can do."""
        self._features = features
        self._attached = attached
        self.can_stop = can_stop
        self.can_find = can_find
        self._base = base
        self._credential = Credential("x-api-key", "k" * 16)

    def targets(self) -> Sequence[Target]:
        """One job a feature."""
        return [Target(feature, f"Feature {feature}", feature) for feature in self._features]

    def trigger(self, target: Target, mark: str) -> Call[Run]:
        """Start a job; the mark has no place in this API."""
        del mark

        def read(reply: Reply) -> Run:
            data = reply.data()
            if data.get("scheduleStatus") == "AgentBusy":
                raise Busy("no agent is free")
            if not isinstance(data.get("jobId"), str):
                raise BadAnswer(f"no job in the answer: {reply.quoted}")
            return Run(data["jobId"], target)

        body = {"action": "executeTests", "featureId": target.ref}
        return Call(f"start {target.name}", self._post("/testExecution/p1", body), read, repeatable=False)

    def poll(self, runs: Sequence[Run]) -> Call[Sequence[Snapshot]]:
        """All jobs in one call; jobs that are missing are left out."""
        request = self._post("/jobs/p1", {"jobIds": [run.id for run in runs]})
        return Call("read jobs", request, lambda reply: [_snapshot(job) for job in reply.data()["jobs"]])

    def results(self, run: Run, cursor: str | None) -> Call[Page] | None:
        """The whole report at once."""
        del cursor
        request = Request("GET", f"{self._base}/testRun/p1/{run.id}", credential=self._credential)
        return Call(f"read the report of {run.id}", request, _report)

    def live(self, run: Run) -> None:
        """There is nothing to ask."""

    def attached(self) -> Sequence[Run]:
        """Jobs that somebody else started."""
        return [Run(f"job-{each}", Target(each, f"Job {each}"), origin=Origin.ATTACHED) for each in self._attached]

    def find(self, target: Target, mark: str) -> Call[Sequence[Run]] | None:
        """There is no mark to look for, unless a test wants one."""
        if not self.can_find:
            return None
        request = Request("GET", f"{self._base}/find/{target.ref}/{mark}", credential=self._credential)
        return Call("look", request, lambda reply: [Run(each, target) for each in reply.data()["ids"]], essential=False)

    def rerun(self, run: Run, failed: Sequence[TestResult] | None) -> Target:
        """A list of tests."""
        names = ",".join(test.case_id or test.name for test in failed or ())
        return Target(run.target.key, run.target.name, f"{run.target.key}-again[{names}]")

    def stop(self, run: Run) -> Call[None] | None:
        """There is no such endpoint, unless a test wants one."""
        if not self.can_stop:
            return None
        request = Request("PUT", f"{self._base}/jobs/p1/{run.id}", credential=self._credential)
        return Call(f"stop {run.id}", request, lambda reply: reply.check(), repeatable=False)

    def stop_all(self) -> Call[None] | None:
        """There is no such endpoint."""
        return None

    def diagnose(self, run: Run, test: TestResult) -> Call[str] | None:
        """The report holds all there is."""
        del run, test
        return None

    def checks(self) -> Sequence[tuple[str, Call[str]]]:
        """One harmless question."""
        return [
            ("key", Call("ask for no job", self._post("/jobs/p1", {"jobIds": []}), lambda reply: str(reply.status)))
        ]

    def _post(self, path: str, body: Mapping[str, Any]) -> Request:
        """A request with the key."""
        return Request("POST", self._base + path, body=body, credential=self._credential)


def _snapshot(job: Mapping[str, Any]) -> Snapshot:
    """One job."""
    status, result = JOBS.get(job["status"], (Status.RUNNING, None))
    reported = Reported(Counts(**job.get("counts", {})), job.get("total"))
    return Snapshot(job["jobId"], status, job["status"], result, reported)


def _report(reply: Reply) -> Page:
    """The tests, known by title."""
    return Page(
        [
            TestResult(
                each["_id"], each["title"], OUTCOMES[each["status"]], each["status"], message=each.get("error", "")
            )
            for each in reply.data()["tests"]
        ]
    )


def fits(features: Sequence[str]) -> Provider:
    """The type checker reads this line: the throwaway class satisfies the port as it stands."""
    return Testifly(features)


Script = Callable[[str, float], str]
"""Job id and its age in seconds → the status word."""

Tests = Sequence[Mapping[str, Any]] | Callable[[str], Sequence[Mapping[str, Any]]]
"""What every report holds, or what the report of a job holds."""


class Server:
    """Answers like that vendor: each job passes through a script; requests are counted by the transport."""

    def __init__(self, script: Script, tests: Tests | None = None) -> None:
        """Take how jobs go, and what their reports hold."""
        self._script = script
        self._tests = tests or [{"_id": "t1", "title": "Login", "status": "Passed"}]
        self.started: dict[str, float] = {}
        self.stopped: dict[str, float] = {}

    def _state(self, job: str, now: float) -> str:
        """A stopped job has ended; another goes by the script."""
        if job in self.stopped:
            return "Stopped"
        return self._script(job, now - self.started[job])

    def __call__(self, request: Request, now: float) -> Reply:
        """Answer one request."""
        from tests.support.simulated import answer  # the simulated world knows no vendor

        if request.url.endswith("/testExecution/p1"):
            job = f"job-{(request.body or {})['featureId']}"
            self.started[job] = now
            return answer(request, {"success": True, "scheduleStatus": "Success", "jobId": job})
        if request.url.endswith("/jobs/p1"):
            ids = [each for each in (request.body or {})["jobIds"] if each in self.started]
            jobs = [{"jobId": each, "status": self._state(each, now)} for each in ids]
            return answer(request, {"success": True, "jobs": jobs, "missingJobIds": []})
        if request.method == "PUT":
            self.stopped[request.url.rpartition("/")[2]] = now
            return answer(request, {})
        if "/find/" in request.url:
            return answer(
                request, {"ids": [each for each in self.started if each.endswith(request.url.split("/")[-2])]}
            )
        if callable(self._tests):
            return answer(request, {"tests": self._tests(request.url.rpartition("/")[2])})
        return answer(request, {"tests": self._tests})
