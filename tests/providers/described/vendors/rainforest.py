"""Rainforest QA, as its OpenAPI document describes the API, and as the vendor's command line uses it."""

from typing import Any
from xml.sax.saxutils import quoteattr

from testgate.wire import Reply, Request
from tests.providers.described.scenes import Case, Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

# The result of a run in its final state; until then, it has none.
RESULTS = {"passed": "passed", "failed": "failed", "stopped": "no_result", "odd": "mixed"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", "/run_groups/77/runs":
            assert isinstance(request.body, dict)
            assert "tests" not in request.body
            scene.start(now)
            return ok(request, _run(scene, now), 201)
        case "GET", "/runs/4711":
            return ok(request, _run(scene, now))
        case "GET", "/runs/4711/junit.xml":
            return Reply(200, {"content-type": "application/xml"}, _junit(scene).encode(), request)
        case "DELETE", "/runs/4711":
            scene.stop(now)
            return ok(request, _run(scene, now))
        case "GET", "/clients":
            return ok(request, {"available_browsers": [{"name": "chrome", "description": "Chrome"}]})
    return _listed(request)


def _listed(request: Request) -> Answer:
    """The runs whose description has a text in it: none."""
    if (request.method, path_of(request)) != ("GET", "/runs") or not request.query["query"]:
        return missing(request)
    return ok(request, [])


def _run(scene: Scene, now: float) -> dict[str, Any]:
    """The status of a run."""
    over, word = scene.over(now), scene.state(now)
    state = {"stopped": "aborted", "queued": "queued", "running": "in_progress"}.get(word, "complete")
    return {
        "id": 4711,
        "state": state,
        "state_details": {"name": state, "is_final_state": over},
        "result": RESULTS[word] if over else "no_result",
        "current_progress": {"percent": 100 if over else 40, "total": 8, "complete": 3, "no_result": 0},
        "total_tests": len(scene.cases),
        "total_passed_tests": sum(case.passed for case in scene.cases) if over else 0,
        "total_failed_tests": sum(not case.passed for case in scene.cases) if over else 0,
        "total_no_result_tests": 0 if over else len(scene.cases),
        "frontend_url": "https://app.rainforestqa.com/runs/4711",
    }


def _junit(scene: Scene) -> str:
    """The report of a run."""
    return f'<?xml version="1.0"?><testsuite name="Run 4711">{"".join(map(_case, scene.cases))}</testsuite>'


def _case(case: Case) -> str:
    """A test case of the report."""
    failure = "" if case.passed else f'<failure type="failed" message={quoteattr(case.message)}/>'
    return f'<testcase name={quoteattr(case.name)} time="61.5">{failure}</testcase>'


VENDOR = Vendor(
    provider="rainforest",
    values={"run-group-id": "77", "environment-id": "5"},
    platform=platform,
    triggers=lambda request: request.method == "POST",
)
