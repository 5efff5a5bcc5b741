"""`command: run` with Testsigma: a real process, and the simulator over HTTP."""

import json
import signal
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import ABSENT, Fault, Plan, RawReply, Scenario, Test, one_plan
from tests.support.marks import full
from tests.support.step import KEY, finish, interrupt, run, start, wait_for_line
from tests.support.vendor import ENDLESS, GREEN, QUICK, RED, cases, inputs, played, simulator, triggers


def test_a_run_without_failures_is_green(tmp_path: Path) -> None:
    """Outputs, summary, JUnit and the page of the run are there."""
    left, server = played(tmp_path, one_plan(GREEN))
    assert left.code == 0, left.log
    assert left.outputs["conclusion"] == "passed"
    assert left.outputs["pass-rate"] == "100.00"
    assert left.outputs["run-id"] == left.outputs["run-ids"] == "337"
    assert left.outputs["junit-file"] == "testgate-report/junit.xml"
    assert left.runs[0]["counts"]["passed"] == 2
    assert cases(left) == {"Login": "passed", "Logout": "passed"}
    assert "passed" in left.summary
    assert left.log.count(left.outputs["run-url"]) == 2
    assert triggers(server) == 1
    assert json.loads(left.report("outputs.json"))["TESTGATE_OUT_CONCLUSION"] == "passed"


def test_the_page_knows_when_tests_started(tmp_path: Path) -> None:
    """So it has a timeline; its path is an output."""
    left, _server = played(tmp_path, one_plan(GREEN))
    assert left.outputs["html-file"] == "testgate-report/report.html"
    assert left.page["start"] > 1_600_000_000_000
    starts = [row[5] for row in left.page["rows"]]
    assert min(starts) == 0
    assert len(starts) == 2


def test_a_run_with_a_failure_is_red(tmp_path: Path) -> None:
    """The failed test and its message are in the log, the annotations, the summary and JUnit."""
    left, _server = played(tmp_path, one_plan(RED))
    assert left.code == 1, left.log
    assert left.outputs["failed-tests"] == '["Pay"]'
    assert cases(left) == {"Login": "passed", "Pay": "failure"}
    assert "::error title=Suite / Pay (Machine)::Suite / Pay (Machine): Pay button missing" in left.log
    assert "Pay button missing" in left.summary


def test_the_trigger_is_sent_as_documented(tmp_path: Path) -> None:
    """It contains every input, and the key."""
    left, server = played(
        tmp_path,
        one_plan(GREEN),
        environment_id="12",
        execution_config="config 2",
        execution_config_id="2",
        upload_versions="31=482\n32=483",
        runtime_data='{"user": "ann"}',
        build_no="1.4.2",
    )
    assert left.code == 0, left.log
    trigger = server.requests[0]
    assert (trigger.method, trigger.path) == ("POST", "/api/v1/execution_results")
    assert trigger.headers["authorization"] == f"Bearer {KEY}"
    assert trigger.body == {
        "executionId": 274,
        "environmentId": 12,
        "executionConfig": {"name": "config 2", "id": "2"},
        "uploadVersions": {"31": "482", "32": "483"},
        "buildNo": "1.4.2",
        "runtimeData": {"user": "ann"},
    }


def test_the_trigger_contains_only_given_inputs(tmp_path: Path) -> None:
    """The default build number consists of the CI's run and attempt and a random part."""
    _left, server = played(tmp_path, one_plan(GREEN))
    assert set(server.requests[0].body) == {"executionId", "buildNo"}
    assert server.requests[0].body["buildNo"].startswith("testgate-4711.1-")


