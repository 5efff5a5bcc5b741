"""What is special about mabl: several plans in one event, and retries of a plan inside the same answer."""

from typing import Any

import pytest

from testgate.errors import Refused
from testgate.model import Outcome, RunResult, Status
from tests.providers.described.readings import listed, started, state, vendor

MABL = vendor("mabl", {"application-id": "a1-a", "plan-labels": "smoke,login", "browsers": "firefox"})


def plan(name: str, status: str, tests: list[dict[str, Any]], stop: int | None = 9000, **of: Any) -> dict[str, Any]:  # noqa: ANN401
    """A run of a plan, with its tests."""
    execution = {"id": f"{name}-pr", "status": status, "is_retry": False, **of}
    journeys = [{"id": each["journey_id"], "name": f"Test {each['journey_id']}"} for each in tests]
    times = {"start_time": 1000, **({"stop_time": stop} if stop else {})}
    return {
        "status": status,
        "plan": {"id": name, "name": "Plan"},
        "plan_execution": execution,
        "journeys": journeys,
        "journey_executions": tests,
        **times,
    }


def journey(name: str, status: str, index: int = 0, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A run of a test."""
    return {
        "journey_id": name,
        "journey_execution_id": f"{name}-{status}-jr",
        "run_multiplier_index": index,
        "browser_type": "chrome",
        "status": status,
        "success": status == "completed",
        **more,
    }


FAILED = plan("p1", "failed", [journey("j1", "failed", status_cause="no button"), journey("j2", "completed")])
RETRIED = plan(
    "p2", "succeeded", [journey("j1", "completed"), journey("j2", "completed")], is_retry=True, retry_of_id="p1-pr"
)


def test_a_request_selects_plans() -> None:
    """The labels and browsers are lists."""
    request = MABL.trigger(MABL.targets()[0], "m1").request
    assert isinstance(request.body, dict)
    assert request.body["plan_labels"] == ["smoke", "login"]
    assert request.body["plan_overrides"] == {"browser_types": ["firefox"]}
    assert "environment_id" not in request.body


def test_an_event_without_plans_is_red_at_once() -> None:
    """It is accepted with 201, and would look like a run that passed."""
    with pytest.raises(Refused, match="nothing to run"):
        started(MABL, {"id": "e1", "triggered_plan_run_summaries": []}, 201)
    found = started(MABL, {"id": "e1", "workspace_id": "w", "triggered_plan_run_summaries": [{"plan_id": "p"}]}, 201)
    assert found.url == "https://app.mabl.com/workspaces/w/events/e1"


@pytest.mark.parametrize(
    ("plans", "event", "status", "result"),
    [
        ([], {}, Status.RUNNING, None),
        ([plan("p", "succeeded", [])], {"succeeded": True}, Status.ENDED, RunResult.PASSED),
        ([plan("p", "succeeded", [], stop=None)], {}, Status.RUNNING, None),
        ([plan("p", "running", [], stop=9000)], {}, Status.RUNNING, None),
        ([FAILED, plan("q", "scheduled", [], stop=None)], {}, Status.RUNNING, None),
        ([FAILED, plan("q", "running", [], stop=None)], {}, Status.RUNNING, None),
        ([FAILED, RETRIED], {"succeeded": True, "succeeded_with_retries": True}, Status.ENDED, RunResult.PASSED),
        ([plan("p", "succeeded", []), FAILED], {"succeeded": False}, Status.ENDED, RunResult.FAILED),
        ([plan("p", "succeeded", []), FAILED], {}, Status.ENDED, RunResult.FAILED),
        (
            [plan("p", "succeeded", []), plan("q", "cancelled", [])],
            {"succeeded": True},
            Status.ENDED,
            RunResult.STOPPED,
        ),
        ([plan("p", "completed", [])], {}, Status.ENDED, RunResult.UNKNOWN),
    ],
)
def test_an_event_is_over_with_its_last_plan(
    plans: list[dict[str, Any]], event: dict[str, Any], status: Status, result: RunResult | None
) -> None:
    """Each has a final status and a stop time. A retry that passed counts as the event says."""
    found = state(MABL, {"event_status": event, "executions": plans})
    assert (found.status, found.result) == (status, result)


def test_a_retried_plan_is_the_history_of_its_tests() -> None:
    """Its tests are attempts, and counters that hold every attempt say nothing."""
    answered = {
        "event_status": {"succeeded": True},
        "executions": [FAILED, RETRIED],
        "journey_execution_metrics": {"total": 4, "passed": 3, "failed": 1},
    }
    found = listed(MABL, answered)
    assert [(each.name, each.outcome, len(each.earlier)) for each in found] == [
        ("Test j1", Outcome.PASSED, 1),
        ("Test j2", Outcome.PASSED, 1),
    ]
    assert found[0].earlier[0].message == "no button"
    assert state(MABL, answered).reported.counts.total == 0


def test_two_runs_of_a_test_in_one_plan_both_count() -> None:
    """A test with two rows of data runs twice; the one that passes later is no retry of the other."""
    rows = [journey("j1", "failed", start_time=1), journey("j1", "completed", index=1, start_time=2)]
    found = listed(MABL, {"executions": [plan("p1", "failed", rows)]})
    assert [each.outcome for each in found] == [Outcome.FAILED, Outcome.PASSED]


@pytest.mark.parametrize(
    ("word", "success", "outcome"),
    [
        ("completed", True, Outcome.PASSED),
        ("completed", False, Outcome.FAILED),
        ("failed", False, Outcome.FAILED),
        ("terminated", False, Outcome.ERROR),
        ("skipped", None, Outcome.SKIPPED),
        ("running", None, Outcome.NOT_RUN),
        (None, None, Outcome.NOT_RUN),
        ("healed", True, Outcome.ERROR),
    ],
)
def test_words_of_tests(word: str, success: bool, outcome: Outcome) -> None:
    """A word that the documents lack is an error."""
    row = {**journey("j1", "failed"), "status": word, "success": success}
    (found,) = listed(MABL, {"executions": [plan("p1", "failed", [row])]})
    assert found.outcome is outcome
