"""testRigor, as public clients use its API and as the guide to the vendor's command line explains its answers."""

from typing import Any
from xml.sax.saxutils import quoteattr

from testgate.wire import Reply, Request
from tests.providers.described.scenes import Case, Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

RUN = "/apps/suite1/runs/task-1"
# The HTTP status that tells the state of a run, and the word in its body.
STATES = {
    "queued": (227, "New"),
    "running": (228, "In progress"),
    "passed": (200, "Completed"),
    "failed": (230, "Failed"),
    "stopped": (229, "Canceled"),
    "odd": (231, "Paused"),
}
REPORT_SECONDS = 75.0
"""When the report is there: a while after the run has ended."""


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request. Runs are known by their branch, a few seconds after the start."""
    match request.method, path_of(request):
        case "POST", "/apps/suite1/retest":
            assert isinstance(request.body, dict)
            assert request.body["branch"]["name"]
            scene.start(now)
            return ok(request, {"taskId": "task-1"})
        case "GET", "/apps/suite1/status":
            assert request.query["branchName"]
            return _state(scene, request, now)
        case "GET", path if path == f"{RUN}/junit_report":
            return _report(scene, request, now)
        case "PUT", path if path == f"{RUN}/cancel":
            scene.stop(now)
            return ok(request, {})
        case "GET", "/apps/suite1/test_cases":
            return ok(request, {"data": {"content": [], "totalElements": 2}})
    return missing(request)


def _state(scene: Scene, request: Request, now: float) -> Answer:
    """The state of the run."""
    if now < scene.started[-1] + 2:
        return ok(request, {"status": 404, "message": "Test run not found"}, 404)
    http, word = STATES[scene.state(now)]
    over = scene.over(now)
    passed = sum(case.passed for case in scene.cases) if over else 0
    results: dict[str, Any] = {
        "Total": len(scene.cases),
        "In queue": 0,
        "In progress": 0 if over else len(scene.cases),
        "Passed": passed,
        "Failed": len(scene.cases) - passed if over else 0,
        "Not started": 0,
        "Canceled": 0,
        "Crash": 0,
    }
    details = "https://app.testrigor.com/test-suites/suite1/runs/task-1"
    return ok(request, {"status": word, "detailsUrl": details, "overallResults": results, "errors": []}, http)


def _report(scene: Scene, request: Request, now: float) -> Answer:
    """The report of a run."""
    if scene.started[-1] + REPORT_SECONDS > now:
        return ok(request, {"status": 404, "message": "Report still being generated"}, 404)
    report = f"<testsuites><testsuite>{''.join(map(_case, scene.cases))}</testsuite></testsuites>"
    return Reply(200, {"content-type": "application/xml"}, report.encode(), request)


def _case(case: Case) -> str:
    """A test case of the report."""
    failure = "" if case.passed else f'<failure type="failure" message={quoteattr(case.message)}/>'
    status = "success" if case.passed else "failure"
    return f'<testcase name={quoteattr(case.name)} status="{status}" time="3.5">{failure}</testcase>'


VENDOR = Vendor(
    provider="testrigor",
    values={"app-id": "suite1", "labels": "smoke"},
    platform=platform,
    triggers=lambda request: request.method == "POST",
)