@pytest.mark.parametrize(
    ("plan", "code", "conclusion"),
    [
        (Plan(tests=(), running=1.0), 6, "nothing-ran"),
        full(Plan(tests=tuple(Test(f"t{n}", word="NOT_EXECUTED") for n in range(3)), running=1.0), 6, "nothing-ran"),
        full(
            Plan(tests=(Test("a"), *(Test(f"t{n}", word="NOT_EXECUTED") for n in range(9))), running=1.0),
            1,
            "failed",
        ),
        (Plan(tests=(Test("a"),), running=1.0, result="STOPPED"), 5, "stopped"),
        full(Plan(tests=(Test("a"),), running=1.0, result="ABORTED"), 5, "stopped"),
        full(Plan(tests=(Test("a"),), running=1.0, result="PERHAPS_PASSED"), 1, "failed"),
        (Plan(tests=(Test("a"),), running=1.0, result="PASSED", at_end={"failedCount": 2}), 1, "failed"),
        full(Plan(tests=(Test("a"), Test("b")), running=1.0, listed=1), 3, "platform-error"),
        full(Plan(tests=(Test("a", word="WEIRD"),), running=1.0, result="PASSED"), 1, "failed"),
        full(
            Plan(
                tests=(Test("a"),),
                running=1.0,
                at_end={
                    "totalCount": None,
                    "passedCount": ABSENT,
                    "failedCount": None,
                    "abortedCount": ABSENT,
                    "preRequisiteFailedCount": ABSENT,
                },
            ),
            0,
            "passed",
        ),
        full(Plan(tests=(Test("a"),), running=1.0, consolidated=4.0), 0, "passed"),
    ],
)
def test_green_needs_the_result_the_counts_and_the_tests(
    tmp_path: Path, plan: Plan, code: int, conclusion: str
) -> None:
    """Whatever the platform claims, all of them count."""
    left, _server = played(tmp_path, one_plan(plan))
    assert (left.code, left.outputs["conclusion"]) == (code, conclusion), left.log
    has_red_case = any(mark != "passed" for mark in cases(left).values())
    assert has_red_case == (code != 0)


@pytest.mark.full
def test_an_unknown_result_is_shown_verbatim(tmp_path: Path) -> None:
    """People must be able to look up the word."""
    left, _server = played(tmp_path, one_plan(Plan(tests=(Test("a"),), running=1.0, result="PERHAPS_PASSED")))
    assert "PERHAPS_PASSED" in left.log
    assert "PERHAPS_PASSED" in left.outputs["reason"]


def test_an_unknown_status_is_waited_for(tmp_path: Path) -> None:
    """It is logged once."""
    plan = GREEN._replace(meanwhile={"status": "STATUS_WARMING_UP"})
    left, _server = played(tmp_path, one_plan(plan))
    assert left.code == 0, left.log
    assert left.log.count("unknown status STATUS_WARMING_UP") == 1


def test_a_run_is_not_over_before_its_automatic_reruns(tmp_path: Path) -> None:
    """The first end says nothing."""
    plan = Plan(tests=(Test("a"),), running=1.0, consolidated=6.0)
    left, _server = played(tmp_path, one_plan(plan))
    assert left.code == 0, left.log
    assert int(left.outputs["duration-seconds"]) >= 1


@pytest.mark.full
def test_refused_messages_do_not_affect_the_verdict(tmp_path: Path) -> None:
    """The log says that they are missing."""
    fault = Fault("GET", "/test_case_results", reply=RawReply(403, body=b"no"))
    left, _server = played(tmp_path, one_plan(RED, fault))
    assert left.code == 1, left.log
    assert "continuing without them" in left.log
    assert cases(left)["Pay"] == "failure"


@pytest.mark.full
def test_results_of_other_runs_are_dropped(tmp_path: Path) -> None:
    """The platform sometimes ignores the filter."""
    strangers = tuple(Test(f"stranger {n}", word="FAILURE", message="not ours") for n in range(250))
    left, server = played(tmp_path, one_plan(GREEN, strangers=strangers))
    assert left.code == 0, left.log
    assert "not ours" not in left.report("junit.xml")
    assert sum(1 for request in server.requests if request.path.endswith("/test_case_results")) <= 5


@pytest.mark.full
def test_a_thousand_tests_cost_few_requests(tmp_path: Path) -> None:
    """There is one list of names, and ten pages of messages."""
    plan = Plan(tests=tuple(Test(f"t{n}", seconds=0.001) for n in range(1000)), running=1.0)
    left, server = played(tmp_path, one_plan(plan))
    assert left.code == 0, left.log
    assert left.outputs["passed"] == "1000"
    results = [request for request in server.requests if request.path.endswith("/test_case_results")]
    assert len(results) <= 12


