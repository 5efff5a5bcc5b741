"""A pipeline of GitLab, as docs.gitlab.com/api describes it: pipelines, their jobs and their test report."""

from typing import Any
from urllib.parse import unquote

from testgate.wire import Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

STATUS = {"passed": "success", "stopped": "canceled", "odd": "quarantined"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    path = path_of(request)
    assert path.startswith("/projects/group%2Fshop")
    match request.method, unquote(path).removeprefix("/projects/group/shop"):
        case "POST", "/pipeline":
            assert request.body is not None
            assert request.body["ref"] == "feature/pay"
            assert request.body["variables"] == [{"key": "SUITE", "value": "smoke"}, {"key": "TOKEN", "value": "t0p"}]
            assert "inputs" not in request.body
            scene.start(now)
            return ok(request, _pipeline(scene, now), 201)
        case "POST", "/pipelines/46/cancel":
            scene.stop(now)
            return ok(request, _pipeline(scene, now))
        case "GET", "":
            return ok(request, {"id": 1, "path_with_namespace": "group/shop"})
        case "GET", "/repository/commits/feature/pay":
            return ok(request, {"id": "6104942438c14ec7bd21c6cd5bd995272b3faff6", "short_id": "6104942438c"})
        case "GET", about if about.startswith("/pipelines/46"):
            return _about(scene, request, about.removeprefix("/pipelines/46"), now)
    return missing(request)


def _about(scene: Scene, request: Request, path: str, now: float) -> Answer:
    """Answer a question about the pipeline."""
    if path == "":
        return ok(request, _pipeline(scene, now))
    if path == "/test_report":
        return ok(request, _report(scene, now))
    if path != "/jobs":
        return missing(request)
    rows = [_job(scene, number, now) for number in range(len(scene.cases))]
    size, number = int(request.query["per_page"]), int(request.query["page"])
    return ok(request, rows[size * (number - 1) : size * number])


def _pipeline(scene: Scene, now: float) -> dict[str, Any]:
    """A pipeline."""
    state, over = scene.state(now), scene.over(now)
    return {
        "id": 46,
        "iid": 11,
        "name": "E2E",
        "status": {**STATUS, "queued": "pending"}.get(state, state),
        "ref": "feature/pay",
        "web_url": "https://gitlab.com/group/shop/-/pipelines/46",
        "started_at": "2026-01-01T00:00:00.000Z",
        "finished_at": "2026-01-01T00:01:00.000Z" if over else None,
        "duration": 60 if over else None,
    }


def _job(scene: Scene, number: int, now: float) -> dict[str, Any]:
    """A job of the pipeline. GitLab says why it failed in a word of its own."""
    case, over = scene.cases[number], scene.over(now)
    return {
        "id": 6 + number,
        "name": case.name,
        "stage": "test",
        "status": ("success" if case.passed else "failed") if over else "created",
        "allow_failure": False,
        "failure_reason": case.message if over and case.message else None,
        "duration": 0.465 if over else None,
        "started_at": "2026-01-01T00:00:00.000Z",
        "pipeline": {"id": 46, "project_id": 1},
    }


def _report(scene: Scene, now: float) -> dict[str, Any]:
    """The test report of the pipeline."""
    cases = scene.cases if scene.over(now) else ()
    failed = sum(not case.passed for case in cases)
    rows = [
        {
            "status": "success" if case.passed else "failed",
            "name": case.name,
            "classname": "shop.Checkout",
            "execution_time": 6.1,
            "system_output": case.message or None,
            "stack_trace": None,
        }
        for case in cases
    ]
    counts = {"total_count": len(rows), "success_count": len(rows) - failed, "failed_count": failed}
    counts |= {"skipped_count": 0, "error_count": 0}
    suites = [{"name": "e2e", "total_time": 60, **counts, "suite_error": None, "test_cases": rows}] if rows else []
    return {"total_time": 60, **counts, "test_suites": suites}


VENDOR = Vendor(
    provider="gitlab-pipeline",
    values={"project": "group/shop", "ref": "feature/pay", "variables.SUITE": "smoke"},
    secret={"secret-variables.TOKEN": "t0p"},
    platform=platform,
    triggers=lambda request: request.method == "POST" and request.url.endswith("/pipeline"),
)
