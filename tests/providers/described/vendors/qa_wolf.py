"""QA Wolf, as docs.qawolf.com describes its REST API."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

ROOT = "cl1f6i0in15676w115vt43vw2"
# `runStage` and `greenlight` by the state of the scene.
STAGES: dict[str, tuple[str, bool]] = {
    "queued": ("initializing", False),
    "running": ("underReview", False),
    "passed": ("completed", True),
    "failed": ("completed", False),
    "stopped": ("canceled", False),
    "odd": ("archived", True),
}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", "/webhooks/deploy_success":
            assert request.body == {"branch": "main", "sha": "de12add"}
            scene.start(now)
            return ok(request, {"deployment_id": "cl9k2p0aa", "results": [created(ROOT)]})
        case "GET", path if path == f"/v0/ci-greenlight/{ROOT}":
            return ok(request, greenlight(*STAGES[scene.state(now)]))
        case "GET", "/v0/run-inputs-executables-signed-urls":
            file = request.query["file"]
            places = {"fileLocation": f"team/{file}", "playgroundFileLocation": file}
            return ok(request, {**places, "signedUrl": "https://storage.example"})
    return missing(request)


def created(run: str) -> dict[str, Any]:
    """A trigger of the platform that matched, and started a run."""
    return {"created_suite_id": run, "environment_id": "ckz2y0o7j", "outcome": "created", "trigger_id": "ckzoog9wy"}


def greenlight(stage: str, green: bool) -> dict[str, Any]:
    """What the platform says about a run."""
    bugs = {
        "blockingBugsCount": 0 if green else 1,
        "nonBlockingBugsCount": 1,
        "blockingBugUrls": [] if green else ["https://app.qawolf.com/bugs/2"],
        "reproducedBugs": [
            {"name": "Slow page", "isBlocking": False, "priority": "low"},
            *([] if green else [{"name": "Pay has no button", "isBlocking": True}]),
        ],
    }
    return {
        "greenlight": green,
        "relevantRunId": ROOT,
        "rootRunId": ROOT,
        "rootRunUrl": f"https://app.qawolf.com/runs/{ROOT}",
        "runStage": stage,
        "workflowsDisabledAfterRunCount": 0,
        "workflowsInRunCount": 50,
        "workflowsUnderInvestigationCount": 0,
        **(bugs if stage == "completed" else {}),
    }


VENDOR = Vendor(
    provider="qa-wolf",
    values={"branch": "main", "sha": "de12add"},
    platform=platform,
    triggers=lambda request: request.method == "POST",
    tests=False,
    stops=False,
)
