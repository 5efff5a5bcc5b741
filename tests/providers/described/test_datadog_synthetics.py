"""What is special about Datadog Synthetics: batches that aren't there yet, attempts that stay in progress, two keys."""

from typing import Any

import pytest

from testgate.errors import Refused
from testgate.model import Outcome, RunResult, Status, TestResult
from tests.providers.described.readings import listed, page, run_of, started, state, vendor

APPLICATION_KEY = "application-0123456789"
DATADOG = vendor(
    "datadog-synthetics",
    {"test-id": "aaa-aaa-aaa,bbb-bbb-bbb", "start-url": "https://staging.example.com", "variables.USER": "ci"},
    {"application-key": APPLICATION_KEY, "secret-variables.PASSWORD": "hidden-0123"},
)


def row(status: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A result in a batch."""
    given = {"result_id": "r1", "test_public_id": "aaa-aaa-aaa", "test_name": "Login", "location": "aws:eu"}
    return {**given, "retries": None, "timed_out": None, "status": status, **more}


def batch(status: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """A batch."""
    return {"data": {"status": status, "results": [*rows]}}


def test_tests_are_sent_as_one_batch() -> None:
    """With both keys, and without showing a secret variable."""
    request = DATADOG.trigger(DATADOG.targets()[0], "m1").request
    assert isinstance(request.body, dict)
    more = {"startUrl": "https://staging.example.com", "variables": {"USER": "ci", "PASSWORD": "hidden-0123"}}
    assert request.body["tests"] == [{"public_id": "aaa-aaa-aaa", **more}, {"public_id": "bbb-bbb-bbb", **more}]
    assert {each.header: each.value for each in request.credentials} == {
        "DD-API-KEY": "key-0123456789",
        "DD-APPLICATION-KEY": APPLICATION_KEY,
    }
    assert request.private == {"tests"}
    assert not any(secret in repr(request.credentials) for secret in (APPLICATION_KEY, "key-0123456789"))
    plain = vendor("datadog-synthetics", {"test-id": "aaa-aaa-aaa"}, {"application-key": APPLICATION_KEY})
    assert plain.trigger(plain.targets()[0], "m1").request.private == frozenset()


def test_failed_tests_run_again_as_a_batch_of_their_own() -> None:
    """A test that failed at two locations is sent once."""
    failed = [TestResult("r1", "Login", Outcome.FAILED, case_id="aaa-aaa-aaa", machine=each) for each in ("eu", "us")]
    again = DATADOG.rerun(run_of(DATADOG), failed)
    body = DATADOG.trigger(again, "m2").request.body
    assert isinstance(body, dict)
    assert [each["public_id"] for each in body["tests"]] == ["aaa-aaa-aaa"]


def test_a_trigger_that_found_no_test_is_refused() -> None:
    """It has a batch, with nothing in it."""
    with pytest.raises(Refused, match="nothing to run"):
        started(DATADOG, {"batch_id": "b1", "triggered_check_ids": [], "results": []})
    assert started(DATADOG, {"batch_id": "b1", "locations": []}).id == "b1"


def test_a_batch_that_is_not_there_yet_is_waited_for() -> None:
    """But not a 404 of something else, such as a proxy."""
    assert state(DATADOG, {"errors": ["Batch not found"]}, 404).status is Status.QUEUED
    with pytest.raises(Refused):
        state(DATADOG, {"message": "no such path"}, 404)
    with pytest.raises(Refused):
        state(DATADOG, {"errors": ["Forbidden"]}, 403)


@pytest.mark.parametrize(
    ("word", "status", "result"),
    [
        ("in_progress", Status.RUNNING, None),
        ("passed", Status.ENDED, RunResult.PASSED),
        ("failed", Status.ENDED, RunResult.FAILED),
        ("skipped", Status.ENDED, RunResult.NOT_EXECUTED),
        ("paused", Status.RUNNING, None),
    ],
)
def test_words_of_a_batch(word: str, status: Status, result: RunResult | None) -> None:
    """`in_progress` is in the vendor's client, and not in its documents."""
    found = state(DATADOG, batch(word))
    assert (found.status, found.result) == (status, result)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([row("passed", retries=0)], [(Outcome.PASSED, 0)]),
        ([row("in_progress", retries=0), row("passed", retries=1)], [(Outcome.PASSED, 1)]),
        (
            [row("in_progress", retries=0), row("in_progress", retries=1), row("failed", retries=2)],
            [(Outcome.FAILED, 2)],
        ),
        ([row("in_progress", retries=0)], [(Outcome.FAILED, 0)]),
        ([row("in_progress", retries=0), row("passed", location="aws:us")], [(Outcome.FAILED, 0), (Outcome.PASSED, 0)]),
        ([row("in_progress")], [(Outcome.NOT_RUN, 0)]),
        ([row("passed", timed_out=True)], [(Outcome.ERROR, 0)]),
        ([row("in_progress", timed_out=True, retries=0)], [(Outcome.ERROR, 0)]),
        ([row("skipped", execution_rule="skipped")], [(Outcome.SKIPPED, 0)]),
        ([row("healthy")], [(Outcome.ERROR, 0)]),
    ],
)
def test_attempts_of_a_test(rows: list[dict[str, Any]], found: list[tuple[Outcome, int]]) -> None:
    """An attempt that is repeated is history; one that was never repeated counts."""
    tests = listed(DATADOG, batch("passed", *rows))
    assert [(each.outcome, len(each.earlier)) for each in tests] == found
    assert all(each.outcome is Outcome.FAILED for test in tests for each in test.earlier)


def test_a_batch_in_progress_has_more_to_come() -> None:
    """Its list isn't final."""
    assert page(DATADOG, batch("in_progress", row("passed"))).filling
    assert not page(DATADOG, batch("failed", row("passed"))).filling
