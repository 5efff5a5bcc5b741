"""Leapwork, as leapwork.com/product/documentation/rest-api/v4 and the vendor's plugin for Jenkins describe it."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

RUN, SCHEDULE = "884aa35d-2ff0-48c5-a056-be338d7c649c", "39f2b3e3-fa24-43e7-a2d6-38815128ac6c"
ITEM = "28519a47-7c28-425f-9d6f-5eeab722166"


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    match request.method, path_of(request):
        case "PUT", path if path == f"/schedules/{SCHEDULE}/runNow":
            assert request.query == {"environment": "staging"}
            scene.start(now)
            return ok(request, {"$id": "1", "RunId": RUN})
        case "GET", path if path.startswith(f"/run/{RUN}"):
            ids = [f"{ITEM}{number}" for number in range(len(_flows(scene)))]
            whole = path == f"/run/{RUN}"
            assert whole or path == f"/run/{RUN}/runItemIds"
            return ok(request, _run(scene, now) if whole else {"$id": "1", "RunItemIds": ids})
        case "GET", path if path.startswith(f"/runItems/{ITEM}"):
            return _item(scene, request, path.removeprefix(f"/runItems/{ITEM}"), now)
        case "PUT", path if path == f"/run/{RUN}/stop":
            scene.stop(now)
            return ok(request, {"$id": "1", "OperationCompleted": True})
        case "GET", path if path == f"/schedules/{SCHEDULE}":
            return ok(request, {"$id": "1", "Id": SCHEDULE, "Title": "Nightly", "IsEnabled": True})
    return missing(request)


def _flows(scene: Scene) -> list[tuple[str, str, str]]:
    """The flows of the run: title, status and message. A run that was stopped has one that was cancelled."""
    found = [(case.name, "Passed" if case.passed else "Failed", case.message) for case in scene.cases]
    return [*found, ("Pay", "Cancelled", "")] if scene.outcome == "stopped" else found


def _run(scene: Scene, now: float) -> dict[str, Any]:
    """The run: its word says only that it is over."""
    state, flows = scene.state(now), _flows(scene)
    word = {"queued": "Queued", "running": "Executing", "odd": "Quarantined"}.get(state, "Finished")
    return {
        "$id": "1",
        "RunId": RUN,
        "Schedule": {"$id": "2", "ScheduleId": SCHEDULE, "ScheduleTitle": "Nightly"},
        "Status": word,
        "Failed": sum(status == "Failed" for _title, status, _message in flows) if scene.over(now) else 0,
        "Total": len(flows),
        "ExecutionMilliseconds": 60_000.0 if scene.over(now) else 0,
    }


def _item(scene: Scene, request: Request, rest: str, now: float) -> Answer:
    """The run of one flow, or what it logged."""
    number, _slash, what = rest.partition("/")
    title, status, message = _flows(scene)[int(number)]
    if what == "keyframes":
        frames = [
            {"Level": "Trace", "LogMessage": "Started", "Timestamp": {"Value": "…"}},
            {"Level": "Error", "LogMessage": message, "BlockTitle": "Click", "Timestamp": {"Value": "…"}},
            {"Level": "Trace", "LogMessage": "Ended", "Timestamp": {"Value": "…"}},
        ]
        return ok(request, frames)
    found = {
        "$id": "1",
        "RunItemId": f"{ITEM}{number}",
        "FlowInfo": {
            "FlowId": f"793602fa-{number}",
            "FlowTitle": title,
            "Status": status if scene.over(now) else "Running",
        },
        "AgentInfo": {"AgentId": "7dbf7cb6", "AgentTitle": "Agent 1", "ConnectionType": "RemoteAgent"},
        "Elapsed": "00:00:24.9951204",
        "ElapsedSeconds": 24.995120399999998,
    }
    return ok(request, found)


VENDOR = Vendor(
    provider="leapwork",
    values={"schedule-id": SCHEDULE, "variables.environment": "staging"},
    platform=platform,
    triggers=lambda request: request.method == "PUT" and request.url.endswith("/runNow"),
)
