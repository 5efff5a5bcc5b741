"""Testifly's tables and shapes, on the vendor's own samples and on what it may send."""

import json
from pathlib import Path
from typing import Any

import pytest

from testgate.errors import BadAnswer, InputError, Refused
from testgate.gate.verdict import judge
from testgate.inputs.lookup import Lookup
from testgate.inputs.reading import read
from testgate.model import (
    Conclusion,
    Counts,
    Origin,
    Outcome,
    Policy,
    Run,
    RunReport,
    RunResult,
    Snapshot,
    Status,
    Target,
    TestResult,
)
from testgate.providers.testifly import Testifly, TestiflyOptions
from testgate.providers.testifly.answers import page_of, reported_of, snapshots_of, started
from testgate.wire import Reply, Request

FIXTURES = Path(__file__).parents[1] / "fixtures" / "testifly"
ASKED = Request("POST", "https://testifly.example/api/jobs/p1")
TARGET = Target("feature_id f1", "Feature f1", '{"featureId": "f1"}')
JOB = "6804f1d1d2d4e0a1c1a0d123"


def reply(data: object, status: int = 200) -> Reply:
    """An answer made here."""
    return Reply(status, {"content-type": "application/json"}, json.dumps(data).encode(), ASKED)


def fixture(name: str) -> Reply:
    """A recorded answer."""
    return Reply(200, {}, (FIXTURES / f"{name}.json").read_bytes(), ASKED)


def provider(**given: str) -> Testifly:
    """The provider from inputs."""
    environ = {f"INPUT_{name.upper().replace('_', '-')}": value for name, value in given.items()}
    options = read(Lookup(environ, read_file=lambda _path: ""), [TestiflyOptions]).of(TestiflyOptions)
    return Testifly("https://testifly.example", "key", options)


def test_the_sample_request_is_what_is_sent() -> None:
    """Action, selection and agent, key by key."""
    one = provider(project_id="p1", feature_id="67f8cb3fe236b8d41b7700ac", agent_name="my-agent")
    call = one.trigger(one.targets()[0], "mark")
    assert call.request.body == json.loads((FIXTURES / "start_request.json").read_text(encoding="utf-8"))
    assert call.request.url == "https://testifly.example/api/testExecution/p1"


@pytest.mark.parametrize(
    ("given", "bodies"),
    [
        ({"feature_id": "a,b"}, [{"featureId": "a"}, {"featureId": "b"}]),
        ({"test_suite_id": "a"}, [{"testSuiteId": "a"}]),
        ({"test_id": "a\nb"}, [{"testId": "a"}, {"testId": "b"}]),
        ({"tests": "a,b"}, [{"tests": ["a", "b"]}]),
    ],
)
def test_selections(given: dict[str, str], bodies: list[dict[str, Any]]) -> None:
    """Features, suites and tests are a job each; a list is one job."""
    one = provider(project_id="p1", **given)
    sent = [one.trigger(target, "m").request.body for target in one.targets()]
    assert sent == [{"action": "executeTests", **body} for body in bodies]


def test_kinds_of_selection_exclude_each_other() -> None:
    """Exactly one kind."""
    with pytest.raises(InputError, match="exactly one"):
        provider(project_id="p1", feature_id="a", tests="b")


def test_the_samples_of_start_and_jobs() -> None:
    """A job that was started, and one that goes on with its report."""
    run = started(fixture("started"), TARGET)
    assert (run.id, run.origin) == (JOB, Origin.STARTED)
    (found,) = snapshots_of(fixture("jobs"), "")
    assert (found.run_id, found.status, found.ref) == (JOB, Status.RUNNING, "6804f1e2d2d4e0a1c1a0d456")


def test_the_sample_report_is_red() -> None:
    """Completed with 2 failed by its counts, one passed test in its list: a job called Success is red all the same."""
    page = page_of(fixture("report"))
    assert page.reported is not None
    assert page.reported.counts == Counts(passed=18, failed=2, skipped=4)
    assert not page.filling
    (test,) = page.tests
    assert (test.name, test.outcome, test.seconds) == ("Login works for valid users", Outcome.PASSED, 1.24)
    assert test.video == "https://example.com/videos/run-1"
    snapshot = Snapshot(JOB, Status.ENDED, "Success", RunResult.PASSED, page.reported)
    verdict = judge([RunReport(TARGET, Run(JOB, TARGET), snapshot, page.tests)], Policy())[0].verdict
    assert verdict.conclusion is Conclusion.FAILED
    assert verdict.counts.failed == 2


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"success": True, "scheduleStatus": "AlreadyExists", "jobId": JOB}, 200),
        ({"success": False, "scheduleStatus": "AlreadyExists", "jobId": JOB}, 409),
        ({"success": False, "error": "AlreadyExists", "jobId": JOB}, 409),
        ({"success": False, "message": "Job AlreadyExists in the queue", "jobId": JOB}, 202),
    ],
)
def test_a_job_that_is_queued_already_is_adopted(data: dict[str, Any], status: int) -> None:
    """Wherever the word stands, under any success or 409; an adopted job is not ours."""
    run = started(reply(data, status), TARGET)
    assert (run.id, run.origin) == (JOB, Origin.ADOPTED)


