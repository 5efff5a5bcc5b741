"""A job of Jenkins, as its remote API and the source of Jenkins describe it: a queue item first, and then a build."""

from typing import Any

from testgate.wire import Reply, Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer, answer

JOB = "/job/shop/job/e2e"
RESULT = {"passed": "SUCCESS", "failed": "UNSTABLE", "stopped": "ABORTED", "odd": "QUARANTINED"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    (credential,) = request.credentials
    assert credential.value.startswith("Basic ")
    match request.method, path_of(request):
        case "POST", "/job/shop/job/e2e/buildWithParameters":
            assert request.fields is not None
            assert request.fields["BROWSER"] == "firefox"
            scene.start(now)
            return answer(request, {}, 201, {"location": "https://platform.example/queue/item/123/"})
        case "GET", "/queue/item/123/api/json":
            return ok(request, _item(scene, now))
        case "POST", "/queue/cancelItem":
            assert request.query == {"id": "123"}
            scene.stop(now)
            return Reply(204, {}, b"", request)
        case "GET", path if path.startswith(JOB):
            return _about(scene, request, path.removeprefix(JOB), now)
        case "POST", "/job/shop/job/e2e/7/stop":
            scene.stop(now)
            return Reply(302, {"location": "https://platform.example/job/shop/job/e2e/7/"}, b"", request)
    return missing(request)


def _about(scene: Scene, request: Request, path: str, now: float) -> Answer:
    """Answer a question about the job or its build."""
    if path == "/7/api/json":
        return ok(request, _build(scene, now))
    if path == "/7/testReport/api/json":
        return ok(request, _report(scene, now)) if scene.cases else answer(request, {}, 404)
    if path != "/api/json":
        return missing(request)
    if request.query["tree"].startswith("builds["):
        assert request.query["tree"].endswith("{0,50}")
        return ok(request, {"builds": []})
    return ok(request, {"fullDisplayName": "shop » e2e", "buildable": True})


def _item(scene: Scene, now: float) -> dict[str, Any]:
    """The item of the queue, which stays there for a few minutes after it left."""
    if scene.state(now) == "queued":
        return {"_class": "hudson.model.Queue$BuildableItem", "id": 123, "why": "Waiting for next available executor"}
    if scene.stopped and scene.stopped[0] < scene.started[0] + 5:
        return {"_class": "hudson.model.Queue$LeftItem", "id": 123, "why": None, "cancelled": True, "executable": None}
    build = {"number": 7, "url": "https://platform.example/job/shop/job/e2e/7/"}
    return {"_class": "hudson.model.Queue$LeftItem", "id": 123, "why": None, "cancelled": False, "executable": build}


def _build(scene: Scene, now: float) -> dict[str, Any]:
    """The build."""
    over = scene.over(now)
    return {
        "_class": "org.jenkinsci.plugins.workflow.job.WorkflowRun",
        "number": 7,
        "queueId": 123,
        "building": not over,
        "result": RESULT.get(scene.state(now)),
        "timestamp": 1_767_225_600_000,
        "duration": 60_000 if over else 0,
        "fullDisplayName": "shop » e2e #7",
        "url": "https://platform.example/job/shop/job/e2e/7/",
    }


def _report(scene: Scene, now: float) -> dict[str, Any]:
    """The test report, as the plugin for JUnit exports it."""
    cases = scene.cases if scene.over(now) else ()
    failed = sum(not case.passed for case in cases)
    rows = [
        {
            "className": "shop.Checkout",
            "name": case.name,
            "status": "PASSED" if case.passed else "REGRESSION",
            "duration": 1.5,
            "errorDetails": case.message or None,
            "errorStackTrace": None,
        }
        for case in cases
    ]
    suites = [{"enclosingBlockNames": [], "cases": rows}]
    return {"failCount": failed, "passCount": len(rows) - failed, "skipCount": 0, "suites": suites}


VENDOR = Vendor(
    provider="jenkins",
    values={"user": "ci-bot", "job": "shop/e2e", "parameters.BROWSER": "firefox"},
    platform=platform,
    triggers=lambda request: request.method == "POST" and request.url.endswith("/buildWithParameters"),
)
