"""`fail-fast`, from the inputs to the exit code."""

from pathlib import Path

from testgate.demo.testsigma.scenarios import Plan, Scenario, Test
from tests.support.step import run
from tests.support.vendor import ENDLESS, RED, cases, inputs, simulator

WAITING = ENDLESS._replace(queued=float("inf"))


def test_a_step_that_can_only_be_red_stops_its_other_runs(tmp_path: Path) -> None:
    """Exit code 1, and the reports hold what is known of all runs."""
    with simulator(Scenario({274: RED, 275: ENDLESS, 276: WAITING})) as server:
        left = run(tmp_path, inputs(server, test_plan_id="274,275,276", fail_fast="true"))
        stopped = {each.plan_id: each.stop_asked for each in server.runs}
    assert (left.code, left.outputs["conclusion"]) == (1, "failed")
    assert left.outputs["reason"].endswith("; 2 other runs not waited for (`fail-fast`)")
    assert [each["conclusion"] for each in left.runs] == ["failed", "cancelled", "cancelled"]
    assert stopped == {274: False, 275: True, 276: True}
    assert not left.outputs["left-running"]
    assert cases(left)["Pay"] == "failure"
    assert "not waited for: another run has failed" in left.summary


def test_a_failure_that_a_rerun_repairs_stops_nothing(tmp_path: Path) -> None:
    """Green, as without `fail-fast`."""
    flaky = Plan(tests=(Test("Pay", word="FAILURE", later=("SUCCESS",)),), running=1.0)
    slow = Plan(tests=(Test("Search"),), running=20.0)
    with simulator(Scenario({274: flaky, 275: slow})) as server:
        left = run(tmp_path, inputs(server, test_plan_id="274,275", fail_fast="true", rerun_failed="1"))
        assert not any(each.stop_asked for each in server.runs)
    assert left.code == 0
    assert left.outputs["flaky"] == "1"
