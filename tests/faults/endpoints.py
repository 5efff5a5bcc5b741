"""The endpoints that the gate calls, and the situation in which it calls each of them."""

import re
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from testgate.demo.testsigma.scenarios import Habits, Plan, Scenario, Test, one_plan

_GREEN = Plan(tests=(Test("Login", suite="Sign-in"), Test("Logout", suite="Sign-in")), running=20.0)
_RED = Plan(tests=(Test("Login"), Test("Pay", word="FAILURE", message="Pay button missing")), running=20.0)
_RERUNNING = Plan(
    tests=(Test("Login"), Test("Pay", word="FAILURE", later=("SUCCESS",))),
    running=20.0,
    automatic_reruns=1,
    rerun_running=20.0,
)
_ENDLESS = Plan(tests=(Test("Login"), Test("Logout")), running=float("inf"))


class Endpoint(NamedTuple):
    """One endpoint of a system; test management is called beside a green run on Testsigma.

    With `lost_trigger`, the trigger's answer is lost, so the gate has to look for the run. With `held_trigger`,
    it comes only when the step must have ended. With
    `told_at_end`, a job of Testifly names its report only once it has finished. `inputs` are further ones of the step.
    With `lost_upload`, the upload's answer is lost. The first requests, as many as are `spared`, meet no fault;
    `starts` is how many runs the step wants. `habits` are about uploads.
    """

    name: str
    title: str
    method: str
    pattern: str
    plan: Plan = _GREEN
    lost_trigger: bool = False
    held_trigger: bool = False
    timeout_seconds: int = 3600
    system: Literal["testsigma", "testifly", "described", "management"] = "testsigma"
    told_at_end: bool = False
    inputs: tuple[tuple[str, str], ...] = ()
    lost_upload: bool = False
    spared: int = 0
    starts: int = 1
    habits: Habits = Habits()

    @property
    def brings(self) -> bool:
        """Whether the step brings a build along."""
        return "uploads" in dict(self.inputs)

    def matches(self, method: str, url: str) -> bool:
        """Whether a request goes to this endpoint."""
        return method == self.method and re.fullmatch(self.pattern, urlsplit(url).path) is not None

    @property
    def scenario(self) -> Scenario:
        """The scenario that the platform plays."""
        return one_plan(self.plan)._replace(habits=self.habits)


_API = r"/api/v1"
SEEK = "seek"
BUILD = "app.apk"
_BRINGS = (("uploads", f"31={BUILD}"), ("upload-project-id", "24"))
UPLOAD = Endpoint("upload", "Upload a build: `POST /uploads`", "POST", rf"{_API}/uploads", inputs=_BRINGS)
TRIGGER = Endpoint("trigger", "Start a run: `POST /execution_results`", "POST", rf"{_API}/execution_results")
POLL = Endpoint("poll", "Read the run: `GET /execution_results/{id}`", "GET", rf"{_API}/execution_results/\d+")
_UPLOADS = (
    UPLOAD,
    Endpoint(
        "upload-find",
        "Look for a build whose upload was not answered: `GET /uploads`",
        "GET",
        rf"{_API}/uploads",
        inputs=_BRINGS,
        lost_upload=True,
    ),
    Endpoint(
        "upload-state",
        "Read whether the platform has taken a build in: `GET /uploads/{id}`",
        "GET",
        rf"{_API}/uploads/\d+",
        inputs=_BRINGS,
        habits=Habits(upload_takes=3.0),
    ),
    Endpoint(
        "upload-version",
        "Read which version a build has: `GET /upload_versions`",
        "GET",
        rf"{_API}/upload_versions",
        inputs=_BRINGS,
    ),
)
BEFORE = frozenset({SEEK, *(each.name for each in _UPLOADS)})  # what comes before the trigger
_TESTSIGMA = (
    Endpoint(
        SEEK,
        "Look for a test plan by its name: `GET /test_plans`",
        "GET",
        rf"{_API}/test_plans",
        plan=_GREEN._replace(name="Nightly"),
        inputs=(("test-plan-id", ""), ("test-plan-name", "Nightly")),
    ),
    *_UPLOADS,
    TRIGGER,
    POLL,
    Endpoint(
        "again",
        "Start a run once more that the platform lost: `POST /execution_results`",
        "POST",
        rf"{_API}/execution_results",
        plan=_GREEN._replace(aborted=1),
        inputs=(("retry-aborted", "1"),),
        spared=1,
        starts=2,
    ),
    Endpoint(
        "tests",
        "Read the list of tests: `GET /execution_results/{id}/test_case_results`",
        "GET",
        rf"{_API}/execution_results/\d+/test_case_results",
    ),
    Endpoint(
        "child-poll",
        "Read the run that reruns failed tests by itself: `GET /execution_results/{id}`",
        "GET",
        rf"{_API}/execution_results/338",
        plan=_RERUNNING,
    ),
    Endpoint(
        "child-tests",
        "Read the list of tests of that run: `GET /execution_results/{id}/test_case_results`",
        "GET",
        rf"{_API}/execution_results/338/test_case_results",
        plan=_RERUNNING,
    ),
    Endpoint("messages", "Read messages and durations: `GET /test_case_results`", "GET", rf"{_API}/test_case_results"),
    Endpoint(
        "steps",
        "Read the steps of a failed test: `GET …/step_results`",
        "GET",
        r"/api/v2/test_runs/\d+/test_case_results/\d+/step_results",
        plan=_RED,
    ),
    Endpoint(
        "find",
        "Look for a run whose start was not answered: `GET /executions/{plan}/test_plan_results`",
        "GET",
        rf"{_API}/executions/\d+/test_plan_results",
        lost_trigger=True,
    ),
    Endpoint(
        "late-find",
        "Look for a run at the end of the step's time: `GET /executions/{plan}/test_plan_results`",
        "GET",
        rf"{_API}/executions/\d+/test_plan_results",
        plan=_ENDLESS,
        held_trigger=True,
        timeout_seconds=3,
    ),
    Endpoint(
        "stop",
        "Stop a run at the end of its time: `PUT /execution_results/{id}`",
        "PUT",
        rf"{_API}/execution_results/\d+",
        plan=_ENDLESS,
        timeout_seconds=60,
    ),
    Endpoint(
        "look",
        "Look whether the tests of a run still change: `GET /execution_results/{id}/test_case_results`",
        "GET",
        rf"{_API}/execution_results/\d+/test_case_results",
        plan=_ENDLESS,
        inputs=(("stall-timeout", "60s"),),
    ),
    Endpoint(
        "stall-stop",
        "Stop a run that hangs: `PUT /execution_results/{id}`",
        "PUT",
        rf"{_API}/execution_results/\d+",
        plan=_ENDLESS,
        inputs=(("stall-timeout", "60s"),),
    ),
)

