"""The systems that a step works with: the platform, and test management beside it."""

import json
from urllib.parse import urlsplit

from urllib3.filepost import encode_multipart_formdata

from testgate.demo.exchange import RawReply, Recorded
from testgate.demo.management.app import Management
from testgate.demo.management.scenarios import PROJECT_ID as MANAGEMENT_PROJECT
from testgate.demo.management.scenarios import Scenario, cases_titled
from testgate.demo.testifly.app import Testifly
from testgate.demo.testifly.scenarios import FEATURE_ID, PROJECT_ID, How, Test, one_feature
from testgate.demo.testsigma.app import Testsigma
from testgate.edges.forms import FormBody
from testgate.wire import Request
from tests.faults.endpoints import Endpoint
from tests.support.both import FILE
from tests.support.step import KEY

PLATFORM = "https://platform.example"
RECORDS = "https://records.example"
BASES = (f"{PLATFORM}/api/v1", f"{RECORDS}/api/v1", f"{PLATFORM}/api")
_RUNNING_SECONDS = 20.0
_TESTS = (Test("Login"), Test("Logout"))
_CASES = cases_titled("Login", "Logout")


class Systems:
    """The systems that answer a step: `platform` runs the tests, `records` is test management."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Set up the systems for the situation of an endpoint."""
        self.platform: Testsigma | Testifly = Testsigma(endpoint.scenario, key=KEY)
        if endpoint.system in {"testifly", "described"}:
            told = _RUNNING_SECONDS if endpoint.told_at_end else 0.0
            how = How(pending=1.0, running=_RUNNING_SECONDS, run_after=told)
            self.platform = Testifly(one_feature(*_TESTS, how=how), key=KEY)
        self.records = Management(Scenario(_CASES), key=KEY)

    @property
    def run_ids(self) -> list[str]:
        """The runs or jobs that a trigger started; those that the platform added by itself are not among them."""
        return [str(run.id) for run in self.platform.runs if getattr(run, "parent_id", None) is None]

    def going_on(self, now: float) -> list[str]:
        """The ids of runs or jobs that haven't finished."""
        if isinstance(self.platform, Testifly):
            return [job.id for job in self.platform.runs if job.active(now)]
        return [str(run.id) for run in self.platform.runs if "COMPLETED" not in run.status(now)]

    @property
    def recorded(self) -> bool:
        """Whether the record is complete: one closed test run with both results."""
        whole = {case.title: "Passed" for case in _CASES}
        return [(run.outcomes, run.status) for run in self.records.runs] == [(whole, "CLOSED")]

    def answer(self, request: Request, now: float) -> RawReply:
        """The answer of the system that the request addresses."""
        credential = request.credential
        headers = {credential.header.lower(): credential.value} if credential else {}
        body = json.loads(json.dumps(request.body)) if request.body is not None else None
        raw = json.dumps(body).encode() if body is not None else b""
        if request.file is not None:
            form = FormBody(request.file, request)
            raw, headers["content-type"] = b"".join(form), form.content_type
        elif request.form is not None:
            raw, headers["content-type"] = encode_multipart_formdata(
                [(name, (None, text.encode())) for name, text in request.form.items()]  # type: ignore[misc]  # no file
            )
        app = self.records if request.url.startswith(RECORDS) else self.platform
        return app.answer(
            Recorded(request.method, urlsplit(request.url).path, request.query, headers, body, raw, now), now
        )


def inputs(endpoint: Endpoint) -> dict[str, str]:
    """The inputs of a step in this situation."""
    if endpoint.system == "testifly":
        own = {"provider": "testifly", "base-url": PLATFORM, "project-id": PROJECT_ID, "feature-id": FEATURE_ID}
    elif endpoint.system == "described":
        values = f"project-id={PROJECT_ID}\nfeature-id={FEATURE_ID}"
        own = {"provider-file": str(FILE), "base-url": PLATFORM, "values": values}
    else:
        own = {"base-url": f"{PLATFORM}/api/v1", "test-plan-id": "274"}
    if endpoint.system == "management":
        own |= {
            "test-management-project-id": MANAGEMENT_PROJECT,
            "test-management-api-key": KEY,
            "test-management-url": f"{RECORDS}/api/v1",
            "test-case-ids": ",".join(case.id for case in _CASES),
        }
    return {"api-key": KEY, "timeout": f"{endpoint.timeout_seconds}s", **own, **dict(endpoint.inputs)}
