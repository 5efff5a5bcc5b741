"""Testsigma Test Management: its inputs, the requests to it, and the readers of its replies.

The vendor documents only how to create a test run. The other calls are known from third parties who
observed them, so their readers tolerate other answers.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from testgate.errors import Unavailable
from testgate.inputs.declaring import Options, option
from testgate.inputs.lists import NamedMap, TextList
from testgate.inputs.values import BaseUrl, Fault, Given, Key, Kind, OptionalPathId, OptionalText, Switch, Text
from testgate.management import ManagementEntry
from testgate.model import Outcome
from testgate.ports import CasePage, Record, TestCase, TestRun
from testgate.shapes import field_of, folded, rows_in, text_of
from testgate.wire import Api, Call, Credential, Reply

BASE_URL = "https://test-management.testsigma.com/api/v1"
_RATE_LIMITED = "rate limit exceeded"
_TOO_MANY_REQUESTS = 429

# Names of the system's statuses, folded. The first one that the account has is used.
STATUSES: Mapping[Outcome, Sequence[str]] = {
    Outcome.PASSED: ("passed",),
    Outcome.FAILED: ("failed",),
    Outcome.ERROR: ("blocked", "failed"),
    Outcome.SKIPPED: ("skipped", "untested"),
    Outcome.NOT_RUN: ("untested", "blocked"),
}


def moment(given: Given) -> int:
    """Read ISO 8601 or epoch seconds, and return epoch seconds. Without a time zone, it is UTC.

    Raises:
        Fault: the text is neither.

    """
    if given.text.isascii() and given.text.isdigit() and len(given.text) <= 11:  # noqa: PLR2004  # the year 5138
        return int(given.text)
    try:
        found = dt.datetime.fromisoformat(given.text)
        return int((found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp())
    except (ValueError, OverflowError):
        raise Fault("must be a date and time like 2027-01-31T08:00:00Z, or epoch seconds") from None


OptionalMoment = Annotated[int | None, Kind(moment)]


class ManagementOptions(Options):
    """The test run to create in test management."""

    test_management_project_id: OptionalPathId = option(
        default=None,
        description="Turns on test management: each run in CI gets a test run in this project.",
        example="c47ade67-0543-4582-a4a5-b7de447c94f5",
    )
    test_management_api_key: Key = option(
        default=None,
        description="The API key for test management, which is separate from the automation platform's.",
        example="${{ secrets.TEST_MANAGEMENT_API_KEY }}",
    )
    test_management_url: BaseUrl = option(
        default=BASE_URL,
        description="The base URL of the test management API.",
        example=BASE_URL,
    )
    test_run_title: Text = option(
        default="",
        description="The title of the test run. By default: workflow, branch, run number and commit.",
        example="Nightly regression",
    )
    test_run_description: OptionalText = option(
        default=None,
        description="The description of the test run. By default: the URL of the build.",
        example="Regression tests of the web shop",
    )
    test_run_human_id: OptionalText = option(
        default=None, description="A readable ID for the test run.", example="DEMO-001"
    )
    test_run_status: Text = option(
        default="ACTIVE", description="The status to create the test run with.", example="ACTIVE"
    )
    test_run_assignee_id: OptionalText = option(
        default=None,
        description="The ID of the user to assign the test run to.",
        example="cbbc40a5-26e9-4b88-8c27-3626c9fbdaa4",
    )
    test_run_labels: TextList = option(default=(), description="Labels for the test run.", example="Smoke, Regression")
    test_run_environment_ids: TextList = option(
        default=(),
        description="The IDs of the test run's environments.",
        example="4b1c0d1e-26e9-4b88-8c27-3626c9fbdaa4",
    )
    test_run_start_date: OptionalMoment = option(
        default=None,
        description="When the test run starts, in ISO 8601 or epoch seconds. By default: now.",
        example="2027-01-31T08:00:00Z",
    )
    test_run_end_date: OptionalMoment = option(
        default=None,
        description="When the test run ends, in ISO 8601 or epoch seconds.",
        example="2027-01-31T18:00:00Z",
    )
    test_case_ids: TextList = option(
        default=(),
        description="The IDs of the test cases in the test run. By default: those in `test-case-map`.",
        example="9ac271b6-4e89-4c93-8c75-2d625efa0b2d",
    )
    test_case_map: NamedMap = option(
        default={},
        description="Maps automated tests to test cases where neither IDs nor titles match, one `test ID or"
        " name=test case ID` per line.",
        example="Pay by credit card=9ac271b6-4e89-4c93-8c75-2d625efa0b2d",
    )
    close_test_run: Switch = option(
        default=True, description="Whether to close the test run at the end.", example="false"
    )


class Management:
    """Implements `ports.TestManagement`."""

    record_batch = 100

    def __init__(self, options: ManagementOptions) -> None:
        self._options = options
        key = options.test_management_api_key
        bearer = f"Bearer {key.reveal() if key else ''}"
        credential = Credential("Authorization", bearer, "test-management-api-key", "test-management-url")
        self._api = Api(options.test_management_url or BASE_URL, credential)
        self._runs = ("projects", options.test_management_project_id or "", "test_runs")

    def create(self, title: str, started_at: float, origin: str) -> Call[TestRun]:
        """`POST /projects/{project_id}/test_runs`, without the keys that have no value."""
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
        request = self._api.request("POST", *self._runs, body={name: value for name, value in body.items() if value})
        return Call("create the test run", request, created, repeatable=False)

    def cases(self, test_run: TestRun, cursor: str | None) -> Call[CasePage]:
        """`GET …/{id}/test_cases`. The query's name for the cursor is a guess."""
        query = {"page_size": "100", **({"next": cursor} if cursor else {})}
        request = self._api.request("GET", *self._runs, test_run.id, "test_cases", query=query)
        return Call("read the cases of the test run", request, cases_of)

    def statuses(self) -> Call[Mapping[str, str]]:
        """`GET /test_runs/statuses`. The IDs differ between accounts."""
        return Call("read the statuses", self._api.request("GET", "test_runs", "statuses"), statuses_of)

    def record(self, test_run: TestRun, records: Sequence[Record]) -> Call[None]:
        """`PUT …/{id}/test_cases`: a multipart form with the results as JSON in `data`."""
        rows = [
            {"test_case_id": each.case_id, "test_run_status_id": each.status_id, "description": each.description}
            for each in records
        ]
        form = {"data": json.dumps({"test_run_cases": rows})}
        request = self._api.request("PUT", *self._runs, test_run.id, "test_cases", form=form)
        return Call(f"record {len(rows)} results", request, accepted)

    def close(self, test_run: TestRun) -> Call[None]:
        """`PUT …/{id}` with the status CLOSED."""
        request = self._api.request("PUT", *self._runs, test_run.id, body={"status": "CLOSED"})
        return Call("close the test run", request, accepted)


