"""BugBug, as a public client uses its API."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Case, Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

WEB = "https://app.bugbug.io/runs/run1/"


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", "/suiteruns/":
            assert request.body == {"suiteId": "s1", "triggeredBy": "api"}
            scene.start(now)
            return ok(request, {"id": "run1", "status": "initializing", "webappUrl": WEB}, 201)
        case "GET", "/suiteruns/run1/status/":
            return ok(request, {"id": "run1", "status": _status(scene, now), "webappUrl": WEB})
        case "GET", "/suiteruns/run1/":
            details = [_test(number, case, over=scene.over(now)) for number, case in enumerate(scene.cases)]
            run = {"id": "run1", "suiteId": "s1", "name": "Shop", "status": _status(scene, now), "errorCode": None}
            return ok(request, {**run, "details": details})
        case "POST", "/suiteruns/run1/stop/":
            scene.stop(now)
            return ok(request, {"id": "run1", "status": "stopped"})
        case "GET", "/suites/s1/":
            return ok(request, {"id": "s1", "name": "Shop", "testsCount": 2})
    return missing(request)


def _status(scene: Scene, now: float) -> str:
    """The word for the state."""
    state = scene.state(now)
    return {"odd": "paused"}.get(state, str(state))


def _test(number: int, case: Case, *, over: bool) -> dict[str, Any]:
    """A test of the run."""
    status = ("passed" if case.passed else "failed") if over else "queued"
    found = {"id": f"t{number}", "name": case.name, "status": status, "duration": "00:00:12"}
    return {**found, "errorCode": None, "errorMessage": case.message or None}


VENDOR = Vendor(
    provider="bugbug",
    values={"suite-id": "s1"},
    platform=platform,
    triggers=lambda request: request.method == "POST" and request.url.endswith("/suiteruns/"),
)
