"""Testkube, as the specification in its repository describes it: executions of test workflows."""

from typing import Any

from testgate.wire import Reply, Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

STATUS = {"stopped": "aborted", "odd": "quarantined"}
TIMES = {"queuedAt": "2026-01-01T00:00:00Z", "startedAt": "2026-01-01T00:00:00.123456789Z"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", "/test-workflows/checkout-e2e/executions":
            assert request.body is not None
            assert request.body["config"] == {"browser": "firefox"}
            scene.start(now)
            return ok(request, _execution(scene, now))
        case "GET", "/test-workflow-executions/6a1":
            return ok(request, _execution(scene, now))
        case "POST", "/test-workflow-executions/6a1/abort":
            scene.stop(now)
            return Reply(204, {}, b"", request)
        case "GET", "/test-workflows/checkout-e2e/executions":
            return ok(request, {"totals": {"results": 0}, "results": []})
        case "GET", "/test-workflows/checkout-e2e":
            return ok(request, {"name": "checkout-e2e", "namespace": "testkube"})
    return missing(request)


def _execution(scene: Scene, now: float) -> dict[str, Any]:
    """An execution: a tree of steps, with their results beside it. A group has a result too."""
    state, over = scene.state(now), scene.over(now)
    leaves = [{"ref": f"r{number}", "name": case.name} for number, case in enumerate(scene.cases)]
    steps = {
        f"r{number}": {
            "status": ("passed" if case.passed else "failed") if over else "queued",
            **({"errorMessage": case.message} if over and case.message else {}),
            **TIMES,
            "finishedAt": "2026-01-01T00:00:30.5Z" if over else "0001-01-01T00:00:00Z",
        }
        for number, case in enumerate(scene.cases)
    }
    group = {"ref": "g", "name": "Tests", "category": "Run in parallel", "children": leaves}
    group_status = "failed" if any(not case.passed for case in scene.cases) else "passed"
    return {
        "id": "6a1",
        "name": "checkout-e2e-7",
        "number": 7,
        "signature": [group] if leaves else [],
        "result": {
            "status": STATUS.get(state, state),
            "predictedStatus": "passed",
            "durationMs": 60_000 if over else 0,
            "steps": {"g": {"status": group_status if over else "running"}, **steps},
        },
        "workflow": {"name": "checkout-e2e"},
    }


VENDOR = Vendor(
    provider="testkube",
    values={"workflow": "checkout-e2e", "config.browser": "firefox"},
    platform=platform,
    triggers=lambda request: request.method == "POST" and request.url.endswith("/executions"),
)
