"""BlazeMeter API Monitoring, as help.blazemeter.com/apidocs/api-monitoring and the page on trigger URLs describe it."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Case, Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

TRIGGER, BUCKET, TEST, RUN = "4b8a1e2c", "ujy2zddfsj", "2637778b", "df359b71"
RESULTS = {"queued": "queued", "running": "working", "passed": "pass", "failed": "fail", "stopped": "canceled"}
URL = "https://shop.example/"


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", path if path == f"/radar/{TRIGGER}/trigger":
            assert request.query == {}
            scene.start(now)
            return ok(request, triggered(run(RUN)), 201)
        case "GET", path if path == f"/buckets/{BUCKET}/tests/{TEST}/results/{RUN}":
            return ok(request, {"data": result(scene, now), "error": None, "meta": {"status": "success"}})
        case "GET", "/account":
            return ok(request, {"data": {"name": "Grace Hopper", "email": "grace@example.com"}, "meta": {}})
    return missing(request)


def run(run_id: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    """A run in the answer to a trigger."""
    return {
        "agent": None,
        "bucket_key": BUCKET,
        "region": "us1",
        "status": "init",
        "test_id": TEST,
        "test_name": "Checkout",
        "environment_name": "Production",
        "test_run_id": run_id,
        "test_run_url": f"https://www.runscope.com/radar/{BUCKET}/{TEST}/results/{run_id}",
        **more,
    }


def triggered(*runs: dict[str, Any], failed: int = 0) -> dict[str, Any]:
    """The answer to a trigger."""
    numbers = {"runs_started": len(runs), "runs_failed": failed, "runs_total": len(runs) + failed}
    return {"data": {"runs": [*runs], **numbers}, "meta": {"status": "success"}}


def result(scene: Scene, now: float) -> dict[str, Any]:
    """The result of a run. Its requests are there as soon as they were sent."""
    over = scene.over(now)
    return {
        "test_run_id": RUN,
        "test_id": TEST,
        "bucket_key": BUCKET,
        "result": RESULTS.get(scene.state(now), "paused"),
        "started_at": 1406036406.68105,
        "finished_at": 1406036466.68105 if over else None,
        "requests_executed": len(scene.cases) if over else 0,
        "requests": [sent(case) for case in scene.cases] if over else [],
    }


def sent(case: Case) -> dict[str, Any]:
    """A request of a run."""
    assertion = {
        "result": "pass" if case.passed else "fail",
        "source": "response_text",
        "property": None,
        "comparison": "contains",
        "target_value": case.message or "ok",
        "actual_value": "<html>",
        "error": None,
    }
    return {
        "uuid": case.id,
        "method": "GET",
        "url": f"{URL}{case.name.lower()}",
        "result": "pass" if case.passed else "fail",
        "assertions": [assertion],
        "scripts": [],
    }


VENDOR = Vendor(
    provider="runscope",
    values={"trigger-id": TRIGGER},
    platform=platform,
    triggers=lambda request: request.method == "POST",
    names=(f"GET {URL}login", f"GET {URL}pay"),
    stops=False,
)
