"""KaneAI, as lambdatest.com/support/docs/kaneai-ci-cd-automation describes its trigger, and third parties the rest."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

NAMED, COPY = "01KVXJ82AKT83GWJNFZTQVMNRQ", "01KW1T9WTR2C22NDSWVHJAY86H"
STATUSES = {
    "queued": "Not Started",
    "running": "In Progress",
    "passed": "Passed",
    "failed": "Failed",
    "stopped": "Aborted",
    "odd": "Archived",
}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", "/api/atm/v1/hyperexecute":
            assert request.body is not None
            assert (request.body["test_run_id"], request.body["concurrency"]) == (NAMED, 2)
            scene.start(now)
            link = "https://hyperexecute.lambdatest.com/hyperexecute/task?jobId=j1"
            return ok(request, {"job_id": "j1", "app_job_id": "", "test_run_id": COPY, "job_link": link})
        case "GET", path if path == f"/api/v1/test-run/instances/{COPY}":
            return ok(request, instances(scene, STATUSES[scene.state(now)], over=scene.over(now)))
        case "GET", path if path == f"/api/v1/test-run/{NAMED}":
            return ok(request, {"id": NAMED, "title": "Checkout", "status": "Not Started"})
    return missing(request)


def instances(scene: Scene, status: str, *, over: bool) -> dict[str, Any]:
    """A test run with its tests."""
    cases = scene.cases
    rows = [
        {
            "id": 238207541 + number,
            "test_case_id": case.id,
            "title": case.name,
            "status": ("Passed" if case.passed else "Failed") if over else "Not Started",
            "internal_id": f"TC-{number}",
            "environment": {"os": "macOS Monterey", "browser": "Chrome"},
        }
        for number, case in enumerate(cases)
    ]
    passed = sum(each.passed for each in cases) if over else 0
    numbers = {"total_test": len(cases), "passed": passed, "failed": len(cases) - passed if over else 0}
    numbers["not_started"] = len(cases) - numbers["passed"] - numbers["failed"]
    details = {"status": status, "run_result": numbers, "complete_percent": 100 if over else 0, "job_id": "j1"}
    return {"test_run_details": details, "test_run_instances": {"data": rows, "pagination": {}}}


VENDOR = Vendor(
    provider="kane-ai",
    values={"test-run-id": NAMED, "user-name": "grace", "concurrency": "2"},
    platform=platform,
    triggers=lambda request: request.method == "POST",
    messages=False,
    stops=False,
)
