"""ACCELQ, as github.com/accelq-docs/external-api-doc and the vendor's Jenkins plugin have it."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

STATUSES = {"queued": "Scheduled", "running": "In Progress", "stopped": "Aborted", "odd": "archived"}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    assert {each.header: each.value for each in request.credentials} == {
        "user_id": "ci@example.com",
        "api_key": "key-0123456789",
    }
    match request.method, path_of(request):
        case "POST", "/awb/api/2.0/acme/AcmeProject/test-exec/jobs/templates/77/run":
            assert request.body == {}
            scene.start(now)
            return ok(request, {"jobPid": 89, "templateJobPid": 77, "message": "Job run successfully created"})
        case "GET", "/awb/api/1.0/acme/runs/89":
            status = STATUSES.get(scene.state(now), "completed")
            return ok(request, {"summary": summary(scene, status, over=scene.over(now)), "reRunsCount": 0})
        case "GET", "/awb/api/2.0/acme/administration/projects":
            return ok(request, {"page": 1, "totalItems": 15, "results": [{"pid": 1, "projectDisplayName": "Acme"}]})
    return missing(request)


def summary(scene: Scene, status: str, *, over: bool) -> dict[str, Any]:
    """The summary of a job. The cases are listed from the beginning."""
    cases = scene.cases
    done = {"pass": sum(each.passed for each in cases), "fail": sum(not each.passed for each in cases), "notRun": 0}
    rows = [
        {
            "id": 0,
            "dbPid": 2794 + number,
            "name": case.name,
            "status": ("pass" if case.passed else "fail") if over else "notRun",
            "lastErrorStmtMsg": case.message,
            "startDate": 1763727964458,
            "endDate": 1763728062308,
            "jobPid": 89,
        }
        for number, case in enumerate(cases)
    ]
    return {
        "jobPid": 89,
        "purpose": "Checkout",
        "status": status,
        "subStatus": "In progress",
        "errors": [],
        **(done if over else {"pass": 0, "fail": 0, "notRun": len(cases)}),
        "testcaseCount": len(cases),
        "startTimestamp": 1763727963640,
        "completedTimestamp": 1763728063542 if over else 0,
        "testCaseSummaryList": rows,
        "extResultUrl": "https://app.accelq.io/#/forward?tenantCode=acme&jobPid=89",
    }


VENDOR = Vendor(
    provider="accelq",
    values={"template-job-id": "77", "tenant": "acme", "project": "AcmeProject", "user-id": "ci@example.com"},
    platform=platform,
    triggers=lambda request: request.method == "POST",
    stops=False,
)