def test_an_outage_during_a_run_is_waited_out(tmp_path: Path) -> None:
    """The log mentions it, and nothing is triggered again."""
    faults = (
        Fault("GET", nth=(2,), reply=RawReply(503, "text/html", b"<h1>Bad gateway</h1>")),
        Fault("GET", nth=(3,), action="drop"),
    )
    left, server = played(tmp_path, one_plan(GREEN, *faults))
    assert left.code == 0, left.log
    assert triggers(server) == 1
    assert "no good answer, retrying" in left.log
    assert "answers again" in left.log


LOST_ANSWERS = [
    Fault("POST", action="drop-after"),
    Fault("POST", action="cut"),
    Fault("POST", action="reply-after", reply=RawReply(504, "text/html", b"<h1>Gateway time-out</h1>")),
    Fault("POST", action="reply-after", reply=RawReply(200, "text/html", b"<h1>Please sign in</h1>")),
    Fault("POST", action="reply-after", reply=RawReply(200, body=b'{"message": "ok"}')),
]


@pytest.mark.parametrize("fault", [LOST_ANSWERS[0], *map(full, LOST_ANSWERS[1:])])
def test_a_trigger_without_an_answer_is_recovered_by_its_mark(tmp_path: Path, fault: Fault) -> None:
    """The run is found by its build number, and nothing is sent twice."""
    left, server = played(tmp_path, one_plan(GREEN, fault))
    assert (left.code, left.outputs["conclusion"]) == (0, "passed"), left.log
    assert triggers(server) == 1
    assert left.outputs["run-id"] == "337"


@pytest.mark.parametrize(
    ("fault", "more"),
    [
        (Fault("POST", action="drop"), {}),
        (LOST_ANSWERS[0], {"build_no": "7"}),
        *(full(fault, {"build_no": "7"}) for fault in LOST_ANSWERS[1:]),
    ],
)
def test_an_ambiguous_trigger_is_never_sent_again(tmp_path: Path, fault: Fault, more: Mapping[str, str]) -> None:
    """No run is found, or the user's build number identifies none."""
    left, server = played(tmp_path, one_plan(GREEN, fault), QUICK, **more)
    assert (left.code, left.outputs["conclusion"]) == (7, "trigger-unknown"), left.log
    assert triggers(server) == 1
    mark = server.requests[0].body["buildNo"]
    assert more or (mark in left.log and json.loads(left.state["intents"])[0]["mark"] == mark)


@pytest.mark.full
def test_a_trigger_is_unknown_if_runs_cannot_be_listed(tmp_path: Path) -> None:
    """Nothing is guessed."""
    faults = (LOST_ANSWERS[0], Fault("GET", "/executions/*/test_plan_results", reply=RawReply(403, body=b"no")))
    left, server = played(tmp_path, one_plan(GREEN, *faults))
    assert left.code == 7, left.log
    assert triggers(server) == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"api-key": "a-wrong-key-of-some-length"}, ["401", "Full authentication is required", "Check `api-key`"]),
        ({"test-plan-id": "999"}, ["404", "Test plan 999 was not started", "Check `test-plan-id`"]),
    ],
)
def test_a_refusal_is_reported_with_a_remedy(tmp_path: Path, more: Mapping[str, str], words: list[str]) -> None:
    """The log contains the server's words, and the input to change."""
    with simulator(one_plan(GREEN)) as server:
        left = run(tmp_path, {**inputs(server), **more})
    assert left.code == 3, left.log
    assert all(word in left.log for word in words), left.log
    assert triggers(server) == 1
    assert "error" in cases(left).values()
    assert "Traceback" not in left.log


