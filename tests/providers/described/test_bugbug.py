"""What is special about BugBug: variables as a list, and words that only a third party tells."""

import pytest

from testgate.model import Outcome, RunResult, Status
from tests.providers.described.readings import listed, page, state, vendor

VALUES = {"suite-id": "s1", "profile": "Staging", "variables.user": "ci"}
BUGBUG = vendor("bugbug", VALUES, {"secret-variables.password": "hidden-0123"})


def test_what_is_sent() -> None:
    """Variables have keys and values."""
    request = BUGBUG.trigger(BUGBUG.targets()[0], "m1").request
    assert request.body == {
        "suiteId": "s1",
        "profileName": "Staging",
        "triggeredBy": "api",
        "variables": [{"key": "user", "value": "ci"}, {"key": "password", "value": "hidden-0123"}],
    }
    assert request.private == {"variables"}


@pytest.mark.parametrize(
    ("word", "status", "result"),
    [
        ("initializing", Status.QUEUED, None),
        ("running", Status.RUNNING, None),
        ("passed", Status.ENDED, RunResult.PASSED),
        ("failed", Status.ENDED, RunResult.FAILED),
        ("stopped", Status.ENDED, RunResult.STOPPED),
        ("completed", Status.ENDED, RunResult.UNKNOWN),
        ("paused", Status.RUNNING, None),
    ],
)
def test_words_of_a_run(word: str, status: Status, result: RunResult | None) -> None:
    """`completed` says nothing about the result."""
    found = state(BUGBUG, {"id": "r1", "status": word})
    assert (found.status, found.result) == (status, result)


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("passed", Outcome.PASSED),
        ("failed", Outcome.FAILED),
        ("stopped", Outcome.ERROR),
        ("completed", Outcome.ERROR),
        ("running", Outcome.NOT_RUN),
    ],
)
def test_words_of_tests(word: str, outcome: Outcome) -> None:
    """A duration that is no number is left out, and a code is better than no message."""
    row = {"id": "t1", "name": "Pay", "status": word, "duration": "00:00:12", "errorCode": "ELEMENT_NOT_FOUND"}
    (found,) = listed(BUGBUG, {"id": "r1", "status": "passed", "details": [row]})
    assert (found.outcome, found.seconds) == (outcome, None)
    assert found.message == ("ELEMENT_NOT_FOUND" if outcome in {Outcome.FAILED, Outcome.ERROR} else "")


def test_another_run_is_doubted() -> None:
    """And one that isn't over has more to come."""
    assert page(BUGBUG, {"id": "r2", "status": "passed", "details": []}).doubts
    assert page(BUGBUG, {"id": "r1", "suiteId": "s2", "status": "passed", "details": []}).doubts
    assert page(BUGBUG, {"id": "r1", "suiteId": "s1", "status": "running", "details": []}).filling