def _check(reply: Reply) -> None:
    """Raise the error that the status stands for. The rate limit is a 500 with a known text."""
    try:
        reply.check()
    except Unavailable as fault:
        if _RATE_LIMITED in reply.words.lower():
            raise Unavailable(str(fault), status=_TOO_MANY_REQUESTS, retry_after_seconds=1.0) from fault
        raise


def accepted(reply: Reply) -> None:
    """Check that the system did as asked. Its content doesn't matter, unless something else answered.

    Raises:
        BadAnswer: the reply is a page, from a sign-in or a proxy; also the errors of `Reply.check`.

    """
    _check(reply)
    if reply.text.lstrip("\ufeff \t\r\n").startswith("<"):
        raise reply.bad_answer("a page")


def _data(reply: Reply) -> object:
    """Return the `data` of a successful reply, or its whole JSON if it has none."""
    _check(reply)
    data = reply.data()
    return data["data"] if isinstance(data, dict) and "data" in data else data


def created(reply: Reply) -> TestRun:
    """Return the test run in a reply."""
    found = field_of(_data(reply), "test_run")
    run_id = text_of(field_of(found, "id"))
    if not run_id:
        raise reply.bad_answer("no test run in it")
    return TestRun(run_id, text_of(field_of(found, "human_id")))


def cases_of(reply: Reply) -> CasePage:
    """Return a page of test cases. Each one is nested in a row about its place in the test run."""
    data = _data(reply)
    rows = rows_in(reply, field_of(data, "test_run_cases"), "list of cases")
    page_info = field_of(data, "page_info") or field_of(reply.data(), "page_info")
    cases = [_case(row.get("test_case")) for row in rows]
    return CasePage([case for case in cases if case.id], text_of(field_of(page_info, "next")) or None)


def _case(found: object) -> TestCase:
    """Return a test case; its ID is empty if there is none."""
    return TestCase(*(text_of(field_of(found, name)) for name in ("id", "title", "human_id")))


def statuses_of(reply: Reply) -> dict[str, str]:
    """Return the IDs of the system's statuses by our outcomes; outcomes without a matching status are missing."""
    data = _data(reply)
    lists = [data, *data.values()] if isinstance(data, dict) else [data]
    rows = next((each for each in lists if isinstance(each, list) and all(isinstance(row, dict) for row in each)), None)
    known = {
        folded(text_of(row.get("name"))): text_of(row.get("id")) for row in rows_in(reply, rows, "list of statuses")
    }
    found = {
        outcome.value: next((known[name] for name in names if known.get(name)), "")
        for outcome, names in STATUSES.items()
    }
    return {outcome: status for outcome, status in found.items() if status}


ENTRY = ManagementEntry(
    options=ManagementOptions,
    switch="test-management-project-id",
    required=("test-management-project-id", "test-management-api-key"),
    build=lambda inputs: Management(inputs.of(ManagementOptions)),
    closes=lambda inputs: inputs.of(ManagementOptions).close_test_run,
    mapping=lambda inputs: inputs.of(ManagementOptions).test_case_map,
)
