"""The commands, a busy platform, and several plans, against the simulator."""

from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import Fault, Plan, RawReply, Scenario, Test, one_plan
from tests.support.step import KEY, finish, run, start, wait_for_line
from tests.support.vendor import ENDLESS, GREEN, RED, Vendor, inputs, played, requests, simulator, triggers


def started_elsewhere(server: Vendor, folder: Path, many: int = 1) -> None:
    """Start runs in other steps."""
    for number in range(many):
        (folder / f"elsewhere{number}").mkdir()
        left = run(folder / f"elsewhere{number}", inputs(server, wait="false"))
        assert left.code == 0, left.log


def test_attach_waits_for_runs_started_elsewhere(tmp_path: Path) -> None:
    """They are reported and judged like ours, and nothing is started."""
    with simulator(one_plan(RED)) as server:
        started_elsewhere(server, tmp_path, 2)
        left = run(tmp_path, inputs(server, command="attach", run_id="337,338", test_plan_id=""))
    assert (left.code, left.outputs["conclusion"]) == (1, "failed"), left.log
    assert left.outputs["run-ids"] == "337,338"
    assert left.outputs["total"] == "4"
    assert triggers(server) == 2
    assert "::group::Watching run 337, run 338\n" in left.log


def test_a_title_of_several_lines_is_one_line(tmp_path: Path) -> None:
    """YAML makes such titles easily; they are no mistake."""
    left, _server = played(tmp_path, one_plan(GREEN), title="Nightly\n  on main\n")
    assert left.code == 0, left.log
    assert left.summary.startswith("\n## ✅ Nightly on main: passed\n")


def test_attach_to_an_unknown_run_fails_at_once(tmp_path: Path) -> None:
    """An id from the user is not a new run that may appear later."""
    left, server = played(tmp_path, one_plan(GREEN), command="attach", run_id="999", test_plan_id="")
    assert (left.code, left.outputs["conclusion"]) == (3, "platform-error"), left.log
    assert len(server.requests) <= 2


@pytest.mark.parametrize(("more", "stops"), [({}, 0), ({"on_timeout": "stop"}, 1)])
def test_attached_runs_are_stopped_only_if_the_user_asks_for_it(
    tmp_path: Path, more: dict[str, str], stops: int
) -> None:
    """They are not ours, so the default doesn't apply."""
    with simulator(one_plan(ENDLESS)) as server:
        started_elsewhere(server, tmp_path)
        given = inputs(server, command="attach", run_id="337", test_plan_id="", timeout="4s", **more)
        left = run(tmp_path, given)
    assert left.code == 4, left.log
    assert len(requests(server, "PUT")) == stops
    assert left.outputs["left-running"] == ("" if stops else "337")


def test_stop_stops_the_named_run_and_no_other(tmp_path: Path) -> None:
    """The run is read, stopped and read again."""
    with simulator(one_plan(ENDLESS)._replace(others=2)) as server:
        started_elsewhere(server, tmp_path)
        ours = server.runs[-1]
        left = run(tmp_path, inputs(server, command="stop", run_id=str(ours.id), test_plan_id=""))
    assert (left.code, left.outputs["conclusion"]) == (0, "stop-confirmed"), left.log
    (stop,) = requests(server, "PUT")
    assert stop.path == f"/api/v1/execution_results/{ours.id}"
    assert stop.body == {"canStopAll": False, "result": "STOPPED"}
    assert "was stopped (STOPPED)" in left.log


def test_stop_needs_no_quarantine_file(tmp_path: Path) -> None:
    """A file that isn't checked out must not leave a run running."""
    with simulator(one_plan(ENDLESS)) as server:
        started_elsewhere(server, tmp_path)
        more = {"command": "stop", "run_id": "337", "test_plan_id": "", "quarantine_file": "missing.toml"}
        left = run(tmp_path, inputs(server, **more))
    assert (left.code, left.outputs["conclusion"]) == (0, "stop-confirmed"), left.log