def test_a_queued_job_without_an_id_is_a_clear_error() -> None:
    """Never "the newest job"."""
    with pytest.raises(Refused, match="does not say as which job"):
        started(reply({"success": True, "scheduleStatus": "AlreadyExists"}), TARGET)


@pytest.mark.parametrize(
    ("data", "status", "error"),
    [
        ({"success": False, "message": "no such feature"}, 200, Refused),
        ({"success": False, "message": "no such feature"}, 404, Refused),
        ({"success": True}, 200, BadAnswer),
        ({"success": True, "jobId": "1,2"}, 200, BadAnswer),
        ({"success": True, "jobId": "1\n::error::"}, 200, BadAnswer),
        ({"success": True, "jobId": "1" * 101}, 200, BadAnswer),
        ({"scheduleStatus": "AlreadyExists", "jobId": JOB}, 404, Refused),
    ],
)
def test_a_start_without_a_job(data: dict[str, Any], status: int, error: type[Exception]) -> None:
    """Said no: refused. Said yes without a job: nobody knows."""
    with pytest.raises(error):
        started(reply(data, status), TARGET)


def test_a_job_that_waits_for_its_agent_says_so() -> None:
    """By the agent's name, with what to do."""
    (found,) = snapshots_of(reply({"jobs": [{"jobId": "j", "status": "PendingAgentConnection"}]}), "my-agent")
    assert found.status is Status.QUEUED
    assert found.waits_for == "the agent my-agent to connect"
    assert "start the agent my-agent" in found.hint


def test_an_unknown_status_goes_on_and_is_shown() -> None:
    """It may be the platform's newest word."""
    (found,) = snapshots_of(reply({"jobs": [{"jobId": "j", "status": "Warming"}]}), "")
    assert (found.status, found.odd) == (Status.RUNNING, "Warming")


@pytest.mark.parametrize(
    ("error", "timeline", "message", "step"),
    [
        ("no button", [], "no button", ""),
        ({"message": "no button", "stack": "at line 3"}, ["open", "click"], "no button\nat line 3", "click"),
        (
            {"code": 7},
            [{"title": "open"}, {"title": "click", "status": "Failed"}, {"title": "end"}],
            '{"code": 7}',
            "click",
        ),
        (None, None, "", ""),
    ],
)
def test_errors_and_timelines_of_any_shape(error: object, timeline: object, message: str, step: str) -> None:
    """Nobody publishes their shape: texts and objects both tell something."""
    row = {"_id": "1", "title": "Pay", "status": "Failed", "error": error, "timeline": timeline}
    (test,) = page_of(reply({"status": "Completed", "tests": [row]})).tests
    assert (test.message, test.step) == (message, step)


@pytest.mark.parametrize(("state", "filling"), [("Completed", False), ("In Progress", True), (None, True)])
def test_a_report_that_is_still_being_written_says_so(state: str | None, filling: bool) -> None:
    """It is read again within a bound."""
    assert page_of(reply({"status": state, "tests": []})).filling is filling


def test_labels_of_counts() -> None:
    """Running and scheduled ones have not run; a label that nobody knows neither."""
    rows = [{"label": "Passed", "count": 2}, {"label": "In Progress", "count": 1}, {"label": "Odd", "count": 3}]
    rows.append({"label": "Failed", "count": -1})
    assert reported_of(reply({"statuses": [*rows, "nonsense"]})).counts == Counts(passed=2, not_run=4)


def test_a_rerun_asks_for_the_failed_ids() -> None:
    """As a list of tests."""
    one = provider(project_id="p1", feature_id="f1")
    again = one.rerun(
        Run(JOB, TARGET), [TestResult("1", "Pay", Outcome.FAILED), TestResult("2", "Ship", Outcome.ERROR)]
    )
    assert one.trigger(again, "m").request.body == {"action": "executeTests", "tests": ["1", "2"]}
