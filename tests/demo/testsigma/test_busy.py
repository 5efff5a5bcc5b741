"""Triggers that the platform rejects because the plan is busy."""

from math import inf

import pytest

from testgate.demo.server import Simulator
from testgate.demo.testsigma.app import Testsigma
from testgate.demo.testsigma.runs import SimulatedRun
from testgate.demo.testsigma.scenarios import BUSY_OTHER, BUSY_PLAN, Plan, Scenario, Test, one_plan
from tests.support.testsigma_client import Clock, ask, rerun, stop

PLAN = Plan(tests=(Test("a", "FAILURE"),))


def simulate(plan: Plan, clock: Clock, others: int = 0) -> Simulator[SimulatedRun]:
    """A simulator of one plan, and of a second one that is never busy."""
    scenario = one_plan(plan, others=others)
    return Simulator(Testsigma(scenario._replace(plans={**scenario.plans, 275: Plan()})), clock=clock)


def status(sim: Simulator[SimulatedRun], plan: int = 274) -> int:
    """The HTTP status of a trigger."""
    return ask(sim, "POST", "/execution_results", {"executionId": plan}).status


@pytest.mark.parametrize("text", [BUSY_PLAN, BUSY_OTHER])
def test_busy_reply(text: str) -> None:
    """The trigger of a busy plan gets a 500 with the vendor's text, and starts nothing."""
    with simulate(PLAN._replace(busy=1, busy_text=text), Clock()) as sim:
        answer = ask(sim, "POST", "/execution_results", {"executionId": 274})
        assert sim.runs == ()
    assert (answer.status, answer.data) == (500, {"error": text})


def test_busy_for_a_number_of_triggers() -> None:
    """The first triggers are rejected, the next is not, and other plans aren't affected."""
    with simulate(PLAN._replace(busy=2), Clock()) as sim:
        assert [status(sim), status(sim, 275), status(sim), status(sim), status(sim)] == [500, 200, 500, 200, 200]
        assert len(sim.runs) == 3


def test_busy_for_some_time() -> None:
    """Triggers are rejected for some seconds after the first one."""
    clock = Clock()
    with simulate(PLAN._replace(busy_seconds=5.0), clock) as sim:
        clock.now += 100
        seen = []
        for seconds in (0, 4, 2):
            clock.now += seconds
            seen.append(status(sim))
    assert seen == [500, 500, 200]


def test_exclusive_plan() -> None:
    """An exclusive plan can be started or rerun only after its run has ended or was stopped."""
    clock = Clock()
    with simulate(PLAN._replace(exclusive=True), clock) as sim:
        assert [status(sim), status(sim), status(sim, 275)] == [200, 500, 200]
        clock.now += 60
        assert status(sim) == 200
        refused = rerun(sim)
        assert (refused.status, refused.data) == (500, {"error": BUSY_PLAN})
        stop(sim, sim.runs[-1].id)
        clock.now += 1
        assert rerun(sim).status == 200


def test_exclusive_plan_between_automatic_attempts() -> None:
    """An exclusive plan is busy until its automatic rerun has ended."""
    clock = Clock()
    with simulate(PLAN._replace(exclusive=True, automatic_reruns=1, automatic_gap=5.0), clock) as sim:
        seen = []
        for seconds in (0, 5, 3, 60):
            clock.now += seconds
            seen.append(status(sim))
    assert seen == [200, 500, 500, 200]


def test_other_peoples_runs_keep_an_exclusive_plan_busy() -> None:
    """An exclusive plan is busy while somebody else runs it."""
    with simulate(PLAN._replace(exclusive=True), Clock(), others=1) as sim:
        assert status(sim) == 500


def test_invalid_triggers_do_not_count_as_busy() -> None:
    """An invalid trigger is refused as such, even if the plan is busy."""
    with Simulator(Testsigma(Scenario({274: PLAN._replace(busy=1, busy_seconds=inf)})), clock=Clock()) as sim:
        assert ask(sim, "POST", "/execution_results", {"executionId": 274, "buildNo": 7}).status == 422
        assert status(sim, 999) == 404
        assert status(sim) == 500
