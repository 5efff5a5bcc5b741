"""What is special about KaneAI: a copy of the named run is what runs, and its word is that of the tests so far."""

from typing import Any

import pytest

from testgate.model import Outcome, RunResult, Status
from tests.providers.described.readings import listed, started, state, vendor

KANE = vendor("kane-ai", {"test-run-id": "template", "user-name": "grace"})


def test_the_copy_is_waited_for() -> None:
    """The named run stays at `Not Started` for ever."""
    found = started(
        KANE, {"job_id": "j1", "test_run_id": "copy", "job_link": "", "mobile_job_link": "https://x.example/m"}
    )
    assert (found.id, found.url) == ("copy", "https://x.example/m")
    assert KANE.poll([found]).request.url.endswith("/test-run/instances/copy")


def test_what_is_not_given_is_not_sent() -> None:
    """The platform has defaults."""
    request = KANE.trigger(KANE.targets()[0], "m1").request
    assert request.body == {"test_run_id": "template", "title": "m1"}


@pytest.mark.parametrize(
    ("word", "percent", "status", "result"),
    [
        ("Not Started", 0, Status.QUEUED, None),
        ("not started", 0, Status.QUEUED, None),
        ("In Progress", 50, Status.RUNNING, None),
        ("Passed", 50, Status.RUNNING, None),
        ("Failed", 99, Status.RUNNING, None),
        ("Passed", 100, Status.ENDED, RunResult.PASSED),
        ("Failed", 100, Status.ENDED, RunResult.FAILED),
        ("Passed", None, Status.ENDED, RunResult.PASSED),
        ("Aborted", 50, Status.ENDED, RunResult.STOPPED),
    ],
)
def test_words(word: str, percent: int | None, status: Status, result: RunResult | None) -> None:
    """`Passed` is believed once everything has run."""
    found = state(KANE, {"test_run_details": {"status": word, "complete_percent": percent}})
    assert (found.status, found.result) == (status, result)


def test_counters_show_that_the_list_goes_on() -> None:
    """Nobody documents how: tests that are counted and not listed are missing, which is never green."""
    numbers = {"total_test": 60, "passed": 60, "failed": 0, "not_started": 0}
    details = {"status": "Passed", "run_result": numbers, "complete_percent": 100}
    assert state(KANE, {"test_run_details": details}).reported.counted == 60


def test_instances() -> None:
    """What did not run has not passed."""
    environment = {"os": "macOS Monterey", "browser": "Chrome"}
    rows: list[dict[str, Any]] = [
        {"id": 1, "test_case_id": "c1", "title": "Login", "status": "Passed", "environment": environment},
        {"id": 2, "test_case_id": "c2", "title": "Pay", "status": "Not Started", "environment": None},
        {"id": 3, "test_case_id": "c3", "name": "Ship", "status": "Retest"},
    ]
    tests = listed(KANE, {"test_run_instances": {"data": rows}})
    assert [(test.name, test.machine, test.outcome) for test in tests] == [
        ("Login", "macOS Monterey Chrome", Outcome.PASSED),
        ("Pay", "", Outcome.NOT_RUN),
        ("Ship", "", Outcome.ERROR),
    ]