def test_stop_does_not_change_a_run_that_has_ended(tmp_path: Path) -> None:
    """Nothing is sent, as that could change its result."""
    with simulator(one_plan(GREEN), 50.0) as server:
        (tmp_path / "first").mkdir()
        run(tmp_path / "first", inputs(server))
        left = run(tmp_path, inputs(server, command="stop", run_id="337", test_plan_id=""))
    assert left.code == 0, left.log
    assert "had already ended" in left.log
    assert requests(server, "PUT") == []


@pytest.mark.full
def test_a_run_that_does_not_stop_is_red(tmp_path: Path) -> None:
    """The platform accepts the stop, but the run continues."""
    with simulator(one_plan(ENDLESS._replace(stop_takes=float("inf")))) as server:
        started_elsewhere(server, tmp_path)
        left = run(tmp_path, inputs(server, command="stop", run_id="337", test_plan_id=""))
    assert left.code == 3, left.log
    assert left.outputs["left-running"] == "337"
    assert "did not stop" in left.log


def test_stop_scope_all_stops_every_run(tmp_path: Path) -> None:
    """Only this input sends the documented call without an id."""
    with simulator(one_plan(ENDLESS)._replace(others=2)) as server:
        left = run(tmp_path, inputs(server, command="stop", stop_scope="all", test_plan_id=""))
    assert left.code == 0, left.log
    (stop,) = requests(server, "PUT")
    assert (stop.path, stop.body) == ("/api/v1/execution_results", {"canStopAll": True, "result": "STOPPED"})


def test_stop_without_a_run_is_an_input_error(tmp_path: Path) -> None:
    """Nothing is guessed."""
    left, server = played(tmp_path, one_plan(ENDLESS), command="stop", test_plan_id="")
    assert left.code == 2, left.log
    assert "`run-id`: required for command stop" in left.log
    assert server.requests == ()


def test_check_reports_what_is_right(tmp_path: Path) -> None:
    """There is one line per question, and nothing is started."""
    scenario = one_plan(GREEN)._replace(environments={12: "Staging"})
    left, server = played(tmp_path, scenario, command="check", environment_id="12")
    assert (left.code, left.outputs["conclusion"]) == (0, "checked"), left.log
    for words in (
        "ok      URL",
        "ok      TLS",
        "ok      proxy",
        "ok      key",
        "ok      test plan 274",
        "ok      environment 12",
        "ok      clock",
    ):
        assert words in left.log
    assert triggers(server) == 0


def test_check_reports_what_is_wrong_with_a_remedy(tmp_path: Path) -> None:
    """The plan is unknown, and the clock is off."""
    scenario = one_plan(GREEN)._replace(date_shift_seconds=4000)
    left, _server = played(tmp_path, scenario, command="check", test_plan_id="999", environment_id="13")
    assert left.code == 3, left.log
    assert "WRONG   test plan 999" in left.log
    assert "Check `test-plan-id`" in left.log
    assert "WRONG   clock" in left.log


@pytest.mark.full
def test_check_reports_a_wrong_key(tmp_path: Path) -> None:
    """The remedy names the input. It is asked once: somebody is waiting, and a second try would come seconds later."""
    with simulator(one_plan(GREEN)) as server:
        left = run(tmp_path, {**inputs(server, command="check"), "api-key": "a-wrong-key-of-some-length"})
        assert len(server.requests) == 1
    assert left.code == 3, left.log
    assert "WRONG   key" in left.log
    assert "Check `api-key`" in left.log


def test_check_reports_an_unreachable_platform(tmp_path: Path) -> None:
    """It takes seconds, and other questions stay unknown."""
    given = {"api-key": KEY, "base-url": "http://127.0.0.1:9/api/v1", "test-plan-id": "274", "command": "check"}
    left = run(tmp_path, given)
    assert left.code == 3, left.log
    assert "WRONG   URL" in left.log
    assert "unknown TLS" in left.log
    assert int(left.outputs["duration-seconds"]) < 300  # far below the default of `max-outage`


def test_a_dry_run_prints_the_request_and_sends_nothing(tmp_path: Path) -> None:
    """The key and runtime data are hidden."""
    left, server = played(tmp_path, one_plan(GREEN), dry_run="true", runtime_data="user=ann", environment_id="12")
    assert (left.code, left.outputs["conclusion"]) == (0, "dry-run"), left.log
    assert server.requests == ()
    assert f"POST {server.url}/execution_results" in left.log
    assert '"environmentId": 12' in left.log
    assert '"user": "***"' in left.log
    assert "ann" not in left.log
    assert KEY not in left.log.replace(f"::add-mask::{KEY}", "")


