"""BlazeMeter, as help.blazemeter.com/apidocs/performance and the vendor's CI client have it: version 4 of the API."""

from typing import Any
from xml.sax.saxutils import quoteattr

from testgate.wire import Reply, Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

BASIC = "Basic ZjgxN2UyMmY6a2V5LTAxMjM0NTY3ODk="  # f817e22f:key-0123456789
# `reportStatus` and `passed` by the state of the scene; a run that is not over has no `ended`.
REPORTS: dict[str, tuple[str, bool | None]] = {
    "queued": ("unset", None),
    "running": ("unset", None),
    "passed": ("pass", True),
    "failed": ("fail", False),
    "stopped": ("abort", None),
    "odd": ("partial", True),
}


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request."""
    assert [each.value for each in request.credentials] == [BASIC]
    match request.method, path_of(request):
        case "POST", "/tests/1234567/start":
            scene.start(now)
            return ok(request, wrapped(master("queued", over=False)), 202)
        case "GET", "/masters/12345678":
            return ok(request, wrapped(master(scene.state(now), over=scene.over(now))))
        case "GET", "/masters/12345678/reports/thresholds":
            assert request.query == {"format": "junit"}
            return Reply(200, {"content-type": "application/xml"}, junit(scene).encode(), request)
        case "POST", "/masters/12345678/terminate":
            scene.stop(now)
            return ok(request, wrapped([{"session_id": "r-v4-5f50ecd1568ef", "result": True}]))
        case "GET", "/tests/1234567":
            return ok(request, wrapped({"id": 1234567, "name": "Checkout"}))
    return missing(request)


def wrapped(result: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    """The frame around every answer."""
    return {"api_version": 4, "error": None, "result": result}


def master(state: str, *, over: bool) -> dict[str, Any]:
    """A master, which is a run."""
    status, passed = REPORTS[state]
    ended = 1599076624 if over else None
    found = {"id": 12345678, "name": "Checkout", "created": 1599075175, "ended": ended, "isDebugRun": False}
    return {**found, "reportStatus": status, "passed": passed}


def junit(scene: Scene) -> str:
    """The failure criteria as a JUnit report."""
    cases = [
        f"<testcase name={quoteattr(each.name)} time='0'>"
        + (f"<failure message={quoteattr(each.message)}/>" if not each.passed else "")
        + "</testcase>"
        for each in scene.cases
    ]
    return f"<?xml version='1.0'?><testsuites><testsuite name='thresholds'>{''.join(cases)}</testsuite></testsuites>"


VENDOR = Vendor(
    provider="blazemeter",
    values={"test-id": "1234567", "key-id": "f817e22f"},
    platform=platform,
    triggers=lambda request: request.method == "POST" and request.url.endswith("/start"),
)
