"""What is special about Autify: a result for each capability and scenario, and words that come before the end."""

from typing import Any

import pytest

from testgate.model import Outcome, RunResult, Status
from testgate.ports import Provider
from tests.providers.described.readings import page, run_of, state, vendor
from tests.providers.described.scenes import Scene
from tests.providers.described.vendors import autify, autify_mobile

WEB = vendor("autify", {"test-plan-id": "15", "project-id": "1"})
MOBILE = vendor("autify-mobile", {"test-plan-id": "yLA6m0oM", "project-id": "jx8tyj"})
BOTH = pytest.mark.parametrize(("provider", "run_id"), [(WEB, "123456"), (MOBILE, "zQ4m0x")], ids=["web", "mobile"])
END = "2026-01-01T00:01:00.000+09:00"


@BOTH
@pytest.mark.parametrize(
    ("status", "finished", "status_read", "result"),
    [
        ("queuing", None, Status.QUEUED, None),
        ("waiting", None, Status.QUEUED, None),
        ("running", None, Status.RUNNING, None),
        ("passed", None, Status.RUNNING, None),
        ("failed", None, Status.RUNNING, None),
        ("passed", END, Status.ENDED, RunResult.PASSED),
        ("failed", END, Status.ENDED, RunResult.FAILED),
        ("skipped", END, Status.ENDED, RunResult.NOT_EXECUTED),
        ("running", END, Status.ENDED, RunResult.UNKNOWN),
        ("canceled", None, Status.ENDED, RunResult.STOPPED),
        ("internal_error", None, Status.ENDED, RunResult.STOPPED),
    ],
)
def test_words(
    provider: Provider, run_id: str, status: str, finished: str | None, status_read: Status, result: RunResult | None
) -> None:
    """A run is over when it has an end: until then, `passed` is said of what has run so far."""
    found = state(provider, {"id": run_id, "status": status, "finished_at": finished}, run=run_of(provider, run_id))
    assert (found.status, found.result) == (status_read, result)
    assert found.aborted is (status == "internal_error")


def test_a_scenario_is_a_test_on_each_capability() -> None:
    """What did not run to its end has not passed."""
    answer: dict[str, Any] = autify.result(Scene("failed"), "failed", over=True)
    phone = answer["test_plan_capability_results"][1]
    phone["test_case_results"] = [
        {"id": 990, "test_case_id": 1, "status": "internal_error"},
        {"id": 991, "status": "waiting"},
    ]
    found = page(WEB, answer, run=run_of(WEB, "123456"))
    assert [(test.name, test.machine, test.outcome) for test in found.tests] == [
        ("Scenario 1", "Linux Chrome", Outcome.PASSED),
        ("Scenario 2", "Linux Chrome", Outcome.FAILED),
        ("Scenario 1", "iOS iPhone", Outcome.ERROR),
        ("Scenario null", "iOS iPhone", Outcome.NOT_RUN),
    ]
    assert found.tests[0].seconds == 60
    assert not found.doubts


def test_the_result_of_another_run_is_doubted() -> None:
    """It would pass for ours."""
    found = page(MOBILE, autify_mobile.result(Scene("passed"), "passed", over=True), run=run_of(MOBILE, "other"))
    assert len(found.tests) == 2
    assert found.doubts
