"""`command: run` with Testifly: a real process, and the simulator over HTTP."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

from testgate.demo.server import Simulator
from testgate.demo.testifly.app import Testifly
from testgate.demo.testifly.scenarios import (
    FEATURE_ID,
    PROJECT_ID,
    Already,
    Group,
    How,
    Other,
    Scenario,
    Test,
    one_feature,
)
from testgate.demo.testsigma.scenarios import Fault, RawReply
from tests.support.clocks import from_first_request
from tests.support.marks import full
from tests.support.step import KEY, Left, cleaned, finish, interrupt, run, start, wait_for_line, wait_until

Vendor = Simulator[Any]
GREEN = (Test("Login"), Test("Logout"))
RED = (Test("Login"), Test("Pay", "Failed", {"message": "no button"}))
QUICK = How(pending=0.5, running=2.0)
FIRST = FEATURE_ID.partition(",")[0]
OTHER = Other(FIRST, queued=10.0)  # another job of the same feature, which stays queued for a while


@contextmanager
def simulator(scenario: Scenario, speed: float = 5.0) -> Iterator[Vendor]:
    """A simulator that is opened by the key of these tests; its clock starts with the first request."""
    with Simulator(Testifly(scenario, key=KEY), speed=speed, clock=from_first_request()) as server:
        yield server


def inputs(server: Vendor, **more: str) -> dict[str, str]:
    """The inputs of an ordinary step; empty ones are left out."""
    given = {
        "provider": "testifly",
        "api-key": KEY,
        "base-url": server.url,
        "project-id": PROJECT_ID,
        "feature-id": FIRST,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return {name: value for name, value in given.items() if value}


def played(folder: Path, scenario: Scenario, speed: float = 5.0, **more: str) -> tuple[Left, Vendor]:
    """Run a step against a scenario."""
    with simulator(scenario, speed) as server:
        return run(folder, inputs(server, **more)), server


def sent(server: Vendor, part: str) -> list[Any]:
    """The bodies of the requests whose path contains this."""
    return [each.body for each in server.requests if part in each.path]


def test_a_job_without_failures_is_green(tmp_path: Path) -> None:
    """It is started, polled by id, and its report is read."""
    left, server = played(tmp_path, one_feature(*GREEN, how=QUICK))
    assert (left.code, left.outputs["conclusion"]) == (0, "passed"), left.log
    assert left.outputs["passed"] == "2"
    assert sent(server, "testExecution") == [{"action": "executeTests", "featureId": FIRST}]
    assert all(body["jobIds"] == [left.outputs["run-id"]] for body in sent(server, "/jobs/"))


def test_the_page_knows_when_tests_started(tmp_path: Path) -> None:
    """So it has a timeline; its path is an output."""
    left, _server = played(tmp_path, one_feature(*GREEN, how=QUICK))
    assert left.outputs["html-file"] == "testgate-report/report.html"
    assert left.page["start"] > 1_600_000_000_000
    starts = [row[5] for row in left.page["rows"]]
    assert min(starts) == 0
    assert len(starts) == 2


def test_a_successful_job_with_a_failed_test_is_red(tmp_path: Path) -> None:
    """The job ran, but its tests did not all pass."""
    left, _server = played(tmp_path, one_feature(*RED, how=QUICK._replace(status="Success")))
    assert (left.code, left.outputs["conclusion"]) == (1, "failed"), left.log
    assert left.outputs["failed-tests"] == '["Pay"]'
    assert "no button" in left.summary


@pytest.mark.parametrize(
    ("how", "code", "conclusion"),
    [
        (QUICK._replace(status="Success", counts={"Passed": 1, "Failed": 1}), 1, "failed"),
        full(QUICK._replace(status="Failed"), 1, "failed"),
        full(QUICK._replace(status="Failed", run_after=float("inf")), 3, "platform-error"),
        full(QUICK._replace(status="Success", run_after=float("inf")), 3, "platform-error"),
        (QUICK._replace(listed=1), 3, "platform-error"),
        (QUICK._replace(report_lag=8.0), 0, "passed"),
        full(QUICK._replace(missing_polls=2), 0, "passed"),
    ],
)
def test_green_needs_the_status_the_counts_and_the_tests(tmp_path: Path, how: How, code: int, conclusion: str) -> None:
    """A report that is still being written is read again."""
    left, _server = played(tmp_path, one_feature(*GREEN, how=how))
    assert (left.code, left.outputs["conclusion"]) == (code, conclusion), left.log


def test_several_jobs_share_their_polls(tmp_path: Path) -> None:
    """Three features are three jobs."""
    features = {name: Group(name, GREEN, QUICK) for name in ("f1", "f2", "f3")}
    left, server = played(tmp_path, Scenario(features=features), feature_id="f1,f2,f3")
    assert left.code == 0, left.log
    assert left.outputs["total"] == "6"
    assert len(sent(server, "testExecution")) == 3
    polls = sent(server, "/jobs/")
    assert max(len(body["jobIds"]) for body in polls) == 3
    assert len(polls) <= 12


@pytest.mark.parametrize(
    "already",
    [Already(), full(Already(field="error", status=409)), full(Already(field="message", status=202))],
)
def test_a_queued_job_is_adopted(tmp_path: Path, already: Already) -> None:
    """Its id is shared, and the log says so."""
    left, server = played(tmp_path, one_feature(*GREEN, how=QUICK)._replace(already=already, others=(OTHER,)))
    assert left.code == 0, left.log
    assert "was already queued; sharing run" in left.log
    assert len(sent(server, "testExecution")) == 1


def test_a_queued_job_can_be_an_error(tmp_path: Path) -> None:
    """`on-busy: fail` ends the step with the id of the job."""
    scenario = one_feature(*GREEN, how=QUICK)._replace(already=Already(), others=(OTHER,))
    left, _server = played(tmp_path, scenario, on_busy="fail")
    assert left.code == 3, left.log
    assert "already queued, as run" in left.log


def test_a_queued_job_without_an_id_is_an_error(tmp_path: Path) -> None:
    """The newest job is not assumed to be the one."""
    scenario = one_feature(*GREEN, how=QUICK)._replace(already=Already(with_job=False), others=(OTHER,))
    left, _server = played(tmp_path, scenario)
    assert left.code == 3, left.log
    assert "does not say as which job" in left.log


def test_a_wait_for_the_agent_is_logged(tmp_path: Path) -> None:
    """The line contains the name of the agent."""
    how = QUICK._replace(agent=4.0)
    left, server = played(tmp_path, one_feature(*GREEN, how=how), agent_name="my-agent")
    assert left.code == 0, left.log
    assert "the platform is waiting for the agent my-agent to connect" in left.log
    assert sent(server, "testExecution")[0]["agentName"] == "my-agent"


@pytest.mark.full
def test_attach_waits_for_a_job(tmp_path: Path) -> None:
    """An unknown id is an error at once."""
    with simulator(one_feature(*GREEN, how=QUICK)) as server:
        for name in ("first", "second", "third"):
            (tmp_path / name).mkdir()
        first = run(tmp_path / "first", inputs(server, wait="false"))
        job = first.outputs["run-id"]
        left = run(tmp_path / "second", inputs(server, command="attach", run_id=job, feature_id=""))
        lost = run(tmp_path / "third", inputs(server, command="attach", run_id="nothing", feature_id=""))
    assert left.code == 0, left.log
    assert left.outputs["run-id"] == job
    assert (lost.code, lost.outputs["conclusion"]) == (3, "platform-error"), lost.log


FLAKY = (Test("Login"), Test("Pay", "Failed", "no button", later=("Passed",)))


def test_a_rerun_is_matched_by_title(tmp_path: Path) -> None:
    """The failed tests are started as a list."""
    left, server = played(tmp_path, one_feature(*FLAKY, how=QUICK), rerun_failed="1")
    assert (left.code, left.outputs["flaky"]) == (0, "1"), left.log
    assert len(sent(server, "testExecution")[1]["tests"]) == 1


@pytest.mark.parametrize("results", ["refused", "retitled"])
def test_a_rerun_that_is_refused_or_matches_nothing_leaves_the_verdict(
    tmp_path: Path, results: Literal["refused", "retitled"]
) -> None:
    """The log says why."""
    scenario = one_feature(*FLAKY, how=QUICK)._replace(results=results)
    left, _server = played(tmp_path, scenario, rerun_failed="1")
    assert (left.code, left.outputs["conclusion"]) == (1, "failed"), left.log
    assert "the verdict is unchanged" in left.log or "match no test of the first run" in left.log


def test_a_cancel_reports_jobs_that_are_left_running(tmp_path: Path) -> None:
    """Jobs can't be stopped."""
    with simulator(one_feature(*GREEN, how=How(running=1000.0))) as server:
        process = start(tmp_path, inputs(server))
        wait_for_line(process, "running")
        interrupt(process, signal.SIGINT)
        left = finish(process, tmp_path)
    assert left.code == 130, left.log
    assert left.outputs["left-running"] == left.outputs["run-id"]
    assert f"run {left.outputs['run-id']} cannot be stopped" in left.log


