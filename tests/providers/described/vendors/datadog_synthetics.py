"""Datadog Synthetics, as docs.datadoghq.com describes its API and as the vendor's command line reads it."""

import json
from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Case, Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

BATCH = "/v1/synthetics/ci/batch/8a9b-batch"


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request. A batch is not found for its first seconds."""
    match request.method, path_of(request):
        case "POST", "/v1/synthetics/tests/trigger/ci":
            assert isinstance(request.body, dict)
            assert [each["public_id"] for each in request.body["tests"]] == ["aaa-aaa-aaa", "bbb-bbb-bbb"]
            scene.start(now)
            locations = [{"name": "aws:eu-central-1", "display_name": "Frankfurt", "id": 1, "is_active": True}]
            return ok(request, {"batch_id": "8a9b-batch", "locations": locations, "results": []})
        case "GET", path if path == BATCH:
            if scene.state(now) == "queued":
                return ok(request, {"errors": ["Batch not found"]}, 404)
            return ok(request, {"data": {"metadata": {}, **_batch(scene, now)}})
        case "GET", "/v2/synthetics/tests/poll_results":
            (result_id,) = json.loads(request.query["result_ids"])
            (case,) = [case for case in scene.cases if f"result-{case.id}" == result_id]
            return ok(request, _details(case))
    return _checked(request)


def _checked(request: Request) -> Answer:
    """Answer a harmless question."""
    match request.method, path_of(request):
        case "GET", "/v1/validate":
            return ok(request, {"valid": True})
        case "GET", ("/v1/synthetics/tests/aaa-aaa-aaa" | "/v1/synthetics/tests/bbb-bbb-bbb"):
            return ok(request, {"public_id": "aaa-aaa-aaa", "name": "Login", "type": "browser", "status": "live"})
    return missing(request)


def _batch(scene: Scene, now: float) -> dict[str, Any]:
    """The state of a batch. One that ran out of time is failed, with results that timed out."""
    over = scene.over(now)
    status = {"stopped": "failed", "running": "in_progress", "odd": "paused"}.get(scene.state(now), scene.state(now))
    return {"status": status, "results": [_result(case, over=over) for case in scene.cases] + _late(scene, now)}


def _late(scene: Scene, now: float) -> list[dict[str, Any]]:
    """What was still under way when the batch ran out of time."""
    if scene.state(now) != "stopped":
        return []
    return [{**_result(Case("c9", "Late", False), over=False), "status": "failed", "timed_out": True}]


def _result(case: Case, *, over: bool) -> dict[str, Any]:
    """The result of a test."""
    return {
        "result_id": f"result-{case.id}",
        "test_public_id": case.id,
        "test_name": case.name,
        "test_type": "browser",
        "location": "aws:eu-central-1",
        "device": "chrome.laptop_large",
        "duration": 1240.5 if over else 0,
        "execution_rule": "blocking",
        "retries": 0 if over else None,
        "status": ("passed" if case.passed else "failed") if over else "in_progress",
        "timed_out": False if over else None,
    }


def _details(case: Case) -> dict[str, Any]:
    """The details of a result: the steps of a browser test."""
    steps = [
        {"description": "Open the page", "status": "passed", "type": "goToUrl"},
        {"description": "Click Pay", "status": "failed", "failure": {"code": "X", "message": case.message}},
    ]
    result = {"id": f"result-{case.id}", "status": "failed", "finished_at": 1, "steps": steps}
    attributes = {"test_type": "browser", "result": result}
    return {"data": [{"id": f"result-{case.id}", "type": "result", "attributes": attributes}], "included": []}


VENDOR = Vendor(
    provider="datadog-synthetics",
    values={"test-id": "aaa-aaa-aaa,bbb-bbb-bbb"},
    secret={"application-key": "application-0123456789"},
    platform=platform,
    triggers=lambda request: request.method == "POST",
    stops=False,
)
