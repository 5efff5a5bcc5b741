"""Test management over real HTTP: it records results, and never decides."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from testgate.demo.management.app import KEY, Management
from testgate.demo.management.scenarios import PROJECT_ID, Limits, Scenario, cases_titled
from testgate.demo.server import Simulator
from testgate.demo.testsigma.scenarios import Fault, Plan, RawReply, Test, one_plan
from tests.support import vendor
from tests.support.marks import full
from tests.support.step import finish, interrupt, run, start, wait_for_line
from tests.support.surroundings import recorded

Records = Simulator[Any]
CASES = cases_titled("Login", "Pay")


@contextmanager
def records(scenario: Scenario) -> Iterator[Records]:
    """The simulated test management."""
    with Simulator(Management(scenario, key=KEY)) as server:
        yield server


def inputs(server: Records, **more: str) -> dict[str, str]:
    """The inputs that switch on test management."""
    given = {
        "test-management-project-id": PROJECT_ID,
        "test-management-api-key": KEY,
        "test-management-url": server.url,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return {name: value for name, value in given.items() if value}


def ids(*cases: Any) -> str:  # noqa: ANN401  # the simulator's cases
    """The ids of cases, as an input."""
    return ",".join(case.id for case in cases)


def test_create_test_run_only_creates_a_test_run(tmp_path: Path) -> None:
    """The platform's key is not needed."""
    with records(Scenario(CASES)) as server:
        more = {
            "command": "create-test-run",
            "test_run_title": "Nightly",
            "test_run_description": "All of it",
            "test_run_human_id": "N-1",
            "test_run_labels": "Smoke, Regression",
            "test_run_start_date": "2024-03-17T11:33:20Z",
            "test_run_end_date": "1710761600",
            "test_case_ids": ids(CASES[0]),
        }
        left = run(tmp_path, inputs(server, **more))
    assert (left.code, left.outputs["conclusion"]) == (0, "created"), left.log
    (created,) = server.runs
    assert left.outputs["test-management-run-id"] == created.id
    assert created.body == {
        "title": "Nightly",
        "description": "All of it",
        "status": "ACTIVE",
        "project_id": PROJECT_ID,
        "human_id": "N-1",
        "selection_type": "STATIC",
        "static_selection_filters": [{"field": "id", "operator": "IN", "values": [CASES[0].id]}],
        "start_date": 1710675200,
        "end_date": 1710761600,
        "label_names": ["Smoke", "Regression"],
    }
    assert "was created in test management" in left.log


def test_a_test_run_leads_back_to_the_build(tmp_path: Path) -> None:
    """By default, it contains the build, its branch and commit, and its page."""
    build = recorded("github")
    facts = {name: build[name] for name in ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "GITHUB_REF_NAME", "GITHUB_SHA")}
    with records(Scenario(CASES)) as server:
        given = inputs(server, command="create-test-run", test_case_ids=ids(CASES[0]))
        left = run(tmp_path, given, extra={**facts, "GITHUB_RUN_NUMBER": "77", "GITHUB_WORKFLOW": "Nightly"})
    assert left.code == 0, left.log
    (created,) = server.runs
    assert created.body["title"] == "Nightly main #77 (ffac537)"
    assert created.body["description"] == "https://github.com/shop/web/actions/runs/4711"
    assert "Build: [Nightly main" in left.summary


def test_a_failed_create_test_run_is_a_platform_error(tmp_path: Path) -> None:
    """Nothing else was requested."""
    with records(Scenario(CASES)) as server:
        given = inputs(server, command="create-test-run", test_management_api_key="a-wrong-key-0123456789")
        left = run(tmp_path, given)
    assert left.code == 3, left.log
    assert "Check `api-key`" in left.log or "401" in left.log


def test_results_are_recorded_and_the_test_run_is_closed(tmp_path: Path) -> None:
    """Cases are matched by title, and the summary mentions tests without one."""
    plan = vendor.RED._replace(tests=(*vendor.RED.tests, Test("Unknown there")))
    with records(Scenario(CASES)) as server, vendor.simulator(one_plan(plan)) as platform:
        left = run(tmp_path, {**vendor.inputs(platform), **inputs(server, test_case_ids=ids(*CASES))})
    assert left.code == 1, left.log
    (recorded,) = server.runs
    assert recorded.outcomes == {"Login": "Passed", "Pay": "Failed"}
    assert recorded.status == "CLOSED"
    assert "Pay button missing" in str(recorded.results)
    assert left.outputs["test-management-run-id"] == recorded.id
    assert "Recorded 2 results in test run" in left.summary
    assert "No matching test case in test management for 1 test: Unknown there" in left.summary
    assert server.requests[0].at < platform.requests[0].at


