"""Testim, as the OpenAPI document of its public API describes it, with everything under `execution` as it was seen."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Case, Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

STATUS = {"queued": "QUEUED", "running": "RUNNING", "passed": "Passed", "failed": "Failed", "stopped": "ABORTED"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", "/test-plans/run/plan1":
            assert isinstance(request.body, dict)
            assert len(request.body["resultLabels"]) == 1
            scene.start(now)
            return ok(request, {"executionId": "exec1", "metaData": {"requestId": "RQ-1"}})
        case "GET", "/v2/runs/executions/exec1":
            page, size = int(request.query["page"]), int(request.query["pageSize"])
            return ok(request, {"execution": _execution(scene, now, page, size), "metaData": {"requestId": "RQ-2"}})
        case "GET", "/runs/executions":
            other = {"executionId": "other", "execution": "nightly", "resultLabels": ["scheduler-run"]}
            return ok(request, {"totalRecords": 1, "page": 0, "pageSize": 200, "executions": [other]})
        case "GET", "/branches":
            return ok(request, {"branches": [{"name": "master"}], "metaData": {"requestId": "RQ-3"}})
    return missing(request)


def _execution(scene: Scene, now: float, page: int, size: int) -> dict[str, Any]:
    """An execution, with a page of its tests."""
    over = scene.over(now)
    tests = [_test(number, case, over=over) for number, case in enumerate(scene.cases)]
    passed = sum(case.passed for case in scene.cases) if over else 0
    return {
        "id": "exec1",
        "execution": "Checkout",
        "source": "remote-run",
        "executionResult": STATUS.get(scene.state(now), "Archived"),
        "passedCount": passed,
        "failedCount": len(tests) - passed if over else 0,
        "abortedCount": 0,
        "totalTests": len(tests),
        "duration": 60_000 if over else 0,
        "tests": tests[page * size : (page + 1) * size],
    }


def _test(number: int, case: Case, *, over: bool) -> dict[str, Any]:
    """The result of a test."""
    found = {"id": case.id, "resultId": f"result{number}", "testName": case.name, "duration": "1500"}
    found |= {"startTime": "2022-05-10 02:39:54.483000+00:00", "baseUrl": "https://shop.example"}
    if not over:
        return {**found, "executionStatus": "RUNNING"}
    failed = {"failedSteps": [{"name": "Click Pay", "reason": case.message}], "errorMessage": case.message}
    return {**found, "executionStatus": "Passed" if case.passed else "Failed", **({} if case.passed else failed)}


VENDOR = Vendor(
    provider="testim",
    values={"test-plan-id": "plan1", "parallel": "2"},
    platform=platform,
    triggers=lambda request: request.method == "POST",
    stops=False,
)
