"""Reflect, as its pages on the suites API describe it, with tests as a public action shows them."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Case, Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

SUITE = "/suites/regression-tests/executions"
STATUS = {"queued": "pending", "running": "pending", "stopped": "canceled", "odd": "archived"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", path if path == SUITE:
            scene.start(now)
            return ok(request, {"executionId": 36, "url": "https://app.reflect.run" + SUITE + "/36"})
        case "GET", path if path == SUITE:
            return ok(request, {"suiteId": "regression-tests", "executions": {"data": []}})
        case "GET", path if path == f"{SUITE}/36":
            return ok(request, _execution(scene, now))
        case "PATCH", path if path == f"{SUITE}/36/cancel":
            scene.stop(now)
            return ok(request, _execution(scene, now))
    return missing(request)


def _execution(scene: Scene, now: float) -> dict[str, Any]:
    """An execution of the suite."""
    over = scene.over(now)
    state = scene.state(now)
    return {
        "suiteId": "regression-tests",
        "executionId": 36,
        "url": "https://app.reflect.run/suites/regression-tests/executions/36",
        "isFinished": over,
        "status": STATUS.get(state, state),
        "tests": {"data": [_test(number, case, over=over) for number, case in enumerate(scene.cases)], "bookmark": ""},
    }


def _test(number: int, case: Case, *, over: bool) -> dict[str, Any]:
    """A test of the suite."""
    status = "passed" if case.passed else "failed"
    run = {
        "runId": 2641 + number,
        "browser": "Chrome",
        "status": status,
        "startTime": 1643734963077,
        "endTime": 1643734979203,
        "runTime": 16126,
        "videoUrl": "https://videos.example/2641.mp4",
        **({"failedStepIndex": {"4": case.message}} if case.message else {}),
    }
    found = {"instanceId": number, "testId": 683 + number, "name": case.name, "startingUrl": "https://shop.example"}
    return {**found, "status": status if over else "pending", "runs": [run] if over else []}


VENDOR = Vendor(
    provider="reflect",
    values={"suite-id": "regression-tests"},
    platform=platform,
    triggers=lambda request: request.method == "POST",
)
