"""mabl, as its Jenkins plugin and its GitHub action use it, with the shapes of the plugin's recorded answers."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Case, Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

EVENT = "SZ3rBXkTSqW-v"
PLAN = {"id": "p1-p", "name": "Checkout", "app_href": "https://app.mabl.com/workspaces/w1-w/test/plans/p1-p"}
# The status of a plan run, and of the test that is under way when it ends so.
PLAN_STATUS = {"queued": "scheduled", "stopped": "cancelled", "passed": "succeeded", "odd": "paused"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "POST", "/events/deployment":
            assert isinstance(request.body, dict)
            assert request.body["application_id"] == "a1-a"
            scene.start(now)
            plans = [{"plan_id": "p1-p", "plan_run_id": "r1-pr"}] if scene.cases or scene.outcome == "hangs" else []
            answered = {"id": EVENT, "application_id": "a1-a", "received_time": 1, "workspace_id": "w1-w"}
            return ok(request, {**answered, "triggered_plan_run_summaries": plans}, 201)
        case "GET", "/execution/result/event/SZ3rBXkTSqW-v":
            return ok(request, _result(scene, now))
        case "GET", "/apiKeys/self":
            return ok(request, {"id": "k1", "organization_id": "w1-w"})
    return missing(request)


def _result(scene: Scene, now: float) -> dict[str, Any]:
    """The summary of an event. While a plan runs, its status of the event is empty."""
    over = scene.over(now)
    status = scene.state(now)
    cases = scene.cases if over else scene.cases[:1]
    tests = [_test(case, over=over) for case in cases]
    plan_run: dict[str, Any] = {
        "status": PLAN_STATUS.get(status, status),
        "plan": PLAN,
        "plan_execution": {"id": "r1-pr", "status": PLAN_STATUS.get(status, status), "is_retry": False},
        "journeys": [{"id": case.id, "name": case.name} for case in scene.cases],
        "journey_executions": tests,
        "start_time": 1597771802232,
    }
    if over:
        plan_run |= {"success": status == "passed", "stop_time": 1597771844019}
    passed = sum(case.passed for case in cases) if over else 0
    running = 0 if over else len(cases)
    return {
        "event_status": {"succeeded": status == "passed"} if over else {},
        "plan_execution_metrics": {"total": 1, "passed": int(over and status == "passed"), "failed": 0},
        "journey_execution_metrics": {
            "total": len(cases),
            "passed": passed,
            "failed": len(cases) - passed - running,
            "running": running,
            "skipped": 0,
        },
        "executions": [plan_run],
    }


def _test(case: Case, *, over: bool) -> dict[str, Any]:
    """The run of one test."""
    found: dict[str, Any] = {
        "journey_id": case.id,
        "journey_execution_id": f"{case.id}-jr",
        "run_multiplier_index": 0,
        "browser_type": "chrome",
        "status": "running",
        "start_time": 1597771804290,
    }
    if over:
        found |= {
            "status": "completed" if case.passed else "failed",
            "success": case.passed,
            "stop_time": 1597771836333,
        }
    if over and case.message:
        found |= {"status_cause": case.message, "failure_summary": {"step_number": 5, "error": case.message}}
    return found


VENDOR = Vendor(
    provider="mabl",
    values={"application-id": "a1-a"},
    platform=platform,
    triggers=lambda request: request.method == "POST",
    stops=False,
)
