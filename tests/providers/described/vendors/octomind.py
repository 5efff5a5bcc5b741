"""Octomind, as the vendor's command line and its GitHub action use the API v3."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Case, Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

REPORTS = "/apiKey/v3/test-targets/target1/test-reports"
STATUS = {"queued": "WAITING", "running": "WAITING", "passed": "PASSED", "odd": "PARTIAL"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", "/apiKey/v3/execute":
            assert isinstance(request.body, dict)
            assert request.body["testTargetId"] == "target1"
            assert request.body["context"]["source"] == "manual"
            scene.start(now)
            url = "https://app.octomind.dev/testreports/report1"
            return ok(request, {"testReportUrl": url, "testReport": _report(scene, now)})
        case "GET", path if path == f"{REPORTS}/report1":
            return ok(request, _report(scene, now))
        case "GET", path if path == REPORTS:
            return ok(request, {"data": [{**_report(scene, now), "id": "other", "context": {"source": "github"}}]})
    return missing(request)


def _report(scene: Scene, now: float) -> dict[str, Any]:
    """A test report. There is no state for a run that was stopped: its tests are errors."""
    state = scene.state(now)
    results = [_result(case, over=scene.over(now)) for case in scene.cases]
    if state == "stopped":
        results.append({**_result(Case("c9", "Late", False, "stopped"), over=True), "status": "ERROR"})
    return {
        "id": "report1",
        "testTargetId": "target1",
        "status": STATUS.get(state, "FAILED"),
        "executionUrl": "https://staging.example.com",
        "testResults": results,
    }


def _result(case: Case, *, over: bool) -> dict[str, Any]:
    """The result of a test case, which the report doesn't call by its name; this platform's ids are the names."""
    result = {"id": f"result-{case.id}", "testTargetId": "target1", "testCaseVersionId": case.name}
    result["status"] = ("PASSED" if case.passed else "FAILED") if over else "WAITING"
    return {**result, **({"errorMessage": case.message} if over and case.message else {})}


VENDOR = Vendor(
    provider="octomind",
    values={"test-target-id": "target1", "url": "https://staging.example.com"},
    platform=platform,
    triggers=lambda request: request.method == "POST",
    stops=False,
)