def test_a_busy_platform_is_waited_for(tmp_path: Path) -> None:
    """A known text is a refusal, so sending again is safe."""
    left, server = played(tmp_path, one_plan(GREEN._replace(busy=1)))
    assert left.code == 0, left.log
    assert triggers(server) == 2
    assert len(server.runs) == 1
    assert "the platform is busy" in left.log


def test_a_busy_platform_can_be_an_error(tmp_path: Path) -> None:
    """`on-busy: fail` ends the step at once."""
    left, server = played(tmp_path, one_plan(GREEN._replace(busy=1)), on_busy="fail")
    assert (left.code, left.outputs["conclusion"]) == (3, "platform-error"), left.log
    assert triggers(server) == 1


def test_waiting_for_a_busy_platform_ends_with_the_timeout(tmp_path: Path) -> None:
    """Nothing was started."""
    left, server = played(tmp_path, one_plan(GREEN._replace(busy=1000)), timeout="2s")
    assert (left.code, left.outputs["conclusion"]) == (4, "timed-out"), left.log
    assert server.runs == ()


@pytest.mark.full
def test_any_other_500_at_the_trigger_is_ambiguous(tmp_path: Path) -> None:
    """Only exact known texts are a refusal."""
    fault = Fault("POST", reply=RawReply(500, body=b'{"error": "currently running into trouble"}'))
    left, server = played(tmp_path, one_plan(GREEN, fault))
    assert left.code == 7, left.log
    assert triggers(server) == 1


def test_four_plans_run_side_by_side(tmp_path: Path) -> None:
    """All are started before the first one has ended, and each has its suites in the one JUnit file."""
    plans = {274 + number: GREEN._replace(name=f"Plan {number}", running=10.0) for number in range(4)}
    left, server = played(tmp_path, Scenario(plans), test_plan_id="274\n275\n276\n277")
    assert left.code == 0, left.log
    order = [(each.method, each.path.rpartition("/")[2]) for each in server.requests]
    assert max(index for index, (method, _) in enumerate(order) if method == "POST") < order.index(
        ("GET", "test_case_results")
    )
    assert len({suite.get("name") for suite in left.junit.iter("testsuite")}) == 4


def test_a_plan_that_cannot_be_triggered_does_not_affect_the_others(tmp_path: Path) -> None:
    """The worst conclusion decides."""
    left, _server = played(tmp_path, one_plan(GREEN), test_plan_id="274,999")
    assert (left.code, left.outputs["conclusion"]) == (3, "platform-error"), left.log
    assert [each["conclusion"] for each in left.runs] == ["passed", "platform-error"]
    assert left.outputs["passed"] == "2"


@pytest.mark.full
def test_a_thousand_tests_cost_at_most_fifteen_requests(tmp_path: Path) -> None:
    """Names are read once, and messages in pages of a hundred."""
    plan = Plan(tests=tuple(Test(f"t{number}", seconds=0.001) for number in range(1000)), running=1.0)
    left, server = played(tmp_path, one_plan(plan))
    assert left.code == 0, left.log
    assert len(requests(server, "GET", "/test_case_results")) <= 15


@pytest.mark.full
def test_the_flaky_demo_shows_a_rerun(tmp_path: Path) -> None:
    """The user doesn't need to set `rerun-failed`."""
    left = run(tmp_path, {"demo": "true", "demo-scenario": "flaky"})
    assert int(left.outputs["flaky"]) >= 1, left.log


def test_ids_are_in_the_report_directory_at_once(tmp_path: Path) -> None:
    """Other CIs read them from there, even after a kill."""
    with simulator(one_plan(ENDLESS)) as server:
        given = {f"TESTGATE_{name.upper().replace('-', '_')}": value for name, value in inputs(server).items()}
        process = start(tmp_path, {}, github=False, extra=given)
        wait_for_line(process, "started as run")
        process.kill()
        left = finish(process, tmp_path)
    assert "TESTGATE_OUT_RUN_ID='337'" in left.report("outputs.env")
