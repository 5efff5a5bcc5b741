"""Autify for Web, as the OpenAPI document of its API v1 describes it."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

STATUSES = {"queued": "queuing", "stopped": "canceled", "odd": "reviewed"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", "/schedules/15":
            scene.start(now)
            return ok(request, {"data": {"id": 123456, "type": "test_plan_result", "attributes": {"id": 123456}}})
        case "GET", "/projects/1/results/123456":
            state = scene.state(now)
            return ok(request, result(scene, STATUSES.get(state, state), over=scene.over(now)))
        case "GET", "/projects/1/credits":
            span = {"date_from": "2025-12-25", "date_to": "2026-01-01"}
            return ok(request, {**span, "credits_consumed": 0, "credit_consumption_event_count": 0})
    return missing(request)


def times(*, over: bool) -> dict[str, Any]:
    """The times of a result; without an end until it is over."""
    ended = "2026-01-01T00:01:00.000+09:00" if over else None
    return {"started_at": "2026-01-01T00:00:00.000+09:00", "finished_at": ended, "duration": 60_000}


def result(scene: Scene, status: str, *, over: bool) -> dict[str, Any]:
    """The result of a test plan on two capabilities, the second without scenarios."""
    rows = [
        {
            "id": 900 + number,
            "status": ("passed" if case.passed else "failed") if over else "running",
            "test_case_id": number,
            "project_url": "https://staging.example.com",
            "review_needed": 0,
            **times(over=over),
        }
        for number, case in enumerate(scene.cases, 1)
    ]
    desktop = {"os": "Linux", "browser": "Chrome", "browser_version": "120.0"}
    return {
        "id": 123456,
        "status": status,
        "review_needed": False,
        "test_plan": {"id": 15, "name": "Checkout"},
        "test_plan_capability_results": [
            {"id": 1, "capability": {"id": 7, **desktop}, "test_case_results": rows},
            {"id": 2, "capability": {"id": 8, "os": "iOS", "device": "iPhone"}, "test_case_results": []},
        ],
        **times(over=over),
    }


VENDOR = Vendor(
    provider="autify",
    values={"test-plan-id": "15", "project-id": "1"},
    platform=platform,
    triggers=lambda request: request.method == "POST",
    names=("Scenario 1", "Scenario 2"),
    messages=False,
    stops=False,
)
