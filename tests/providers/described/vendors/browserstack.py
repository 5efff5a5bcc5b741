"""App Automate of BrowserStack, as browserstack.com/docs/app-automate/api-reference/espresso describes it."""

from typing import Any

from testgate.wire import Request
from tests.providers.described.scenes import Scene, Vendor, missing, ok, path_of
from tests.support.simulated import Answer

BUILD, SESSION = "57dd68e05f76ca3c9c0d4600fd78ae064fa537bb", "c9215a31aace1d2b885f1c7a9f5d73bce55b4543"
STATUS = {"stopped": "error", "odd": "quarantined"}
DEVICES = ["Samsung Galaxy S20-10.0", "Google Pixel 3-9.0"]


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request. The suite has a shard on each device, with one test."""
    match request.method, path_of(request).removeprefix("/app-automate"):
        case "POST", "/espresso/v2/build":
            assert request.body == {"app": "bs://a", "testSuite": "bs://s", "devices": DEVICES, "project": "Shop"}
            scene.start(now)
            return ok(request, {"message": "Success", "build_id": BUILD})
        case "GET", path if path == f"/espresso/v2/builds/{BUILD}":
            return ok(request, _build(scene, now))
        case "GET", path if path.startswith(f"/espresso/v2/builds/{BUILD}/sessions/{SESSION}"):
            return ok(request, _session(scene, int(path[-1]), now, whole=True))
        case "GET", "/plan.json":
            return ok(request, {"automate_plan": "Device Cloud", "parallel_sessions_running": 0})
    return missing(request)


def _build(scene: Scene, now: float) -> dict[str, Any]:
    """A build, with the sessions of each device."""
    state, over = scene.state(now), scene.over(now)
    devices = [("Samsung Galaxy S20", "10.0"), ("Google Pixel 3", "9.0")]
    return {
        "id": BUILD,
        "framework": "espresso",
        "status": STATUS.get(state, state),
        "duration": 60 if over else None,
        "devices": [
            {"device": name, "os": "android", "os_version": version, "sessions": [_session(scene, number, now)]}
            for number, (name, version) in enumerate(devices[: len(scene.cases)])
        ],
    }


def _session(scene: Scene, number: int, now: float, *, whole: bool = False) -> dict[str, Any]:
    """A session: what the build says of it, or the `whole` with its test."""
    case, over = scene.cases[number], scene.over(now)
    status = ("passed" if case.passed else "failed") if over else "running"
    names = ("passed", "failed", "skipped", "timedout", "error", "running", "queued")
    counts: dict[str, Any] = {"count": 1, "status": {name: int(name == status) for name in names}}
    if whole:
        test = {"id": f"{SESSION}{number}-t", "name": case.name, "status": status, "duration": "2.057"}
        counts["data"] = [{"class": "Checkout", "testcases": [test]}]
    return {"id": f"{SESSION}{number}", "status": status, "duration": 43, "testcases": counts}


VENDOR = Vendor(
    provider="browserstack",
    values={
        "user": "shop_x1y2",
        "app": "bs://a",
        "suite": "bs://s",
        "devices": ",".join(DEVICES),
        "options.project": "Shop",
    },
    platform=platform,
    triggers=lambda request: request.method == "POST",
    messages=False,
    stops=False,
)