JOB_START = Endpoint(
    "job-start",
    "Testifly: start a job: `POST /testExecution/{project}`",
    "POST",
    r"/api/testExecution/[^/]+",
    system="testifly",
)
_REPORT = r"/api/testRun/[^/]+/[^/]+"
_TESTIFLY = (
    JOB_START,
    Endpoint(
        "job-poll", "Testifly: read the job: `POST /jobs/{project}`", "POST", r"/api/jobs/[^/]+", system="testifly"
    ),
    Endpoint(
        "job-live",
        "Testifly: read the report of a job that goes on: `GET /testRun/{project}/{id}`",
        "GET",
        _REPORT,
        system="testifly",
    ),
    Endpoint(
        "job-report",
        "Testifly: read the report of a job that is over: `GET /testRun/{project}/{id}`",
        "GET",
        _REPORT,
        system="testifly",
        told_at_end=True,
    ),
)

# The same platform once more, described by a file instead of code.
_DESCRIBED = tuple(
    each._replace(
        name=f"described-{each.name}", title=each.title.replace("Testifly", "Testifly as data"), system="described"
    )
    for each in _TESTIFLY
)

_RUNS = rf"{_API}/projects/[^/]+/test_runs"
CREATE = Endpoint(
    "create",
    "Test management: create the test run: `POST /projects/{project}/test_runs`",
    "POST",
    _RUNS,
    system="management",
)
_MANAGEMENT = (
    CREATE,
    Endpoint(
        "statuses",
        "Test management: read the statuses: `GET /test_runs/statuses`",
        "GET",
        rf"{_API}/test_runs/statuses",
        system="management",
    ),
    Endpoint(
        "cases",
        "Test management: read the cases: `GET …/test_runs/{id}/test_cases`",
        "GET",
        rf"{_RUNS}/[^/]+/test_cases",
        system="management",
    ),
    Endpoint(
        "record",
        "Test management: record the results: `PUT …/test_runs/{id}/test_cases`",
        "PUT",
        rf"{_RUNS}/[^/]+/test_cases",
        system="management",
    ),
    Endpoint(
        "close",
        "Test management: close the test run: `PUT …/test_runs/{id}`",
        "PUT",
        rf"{_RUNS}/[^/]+",
        system="management",
    ),
)
STARTS = (TRIGGER, JOB_START, _DESCRIBED[0], CREATE)
ENDPOINTS = (*_TESTSIGMA, *_TESTIFLY, *_DESCRIBED, *_MANAGEMENT)
