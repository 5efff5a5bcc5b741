"""A small made-up vendor for tests of the core: its provider, and its server.

It is independent of the real providers, so the core is tested against the port alone. It polls runs in
batches by POST, reports in one page, and can answer that it is busy.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from testgate.errors import Busy, PlatformError
from testgate.gate.evidence import tally
from testgate.model import Counts, Origin, Outcome, Page, Reported, Run, RunResult, Snapshot, Status, Target, TestResult
from testgate.ports import Targets
from testgate.wire import Api, Call, Credential, Reply, Request
from tests.support.simulated import answer

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
    """Implements `ports.Provider`; `can_stop` and `can_find` switch on endpoints that it lacks by default."""

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
        self._features = features
        self._attached = attached
        self.can_stop = can_stop
        self.can_find = can_find
        self._api = Api(base, Credential("x-api-key", "k" * 16))

    def login(self) -> None:
        """No login: the key is in every request."""

    def targets(self) -> Sequence[Target]:
        """Return one target per feature."""
        return [Target(feature, f"Feature {feature}", feature) for feature in self._features]

    def named(self) -> Sequence[str]:
        """Nothing is selected by name."""
        return ()

    def uploader(self) -> None:
        """Nothing."""

    def seek(self, name: str, cursor: str | None, *, everything: bool) -> Call[Targets]:
        """Nothing is selected by name.

        Raises:
            PlatformError: always.

        """
        del cursor, everything
        raise PlatformError(f"this platform cannot look for {name}")

    def trigger(self, target: Target, mark: str) -> Call[Run]:
        """Start a job. The API has no place for a mark."""
        del mark

        def read(reply: Reply) -> Run:
            data = reply.data()
            if data.get("scheduleStatus") == "AgentBusy":
                raise Busy("no agent is free")
            if not isinstance(data.get("jobId"), str):
                raise reply.bad_answer("no job in it")
            return Run(data["jobId"], target)

        body = {"action": "executeTests", "featureId": target.ref}
        return Call(
            f"start {target.name}", self._api.request("POST", "testExecution", "p1", body=body), read, repeatable=False
        )

    def poll(self, runs: Sequence[Run]) -> Call[Sequence[Snapshot]]:
        """Ask for all jobs in one call. The reply leaves out jobs that it does not find."""
        request = self._api.request("POST", "jobs", "p1", body={"jobIds": [run.id for run in runs]})
        return Call("read jobs", request, lambda reply: [_snapshot(job) for job in reply.data()["jobs"]])

    def results(self, run: Run, cursor: str | None) -> Call[Page] | None:
        """Ask for the whole report."""
        del cursor
        request = self._api.request("GET", "testRun", "p1", run.id)
        return Call(f"read the report of {run.id}", request, _report)

    def live(self, run: Run) -> None:
        """Nothing to ask."""

    def resumed(self, target: Target, run_id: str) -> Run:
        """A job of the target."""
        return Run(run_id, target, origin=Origin.ATTACHED)

    def attached(self) -> Sequence[Run]:
        """Return jobs that somebody else started."""
        return [Run(f"job-{each}", Target(each, f"Job {each}"), origin=Origin.ATTACHED) for each in self._attached]

    def find(self, target: Target, mark: str) -> Call[Sequence[Run]] | None:
        """Look for a job by its mark, if `can_find`."""
        if not self.can_find:
            return None
        request = self._api.request("GET", "find", target.ref, mark)
        return Call("look", request, lambda reply: [Run(each, target) for each in reply.data()["ids"]], essential=False)

    def rerun(self, run: Run, failed: Sequence[TestResult] | None) -> Target:
        """Return a target whose reference lists the tests."""
        names = ",".join(test.case_id or test.name for test in failed or ())
        return Target(run.target.key, run.target.name, f"{run.target.key}-again[{names}]")

    def stop(self, run: Run) -> Call[None] | None:
        """Stop a job, if `can_stop`."""
        if not self.can_stop:
            return None
        request = self._api.request("PUT", "jobs", "p1", run.id)
        return Call(f"stop {run.id}", request, Reply.check, repeatable=False)

    def stop_all(self) -> Call[None] | None:
        """No such endpoint."""
        return None

    def diagnose(self, run: Run, test: TestResult) -> Call[str] | None:
        """Nothing to ask: the report contains all details."""
        del run, test
        return None

    def checks(self) -> Sequence[tuple[str, Call[str]]]:
        """Ask one harmless question."""
        request = self._api.request("POST", "jobs", "p1", body={"jobIds": []})
        return [("key", Call("ask for no job", request, lambda reply: str(reply.status)))]


def _snapshot(job: Mapping[str, Any]) -> Snapshot:
    """Return the state of one job."""
    status, result = JOBS.get(job["status"], (Status.RUNNING, None))
    reported = Reported(Counts(**job.get("counts", {})), job.get("total"))
    return Snapshot(job["jobId"], status, job["status"], result, reported)


def _report(reply: Reply) -> Page:
    """Return the tests of a report, with their counts."""
    tests = [
        TestResult(each["_id"], each["title"], OUTCOMES[each["status"]], each["status"], message=each.get("error", ""))
        for each in reply.data()["tests"]
    ]
    return Page(tests, reported=Reported(tally(tests), len(tests)))


Script = Callable[[str, float], str]
"""Returns the status of a job from its ID and its age in seconds."""

Tests = Sequence[Mapping[str, Any]] | Callable[[str], Sequence[Mapping[str, Any]]]
"""The tests in every report, or a function from a job's ID to the tests in its report."""


class Server:
    """Answers requests as the vendor would. `script` decides the status of each job, `tests` the reports."""

    def __init__(self, script: Script, tests: Tests | None = None) -> None:
        self._script = script
        self._tests = tests or [{"_id": "t1", "title": "Login", "status": "Passed"}]
        self.started: dict[str, float] = {}
        self.stopped: dict[str, float] = {}

    def _state(self, job: str, now: float) -> str:
        """Return the status of a job: by the script, unless the job was stopped."""
        if job in self.stopped:
            return "Stopped"
        return self._script(job, now - self.started[job])

    def __call__(self, request: Request, now: float) -> Reply:
        """Answer one request."""
        if request.url.endswith("/testExecution/p1"):
            job = f"job-{(request.body or {})['featureId']}"
            self.started[job] = now
            return answer(request, {"success": True, "scheduleStatus": "Success", "jobId": job})
        if request.url.endswith("/jobs/p1"):
            ids = [each for each in (request.body or {})["jobIds"] if each in self.started]
            jobs = [{"jobId": each, "status": self._state(each, now)} for each in ids]
            return answer(request, {"success": True, "jobs": jobs, "missingJobIds": []})
        if request.method == "PUT":
            self.stopped[unquote(request.url.rpartition("/")[2])] = now
            return answer(request, {})
        if "/find/" in request.url:
            return answer(
                request, {"ids": [each for each in self.started if each.endswith(request.url.split("/")[-2])]}
            )
        if callable(self._tests):
            return answer(request, {"tests": self._tests(unquote(request.url.rpartition("/")[2]))})
        return answer(request, {"tests": self._tests})
