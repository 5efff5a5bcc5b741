"""A workflow of GitHub Actions, as docs.github.com/en/rest/actions describes it: workflows, runs and their jobs."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

REPOSITORY = "/repos/octo-org/shop/actions"
CONCLUSION = {"passed": "success", "failed": "failure", "stopped": "cancelled", "odd": "neutral"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    assert request.headers.get("X-GitHub-Api-Version", "2022-11-28") == "2022-11-28"
    match request.method, path_of(request).removeprefix(REPOSITORY):
        case "POST", "/workflows/e2e.yml/dispatches":
            assert request.body == {"ref": "main", "inputs": {"environment": "staging"}, "return_run_details": True}
            scene.start(now)
            page = "https://github.com/octo-org/shop/actions/runs/30433642"
            return ok(request, {"workflow_run_id": 30433642, "run_url": "https://api…", "html_url": page})
        case "GET", "/runs/30433642":
            return ok(request, _run(scene, now))
        case "GET", "/runs/30433642/jobs":
            rows = [_job(scene, number, now) for number in range(len(scene.cases))]
            size, page_number = int(request.query["per_page"]), int(request.query["page"])
            shown = rows[size * (page_number - 1) : size * page_number]
            return ok(request, {"total_count": len(rows), "jobs": shown})
        case "POST", "/runs/30433642/cancel":
            scene.stop(now)
            return ok(request, {}, 202)
        case "GET", "/workflows/e2e.yml":
            return ok(request, {"id": 161335, "name": "E2E", "path": ".github/workflows/e2e.yml", "state": "active"})
    return missing(request)


def _run(scene: Scene, now: float) -> dict[str, Any]:
    """A workflow run."""
    state = scene.state(now)
    return {
        "id": 30433642,
        "name": "E2E",
        "event": "workflow_dispatch",
        "status": {"queued": "queued", "running": "in_progress"}.get(state, "completed"),
        "conclusion": CONCLUSION.get(state),
        "html_url": "https://github.com/octo-org/shop/actions/runs/30433642",
        "run_attempt": 1,
        "run_started_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:01:00Z",
    }


def _job(scene: Scene, number: int, now: float) -> dict[str, Any]:
    """A job of the run. GitHub says no more about a failure than its step."""
    case, over = scene.cases[number], scene.over(now)
    conclusion = "success" if case.passed else "failure"
    steps = [
        {"name": "Set up job", "status": "completed", "conclusion": "success", "number": 1},
        {"name": f"Run tests {case.message}", "status": "completed", "conclusion": conclusion, "number": 2},
        {"name": "Post checkout", "status": "completed", "conclusion": "success", "number": 3},
    ]
    return {
        "id": 399444496 + number,
        "run_id": 30433642,
        "name": case.name,
        "status": "completed" if over else "in_progress",
        "conclusion": conclusion if over else None,
        "started_at": "2026-01-01T00:00:00Z",
        "completed_at": "2026-01-01T00:00:30Z" if over else None,
        "steps": steps if over else [],
        "runner_name": "my runner",
        "labels": ["self-hosted"],
    }


VENDOR = Vendor(
    provider="github-workflow",
    values={"repository": "octo-org/shop", "workflow": "e2e.yml", "inputs.environment": "staging"},
    platform=platform,
    triggers=lambda request: request.method == "POST" and request.url.endswith("/dispatches"),
)
