"""Loadmill, as docs.loadmill.com/auth/rest-api and the vendor's command line have it: version 1 of the API."""

from base64 import b64encode
from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

PLAN, RUN = "b3b1c1f0-5b0e-4d6f-9f43-0d1f6a2c7e11", "0f1e2d3c-0000-4000-8000-123456789abc"
STATUSES = {"queued": "RUNNING", "odd": "ARCHIVED"}
BASIC = "Basic " + b64encode(b"key-0123456789:").decode()


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    assert [each.value for each in request.credentials] == [BASIC]
    match request.method, path_of(request):
        case "POST", path if path == f"/test-plans/{PLAN}/run":
            assert isinstance(request.body, dict)
            assert [*request.body] == ["additionalDescription"]
            scene.start(now)
            return ok(request, {"testPlanRunId": RUN})
        case "GET", path if path == f"/test-plans-runs/{RUN}":
            state = scene.state(now)
            flows = request.query == {"fetchAllFlows": "true", "groupFlowAttempts": "true"}
            return ok(request, plan(scene, STATUSES.get(state, state.upper()), flows=flows, over=scene.over(now)))
        case "GET", "/labels":
            return ok(request, {"teamLabels": []})
    return missing(request)


def plan(scene: Scene, status: str, *, flows: bool, over: bool) -> dict[str, Any]:
    """A run of a plan. Its flows are there only if they are asked for."""
    rows = [
        {
            "id": case.id,
            "description": case.name,
            "status": ("PASSED" if case.passed else "FAILED") if over else "RUNNING",
            "startTime": 1741504814000,
            "endTime": 1741504816500 if over else None,
        }
        for case in scene.cases
    ]
    wrong = [case.message for case in scene.cases if case.message]
    suite = {
        "id": "5ebe820e",
        "description": "Regressions",
        "status": status,
        "startTime": 1741504814000,
        "endTime": 1741504874000 if over else None,
        **({"error": {"message": wrong[0]}} if wrong and over else {}),
        **({"testSuiteFlowRuns": rows} if flows else {}),
    }
    times = {"startTime": 1741504814000, "endTime": 1741504874000 if over else None}
    return {"id": RUN, "description": "Sanity", "status": status, **times, "testSuitesRuns": [suite]}


VENDOR = Vendor(
    provider="loadmill",
    values={"test-plan-id": PLAN},
    platform=platform,
    triggers=lambda request: request.method == "POST",
    stops=False,
)
