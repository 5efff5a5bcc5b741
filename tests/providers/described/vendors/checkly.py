"""Checkly, as the OpenAPI document of its public API describes test sessions."""

from typing import Any

from testgate.wire import Reply, Request
from tests.providers.described.scenes import Case, Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

SESSION = "8166fa86-c9b4-4162-8541-d380c6c212d8"
STATUS = {"queued": "RUNNING", "running": "RUNNING", "stopped": "CANCELLED", "odd": "ARCHIVED"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    path = path_of(request).replace(SESSION, "{id}")
    match request.method, path:
        case "POST", "/v1/test-sessions/trigger":
            return _started(scene, request, now)
        case "GET", "/v1/test-sessions":
            entry = {"id": SESSION, "accountId": "acc", "name": "another", "provider": "TRIGGER", "region": "eu"}
            return ok(request, {"length": 1, "entries": [entry], "nextId": None})
        case "GET", "/v1/test-sessions/{id}":
            return ok(request, _session(scene, now))
        case "POST", "/v1/test-sessions/{id}/cancel":
            scene.stop(now)
            return Reply(204, {}, b"", request)
        case "GET", "/v1/accounts/acc":
            return ok(request, {"id": "acc", "name": "Shop"})
    return _details(scene, request, path)


def _details(scene: Scene, request: Request, path: str) -> Answer:
    """The details of a result."""
    if not path.startswith("/v1/test-sessions/{id}/results/"):
        return missing(request)
    (case,) = [case for case in scene.cases if path.endswith(f"-{case.id}")]
    details = {"errors": [{"message": case.message, "stack": "at pay.ts:7"}]}
    return ok(request, {**_result(case), "browserCheckResult": details, "apiCheckResult": None})


def _started(scene: Scene, request: Request, now: float) -> Answer:
    """Start a session; without a check that fits, there is none."""
    body = request.body
    assert isinstance(body, dict)
    assert body["runLocation"] == "eu-central-1"
    assert body["target"] == {"matchTags": [["shop", "!slow"]]}
    if scene.outcome == "empty":
        return ok(request, {"statusCode": 404, "error": "Not Found", "message": "No matching checks were found."}, 404)
    scene.start(now)
    return ok(request, {**_session(scene, now), "results": []}, 201)


def _session(scene: Scene, now: float) -> dict[str, Any]:
    """A session."""
    over = scene.over(now)
    state = scene.state(now)
    return {
        "testSessionId": SESSION,
        "testSessionLink": f"https://app.checklyhq.com/accounts/acc/test-sessions/{SESSION}",
        "name": "mark",
        "status": STATUS.get(state, state.upper()),
        "errorGroupIds": [],
        "startedAt": "2026-01-01T00:00:00.000Z",
        "stoppedAt": "2026-01-01T00:01:00.000Z" if over else None,
        "timeElapsed": 60_000 if over else 0,
        "results": [_result(case) if over else {**_result(case), **_UNDER_WAY} for case in scene.cases],
    }


_UNDER_WAY = {"status": "RUNNING", "resultType": "PENDING", "hasFailures": False, "stoppedAt": None}


def _result(case: Case) -> dict[str, Any]:
    """The result of a check."""
    return {
        "testSessionResultId": f"result-{case.id}",
        "testSessionResultLink": "https://app.checklyhq.com/result",
        "checkId": case.id,
        "checkType": "BROWSER",
        "name": case.name,
        "runLocation": "eu-central-1",
        "errorGroupIds": [],
        "resultType": "FINAL",
        "status": "PASSED" if case.passed else "FAILED",
        "hasErrors": False,
        "hasFailures": not case.passed,
        "isDegraded": False,
        "aborted": False,
        "startedAt": "2026-01-01T00:00:01.000Z",
        "stoppedAt": "2026-01-01T00:00:09.500Z",
    }


VENDOR = Vendor(
    provider="checkly",
    values={"account-id": "acc", "location": "eu-central-1", "tags": "shop,!slow"},
    platform=platform,
    triggers=lambda request: request.method == "POST" and request.url.endswith("/trigger"),
)
