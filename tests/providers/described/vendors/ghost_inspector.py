"""Ghost Inspector, as docs.ghostinspector.com/public-api describes it: version 1 of the API."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

RESULT = "/suite-results/sr1"
# `passing` of a result; a cancelled one keeps null with a finish date.
PASSING: dict[str, Any] = {"passed": True, "failed": False, "stopped": None, "odd": "maybe"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", "/suites/s1/execute/":
            scene.start(now)
            return ok(request, {"code": "SUCCESS", "data": {"_id": "sr1", "passing": None, "suite": "s1"}})
        case "GET", "/suite-results/sr1/":
            return ok(request, {"code": "SUCCESS", "data": _result(scene, now)})
        case "GET", "/suite-results/sr1/results/":
            rows = [_row(scene, number, now) for number in range(len(scene.cases))]
            start = int(request.query["offset"])
            return ok(request, {"code": "SUCCESS", "data": rows[start : start + int(request.query["count"])]})
        case "POST", "/suite-results/sr1/cancel/":
            scene.stop(now)
            return ok(request, {"code": "SUCCESS", "data": _result(scene, now)})
        case "GET", "/suites/s1/":
            return ok(request, {"code": "SUCCESS", "data": {"_id": "s1", "name": "Checkout"}})
    return missing(request)


def _result(scene: Scene, now: float) -> dict[str, Any]:
    """The result of the suite."""
    over = scene.over(now)
    return {
        "_id": "sr1",
        "name": "Checkout",
        "passing": PASSING.get(scene.state(now)),
        "dateExecutionFinished": "2026-01-01T00:01:00.000Z" if over else None,
        "executionTime": 60_000 if over else None,
        "countPassing": sum(case.passed for case in scene.cases) if over else 0,
        "countFailing": sum(not case.passed for case in scene.cases) if over else 0,
        "countUnknown": 0,
    }


def _row(scene: Scene, number: int, now: float) -> dict[str, Any]:
    """The result of a test."""
    case = scene.cases[number]
    return {
        "_id": f"tr{number}",
        "name": case.name,
        "passing": case.passed if scene.over(now) else None,
        "executionTime": 1500,
        "browser": "chrome",
        "test": {"_id": case.id, "name": case.name},
        "error": {"details": case.message} if case.message else None,
        "steps": [{"command": "click", "target": "#pay", "passing": case.passed}],
    }


VENDOR = Vendor(
    provider="ghost-inspector",
    values={"suite-id": "s1"},
    platform=platform,
    triggers=lambda request: request.method == "POST" and request.url.endswith("/execute/"),
)
