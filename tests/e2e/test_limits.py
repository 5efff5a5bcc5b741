"""Runs that wait or hang, from the inputs to the exit code."""

from pathlib import Path

from testgate.demo.server import Simulator
from testgate.demo.testifly.app import Testifly
from testgate.demo.testifly.scenarios import FEATURE_ID, PROJECT_ID, How, Test, one_feature
from testgate.demo.testsigma.scenarios import Plan, Scenario, one_plan
from testgate.demo.testsigma.scenarios import Test as PlanTest
from tests.support.step import KEY, run
from tests.support.vendor import ENDLESS, GREEN, inputs, played, simulator

INFINITE = float("inf")


def test_a_run_that_no_machine_takes(tmp_path: Path) -> None:
    """Exit code 4 long before `timeout`; the other plan's results are complete, and nothing is left."""
    scenario = Scenario({274: GREEN._replace(queued=INFINITE), 275: GREEN._replace(created=0.0, queued=0.0)})
    with simulator(scenario) as server:
        left = run(tmp_path, inputs(server, test_plan_id="274,275", queue_timeout="1s"))
        stopped = {run.plan_id: run.stop_asked for run in server.runs}
    assert left.code == 4
    assert left.outputs["conclusion"] == "timed-out"
    assert "`queue-timeout` expired (last status: STATUS_QUEUED); it was stopped" in left.outputs["reason"]
    assert "raise `queue-timeout`" in left.log
    assert [each["conclusion"] for each in left.runs] == ["timed-out", "passed"]
    assert stopped == {274: True, 275: False}
    assert not left.outputs["left-running"]


def test_a_run_that_hangs(tmp_path: Path) -> None:
    """What is known of its tests is reported."""
    left, server = played(tmp_path, one_plan(ENDLESS), stall_timeout="2s")
    assert (left.code, left.outputs["conclusion"]) == (4, "timed-out")
    assert "`stall-timeout` expired" in left.outputs["reason"]
    assert left.outputs["passed"] == "2"
    assert server.runs[0].stop_asked


def test_a_status_that_is_never_over(tmp_path: Path) -> None:
    """It costs `stall-timeout`, and not the whole `timeout`; with `on-timeout: leave` it is named and left."""
    plan = Plan(tests=(PlanTest("a"),), running=INFINITE, meanwhile={"status": "STATUS_RETICULATING", "result": None})
    left, server = played(tmp_path, one_plan(plan), stall_timeout="2s", on_timeout="leave")
    assert left.code == 4
    assert "TestGate doesn't know the status 'STATUS_RETICULATING'" in left.log
    assert left.outputs["left-running"] == "337"
    assert left.state["left"] == '["337"]'
    assert not server.runs[0].stop_asked


def test_an_agent_that_never_connects(tmp_path: Path) -> None:
    """Testifly can't stop the job, so it is named as left; the remedy names the agent."""
    scenario = one_feature(Test("Login"), how=How(agent=INFINITE))
    with Simulator(Testifly(scenario, key=KEY), speed=5.0) as server:
        left = run(
            tmp_path,
            {
                "provider": "testifly",
                "api-key": KEY,
                "base-url": server.url,
                "project-id": PROJECT_ID,
                "feature-id": FEATURE_ID,
                "agent-name": "box-7",
                "queue-timeout": "1s",
            },
        )
        (job,) = server.runs
    assert left.code == 4
    assert "`queue-timeout` expired (last status: PendingAgentConnection)" in left.outputs["reason"]
    assert "Start the agent box-7" in left.log
    assert left.outputs["left-running"] == job.id
