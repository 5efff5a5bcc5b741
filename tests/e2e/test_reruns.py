"""Reruns, automatic reruns, quarantine, and failing steps, against the simulator."""

import json
from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import Fault, Iteration, Plan, RawReply, Test, one_plan
from tests.support.marks import full
from tests.support.step import run
from tests.support.vendor import RED, cases, inputs, played, requests, simulator, triggers

FLAKY = Plan(
    tests=(
        Test("Login"),
        Test("Pay", word="FAILURE", message="Pay button missing", later=("SUCCESS",)),
        Test("Ship", word="FAILURE", message="no label", later=("FAILURE", "SUCCESS")),
    ),
    running=2.0,
    rerun_running=1.0,
)


def test_a_flaky_test_passes_in_its_rerun(tmp_path: Path) -> None:
    """Two reruns fix everything, and only failed tests are rerun."""
    left, server = played(tmp_path, one_plan(FLAKY), rerun_failed="2")
    assert (left.code, left.outputs["conclusion"]) == (0, "passed"), left.log
    assert (left.outputs["flaky"], left.outputs["passed"], left.outputs["total"]) == ("2", "3", "3")
    first, second, third = requests(server, "POST")
    assert second.body["executionId"] == 274
    assert second.body["executionResultId"] == 337
    assert second.body["isReRun"] is True
    assert second.body["reRunType"] == "USER_PICKED"
    assert len(second.body["testCaseResultRequests"]) == 2
    assert third.body["executionResultId"] == 338
    assert len(third.body["testCaseResultRequests"]) == 1
    assert "isReRun" not in first.body
    assert cases(left) == {"Login": "passed", "Pay": "passed", "Ship": "passed"}
    assert len(list(left.junit.iter("flakyFailure"))) == 3
    assert "flaky" in left.summary.lower()


def test_a_test_that_fails_in_every_attempt_is_failed(tmp_path: Path) -> None:
    """JUnit contains all attempts, and tests that passed later are flaky."""
    left, server = played(tmp_path, one_plan(FLAKY), rerun_failed="1")
    assert (left.code, left.outputs["conclusion"]) == (1, "failed"), left.log
    assert triggers(server) == 2
    assert left.outputs["failed-tests"] == '["Ship"]'
    assert (left.outputs["flaky"], left.outputs["failed"]) == ("1", "1")
    assert cases(left) == {"Login": "passed", "Pay": "passed", "Ship": "failure"}
    assert len(list(left.junit.iter("rerunFailure"))) == 1


def test_nothing_is_rerun_within_the_limits(tmp_path: Path) -> None:
    """The verdict would not be `failed`."""
    left, server = played(tmp_path, one_plan(RED), rerun_failed="3", min_pass_rate="50")
    assert left.code == 0, left.log
    assert triggers(server) == 1


def test_max_flaky_limits_flaky_tests(tmp_path: Path) -> None:
    """Too many tests that pass only in a rerun fail the step."""
    left, _server = played(tmp_path, one_plan(FLAKY), rerun_failed="2", max_flaky="1")
    assert (left.code, left.outputs["conclusion"]) == (1, "failed"), left.log
    assert "max-flaky" in left.outputs["reason"]


def test_data_driven_tests_rerun_their_failed_iterations(tmp_path: Path) -> None:
    """The request asks for failed iterations only."""
    sets = (Iteration("Visa"), Iteration("Amex", word="FAILURE"))
    plan = Plan(tests=(Test("Pay", word="FAILURE", iterations=sets, later=("SUCCESS",)),), running=1.0)
    left, server = played(tmp_path, one_plan(plan), rerun_failed="1")
    assert left.code == 0, left.log
    (picked,) = requests(server, "POST")[1].body["testCaseResultRequests"]
    assert picked["iterationReRunType"] == "FAILED"


def test_a_rerun_without_an_answer_leaves_the_verdict(tmp_path: Path) -> None:
    """It is not sent again, as it may have been started."""
    fault = Fault("POST", nth=(2,), action="drop-after")
    left, server = played(tmp_path, one_plan(FLAKY, fault), rerun_failed="2")
    assert (left.code, left.outputs["conclusion"]) == (1, "failed"), left.log
    assert triggers(server) == 2
    assert "the verdict is unchanged" in left.log
    assert left.outputs["failed"] == "2"


def test_a_rerun_that_is_refused_leaves_the_verdict(tmp_path: Path) -> None:
    """The log contains the platform's reason."""
    fault = Fault("POST", nth=(2,), reply=RawReply(500, body=b'{"error": "ReRun Parent Id Already Exists"}'))
    left, _server = played(tmp_path, one_plan(FLAKY, fault), rerun_failed="2")
    assert left.code == 1, left.log
    assert "ReRun Parent Id Already Exists" in left.log


def test_automatic_reruns_are_followed(tmp_path: Path) -> None:
    """There is no verdict before they end."""
    left, server = played(tmp_path, one_plan(FLAKY._replace(automatic_reruns=2)))
    assert (left.code, left.outputs["conclusion"]) == (0, "passed"), left.log
    assert left.outputs["flaky"] == "2"
    assert triggers(server) == 1
    assert "the platform itself reran failed tests" in left.log


def test_our_reruns_wait_for_automatic_ones(tmp_path: Path) -> None:
    """They start from the newest run."""
    left, server = played(tmp_path, one_plan(FLAKY._replace(automatic_reruns=1)), rerun_failed="1")
    assert left.code == 0, left.log
    assert triggers(server) == 2
    assert requests(server, "POST")[1].body["executionResultId"] == 338


