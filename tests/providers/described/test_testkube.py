"""Quirks of Testkube: a tree of steps with their results beside it, optional steps, and an answer that is a list."""

from typing import Any

import pytest

from testgate.errors import BadAnswer
from testgate.model import Outcome, RunResult, Status
from tests.providers.described.asked import page_in, run_of, started_by, state_in
from tests.providers.described.vendors.testkube import VENDOR

RUN = run_of(VENDOR, "6a1")


def execution(signature: object, **steps: dict[str, Any]) -> dict[str, Any]:
    """An execution with these steps."""
    return {"id": "6a1", "signature": signature, "result": {"status": "passed", "steps": steps}}


@pytest.mark.parametrize("answer", [{"id": "6a1"}, [{"id": "6a1"}]])
def test_an_execution_is_alone_or_in_a_list(answer: object) -> None:
    """As an agent answers, and as the schema says."""
    assert started_by(VENDOR, answer).id == "6a1"


def test_several_executions_are_runs_of_their_own() -> None:
    """A workflow can run on several clusters; each is waited for."""
    run = started_by(VENDOR, [{"id": "6a1", "name": "e2e-7"}, {"id": "6a2", "name": "e2e-8"}])
    assert [(each.id, each.target.name) for each in (run, *run.others)] == [
        ("6a1", "Workflow checkout-e2e (e2e-7)"),
        ("6a2", "Workflow checkout-e2e (e2e-8)"),
    ]


def test_no_execution_is_no_run() -> None:
    """Nobody knows what was started."""
    with pytest.raises(BadAnswer):
        started_by(VENDOR, [])


def test_steps_without_children_are_the_tests() -> None:
    """Wherever they are in the tree; a group that fails with its step isn't a second failure."""
    deep = {"ref": "d", "category": "Run", "children": []}
    groups = [{"ref": "g", "children": [{"ref": "h", "children": [deep]}, {"ref": "l", "name": "Lint"}]}, {"ref": "t"}]
    failed = {"status": "failed", "errorMessage": "exit 1"}
    page = page_in(VENDOR, RUN, execution(groups, g=failed, h=failed, d=failed, l={"status": "passed"}))
    found = {test.id: (test.name, test.outcome, test.message) for test in page.tests}
    assert found == {
        "d": ("Run", Outcome.FAILED, "exit 1"),
        "l": ("Lint", Outcome.PASSED, ""),
        "t": ("t", Outcome.NOT_RUN, ""),
    }


@pytest.mark.parametrize(
    ("status", "optional", "outcome"),
    [
        ("passed", True, Outcome.PASSED),
        ("failed", True, Outcome.SKIPPED),
        ("failed", False, Outcome.FAILED),
        ("timeout", True, Outcome.FAILED),
        ("skipped", False, Outcome.SKIPPED),
        ("aborted", False, Outcome.ERROR),
        ("quarantined", False, Outcome.ERROR),
    ],
)
def test_an_optional_step_may_fail(status: str, outcome: Outcome, *, optional: bool) -> None:
    """It is no pass either."""
    page = page_in(VENDOR, RUN, execution([{"ref": "a", "optional": optional}], a={"status": status}))
    assert [test.outcome for test in page.tests] == [outcome]


def test_a_list_without_a_signature_is_none() -> None:
    """Then it isn't known which steps there are."""
    with pytest.raises(BadAnswer, match="no list of tests"):
        page_in(VENDOR, RUN, {"id": "6a1", "result": {"steps": {"a": {"status": "passed"}}}})


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("scheduling", (Status.QUEUED, None)),
        ("paused", (Status.RUNNING, None)),
        ("stopping", (Status.RUNNING, None)),
        ("canceled", (Status.ENDED, RunResult.STOPPED)),
        ("aborted", (Status.ENDED, RunResult.STOPPED)),
    ],
)
def test_words_of_a_state(word: str, expected: tuple[Status, RunResult | None]) -> None:
    """A paused execution goes on once somebody resumes it."""
    found = state_in(VENDOR, RUN, {"id": "6a1", "result": {"status": word}})
    assert (found.status, found.result) == expected
    assert bool(found.waits_for) is (word == "paused")
