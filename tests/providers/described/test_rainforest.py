"""What is special about Rainforest QA: run groups under a path of their own, and reruns by the platform."""

from typing import Any

import pytest

from testgate.model import Outcome, RunResult, Status, TestResult
from tests.providers.described.readings import page, run_of, state, vendor
from tests.support.replies import reply

RAINFOREST = vendor("rainforest", {"test-id": "12,13"})
FAILED = [TestResult("case 0", "Login", Outcome.FAILED)]


@pytest.mark.parametrize(
    ("values", "path", "body"),
    [
        ({"run-group-id": "77"}, "/run_groups/77/runs", {}),
        ({"test-id": "12,13", "environment-id": "5"}, "/runs", {"tests": [12, 13], "environment_id": 5}),
        ({"tags": "a,b", "platforms": "chrome"}, "/runs", {"tags": ["a", "b"], "browsers": ["chrome"]}),
        ({"folder-id": "9"}, "/runs", {"smart_folder_id": 9}),
    ],
)
def test_what_is_started(values: dict[str, str], path: str, body: dict[str, Any]) -> None:
    """Each kind of target under its path; ids are numbers."""
    provider = vendor("rainforest", values)
    (target,) = provider.targets()
    request = provider.trigger(target, "mark-1").request
    assert request.url == f"https://platform.example{path}"
    assert request.body == {**body, "description": "mark-1"}


@pytest.mark.parametrize("values", [{"run-group-id": "77"}, {"test-id": "12"}])
def test_failed_tests_run_again_as_the_platform_does_it(values: dict[str, str]) -> None:
    """The run knows its failed tests, whatever it was started from."""
    provider = vendor("rainforest", values)
    call = provider.trigger(provider.rerun(run_of(provider, "4711"), FAILED), "mark-2")
    assert call.request.url == "https://platform.example/runs/4711/rerun_failed"
    assert call.request.body == {}


@pytest.mark.parametrize(
    ("word", "final", "result", "status", "found"),
    [
        ("queued", False, "no_result", Status.QUEUED, None),
        ("in_progress", False, "failed", Status.RUNNING, None),
        ("complete", False, "passed", Status.RUNNING, None),
        ("complete", True, "passed", Status.ENDED, RunResult.PASSED),
        ("complete", True, "failed", Status.ENDED, RunResult.FAILED),
        ("complete", True, "no_result", Status.ENDED, RunResult.UNKNOWN),
        ("complete", True, None, Status.ENDED, RunResult.UNKNOWN),
        ("aborted", True, "passed", Status.ENDED, RunResult.STOPPED),
        ("error", True, "passed", Status.ENDED, RunResult.STOPPED),
        ("timed_out", True, "no_result", Status.ENDED, RunResult.STOPPED),
        ("pending_investigation", False, "failed", Status.RUNNING, None),
        ("analyzing_app", False, "no_result", Status.QUEUED, None),
    ],
)
def test_the_result_counts_in_a_final_state(
    word: str, final: bool, result: str | None, status: Status, found: RunResult | None
) -> None:
    """Before that, it may be that of the tests so far."""
    answered = {"id": "r1", "state": word, "state_details": {"is_final_state": final}, "result": result}
    snapshot = state(RAINFOREST, answered)
    assert (snapshot.status, snapshot.result) == (status, found)


def test_the_report_is_read() -> None:
    """A test that was left out is no test that passed."""
    report = b'<testsuite><testcase name="A"/><testcase name="B"><skipped/></testcase></testsuite>'
    assert [(each.name, each.outcome) for each in page(RAINFOREST, report).tests] == [
        ("A", Outcome.PASSED),
        ("B", Outcome.SKIPPED),
    ]


@pytest.mark.parametrize(
    ("rows", "found"),
    [([], []), ([{"id": 7, "description": "mark-1"}, {"id": 8, "description": "mark-11"}], ["7"])],
)
def test_a_run_is_found_by_its_description(rows: list[dict[str, Any]], found: list[str]) -> None:
    """The list itself is the answer, and an empty one says that there is none."""
    call = RAINFOREST.find(RAINFOREST.targets()[0], "mark-1")
    assert call is not None
    assert call.request.query == {"query": "mark-1", "page_size": "100"}
    assert [run.id for run in call.read(reply(rows, 200, call.request))] == found