@pytest.mark.parametrize(
    ("more", "kind", "count"),
    [
        ({}, "ONLY_FAILED_TESTS", 2),
        full({"rerun_type": "ALL_TESTS"}, "ALL_TESTS", 3),
        full({"rerun_type": "all_iterations"}, "ALL_ITERATIONS", None),
        full({"rerun_type": "ONLY_FAILED_ITERATIONS"}, "ONLY_FAILED_ITERATIONS", None),
    ],
)
def test_the_rerun_command_reruns_a_finished_run(
    tmp_path: Path, more: dict[str, str], kind: str, count: int | None
) -> None:
    """The new run is waited for and judged."""
    with simulator(one_plan(FLAKY)) as server:
        (tmp_path / "first").mkdir()
        (tmp_path / "again").mkdir()
        first = run(tmp_path / "first", inputs(server))
        left = run(tmp_path / "again", inputs(server, command="rerun", run_id="337", test_plan_id="", **more))
    assert first.code == 1
    assert left.outputs["run-id"] == "338", left.log
    assert "::group::Rerunning run 337\n" in left.log
    assert "Rerun of run 337 started as run 338" in left.log
    body = requests(server, "POST")[1].body
    assert (body["executionId"], body["executionResultId"], body["reRunType"]) == (274, 337, kind)
    assert "testCaseResultRequests" not in body
    if count is not None:
        assert left.outputs["total"] == str(count), left.log


def test_the_rerun_command_can_rerun_picked_results(tmp_path: Path) -> None:
    """They are given by id, or as objects with iterations."""
    with simulator(one_plan(RED)) as server:
        for name in ("first", "again"):
            (tmp_path / name).mkdir()
        run(tmp_path / "first", inputs(server))
        ids = [row["testCaseResultId"] for row in _tests(server.url, 337)]
        picked = json.dumps([{"id": ids[1], "iterationReRunType": "FAILED"}])
        more = {"run_id": "337", "rerun_type": "USER_PICKED", "test_case_results": picked, "test_plan_id": ""}
        left = run(tmp_path / "again", inputs(server, command="rerun", **more))
    assert left.outputs["total"] == "1", left.log
    body = requests(server, "POST")[1].body
    assert body["testCaseResultRequests"] == [{"id": ids[1], "iterationReRunType": "FAILED"}]


def _tests(url: str, run_id: int) -> list[dict[str, int]]:
    """The list of tests, as a person would look it up."""
    import requests as http  # the name is taken here

    from tests.support.step import KEY  # beside its use

    answer = http.get(
        f"{url}/execution_results/{run_id}/test_case_results", headers={"Authorization": f"Bearer {KEY}"}, timeout=5
    )
    rows: list[dict[str, int]] = answer.json()["testCases"]
    return rows


def test_picked_results_without_their_type_are_an_input_error(tmp_path: Path) -> None:
    """Nothing is sent."""
    left, server = played(
        tmp_path, one_plan(RED), command="rerun", run_id="337", test_case_results="1", test_plan_id=""
    )
    assert left.code == 2, left.log
    assert "USER_PICKED" in left.log
    assert server.requests == ()


QUARANTINE = """
[[test]]
name = "Pay*"
reason = "SHOP-1: sandbox is down"
expires = {expires}

[[test]]
name = "Nothing like it"
reason = "left over"
expires = 2999-01-01
"""


@pytest.mark.parametrize(("expires", "code"), [("2999-12-31", 0), ("2020-01-01", 1)])
def test_a_quarantined_failure_counts_only_after_it_expires(tmp_path: Path, expires: str, code: int) -> None:
    """JUnit shows it as `skipped`, and leftover entries are mentioned."""
    (tmp_path / "quarantine.toml").write_text(QUARANTINE.format(expires=expires), encoding="utf-8")
    left, _server = played(tmp_path, one_plan(RED), quarantine_file="quarantine.toml", rerun_failed="1")
    assert left.code == code, left.log
    assert left.outputs["quarantined"] == ("1" if code == 0 else "0")
    assert cases(left)["Pay"] == ("skipped" if code == 0 else "failure")
    assert "matches no test" in left.summary
    assert ("expired on" in left.summary) is (code == 1)
    assert ("SHOP-1" in left.summary) is (code == 0)


@pytest.mark.parametrize(("text", "words"), [(None, "cannot be read"), ("[[test]]\nname = 'x'\n", "needs a `reason`")])
def test_an_invalid_quarantine_file_is_an_input_error(tmp_path: Path, text: str | None, words: str) -> None:
    """Nothing is sent."""
    if text is not None:
        (tmp_path / "q.toml").write_text(text, encoding="utf-8")
    left, server = played(tmp_path, one_plan(RED), quarantine_file="q.toml")
    assert left.code == 2, left.log
    assert words in left.log
    assert server.requests == ()


def test_failing_steps_are_shown(tmp_path: Path) -> None:
    """They are read for failed tests only."""
    plan = RED._replace(
        tests=(Test("Login"), Test("Pay", word="FAILURE", message="missing", step="Click on 'Pay now'"))
    )
    left, server = played(tmp_path, one_plan(plan))
    assert left.code == 1, left.log
    assert len(requests(server, "GET", "/step_results")) == 1
    assert "Click on" in left.summary
    assert "Click on" in left.report("junit.xml")


def test_refused_steps_do_not_affect_the_result(tmp_path: Path) -> None:
    """The log doesn't mention them, and no more are requested."""
    tests = tuple(Test(f"t{number}", word="FAILURE", message="broken") for number in range(80))
    fault = Fault("GET", "/api/v2/test_runs/*/test_case_results/*/step_results", reply=RawReply(404, body=b"{}"))
    left, server = played(tmp_path, one_plan(Plan(tests=tests, running=1.0), fault))
    assert left.code == 1, left.log
    assert len(requests(server, "GET", "/step_results")) <= 50
    assert "broken" in left.summary
    assert "step_results" not in left.log