def test_a_map_assigns_tests_to_cases(tmp_path: Path) -> None:
    """Without a selection, the cases of the map are selected."""
    other = cases_titled("Sign in with a password", "Pay by card")
    mapping = f"Login={other[0].id}\nPay={other[1].id}"
    with records(Scenario(other)) as server, vendor.simulator(one_plan(vendor.RED)) as platform:
        left = run(
            tmp_path, {**vendor.inputs(platform), **inputs(server, test_case_map=mapping, close_test_run="false")}
        )
    assert left.code == 1, left.log
    (recorded,) = server.runs
    assert recorded.outcomes == {"Sign in with a password": "Passed", "Pay by card": "Failed"}
    assert recorded.status == "ACTIVE"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", "/projects/*/test_runs", reply=RawReply(403, body=b'{"message": "no"}')),
        full(Fault("POST", "/projects/*/test_runs", action="drop")),
        full(Fault("GET", "/test_runs/statuses", reply=RawReply(404, body=b'{"code": 404, "message": "Not Found"}'))),
        Fault("PUT", "/projects/*/test_runs/*/test_cases", reply=RawReply(400, body=b'{"message": "bad"}')),
    ],
)
def test_a_failed_record_does_not_change_the_verdict(tmp_path: Path, fault: Fault) -> None:
    """It is a warning with its reason."""
    scenario = Scenario(CASES, faults=(fault,))
    with records(scenario) as server, vendor.simulator(one_plan(vendor.GREEN)) as platform:
        left = run(tmp_path, {**vendor.inputs(platform), **inputs(server, test_case_ids=ids(*CASES))})
    assert (left.code, left.outputs["conclusion"]) == (0, "passed"), left.log
    if fault.method != "PUT":
        assert "::warning title=Test management::" in left.log
        assert "Test management" in left.summary


@pytest.mark.full
def test_the_rate_limit_is_waited_out(tmp_path: Path) -> None:
    """A 500 that mentions it is temporary, also for the request that creates the test run."""
    limited = RawReply(500, body=b'{"message": "rate limit exceeded"}')
    faults = (Fault("POST", nth=(1,), reply=limited), Fault("PUT", nth=(1,), reply=limited))
    scenario = Scenario(CASES, faults=faults)
    with records(scenario) as server, vendor.simulator(one_plan(vendor.RED)) as platform:
        left = run(tmp_path, {**vendor.inputs(platform), **inputs(server, test_case_ids=ids(*CASES))})
    assert left.code == 1, left.log
    assert len(server.runs) == 1
    assert server.runs[0].outcomes == {"Login": "Passed", "Pay": "Failed"}


@pytest.mark.full
def test_a_thousand_results_take_ten_calls(tmp_path: Path) -> None:
    """They are recorded in batches of a hundred."""
    titles = [f"t{number}" for number in range(1000)]
    cases = cases_titled(*titles)
    plan = Plan(tests=tuple(Test(title, seconds=0.001) for title in titles), running=1.0)
    scenario = Scenario(cases, limits=Limits(cases_per_call=100))
    with records(scenario) as server, vendor.simulator(one_plan(plan)) as platform:
        left = run(tmp_path, {**vendor.inputs(platform), **inputs(server, test_case_ids=ids(*cases))})
    assert left.code == 0, left.log
    (recorded,) = server.runs
    assert len(recorded.results) == 1000
    puts = [each for each in server.requests if each.method == "PUT" and each.path.endswith("/test_cases")]
    assert len(puts) == 10
    assert "Recorded 1000 results" in left.summary


def test_partial_results_are_recorded_after_a_timeout(tmp_path: Path) -> None:
    """The test run is closed, too."""
    plan = Plan(tests=(Test("Login", seconds=0.5), Test("Pay", seconds=100_000.0)))
    with records(Scenario(CASES)) as server, vendor.simulator(one_plan(plan), speed=100.0) as platform:
        given = {**vendor.inputs(platform, timeout="4s"), **inputs(server, test_case_ids=ids(*CASES))}
        left = run(tmp_path, given)
    assert left.code == 4, left.log
    assert server.runs[0].outcomes["Login"] == "Passed"
    assert server.runs[0].status == "CLOSED"


def test_partial_results_are_recorded_after_a_cancel(tmp_path: Path) -> None:
    """The runner doesn't wait long."""
    plan = Plan(tests=(Test("Login", seconds=0.5), Test("Pay", seconds=1000.0)))
    with records(Scenario(CASES)) as server, vendor.simulator(one_plan(plan)) as platform:
        process = start(tmp_path, {**vendor.inputs(platform), **inputs(server, test_case_ids=ids(*CASES))})
        wait_for_line(process, "running: 1 of 2")
        interrupt(process, signal.SIGINT)
        left = finish(process, tmp_path)
    assert left.code == 130, left.log
    assert server.runs[0].outcomes["Login"] == "Passed"


@pytest.mark.full
def test_a_demo_does_not_use_test_management(tmp_path: Path) -> None:
    """Its inputs are ignored."""
    with records(Scenario(CASES)) as server:
        left = run(tmp_path, {**inputs(server), "demo": "true", "demo-scenario": "passing"})
    assert left.code == 0, left.log
    assert server.requests == ()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"test_management_api_key": ""}, "`test-management-api-key`: required"),
        ({"test_run_start_date": "tomorrow"}, "`test-run-start-date`: must be a date"),
    ],
)
def test_invalid_inputs_are_reported(tmp_path: Path, more: dict[str, str], words: str) -> None:
    """Nothing is sent to either system."""
    with records(Scenario(CASES)) as server, vendor.simulator(one_plan(vendor.GREEN)) as platform:
        left = run(tmp_path, {**vendor.inputs(platform), **inputs(server, **more)})
    assert left.code == 2, left.log
    assert words in left.log
    assert server.requests == platform.requests == ()