@pytest.mark.parametrize(("end", "code"), [("SIGTERM", 143), ("3s", 7)])
def test_a_job_whose_start_is_not_answered_is_named(tmp_path: Path, end: str, code: int) -> None:
    """Nothing can be looked for, so the selection is named, and the cleanup says that it can't tell."""
    held_back = Fault("POST", "/api/testExecution/*", action="silence", seconds=60.0)
    with simulator(one_feature(*GREEN, how=How(running=1000.0), faults=(held_back,))) as server:
        process = start(tmp_path, inputs(server, timeout="" if code == 143 else end))
        wait_until(lambda: server.runs)
        if code == 143:
            interrupt(process, signal.SIGTERM)
        left = finish(process, tmp_path)
        log = cleaned(tmp_path, inputs(server), left.state)
    assert left.code == code, left.log
    assert f"Feature {FIRST} may or may not have been started" in left.outputs["reason"]
    assert f"Feature {FIRST}" in next(line for line in left.log.splitlines() if "What to do: " in line)
    assert "build number" not in left.outputs["reason"]
    assert left.outputs["left-running"] == ""
    assert "the platform cannot tell" in log
    assert "::warning title=TestGate cleanup::" in log


def test_stop_is_a_platform_error(tmp_path: Path) -> None:
    """Jobs can't be stopped."""
    with simulator(one_feature(*GREEN, how=How(running=1000.0))) as server:
        (tmp_path / "first").mkdir()
        job = run(tmp_path / "first", inputs(server, wait="false")).outputs["run-id"]
        left = run(tmp_path, inputs(server, command="stop", run_id=job, feature_id=""))
    assert left.code == 3, left.log
    assert "cannot be stopped" in left.log


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"base_url": ""}, "`base-url`: required for provider testifly"),
        full({"project_id": ""}, "`project-id`: required for provider testifly"),
        full({"feature_id": ""}, "or one of test-suite-id, test-id, tests"),
        full({"test_id": "x"}, "give exactly one of these"),
        ({"test_plan_id": "274"}, "`test-plan-id`: belongs to another provider"),
    ],
)
def test_invalid_inputs_are_reported(tmp_path: Path, more: dict[str, str], words: str) -> None:
    """Nothing is sent."""
    with simulator(one_feature(*GREEN)) as server:
        left = run(tmp_path, inputs(server, **more))
    assert left.code == 2, left.log
    assert words in left.log
    assert server.requests == ()


