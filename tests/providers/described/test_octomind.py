"""What is special about Octomind: a report under its test target, and tests that have no name."""

from typing import Any

import pytest

from testgate.model import Outcome, RunResult, Status, TestResult
from tests.providers.described.readings import listed, page, run_of, started, state, vendor
from tests.support.replies import reply

VALUES = {"test-target-id": "t1", "url": "https://staging.example.com", "tags": "smoke"}
OCTOMIND = vendor("octomind", VALUES)


def report(status: str, *results: dict[str, Any]) -> dict[str, Any]:
    """A report."""
    return {"id": "r1", "testTargetId": "t1", "status": status, "testResults": [*results]}


def test_what_is_started() -> None:
    """The id of the report stands in it."""
    body = OCTOMIND.trigger(OCTOMIND.targets()[0], "m1").request.body
    assert isinstance(body, dict)
    assert body["tags"] == ["smoke"]
    assert body["context"]["description"] == "m1"
    answered = {"testReportUrl": "https://app.octomind.dev/r1", "testReport": report("WAITING")}
    run = started(OCTOMIND, answered)
    assert (run.id, run.url) == ("r1", "https://app.octomind.dev/r1")


def test_failed_tests_run_again_without_the_tags() -> None:
    """Tags would select more than them."""
    failed = [TestResult("x", "v1", Outcome.FAILED, case_id="v1"), TestResult("y", "v2", Outcome.ERROR, case_id="v2")]
    body = OCTOMIND.trigger(OCTOMIND.rerun(run_of(OCTOMIND), failed), "m2").request.body
    assert isinstance(body, dict)
    assert body["testCaseVersionIds"] == ["v1", "v2"]
    assert "tags" not in body


@pytest.mark.parametrize(
    ("word", "status", "result"),
    [
        ("WAITING", Status.RUNNING, None),
        ("PASSED", Status.ENDED, RunResult.PASSED),
        ("FAILED", Status.ENDED, RunResult.FAILED),
        ("PARTIAL", Status.RUNNING, None),
    ],
)
def test_words_of_a_report(word: str, status: Status, result: RunResult | None) -> None:
    """One that the vendor's client lacks is waited for."""
    found = state(OCTOMIND, report(word))
    assert (found.status, found.result) == (status, result)


@pytest.mark.parametrize(
    ("row", "name", "outcome"),
    [
        ({"testCaseVersionId": "v1", "status": "PASSED"}, "v1", Outcome.PASSED),
        ({"testCaseId": "c1", "status": "FAILED", "errorMessage": "no"}, "c1", Outcome.FAILED),
        ({"testCaseVersionId": "v1", "testCaseId": "c1", "status": "ERROR"}, "v1", Outcome.ERROR),
        ({"testCaseVersionId": "v1", "status": "WAITING"}, "v1", Outcome.NOT_RUN),
        ({"testCaseVersionId": "v1", "status": "HEALED"}, "v1", Outcome.ERROR),
    ],
)
def test_results_of_a_test(row: dict[str, Any], name: str, outcome: Outcome) -> None:
    """Older answers call it by the test case, newer ones by its version."""
    (found,) = listed(OCTOMIND, report("PASSED", {"id": "x", **row}))
    assert (found.name, found.outcome) == (name, outcome)


def test_another_report_is_doubted() -> None:
    """Or one of another target; and one that waits has more to come."""
    assert not page(OCTOMIND, report("PASSED")).doubts
    assert page(OCTOMIND, {**report("PASSED"), "id": "r2"}).doubts
    assert page(OCTOMIND, {**report("PASSED"), "testTargetId": "t2"}).doubts
    assert page(OCTOMIND, report("WAITING")).filling


def test_a_report_is_found_by_its_description() -> None:
    """Reports without one are somebody else's."""
    call = OCTOMIND.find(OCTOMIND.targets()[0], "m1")
    assert call is not None
    rows = [{"id": "a"}, {"id": "b", "context": {"description": "m1"}}, {"id": "c", "context": {"description": "m10"}}]
    assert [run.id for run in call.read(reply({"data": rows}, 200, call.request))] == ["b"]
