"""What is special about ACCELQ: a job that has completed says nothing of its tests, and counters do."""

from typing import Any

import pytest

from testgate.model import Outcome, RunResult, Status
from tests.providers.described.readings import listed, run_of, state, vendor

VALUES = {"template-job-id": "77", "tenant": "acme", "project": "AcmeProject", "user-id": "ci@example.com"}
ACCELQ = vendor("accelq", VALUES)
RUN = run_of(ACCELQ, "89")


def job(status: str, passed: int = 0, failed: int = 0, not_run: int = 0, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """An answer about a job."""
    numbers = {"pass": passed, "fail": failed, "notRun": not_run, "testcaseCount": passed + failed + not_run}
    return {"summary": {"jobPid": 89, "status": status, "errors": [], **numbers, **more}}


@pytest.mark.parametrize(
    ("answer", "status", "result"),
    [
        (job("Scheduled", not_run=2), Status.QUEUED, None),
        (job("In Progress", passed=2), Status.RUNNING, None),
        (job("inProgress", failed=2), Status.RUNNING, None),
        (job("completed", passed=2), Status.ENDED, RunResult.PASSED),
        (job("Completed", passed=2), Status.ENDED, RunResult.PASSED),
        (job("COMPLETED", passed=1, failed=1), Status.ENDED, RunResult.FAILED),
        (job("completed", passed=2, errors=["no agent"]), Status.ENDED, RunResult.FAILED),
        (job("completed"), Status.ENDED, RunResult.UNKNOWN),
        (job("completed", not_run=2), Status.ENDED, RunResult.UNKNOWN),
        ({"summary": {"jobPid": 89, "status": "completed", "pass": 2}}, Status.ENDED, RunResult.UNKNOWN),
        (job("Aborted", passed=2), Status.ENDED, RunResult.STOPPED),
        (job("Error", passed=2), Status.ENDED, RunResult.FAILED),
        (job("Failed To Start"), Status.ENDED, RunResult.NOT_EXECUTED),
    ],
)
def test_words(answer: dict[str, Any], status: Status, result: RunResult | None) -> None:
    """A job without a failure has passed only if something did, and if it has completed."""
    found = state(ACCELQ, answer, run=RUN)
    assert (found.status, found.result) == (status, result)


def test_cases() -> None:
    """A word that is no result is no pass."""
    rows = [
        {"dbPid": 1, "name": "Login", "status": "pass", "startDate": 1763727964458, "endDate": 1763727965958},
        {"dbPid": 2, "name": "Pay", "status": "fail", "lastErrorStmtMsg": "no button"},
        {"dbPid": 3, "name": "Ship", "status": "fatal"},
        {"dbPid": 4, "name": "Mail", "status": "notRun"},
        {"dbPid": 5, "name": "Log", "status": "warn"},
    ]
    tests = listed(ACCELQ, {"summary": {"testCaseSummaryList": rows}})
    assert [(test.case_id, test.outcome, test.message) for test in tests] == [
        ("1", Outcome.PASSED, ""),
        ("2", Outcome.FAILED, "no button"),
        ("3", Outcome.ERROR, ""),
        ("4", Outcome.NOT_RUN, ""),
        ("5", Outcome.ERROR, ""),
    ]
    assert tests[0].seconds == 1.5


def test_properties_are_sent_and_secrets_are_not_shown() -> None:
    """Both kinds together; without any, the body is empty."""
    one = vendor(
        "accelq", {**VALUES, "run-properties.maxPrice": "4000"}, {"secret-run-properties.password": "hidden-01"}
    )
    request = one.trigger(one.targets()[0], "m1").request
    assert request.body == {"runProperties": {"maxPrice": "4000", "password": "hidden-01"}}
    assert request.private == {"runProperties"}
