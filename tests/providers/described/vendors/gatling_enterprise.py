"""Gatling Enterprise, as the types of its public API v2 and the vendor's own CI plugin have it."""

from typing import Any

from testgate.wire import Reply, Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

# `_status` and `_outcome` by the state of the scene; the outcome is absent until the run is over.
STATES: dict[str, tuple[str, bool | None]] = {
    "queued": ("building", None),
    "running": ("injecting", None),
    "passed": ("assertions_successful", True),
    "failed": ("assertions_failed", False),
    "stopped": ("manually_stopped", False),
    "odd": ("archived", True),
}
TEST, RUN = "test_85oi617ymtnz3ctq76thr9pyey", "run_abs1seqxxpb6dm11bxab7beipw"


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", path if path == f"/tests/{TEST}/runs":
            assert request.body is not None
            assert request.body["title"]
            scene.start(now)
            urls = {"run": f"https://cloud.gatling.io/o/acme/reports/{RUN}"}
            return ok(request, {"data": run(*STATES["queued"], []), "metadata": {"urls": urls}, "relatedResources": {}})
        case "GET", path if path == f"/runs/{RUN}":
            cases = scene.cases if scene.over(now) else ()
            assertions = [{"message": each.name, "succeed": each.passed, "actualValue": 0.5} for each in cases]
            return ok(request, {"data": run(*STATES[scene.state(now)], assertions), "relatedResources": {}})
        case "GET", "/runs":
            assert request.query == {"test-id": TEST, "limit": "50"}
            return ok(request, {"data": [], "metadata": {"query": {}}, "relatedResources": {}})
        case "POST", path if path == f"/runs/{RUN}/actions/stop":
            assert request.body == {}
            scene.stop(now)
            return Reply(204, {}, b"", request)
        case "GET", path if path == f"/tests/{TEST}":
            return ok(request, {"data": {"_id": TEST, "_type": "test", "name": "Checkout"}, "relatedResources": {}})
    return missing(request)


def run(status: str, successful: bool | None, assertions: list[dict[str, Any]]) -> dict[str, Any]:
    """A run."""
    ended = "2026-01-01T00:01:00.000Z" if successful is not None else None
    return {
        "_type": "run",
        "_id": RUN,
        "_status": status,
        "_updatedAt": "2026-01-01T00:00:30.000Z",
        "_creditsUsed": 1,
        "_result": {"assertions": assertions},
        **({"_outcome": {"successful": successful}} if successful is not None else {}),
        "_runtime": {
            "timeline": {
                "build": {"startedAt": "2026-01-01T00:00:00.000Z", "endedAt": "2026-01-01T00:00:10.000Z"},
                "inject": {"startedAt": "2026-01-01T00:00:20.000Z", "endedAt": ended},
            }
        },
        "_configuration": {"testId": TEST, "incrementalId": 7},
    }


VENDOR = Vendor(
    provider="gatling-enterprise",
    values={"test-id": TEST},
    platform=platform,
    triggers=lambda request: request.method == "POST" and request.url.endswith("/runs"),
    messages=False,
)
