"""What is special about Reflect: states that count once an execution has finished, and tests with runs of their own."""

from typing import Any

import pytest

from testgate.model import Outcome, RunResult, Status
from tests.providers.described.readings import listed, page, run_of, state, vendor

VALUES = {"suite-id": "shop", "hostnames.www.example.com": "staging.example.com", "variables.user": "ci"}
REFLECT = vendor("reflect", VALUES, {"secret-variables.password": "hidden-0123"})
RUN = run_of(REFLECT, "36")


def execution(*tests: dict[str, Any], bookmark: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """An execution of the suite."""
    listed_ = {"tests": {"data": [*tests], "bookmark": bookmark}}
    return {"suiteId": "shop", "executionId": 36, "isFinished": True, "status": "passed", **listed_, **more}


def test_what_is_sent() -> None:
    """Hosts are a list of replacements; without any, nothing is overridden."""
    body = REFLECT.trigger(REFLECT.targets()[0], "m").request.body
    assert body == {
        "variables": {"user": "ci", "password": "hidden-0123"},
        "overrides": {"hostnames": [{"original": "www.example.com", "replacement": "staging.example.com"}]},
    }
    plain = vendor("reflect", {"suite-id": "shop"})
    assert plain.trigger(plain.targets()[0], "m").request.body == {}


@pytest.mark.parametrize(
    ("finished", "word", "status", "result"),
    [
        (False, "pending", Status.QUEUED, None),
        (False, "failed", Status.RUNNING, None),
        (False, "passed", Status.RUNNING, None),
        (None, "passed", Status.RUNNING, None),
        (True, "passed", Status.ENDED, RunResult.PASSED),
        (True, "failed", Status.ENDED, RunResult.FAILED),
        (True, "canceled", Status.ENDED, RunResult.STOPPED),
        (True, "pending", Status.ENDED, RunResult.UNKNOWN),
    ],
)
def test_a_status_counts_once_the_execution_has_finished(
    finished: bool | None, word: str, status: Status, result: RunResult | None
) -> None:
    """Before that, it summarizes the tests so far."""
    found = state(REFLECT, execution(isFinished=finished, status=word), run=RUN)
    assert (found.status, found.result) == (status, result)


def test_a_test_has_what_its_last_run_says() -> None:
    """Its video, its time, and every step that failed; a test without a name is called by its number."""
    runs = [
        {"browser": "Chrome", "status": "failed", "runTime": 1000, "failedStepIndex": {"1": "slow"}},
        {
            "browser": "Edge",
            "runTime": 2000,
            "failedStepIndex": {"4": "Visual", "5": "no button"},
            "videoUrl": "https://v/1",
        },
    ]
    row = {"instanceId": 0, "testId": 688, "status": "failed", "runs": runs}
    (found,) = page(REFLECT, execution(row), run=RUN).tests
    assert (found.name, found.case_id, found.machine, found.seconds) == ("Test 688", "688", "Edge", 2.0)
    assert (found.message, found.video) == ("Visual\nno button", "https://v/1")


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("passed", Outcome.PASSED),
        ("failed", Outcome.FAILED),
        ("error", Outcome.ERROR),
        ("canceled", Outcome.ERROR),
        ("pending", Outcome.NOT_RUN),
        ("healed", Outcome.ERROR),
    ],
)
def test_words_of_tests(word: str, outcome: Outcome) -> None:
    """A test without runs has a status all the same."""
    (found,) = listed(REFLECT, execution({"instanceId": 0, "testId": 1, "status": word}))
    assert found.outcome is outcome


def test_a_long_list_goes_on() -> None:
    """With the bookmark of the page before; a bookmark that stays the same ends the list."""
    first = page(REFLECT, execution(bookmark="b1"), run=RUN)
    assert first.next is not None
    call = REFLECT.results(RUN, first.next)
    assert call is not None
    assert call.request.query == {"bookmark": "b1"}
    assert page(REFLECT, execution(), run=RUN).next is None


def test_the_list_of_another_suite_is_doubted() -> None:
    """Or of another execution."""
    assert not page(REFLECT, execution(), run=RUN).doubts
    assert page(REFLECT, execution(suiteId="other"), run=RUN).doubts
    assert page(REFLECT, execution(executionId=37), run=RUN).doubts
