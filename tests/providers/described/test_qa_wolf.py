"""What is special about QA Wolf: one call starts any number of runs, and newer runs replace older ones."""

from typing import Any

import pytest

from testgate.errors import BadAnswer, Refused
from testgate.model import Origin, Outcome, RunResult, Status
from tests.providers.described.readings import listed, run_of, started, state, vendor
from tests.providers.described.vendors.qa_wolf import ROOT, created, greenlight

WOLF = vendor("qa-wolf", {"branch": "main"})
RUN = run_of(WOLF, ROOT)
FAILED = {
    "outcome": "failed",
    "failure_code": "environment-not-ready",
    "failure_message": "Not ready",
    "trigger_id": "t",
}
SKIPPED = {"outcome": "skipped", "skip_reason": "branch", "environment_id": "e1"}


def test_each_run_of_an_answer_is_waited_for() -> None:
    """What a trigger skipped is no run."""
    found = started(
        WOLF, {"results": [SKIPPED, {**created("r1"), "trigger_id": "b"}, {**created("r2"), "trigger_id": "a"}]}
    )
    assert {each.id for each in (found, *found.others)} == {"r1", "r2"}
    assert started(WOLF, {"results": [SKIPPED, created("r1")]}).id == "r1"


def test_a_run_that_could_not_be_created_is_not_overlooked() -> None:
    """Another trigger created its run."""
    with pytest.raises(BadAnswer, match="r1"):
        started(WOLF, {"results": [created("r1"), FAILED]})


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"results": []}, "nothing to run"),
        ({"results": [SKIPPED]}, "nothing to run"),
        ({"skipped_deployment": {"reason": "paused", "message": "Paused"}}, "nothing to run"),
        ({"results": [FAILED]}, "Not ready"),
        ({"results": [{"failure_reason": "internal"}]}, "refused"),
    ],
)
def test_an_answer_without_a_run_is_red_at_once(answer: dict[str, Any], why: str) -> None:
    """It comes with 200."""
    with pytest.raises(Refused, match=why):
        started(WOLF, answer)


def test_a_run_of_an_earlier_delivery_is_adopted() -> None:
    """It is waited for, and not ours."""
    found = started(WOLF, {"results": [{"duplicate_suite_id": "r0", "trigger_id": "t"}]})
    assert (found.id, found.origin) == ("r0", Origin.ADOPTED)


@pytest.mark.parametrize(
    ("more", "status", "result"),
    [
        ({"runStage": "initializing"}, Status.QUEUED, None),
        ({"runStage": "initializing", "workflowsInRunCount": 0}, Status.QUEUED, None),
        ({"runStage": "underReview", "greenlight": True}, Status.RUNNING, None),
        ({}, Status.ENDED, RunResult.PASSED),
        ({"greenlight": False}, Status.ENDED, RunResult.FAILED),
        ({"greenlight": None}, Status.ENDED, RunResult.FAILED),
        ({"greenlight": "true"}, Status.ENDED, RunResult.FAILED),
        ({"workflowsInRunCount": 0}, Status.ENDED, RunResult.NOT_EXECUTED),
        ({"runStage": "canceled"}, Status.ENDED, RunResult.STOPPED),
        ({"relevantRunId": "newer"}, Status.ENDED, RunResult.STOPPED),
        ({"relevantRunId": "newer", "runStage": "underReview"}, Status.ENDED, RunResult.STOPPED),
        ({"relevantRunId": None}, Status.ENDED, RunResult.PASSED),
    ],
)
def test_words(more: dict[str, Any], status: Status, result: RunResult | None) -> None:
    """The greenlight of a run that replaced ours says nothing about ours."""
    found = state(WOLF, {**greenlight("completed", green=True), **more}, run=RUN)
    assert (found.status, found.result) == (status, result)


def test_bugs_that_block_are_the_message() -> None:
    """Those that don't block aren't."""
    (test,) = listed(WOLF, {**greenlight("completed", green=False), "rootRunId": "r1", "relevantRunId": "r1"})
    assert (test.outcome, test.message) == (Outcome.FAILED, "Pay has no button")
