"""Autify for Mobile, as the OpenAPI document of its API v1 describes it."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

STATUSES = {"queued": "queuing", "stopped": "canceled", "odd": "reviewed"}
CAPABILITY = {"id": "jx8tyj", "os": "iOS", "os_version": "14.4", "device": "iPhone 12 Pro"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", "/test_plans/yLA6m0oM/test_plan_results":
            assert request.body == {"build_id": "dl9Kq2"}
            scene.start(now)
            return ok(request, {"id": "zQ4m0x", "test_plan": {"id": "yLA6m0oM", "name": "Checkout"}}, 201)
        case "GET", "/projects/jx8tyj/results/zQ4m0x":
            state = scene.state(now)
            return ok(request, result(scene, STATUSES.get(state, state), over=scene.over(now)))
        case "GET", "/projects/jx8tyj/results":
            assert request.query == {"per_page": "1"}
            return ok(request, {"total": 0, "data": []})
    return missing(request)


def result(scene: Scene, status: str, *, over: bool) -> dict[str, Any]:
    """The result of a test plan."""
    rows = [
        {
            "id": case.id,
            "status": ("passed" if case.passed else "failed") if over else "running",
            "duration": 10,
            "url": f"https://mobile-app.autify.com/projects/jx8tyj/results/zQ4m0x/scenarios/{case.id}",
            "test_case": {"name": case.name, "build": {"id": "dl9Kq2"}, "capability": CAPABILITY},
        }
        for case in scene.cases
    ]
    return {
        "id": "zQ4m0x",
        "status": status,
        "duration": 60 if over else None,
        "started_at": "2022-06-13T17:06:19.487+09:00",
        "finished_at": "2022-06-13T17:07:19.487+09:00" if over else None,
        "url": "https://mobile-app.autify.com/projects/jx8tyj/results/zQ4m0x",
        "test_plan": {"id": "yLA6m0oM", "name": "Checkout"},
        "test_case_results": rows,
    }


VENDOR = Vendor(
    provider="autify-mobile",
    values={"test-plan-id": "yLA6m0oM", "project-id": "jx8tyj", "build-id": "dl9Kq2"},
    platform=platform,
    triggers=lambda request: request.method == "POST",
    messages=False,
    stops=False,
)
