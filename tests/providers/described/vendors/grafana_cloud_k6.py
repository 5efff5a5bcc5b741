"""Grafana Cloud k6, as the OpenAPI document of its API v6 describes it."""

from typing import Any

from testgate.wire import Reply, Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

# `status` and `result` by the state of the scene; `result` is null until the run is over.
STATES: dict[str, tuple[str, str | None]] = {
    "queued": ("created", None),
    "running": ("running", None),
    "passed": ("completed", "passed"),
    "failed": ("completed", "failed"),
    "stopped": ("aborted", "error"),
    "odd": ("completed", "degraded"),
}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    assert [(each.header, each.value) for each in request.credentials] == [
        ("Authorization", "Bearer key-0123456789"),
        ("X-Stack-Id", "12345"),
    ]
    match request.method, path_of(request):
        case "POST", "/load_tests/42/start":
            scene.start(now)
            return ok(request, run(*STATES["queued"]))
        case "GET", "/test_runs/7651472":
            return ok(request, run(*STATES[scene.state(now)]))
        case "POST", "/test_runs/7651472/abort":
            scene.stop(now)
            return Reply(204, {}, b"", request)
        case "GET", "/load_tests/42":
            return ok(request, {"id": 42, "project_id": 10, "name": "Checkout", "baseline_test_run_id": None})
    return missing(request)


def run(status: str, result: str | None) -> dict[str, Any]:
    """A test run."""
    details = {"type": result, "message": "thresholds have been crossed: no button", "code": 99}
    return {
        "id": 7651472,
        "test_id": 42,
        "project_id": 10,
        "note": "",
        "created": "2026-01-01T00:00:00Z",
        "ended": "2026-01-01T00:01:00Z" if result else None,
        "status": status,
        "status_details": {"type": status, "entered": "2026-01-01T00:00:30Z"},
        "result": result,
        "result_details": details if result == "failed" else {"type": result} if result else None,
        "execution_duration": 60 if result else 0,
        "web_app_url": "https://team.grafana.net/a/k6-app/runs/7651472",
    }


VENDOR = Vendor(
    provider="grafana-cloud-k6",
    values={"load-test-id": "42", "stack-id": "12345"},
    platform=platform,
    triggers=lambda request: request.method == "POST" and request.url.endswith("/start"),
    tests=False,
)
