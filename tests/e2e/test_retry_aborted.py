"""`retry-aborted`, from the inputs to the exit code."""

from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import Plan, Test, one_plan
from tests.support.vendor import GREEN, played, requests, triggers

LOST = GREEN._replace(aborted=1, running=0.5)


@pytest.mark.parametrize("word", ["ABORTED", "NOT_EXECUTED"])
def test_a_run_that_the_platform_gave_up_is_started_once_more(tmp_path: Path, word: str) -> None:
    """The new run has a mark of its own, is judged in its place, and both are linked."""
    left, server = played(tmp_path, one_plan(LOST._replace(aborted_word=word)), retry_aborted="1")
    assert (left.code, left.outputs["conclusion"]) == (0, "passed")
    assert left.outputs["run-ids"] == "337,338"
    assert left.outputs["run-url"].endswith("/338")
    assert len({str(each.body["buildNo"]) for each in requests(server, "POST")}) == 2
    assert f"/337) was given up by the platform ({word}); it is started once more" in left.log
    assert "/338) takes the place of run 337" in left.log
    assert "/ui/td/runs/337" in left.summary
    assert "/ui/td/runs/338" in left.summary
    assert left.outputs["total"] == "2"
    first, second = server.runs
    assert first.started + first.timeline.completed <= second.started


@pytest.mark.parametrize(
    ("plan", "retries"),
    [
        (LOST, "0"),
        (LOST._replace(aborted_word="STOPPED"), "1"),
        (LOST._replace(aborted_word="TERMINATED"), "1"),
        (LOST._replace(tests=()), "1"),
        (GREEN._replace(running=0.5, at_end={"status": "STATUS_ABORTED", "result": None}), "1"),
    ],
)
def test_what_a_person_may_have_stopped_is_not_started_again(tmp_path: Path, plan: Plan, retries: str) -> None:
    """Nor a plan without tests, nor anything without the input."""
    left, server = played(tmp_path, one_plan(plan), retry_aborted=retries)
    assert left.code != 0
    assert triggers(server) == 1


def test_it_is_retried_so_often_and_not_more(tmp_path: Path) -> None:
    """The verdict is that of the last run."""
    left, server = played(tmp_path, one_plan(LOST._replace(aborted=3)), retry_aborted="2")
    assert left.outputs["conclusion"] == "stopped"
    assert triggers(server) == 3
    assert left.outputs["run-ids"] == "337,338,339"


def test_a_run_that_cannot_be_started_again_keeps_its_verdict(tmp_path: Path) -> None:
    """The plan is taken meanwhile."""
    plan = LOST._replace(busy_seconds=0.0, exclusive=True)
    scenario = one_plan(plan, others=0)
    left, server = played(tmp_path, scenario, retry_aborted="1")
    assert (left.code, triggers(server)) == (0, 2)


def test_tests_that_lost_their_machine_are_rerun(tmp_path: Path) -> None:
    """Only these, and they aren't flaky."""
    tests = (
        Test("Login"),
        Test("Pay", word="ABORTED", message="no answer from the machine", later=("SUCCESS",)),
        Test("Search", word="NOT_EXECUTED", later=("SUCCESS",)),
    )
    left, server = played(tmp_path, one_plan(Plan(tests=tests, running=1.0)), retry_aborted="1", max_flaky="0")
    assert left.code == 0
    assert left.outputs["flaky"] == "0"
    assert "rerunning 2 tests that broke for lack of a machine" in left.log
    assert triggers(server) == 2


def test_a_failure_is_not_rerun_for_a_lost_machine(tmp_path: Path) -> None:
    """That is for `rerun-failed`."""
    tests = (Test("Pay", word="FAILURE", later=("SUCCESS",)), Test("Search", word="ABORTED", later=("SUCCESS",)))
    left, server = played(tmp_path, one_plan(Plan(tests=tests, running=1.0)), retry_aborted="2")
    assert (left.code, left.outputs["failed"], left.outputs["errors"]) == (1, "1", "0")
    assert triggers(server) == 2


def test_without_it_a_test_that_lost_its_machine_is_flaky_like_any_other(tmp_path: Path) -> None:
    """`rerun-failed` alone excuses nothing, so `max-flaky` sees it."""
    plan = Plan(tests=(Test("Login"), Test("Pay", word="ABORTED", later=("SUCCESS",))), running=1.0, rerun_running=1.0)
    left, _server = played(tmp_path, one_plan(plan), rerun_failed="1", max_flaky="0")
    assert (left.outputs["flaky"], left.outputs["conclusion"]) == ("1", "failed"), left.log
