"""Testsigma Test Management: its options, the shapes of its answers, and what to ask it.

Only the creation of a test run is documented; the rest of its life is known from observations by
third parties, and built tolerant.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field

from testgate.errors import BadAnswer, Unavailable
from testgate.inputs.lists import StringMap, TextList
from testgate.inputs.reading import Options
from testgate.inputs.values import BaseUrl, Fault, Given, Key, Kind, OptionalText, Switch, Text
from testgate.model import Outcome
from testgate.ports import CasePage, Record, TestCase, TestRun
from testgate.shapes import text_of
from testgate.wire import Call, Credential, Reply, Request

BASE_URL = "https://test-management.testsigma.com/api/v1"
_LIMITED = "rate limit exceeded"
_TOO_MANY = 429

# The system's names of statuses, the first that it knows counts.
STATUSES: Mapping[Outcome, Sequence[str]] = {
    Outcome.PASSED: ("passed",),
    Outcome.FAILED: ("failed",),
    Outcome.ERROR: ("blocked", "failed"),
    Outcome.SKIPPED: ("skipped", "untested"),
    Outcome.NOT_RUN: ("untested", "blocked"),
}


def moment(given: Given) -> int:
    """Epoch seconds, from ISO 8601 or epoch seconds; without a zone it is UTC."""
    if given.text.isascii() and given.text.isdigit() and len(given.text) <= 11:  # noqa: PLR2004  # the year 5138
        return int(given.text)
    try:
        found = dt.datetime.fromisoformat(given.text)
        return int((found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp())
    except (ValueError, OverflowError):
        raise Fault("must be a date and time like 2027-01-31T08:00:00Z, or epoch seconds") from None


OptionalMoment = Kind(moment)


class ManagementOptions(Options):
    """The test run in test management."""

    test_management_project_id: OptionalText = Field(
        default=None,
        description="Switches test management on: the project in which a test run is created for each run in CI.",
        examples=["c47ade67-0543-4582-a4a5-b7de447c94f5"],
    )
    test_management_api_key: Key = Field(
        default=None,
        description="The key for test management; it is not the one for the automation platform.",
        examples=["${{ secrets.TEST_MANAGEMENT_API_KEY }}"],
    )
    test_management_url: BaseUrl = Field(
        default=BASE_URL,
        description="Where the API of test management is.",
        examples=[BASE_URL],
    )
    test_run_title: Text = Field(
        default="",
        description="The test run's title. Without it: workflow, branch, run number and commit.",
        examples=["Nightly regression"],
    )
    test_run_description: OptionalText = Field(
        default=None,
        description="The test run's description. Without it: the address of the build.",
        examples=["Regression tests of the web shop"],
    )
    test_run_human_id: OptionalText = Field(
        default=None, description="The test run's readable id.", examples=["DEMO-001"]
    )
    test_run_status: Text = Field(
        default="ACTIVE", description="The status that the test run is created with.", examples=["ACTIVE"]
    )
    test_run_assignee_id: OptionalText = Field(
        default=None,
        description="The user that the test run is assigned to.",
        examples=["cbbc40a5-26e9-4b88-8c27-3626c9fbdaa4"],
    )
    test_run_labels: TextList = Field(default=(), description="Labels of the test run.", examples=["Smoke, Regression"])
    test_run_environment_ids: TextList = Field(
        default=(),
        description="Environments of the test run.",
        examples=["4b1c0d1e-26e9-4b88-8c27-3626c9fbdaa4"],
    )
    test_run_start_date: Annotated[int | None, OptionalMoment] = Field(
        default=None,
        description="When the test run starts: ISO 8601 or epoch seconds. Without it: now.",
        examples=["2027-01-31T08:00:00Z"],
    )
    test_run_end_date: Annotated[int | None, OptionalMoment] = Field(
        default=None,
        description="When the test run ends: ISO 8601 or epoch seconds.",
        examples=["2027-01-31T18:00:00Z"],
    )
    test_case_ids: TextList = Field(
        default=(),
        description="The test cases of the test run. Without them: those of `test-case-map`.",
        examples=["9ac271b6-4e89-4c93-8c75-2d625efa0b2d"],
    )
    test_case_map: StringMap = Field(
        default_factory=dict,
        description="Which automated test is which test case, where neither ids nor titles are equal: an"
        " `id or name of the test=id of the test case` line each.",
        examples=["Pay by credit card=9ac271b6-4e89-4c93-8c75-2d625efa0b2d"],
    )
    close_test_run: Switch = Field(
        default=True, description="Whether to close the test run at the end.", examples=["false"]
    )


class Management:
    """Says what to ask; see `ports.TestManagement`."""

    record_batch = 100

    def __init__(self, options: ManagementOptions) -> None:
        """Take the options."""
        self._options = options
        key = options.test_management_api_key
        self._credential = Credential("Authorization", f"Bearer {key.get_secret_value() if key else ''}")
        project = quote(options.test_management_project_id or "", safe="")
        self._base = options.test_management_url or BASE_URL
        self._runs = f"{self._base}/projects/{project}/test_runs"

    def create(self, title: str, started_at: float, origin: str) -> Call[TestRun]:
        """`POST /projects/{project_id}/test_runs`; keys that were not given are left out."""
        options = self._options
        selected = list(options.test_case_ids) or list(dict.fromkeys(options.test_case_map.values()))
        body: dict[str, Any] = {
            "title": options.test_run_title or title,
            "description": options.test_run_description or origin,
            "status": options.test_run_status,
            "project_id": options.test_management_project_id,
            "human_id": options.test_run_human_id,
            "selection_type": "STATIC",
            "static_selection_filters": [{"field": "id", "operator": "IN", "values": selected}] if selected else None,
            "start_date": options.test_run_start_date or int(started_at),
            "end_date": options.test_run_end_date,
            "assignee_id": options.test_run_assignee_id,
            "label_names": list(options.test_run_labels),
            "environment_ids": list(options.test_run_environment_ids),
        }
        request = self._request("POST", self._runs, body={name: value for name, value in body.items() if value})
        return Call("create the test run", request, created, repeatable=False)

    def cases(self, test_run: TestRun, cursor: str | None) -> Call[CasePage]:
        """`GET …/{id}/test_cases`; the cursor's name in a query is a guess."""
        query = {"page_size": "100", **({"next": cursor} if cursor else {})}
        request = self._request("GET", f"{self._runs}/{quote(test_run.id, safe='')}/test_cases", query=query)
        return Call("read the cases of the test run", request, cases_of)

    def statuses(self) -> Call[Mapping[str, str]]:
        """`GET /test_runs/statuses`: the ids differ from account to account."""
        return Call("read the statuses", self._request("GET", f"{self._base}/test_runs/statuses"), statuses_of)

    def record(self, test_run: TestRun, records: Sequence[Record]) -> Call[None]:
        """`PUT …/{id}/test_cases`, a multipart form with the results as JSON in `data`."""
        rows = [
            {"test_case_id": each.case_id, "test_run_status_id": each.status_id, "description": each.description}
            for each in records
        ]
        form = {"data": json.dumps({"test_run_cases": rows})}
        request = self._request("PUT", f"{self._runs}/{quote(test_run.id, safe='')}/test_cases", form=form)
        return Call(f"record {len(rows)} results", request, accepted)

    def close(self, test_run: TestRun) -> Call[None]:
        """`PUT …/{id}` with the status CLOSED."""
        request = self._request("PUT", f"{self._runs}/{quote(test_run.id, safe='')}", body={"status": "CLOSED"})
        return Call("close the test run", request, accepted)

    def _request(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Request:
        """A request with the key."""
        return Request(method, url, query or {}, body, self._credential, form=form)


def _checked(reply: Reply) -> None:
    """Raise what the status means; too many requests are told as a 500 with a known text."""
    try:
        reply.check()
    except Unavailable as fault:
        if _LIMITED in reply.words.lower():
            raise Unavailable(str(fault), status=_TOO_MANY, retry_after_seconds=1.0) from fault
        raise


def accepted(reply: Reply) -> None:
    """The system did it; what it answers is of no interest, unless it is a page: then something else answered.

    Raises:
        BadAnswer: a sign-in page or a proxy's; and the errors of `Reply.check`.

    """
    _checked(reply)
    if reply.text.lstrip("\ufeff \t\r\n").startswith("<"):
        raise BadAnswer(f"{reply.request.label} answered {reply.status} with a page: {reply.quoted}")


def _data(reply: Reply) -> Any:  # noqa: ANN401  # JSON is any shape until it is checked
    """The `data` of a successful answer, or all of it where there is none."""
    _checked(reply)
    data = reply.data()
    return data["data"] if isinstance(data, dict) and "data" in data else data


def created(reply: Reply) -> TestRun:
    """The test run in an answer."""
    data = _data(reply)
    found = data.get("test_run") if isinstance(data, dict) else None
    run_id = text_of(found.get("id")) if isinstance(found, dict) else ""
    if not run_id:
        raise BadAnswer(f"{reply.request.label} answered {reply.status} with no test run in it: {reply.quoted}")
    return TestRun(run_id, text_of(found.get("human_id")) if isinstance(found, dict) else "")


def cases_of(reply: Reply) -> CasePage:
    """A page of cases; each row holds its test case."""
    data = _data(reply)
    rows = data.get("test_run_cases") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise BadAnswer(f"{reply.request.label} answered {reply.status} with no list of cases: {reply.quoted}")
    page_info = data.get("page_info") or (reply.data().get("page_info") if isinstance(reply.data(), dict) else None)
    following = text_of(page_info.get("next")) if isinstance(page_info, dict) else ""
    cases = [row.get("test_case") for row in rows if isinstance(row, dict)]
    return CasePage(
        [
            TestCase(text_of(case.get("id")), text_of(case.get("title")), text_of(case.get("human_id")))
            for case in cases
            if isinstance(case, dict) and text_of(case.get("id"))
        ],
        following or None,
    )


def statuses_of(reply: Reply) -> dict[str, str]:
    """The ids by our outcomes; an outcome without a status of its own takes the nearest, or none."""
    data = _data(reply)
    lists = [data, *data.values()] if isinstance(data, dict) else [data]
    rows = next((each for each in lists if isinstance(each, list) and all(isinstance(row, dict) for row in each)), None)
    if rows is None:
        raise BadAnswer(f"{reply.request.label} answered {reply.status} with no list of statuses: {reply.quoted}")
    known = {text_of(row.get("name")).replace(" ", "").lower(): text_of(row.get("id")) for row in rows}
    found = {
        outcome.value: next((known[name] for name in names if known.get(name)), "")
        for outcome, names in STATUSES.items()
    }
    return {outcome: status for outcome, status in found.items() if status}
