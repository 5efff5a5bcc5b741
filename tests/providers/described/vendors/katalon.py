"""Katalon TestOps, as developers.katalon.com and the specification in the vendor's client describe it."""

from typing import Any

from testgate.wire import Reply, Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

STATUS = {"queued": "QUEUED", "running": "RUNNING", "passed": "SUCCESS", "stopped": "CANCELED", "odd": "QUARANTINED"}
PAGE = "https://testops.katalon.io/team/1/project/255858/executions/13530835"


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "PUT", "/api/v1/run-configurations/60538/execute":
            scene.start(now)
            return ok(request, [{"build_num": 123, "job_id": 456, "status": "queued", "steps": []}])
        case "GET", "/api/v1/jobs/456":
            return ok(request, _job(scene, now))
        case "DELETE", "/api/v1/jobs/456":
            scene.stop(now)
            return Reply(204, {}, b"", request)
        case "POST", "/api/v1/search":
            return _search(scene, request, now)
    return missing(request)


def _job(scene: Scene, now: float) -> dict[str, Any]:
    """The job. It has an execution once an agent has taken it."""
    state, over = scene.state(now), scene.over(now)
    cases = scene.cases if over else ()
    failed = sum(not case.passed for case in cases)
    execution = {
        "id": 13530835,
        "status": "RUNNING" if not over else "PASSED",
        "totalTests": len(cases),
        "totalPassedTests": len(cases) - failed,
        "totalFailedTests": failed,
        "totalErrorTests": 0,
        "totalIncompleteTests": 0,
        "totalSkippedTests": 0,
        "webUrl": PAGE,
    }
    return {
        "id": 456,
        "buildNumber": 123,
        "status": STATUS.get(state, "FAILED"),
        "startTime": "2026-01-01T00:00:00.000+0000",
        "stopTime": "2026-01-01T00:01:00.000+0000" if over else None,
        "duration": 60_000 if over else None,
        "runConfiguration": {"id": 60538, "name": "Nightly"},
        "execution": None if state == "queued" else execution,
    }


def _search(scene: Scene, request: Request, now: float) -> Answer:
    """A search: of results, or of schedules."""
    assert request.body is not None
    conditions = {each["key"]: each["value"] for each in request.body["conditions"]}
    assert conditions.pop("Project.id") == "255858"
    if request.body["type"] == "RunConfiguration":
        assert conditions == {"id": "60538"}
        return ok(request, {"content": [{"id": 60538, "name": "Nightly"}], "totalElements": 1})
    assert request.body["type"] == "TestResult"
    assert conditions == {"Execution.id": "13530835"}
    pagination = request.body["pagination"]
    start = pagination["page"] * pagination["size"]
    cases = scene.cases if scene.over(now) else ()
    rows = [
        {
            "id": 156008586 + number,
            "testCase": {"id": 100 + number, "name": case.name},
            "testSuite": {"id": 7, "name": "Checkout"},
            "execution": {"id": 13530835},
            "status": "PASSED" if case.passed else "FAILED",
            "errorMessage": case.message or None,
            "duration": 16668,
            "retried": False,
        }
        for number, case in enumerate(cases)
    ]
    shown = rows[start : start + pagination["size"]]
    return ok(request, {"content": shown, "totalElements": len(rows), "totalPages": 1, "last": True})


VENDOR = Vendor(
    provider="katalon",
    values={"user": "ci@example.com", "project": "255858", "schedule-id": "60538"},
    platform=platform,
    triggers=lambda request: request.method == "PUT" and request.url.endswith("/execute"),
)
