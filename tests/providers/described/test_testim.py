"""What is special about Testim: four kinds of targets, two shapes of one answer, and pages of tests."""

from typing import Any

import pytest

from testgate.model import Outcome, RunResult, Status
from tests.providers.described.readings import listed, page, run_of, state, vendor
from tests.support.replies import reply

TESTIM = vendor("testim", {"test-plan-id": "plan1"})


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"test-plan-id": "a"}, "/test-plans/run/a"),
        ({"suite-id": "a"}, "/suites/run/a"),
        ({"label": "log in"}, "/labels/run/log%20in"),
        ({"test-id": "a"}, "/tests/run/a"),
    ],
)
def test_what_is_started(values: dict[str, str], path: str) -> None:
    """Each kind under its path, with the same body."""
    provider = vendor("testim", {**values, "grid": "Testim-Grid", "params.user": "ci"})
    (target,) = provider.targets()
    request = provider.trigger(target, "mark-1").request
    assert request.url == f"https://platform.example{path}"
    assert request.body == {"grid": "Testim-Grid", "resultLabels": ["mark-1"], "params": {"user": "ci"}}


def test_two_labels_are_two_runs() -> None:
    """And their keys differ from those of suites with the same names."""
    targets = vendor("testim", {"label": "a,b"}).targets()
    assert [target.name for target in targets] == ["Label a", "Label b"]
    assert {target.key for target in targets}.isdisjoint(
        {each.key for each in vendor("testim", {"suite-id": "a,b"}).targets()}
    )


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize(
    ("word", "status", "result"),
    [
        ("Passed", Status.ENDED, RunResult.PASSED),
        ("FAILED", Status.ENDED, RunResult.FAILED),
        ("ABORTED", Status.ENDED, RunResult.STOPPED),
        ("Running", Status.RUNNING, None),
        ("Archived", Status.RUNNING, None),
    ],
)
def test_both_shapes_of_an_execution(wrapped: bool, word: str, status: Status, result: RunResult | None) -> None:
    """Without the wrapping, `execution` is a name."""
    inner = {
        "id": "r1",
        "execution": "nightly",
        "executionResult": word,
        "totalTests": 3,
        "failedCount": 0,
        "passedCount": 2,
    }
    found = state(TESTIM, {"execution": inner} if wrapped else inner)
    assert (found.status, found.result) == (status, result)
    assert (found.reported.total, found.reported.counts.passed, found.reported.counts.failed) == (3, 2, 0)


def test_a_list_goes_on_until_every_test_was_seen() -> None:
    """Pages count from 0."""
    rows = [{"id": f"t{number}", "testName": "T", "executionStatus": "Passed"} for number in range(2)]
    first = page(TESTIM, {"id": "r1", "totalTests": 3, "tests": rows})
    assert first.next is not None
    call = TESTIM.results(run_of(TESTIM), first.next)
    assert call is not None
    assert call.request.query == {"page": "1", "pageSize": "200"}
    last = call.read(reply({"id": "r1", "totalTests": 3, "tests": rows[:1]}, 200, call.request))
    assert last.next is None
    assert page(TESTIM, {"execution": {"id": "r2", "tests": []}}).doubts


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("Passed", Outcome.PASSED),
        ("FAILED", Outcome.FAILED),
        ("Aborted", Outcome.ERROR),
        ("Running", Outcome.NOT_RUN),
        ("Completed", Outcome.ERROR),
        (None, Outcome.NOT_RUN),
    ],
)
def test_words_of_tests(word: str | None, outcome: Outcome) -> None:
    """One that is not known is no pass."""
    row: dict[str, Any] = {"id": "t1", "resultId": "x1", "testName": "Pay", "executionStatus": word, "duration": "1500"}
    (found,) = listed(TESTIM, {"id": "r1", "totalTests": 1, "tests": [row]})
    assert (found.id, found.case_id, found.outcome, found.seconds) == ("x1", "t1", outcome, 1.5)
