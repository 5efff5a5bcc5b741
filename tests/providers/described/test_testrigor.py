"""What is special about testRigor: runs that are polled by their branch, HTTP statuses as words, and two servers."""

from pathlib import Path
from typing import Any

import pytest

from testgate.errors import BadAnswer, PlatformError, Refused
from testgate.model import Origin, RunResult, Status
from testgate.providers import VENDORS
from testgate.providers.described.loading import load
from testgate.providers.described.provider import Described
from testgate.providers.described.reading import FileFault
from tests.providers.described.readings import page, run_of, started, state, vendor
from tests.support.replies import reply

VALUES = {"app-id": "suite1", "labels": "smoke"}
TESTRIGOR = vendor("testrigor", VALUES)
RUN = started(TESTRIGOR, {"taskId": "task-1"})
RESULTS = {"Total": 3, "Passed": 1, "Failed": 1, "Canceled": 1, "Crash": 0}


def test_a_run_is_polled_by_the_branch_that_it_was_given() -> None:
    """Each trigger has its own, so two builds don't read each other's state."""
    sent = TESTRIGOR.trigger(TESTRIGOR.targets()[0], "mark-1").request
    assert isinstance(sent.body, dict)
    assert sent.body["branch"]["name"] == "mark-1"
    assert sent.body["forceCancelPreviousTesting"] is False
    assert TESTRIGOR.poll([RUN]).request.query == {"branchName": "mark-1"}


def test_a_run_that_we_did_not_start_is_not_polled() -> None:
    """Its branch isn't known, and without one, testRigor tells of any run of the suite."""
    with pytest.raises(PlatformError, match="only the step that started it knows"):
        TESTRIGOR.poll([run_of(TESTRIGOR)._replace(origin=Origin.ATTACHED)])


@pytest.mark.parametrize(
    ("http", "status", "result"),
    [
        (227, Status.QUEUED, None),
        (228, Status.RUNNING, None),
        (200, Status.ENDED, RunResult.PASSED),
        (230, Status.ENDED, RunResult.FAILED),
        (229, Status.ENDED, RunResult.STOPPED),
        (202, Status.RUNNING, None),
    ],
)
def test_the_status_of_the_answer_is_the_state(http: int, status: Status, result: RunResult | None) -> None:
    """A status that nobody knows waits."""
    found = state(TESTRIGOR, {"status": "x", "overallResults": RESULTS}, http, RUN)
    assert (found.status, found.result) == (status, result)
    assert (found.reported.counts.failed, found.reported.counts.not_run, found.reported.total) == (1, 1, 3)


def test_an_empty_success_is_no_pass() -> None:
    """A gateway that answers 200 to everything says nothing about a run."""
    assert state(TESTRIGOR, {}, 200, RUN).status is Status.RUNNING


@pytest.mark.parametrize(
    ("data", "waits"),
    [
        ({"status": 404, "message": "Test run not found"}, True),
        ({"status": 404, "message": "Test run failed", "errors": ["CRASH: no browser"]}, False),
        ({}, False),
    ],
)
def test_a_branch_that_is_not_known_yet(data: dict[str, Any], waits: bool) -> None:
    """A crash is told with the same status, and isn't waited for."""
    if waits:
        assert state(TESTRIGOR, data, 404, RUN).status is Status.QUEUED
        return
    with pytest.raises(Refused):
        state(TESTRIGOR, data, 404, RUN)


def test_a_report_that_is_still_written_is_waited_for() -> None:
    """Any other 404 is an error."""
    assert page(TESTRIGOR, {"message": "Report still being generated"}, 404, RUN).filling
    with pytest.raises(Refused):
        page(TESTRIGOR, {"message": "No such run"}, 404, RUN)
    with pytest.raises(BadAnswer):
        page(TESTRIGOR, b"<html/>", 200, RUN)


@pytest.mark.parametrize(
    ("base", "reports"),
    [
        ("https://api.testrigor.com/api/v1", "https://api2.testrigor.com/api/v1"),
        ("https://testrigor.intern.example/api/v1", "https://testrigor.intern.example/api/v1"),
    ],
)
def test_reports_come_from_another_server(base: str, reports: str) -> None:
    """But not for somebody who set an address: the key goes only there."""
    provider = vendor("testrigor", VALUES, base_url=base)
    results, stop = provider.results(RUN, None), provider.stop(RUN)
    assert results is not None
    assert stop is not None
    assert provider.poll([RUN]).request.url == f"{base}/apps/suite1/status"
    assert results.request.url == f"{reports}/apps/suite1/runs/task-1/junit_report"
    assert stop.request.url == f"{reports}/apps/suite1/runs/task-1/cancel"


def test_only_a_file_that_ships_with_testgate_names_servers() -> None:
    """In a file of the repository, each is a fault with its line."""
    text = Path(VENDORS / "testrigor.toml").read_text(encoding="utf-8")
    with pytest.raises(FileFault) as caught:
        load(text, "mine.toml")
    named = [each.split(" ")[1] for each in caught.value.problems]
    assert {"`base-url`", "`results.base-url`", "`stop.base-url`", "`checks[1].base-url`"} <= set(named)


def test_a_run_that_was_found_keeps_its_mark() -> None:
    """A file that can find runs polls them as those whose trigger was answered."""
    text = Path(VENDORS / "testrigor.toml").read_text(encoding="utf-8")
    find = '[find]\nrequest = "GET /runs"\nrows = "runs"\nid = "id"\nmark = "branch"\n'
    asker = TESTRIGOR._asker  # type: ignore[attr-defined]  # noqa: SLF001  # the same, with another document
    provider = Described(asker._replace(opening=load(text + find, "x", bundled=True)))
    call = provider.find(provider.targets()[0], "mark-9")
    assert call is not None
    (found,) = call.read(reply({"runs": [{"id": "task-9", "branch": "mark-9"}]}, 200, call.request))
    assert provider.poll([found]).request.query == {"branchName": "mark-9"}
