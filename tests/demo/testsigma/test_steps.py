"""The steps of a test, in the second API version."""

import pytest

from testgate.demo.exchange import RawReply
from testgate.demo.faults import Fault
from testgate.demo.server import Simulator
from testgate.demo.testsigma.app import Testsigma
from testgate.demo.testsigma.results import failing_action
from testgate.demo.testsigma.runs import SimulatedRun
from testgate.demo.testsigma.scenarios import Plan, Test, one_plan
from tests.support.testsigma_client import Answer, Clock, ask, rows, stop, trigger

PLAN = Plan(
    tests=(
        Test("good", seconds=4),
        Test("bad", "FAILURE", "<b>Total</b> is wrong<br>\nmore", seconds=4),
        Test("lost", "ABORTED", "gone", seconds=4, step="Press the button"),
        Test("never", "NOT_EXECUTED", seconds=None),
        Test("odd", "PURPLE", seconds=4),
    ),
    created=0,
    queued=0,
)
FIELDS = {"stepId", "action", "message", "errorCode", "errorType", "result", "startTime", "endTime", "duration"}


def simulate(clock: Clock, *faults: Fault) -> Simulator[SimulatedRun]:
    """A simulator of the plan, with a run started."""
    sim = Simulator(Testsigma(one_plan(PLAN, *faults)), clock=clock).start()
    trigger(sim)
    return sim


def steps(sim: Simulator[SimulatedRun], position: int, query: str = "") -> Answer:
    """The steps of the test at a position."""
    result = rows(sim, 337)[position]["testCaseResultId"]
    return ask(sim, "GET", f"/api/v2/test_runs/337/test_case_results/{result}/step_results{query}")


def test_failed_test_has_one_failing_step() -> None:
    """A failed test has passed steps, then a failing one with action, message and error code."""
    clock = Clock()
    with simulate(clock) as sim:
        clock.now += 60
        page = steps(sim, 1).data
    *before, last = page["content"]
    assert (len(before), page["totalElements"], page["last"]) == (3, 4, True)
    assert all(set(step) == FIELDS for step in page["content"])
    assert {(step["result"], step["message"], step["errorCode"]) for step in before} == {("SUCCESS", None, None)}
    assert (last["action"], last["result"], last["message"]) == ("Total is wrong", "FAILURE", PLAN.tests[1].message)
    assert isinstance(last["errorCode"], int)
    assert last["errorType"]
    assert [step["duration"] for step in page["content"]] == [1000] * 4
    assert len({step["stepId"] for step in page["content"]}) == 4


@pytest.mark.parametrize(
    ("position", "words", "action"),
    [
        (0, ["SUCCESS"] * 4, "Verify the result"),
        (2, ["SUCCESS", "SUCCESS", "SUCCESS", "ABORTED"], "Press the button"),
        (3, [], None),
        (4, ["SUCCESS", "SUCCESS", "SUCCESS", "PURPLE"], "Verify the result"),
    ],
)
def test_steps_follow_the_test(position: int, words: list[str], action: str | None) -> None:
    """All steps of a passed test pass, the last step ends as the test does, and tests that never ran have none."""
    clock = Clock()
    with simulate(clock) as sim:
        clock.now += 60
        content = steps(sim, position).data["content"]
    assert [step["result"] for step in content] == words
    assert (content[-1]["action"] if content else None) == action


def test_steps_appear_as_they_end() -> None:
    """Steps appear as they end, until the run is stopped."""
    clock = Clock()
    with simulate(clock) as sim:
        clock.now += 6.5
        assert (len(steps(sim, 0).data["content"]), len(steps(sim, 1).data["content"])) == (4, 2)
        stop(sim, 337)
        clock.now += 60
        assert [len(steps(sim, position).data["content"]) for position in (0, 1, 2)] == [4, 2, 0]


def test_pages_of_steps() -> None:
    """`page` and `size` apply to steps."""
    clock = Clock()
    with simulate(clock) as sim:
        clock.now += 60
        page = steps(sim, 1, "?page=1&size=3").data
        assert steps(sim, 1, "?page=x").status == 400
    assert ([step["result"] for step in page["content"]], page["last"]) == (["FAILURE"], True)


@pytest.mark.parametrize(("run", "result"), [(337, 1), (999, 33700001), (338, 33700001)])
def test_unknown_steps(run: int, result: int) -> None:
    """The steps of an unknown run or result, or of another run's result, are 404."""
    with simulate(Clock()) as sim:
        trigger(sim)
        answer = ask(sim, "GET", f"/api/v2/test_runs/{run}/test_case_results/{result}/step_results")
    assert answer.status == 404


def test_steps_need_the_key() -> None:
    """The second API version requires the same key."""
    with simulate(Clock()) as sim:
        answer = ask(sim, "GET", "/api/v2/test_runs/337/test_case_results/1/step_results", headers={})
    assert answer.status == 401


@pytest.mark.parametrize("status", [403, 404])
def test_fault_with_full_path(status: int) -> None:
    """A fault with a full path hits the steps and nothing else."""
    fault = Fault("GET", "/api/v2/test_runs/*/test_case_results/*/step_results", reply=RawReply(status))
    clock = Clock()
    with simulate(clock, fault) as sim:
        clock.now += 60
        assert steps(sim, 1).status == status


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (None, "Verify the result"),
        ("  ", "Verify the result"),
        ("<p>a &amp; b</p>\nc", "a & b"),
        ("x" * 300, "x" * 100),
    ],
)
def test_action_is_derived_from_the_message(message: str | None, expected: str) -> None:
    """Without a step, the failing action is the message's first line without markup, truncated."""
    assert failing_action(Test("t", "FAILURE", message)) == expected
