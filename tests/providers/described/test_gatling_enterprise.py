"""What is special about Gatling Enterprise: an outcome beside the status, and assertions as tests."""

from typing import Any

import pytest

from testgate.model import Outcome, RunResult, Status
from testgate.providers.described.provider import Described
from tests.providers.described.readings import listed, run_of, state, vendor
from tests.providers.described.vendors.gatling_enterprise import RUN, TEST, run
from tests.support.replies import reply

GATLING = vendor(
    "gatling-enterprise",
    {"test-id": TEST, "system-properties.users": "50", "environment-variables.TARGET": "staging"},
    {"secret-environment-variables.PASSWORD": "hidden-0123"},
)


@pytest.mark.parametrize(
    ("status", "successful", "status_read", "result"),
    [
        ("building", None, Status.QUEUED, None),
        ("stop_requested", None, Status.RUNNING, None),
        ("successful", True, Status.ENDED, RunResult.PASSED),
        ("assertions_successful", None, Status.ENDED, RunResult.PASSED),
        ("assertions_successful", False, Status.ENDED, RunResult.FAILED),
        ("successful", False, Status.ENDED, RunResult.FAILED),
        ("broken", False, Status.ENDED, RunResult.FAILED),
        ("stop_criteria_triggered", False, Status.ENDED, RunResult.FAILED),
        ("manually_stopped", False, Status.ENDED, RunResult.STOPPED),
        ("deployment_failed", False, Status.ENDED, RunResult.NOT_EXECUTED),
        ("collected", True, Status.RUNNING, None),
    ],
)
def test_words(status: str, successful: bool | None, status_read: Status, result: RunResult | None) -> None:
    """An outcome that isn't successful is never green, and a word that nobody knows waits."""
    found = state(GATLING, {"data": run(status, successful, [])}, run=run_of(GATLING, RUN))
    assert (found.status, found.result) == (status_read, result)


def test_assertions_are_tests() -> None:
    """The value that was measured is the message of one that failed; 0 is a value too."""
    assertions: list[dict[str, Any]] = [
        {"message": "max is less than 100", "succeed": False, "actualValue": 0},
        {"message": "mean is less than 50", "succeed": False},
        {"message": "no errors", "succeed": True, "actualValue": 0},
        {"message": "odd", "succeed": None},
    ]
    tests = listed(GATLING, {"data": run("assertions_failed", False, assertions)})
    assert [(test.name, test.outcome, test.message) for test in tests] == [
        ("max is less than 100", Outcome.FAILED, "the value was 0"),
        ("mean is less than 50", Outcome.FAILED, ""),
        ("no errors", Outcome.PASSED, ""),
        ("odd", Outcome.NOT_RUN, ""),
    ]


def test_variables_are_sent_and_hidden() -> None:
    """Both kinds of environment variables are sent together, and not shown; what isn't given isn't sent."""
    request = GATLING.trigger(GATLING.targets()[0], "mark-1").request
    variables = {"TARGET": "staging", "PASSWORD": "hidden-0123"}
    assert request.body == {
        "title": "mark-1",
        "extra": {"systemProperties": {"users": "50"}, "environmentVariables": variables},
    }
    assert "extra" in request.private
    plain = vendor("gatling-enterprise", {"test-id": TEST})
    assert plain.trigger(plain.targets()[0], "mark-1").request.body == {"title": "mark-1"}


def test_a_run_is_found_by_its_title() -> None:
    """Runs without a title, or with another, are not ours."""
    assert isinstance(GATLING, Described)
    call = GATLING.find(GATLING.targets()[0], "mark-1")
    assert call is not None
    rows = [{"_id": "run_a"}, {"_id": "run_b", "title": "mark-1"}, {"_id": "run_c", "title": "mark-10"}]
    assert [each.id for each in call.read(reply({"data": rows}, request=call.request))] == ["run_b"]
    assert call.read(reply({"data": []}, request=call.request)) == []