def test_an_ambiguous_start_is_never_sent_again(tmp_path: Path) -> None:
    """Jobs carry no mark, so nobody can tell."""
    fault = Fault("POST", "/api/testExecution/*", action="drop-after")
    left, server = played(tmp_path, one_feature(*GREEN, how=QUICK)._replace(faults=(fault,)))
    assert left.code == 7, left.log
    assert len(sent(server, "testExecution")) == 1


def test_polls_are_repeated_in_an_outage(tmp_path: Path) -> None:
    """They are POST requests, but only read."""
    fault = Fault("POST", "/api/jobs/*", nth=(2, 3), reply=RawReply(502, "text/html", b"<h1>Bad gateway</h1>"))
    left, server = played(tmp_path, one_feature(*GREEN, how=QUICK)._replace(faults=(fault,)))
    assert left.code == 0, left.log
    assert len(sent(server, "testExecution")) == 1


def test_a_wrong_key_is_refused_with_a_remedy(tmp_path: Path) -> None:
    """The remedy names the input."""
    with simulator(one_feature(*GREEN)) as server:
        left = run(tmp_path, {**inputs(server), "api-key": "a-wrong-key-of-some-length"})
    assert left.code == 3, left.log
    assert "Check `api-key`" in left.log


def test_check_asks_one_question(tmp_path: Path) -> None:
    """It covers key, URL and project."""
    left, server = played(tmp_path, one_feature(*GREEN), command="check")
    assert (left.code, left.outputs["conclusion"]) == (0, "checked"), left.log
    assert sent(server, "testExecution") == []


@pytest.mark.full
def test_the_demo_needs_nothing(tmp_path: Path) -> None:
    """The selection of the user is ignored."""
    left = run(tmp_path, {"provider": "testifly", "demo": "true", "demo-scenario": "passing", "test-id": "mine"})
    assert left.code == 0, left.log
    assert len(left.runs) == 2


def test_two_targets_answered_with_one_job_share_it(tmp_path: Path) -> None:
    """Its tests count once, and the log says so."""
    features = {name: Group(name, GREEN, QUICK) for name in ("f1", "f2", "f3")}
    other = Other("f3", queued=10.0, covers=("f1", "f2"))
    left, _server = played(tmp_path, Scenario(features=features, others=(other,)), feature_id="f1,f2")
    assert left.code == 0, left.log
    assert left.outputs["total"] == "2"
    assert len(left.runs) == 1
    assert "got the same run" in left.summary