def test_a_server_that_is_down_is_a_platform_error(tmp_path: Path) -> None:
    """It is tried for as long as `max-outage` allows."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/api/v1"
        given = {"api-key": KEY, "base-url": url, "test-plan-id": "274", "max-outage": "2s"}
        left = run(tmp_path, given)
    assert left.code == 3, left.log
    assert "no connection" in left.log
    assert "Check `base-url`" in left.log
    assert left.outputs["run-id"] == ""


def test_invalid_inputs_are_reported_at_once_and_nothing_is_sent(tmp_path: Path) -> None:
    """Outputs and reports are still written."""
    with simulator(one_plan(GREEN)) as server:
        given = {**inputs(server), "timeout": "15", "min-pass-rate": "0.95", "test-plan-id": "two", "wait": "maybe"}
        left = run(tmp_path, given)
    assert left.code == 2, left.log
    for name in ("timeout", "min-pass-rate", "test-plan-id", "wait"):
        assert f"invalid input: `{name}`" in left.log
    assert server.requests == ()
    assert left.outputs["conclusion"] == "invalid-input"
    assert list(cases(left).values()) == ["error"]
    assert KEY not in left.log.replace(f"::add-mask::{KEY}", "")


def test_without_waiting_the_step_is_triggered(tmp_path: Path) -> None:
    """The id is known, and nothing is polled."""
    left, server = played(tmp_path, one_plan(GREEN), wait="false")
    assert (left.code, left.outputs["conclusion"]) == (0, "triggered"), left.log
    assert left.outputs["run-id"] == "337"
    assert [request.method for request in server.requests] == ["POST"]


def test_a_timeout_reports_partial_results(tmp_path: Path) -> None:
    """The run is stopped, unless the user wants to leave it."""
    endless = Plan(tests=(Test("a"), Test("b")), running=float("inf"))
    for on_timeout, going in (("stop", ""), ("leave", "337")):
        (tmp_path / on_timeout).mkdir()
        left, server = played(tmp_path / on_timeout, one_plan(endless), timeout="4s", on_timeout=on_timeout)
        assert (left.code, left.outputs["conclusion"]) == (4, "timed-out"), left.log
        assert left.outputs["left-running"] == going
        assert sum(1 for request in server.requests if request.method == "PUT") == (on_timeout == "stop")
        assert "error" in cases(left).values()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_cancel_leaves_outputs_and_reports(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """The run is stopped, and the step ends soon."""
    with simulator(one_plan(Plan(tests=(Test("a"),), running=float("inf")))) as server:
        process = start(tmp_path, inputs(server))
        wait_for_line(process, "running")
        interrupt(process, number)
        left = finish(process, tmp_path)
    assert left.code == code, left.log
    assert left.outputs["conclusion"] == "cancelled"
    assert left.outputs["left-running"] == ""
    assert "run 337 was stopped" in left.log
    assert [request.path for request in server.requests if request.method == "PUT"] == ["/api/v1/execution_results/337"]
    assert number.name in left.outputs["reason"]
    assert "error" in cases(left).values()
    assert left.summary


def test_a_repeated_signal_ends_the_step_at_once(tmp_path: Path) -> None:
    """The user is in a hurry."""
    silence = Fault("GET", action="silence", seconds=30)
    with simulator(one_plan(GREEN, silence)) as server:
        process = start(tmp_path, inputs(server))
        wait_for_line(process, "started as run")
        interrupt(process, signal.SIGINT)
        wait_for_line(process, "SIGINT")
        interrupt(process, signal.SIGINT)
        left = finish(process, tmp_path)
    assert left.code == 130
    assert left.outputs["run-id"] == "337"
    assert "conclusion" not in left.outputs  # written when a step ends in order


def test_ids_are_written_before_the_wait(tmp_path: Path) -> None:
    """A process that is killed leaves ids and intents."""
    with simulator(one_plan(Plan(tests=(Test("a"),), running=float("inf")))) as server:
        process = start(tmp_path, inputs(server))
        wait_for_line(process, "started as run")
        process.kill()
        left = finish(process, tmp_path)
    assert left.outputs == {"run-id": "337", "run-ids": "337", "run-url": left.outputs["run-url"]}
    assert json.loads(left.state["runs"]) == [{"id": "337", "target": "274", "ours": True, "ref": "274"}]
    assert json.loads(left.state["intents"])[0]["target"] == "274"


def test_content_of_the_runners_files_is_kept(tmp_path: Path) -> None:
    """It may even lack a line end."""
    (tmp_path / "output").write_text("earlier=1", encoding="utf-8")
    (tmp_path / "step-summary").write_text("# Earlier\n", encoding="utf-8")
    left, _server = played(tmp_path, one_plan(GREEN))
    assert left.outputs["earlier"] == "1"
    assert left.outputs["conclusion"] == "passed"
    assert left.summary.startswith("# Earlier\n")


def test_another_step_of_the_job_keeps_its_reports(tmp_path: Path) -> None:
    """A second step uses the next free directory, and the log says so."""
    first, _server = played(tmp_path, one_plan(GREEN))
    assert first.outputs["report-dir"] == "testgate-report"
    second, _server = played(tmp_path, one_plan(RED))
    assert second.outputs["report-dir"] == "testgate-report-2"
    assert "in use by another step" in second.log
    assert (tmp_path / "testgate-report-2" / "junit.xml").exists()
    assert cases(first) == {"Login": "passed", "Logout": "passed"}


def test_several_plans_have_one_result(tmp_path: Path) -> None:
    """There is one summary and one JUnit report, and the worst conclusion decides."""
    scenario = Scenario({274: GREEN, 275: RED._replace(name="Payments")})
    left, server = played(tmp_path, scenario, test_plan_id="274, 275")
    assert left.code == 1, left.log
    assert [each["conclusion"] for each in left.runs] == ["passed", "failed"]
    assert sorted(left.outputs["run-ids"].split(",")) == ["337", "338"]
    assert left.outputs["total"] == "4"
    assert triggers(server) == 2


def test_failures_within_the_limits_are_green(tmp_path: Path) -> None:
    """They are still reported."""
    left, _server = played(tmp_path, one_plan(RED), min_pass_rate="50%", max_failures="1")
    assert (left.code, left.outputs["conclusion"]) == (0, "passed"), left.log
    assert "Pay" in left.summary


def test_fail_on_none_only_warns(tmp_path: Path) -> None:
    """The conclusion is still `failed`."""
    left, _server = played(tmp_path, one_plan(RED), fail_on="none")
    assert (left.code, left.outputs["conclusion"]) == (0, "failed"), left.log
    assert "::warning title=Suite / Pay" in left.log


def test_the_key_never_appears(tmp_path: Path) -> None:
    """A server may echo it in messages and errors."""
    plan = Plan(tests=(Test(f"T {KEY}", word="FAILURE", message=f"key={KEY} bearer"),), running=1.0)
    left, _server = played(tmp_path, one_plan(plan), log_level="debug")
    assert left.log.startswith(f"::add-mask::{KEY}\n")
    rest = left.log.replace(f"::add-mask::{KEY}\n", "", 1)
    files = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    assert all(KEY not in text for text in [rest, *files])
    assert "key=*** bearer" in left.summary


def test_hostile_names_and_messages_stay_text(tmp_path: Path) -> None:
    """Every test is reported."""
    hostile = "::error::x\n::set-output name=conclusion::passed\r##[error]y <script>@all</script>|`#1 ]]>\x1b[31m\x00"
    tests = (Test(hostile, word="FAILURE", message=hostile), Test(hostile, word="FAILURE", message=hostile), Test("ok"))
    left, _server = played(tmp_path, one_plan(Plan(tests=tests, running=1.0)))
    assert left.code == 1, left.log
    commands = [line for line in left.log.splitlines() if line.lstrip().startswith("::")]
    assert all(line.startswith(("::add-mask::", "::group::", "::endgroup::", "::error title=")) for line in commands)
    assert "##[" not in left.log
    assert len(list(left.junit.iter("testcase"))) == 3
    assert left.outputs["conclusion"] == "failed"


def test_the_demo_needs_nothing(tmp_path: Path) -> None:
    """It says that nothing real was tested."""
    left = run(tmp_path, {"demo": "true", "demo-scenario": "empty"})
    assert left.code == 6, left.log
    assert "nothing real was tested" in left.log
    assert "::notice title=TestGate demo::" in left.log


def test_other_cis_read_files(tmp_path: Path) -> None:
    """Outside GitHub, the outputs are in files, and the log contains no commands."""
    with simulator(one_plan(RED)) as server:
        given = {f"TESTGATE_{name.upper().replace('-', '_')}": value for name, value in inputs(server).items()}
        left = run(tmp_path, {}, github=False, extra={**given, "CI": "true"})
    assert left.code == 1, left.log
    assert "::" not in left.log
    assert "TESTGATE_OUT_CONCLUSION='failed'\n" in left.report("outputs.env")
    assert "error: Suite / Pay (Machine): Pay button missing" in left.log


def test_a_killed_step_leaves_no_reports_of_an_earlier_job(tmp_path: Path) -> None:
    """In a reused workspace, they would look like its own."""
    yesterday, today = ({"JENKINS_URL": "http://ci.example", "BUILD_TAG": f"jenkins-web-{n}"} for n in (76, 77))
    with simulator(one_plan(GREEN)) as server:
        first = run(tmp_path, inputs(server), github=False, extra=yesterday)
        assert (first.code, json.loads(first.report("outputs.json"))["TESTGATE_OUT_CONCLUSION"]) == (0, "passed")
    with simulator(one_plan(ENDLESS)) as server:
        process = start(tmp_path, inputs(server), github=False, extra=today)
        wait_for_line(process, "running")
        process.kill()
        finish(process, tmp_path)
    left = {path.name for path in (tmp_path / "testgate-report").iterdir() if not path.name.startswith(".")}
    assert left == {"outputs.env", "outputs.properties"}
    assert "CONCLUSION" not in first.report("outputs.env")


def test_invalid_inputs_are_reported_at_the_chosen_paths(tmp_path: Path) -> None:
    """An invalid path is replaced by the default."""
    left = run(tmp_path, {"report-dir": "out", "junit-file": "my.xml"})
    assert (left.code, left.outputs["report-dir"], left.outputs["junit-file"]) == (2, "out", "my.xml")
    assert (tmp_path / "my.xml").exists()
    left = run(tmp_path, {"report-dir": "../out", "junit-file": "../my.xml"})
    found = (left.code, left.outputs["report-dir"], left.outputs["junit-file"])
    assert found == (2, "testgate-report", "testgate-report/junit.xml")


def test_a_report_that_cannot_be_written_is_red(tmp_path: Path) -> None:
    """The outputs say so."""
    (tmp_path / "testgate-report").write_text("a file in the way", encoding="utf-8")
    left, _server = played(tmp_path, one_plan(GREEN))
    assert (left.code, left.outputs["conclusion"]) == (8, "report-error"), left.log
    assert left.summary


@pytest.mark.parametrize("more", [{}, {"report_dir": "testgate-report"}, {"report_dir": "testgate-report/x"}])
def test_a_report_directory_that_leads_outside_is_named_and_left_alone(tmp_path: Path, more: dict[str, str]) -> None:
    """The input is named, nothing is sent, and the reports are beside the link."""
    (tmp_path / "outside").mkdir()
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "testgate-report").symlink_to(tmp_path / "outside")
    with simulator(one_plan(GREEN)) as server:
        left = run(workspace, inputs(server, **more))
    assert (left.code, server.requests) == (2, ())
    assert "`report-dir`: " in left.log
    assert "junit-file`" not in left.log
    assert left.outputs["report-dir"] == "testgate-report-2"
    assert {"junit.xml", "summary.md", "outputs.json"} <= {
        each.name for each in (workspace / "testgate-report-2").iterdir()
    }
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_runner_that_keeps_its_files_to_itself_still_gates(tmp_path: Path) -> None:
    """Act, in host mode, hands over paths of another file system: that is told once, and is no failure."""
    files = ("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
    away = {name: f"/tmp/nowhere/{name.lower()}" for name in files}  # noqa: S108  # it doesn't exist
    with simulator(one_plan(GREEN)) as server:
        left = run(tmp_path, inputs(server), extra=away)
    assert left.code == 0, left.log
    assert left.log.count("the runner's files are not in this container") == 1
    assert "Check that the" not in left.log
    assert json.loads(left.report("outputs.json"))["TESTGATE_OUT_CONCLUSION"] == "passed"
