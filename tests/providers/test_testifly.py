"""Testifly's tables and readers, on the vendor's samples and on what it may send.

Each test runs twice: over the provider that is code, and over the same platform described by a file.
"""

from typing import Any

import pytest

from testgate.errors import BadAnswer, InputError, Refused
from testgate.gate.verdict import judge
from testgate.model import (
    Conclusion,
    Counts,
    Origin,
    Outcome,
    Run,
    RunResult,
    Snapshot,
    Status,
    TestResult,
)
from testgate.ports import Provider
from testgate.results import Policy, RunReport
from testgate.wire import Reply
from tests.support.both import Form
from tests.support.replies import fixture, reply

JOB = "6804f1d1d2d4e0a1c1a0d123"


def sample(name: str) -> Reply:
    """Return a sample reply of the vendor's."""
    return fixture("testifly", name)


@pytest.fixture(params=["code", "file"])
def form(request: pytest.FixtureRequest) -> Form:
    """Return each form of the provider."""
    return Form(described=request.param == "file")


def provider(form: Form, **given: str) -> Provider:
    """Build the provider from inputs."""
    return form.provider({name.replace("_", "-"): value for name, value in given.items()})


def test_a_start_matches_the_sample_request(form: Form) -> None:
    """Action, selection and agent are sent as documented."""
    one = provider(form, project_id="p1", feature_id="67f8cb3fe236b8d41b7700ac", agent_name="my-agent")
    call = one.trigger(one.targets()[0], "mark")
    assert call.request.body == sample("start_request").data()
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
def test_selections(form: Form, given: dict[str, str], bodies: list[dict[str, Any]]) -> None:
    """Each feature, suite or test is a job of its own; a list is a single job."""
    one = provider(form, project_id="p1", **given)
    sent = [one.trigger(target, "m").request.body for target in one.targets()]
    assert sent == [{"action": "executeTests", **body} for body in bodies]


def test_only_one_kind_of_selection_is_accepted(form: Form) -> None:
    """The message asks for exactly one."""
    with pytest.raises(InputError, match="exactly one"):
        provider(form, project_id="p1", feature_id="a", tests="b")


def test_the_samples_of_start_and_jobs(form: Form) -> None:
    """They show a started job, and a running one with a report."""
    run = form.started(sample("started"))
    assert (run.id, run.origin) == (JOB, Origin.STARTED)
    (found,) = form.snapshots(sample("jobs"))
    assert (found.run_id, found.status, form.report_of(found.ref)) == (JOB, Status.RUNNING, "6804f1e2d2d4e0a1c1a0d456")


def test_the_sample_report_is_red(form: Form) -> None:
    """It counts 2 failed tests but lists a passed one, so even a job with the status Success is red."""
    page = form.page(sample("report"))
    assert page.reported is not None
    assert page.reported.counts == Counts(passed=18, failed=2, skipped=4)
    assert not page.filling
    (test,) = page.tests
    assert (test.name, test.outcome, test.seconds) == ("Login works for valid users", Outcome.PASSED, 1.24)
    assert test.video == "https://example.com/videos/run-1"
    snapshot = Snapshot(JOB, Status.ENDED, "Success", RunResult.PASSED, page.reported)
    verdict = judge([RunReport(form.target(), Run(JOB, form.target()), snapshot, page.tests)], Policy())[0].verdict
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
def test_an_already_queued_job_is_adopted(form: Form, data: dict[str, Any], status: int) -> None:
    """The word may be in any of three fields, with any success or 409."""
    run = form.started(reply(data, status))
    assert (run.id, run.origin) == (JOB, Origin.ADOPTED)


def test_an_already_queued_job_without_an_id_is_refused(form: Form) -> None:
    """The newest job is never guessed to be the one."""
    with pytest.raises(Refused, match="does not say as which"):
        form.started(reply({"success": True, "scheduleStatus": "AlreadyExists"}))


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
def test_a_start_without_a_job(form: Form, data: dict[str, Any], status: int, error: type[Exception]) -> None:
    """An error or `success: false` is a refusal; a success without a valid job ID proves nothing."""
    with pytest.raises(error):
        form.started(reply(data, status))


def test_a_job_that_waits_for_its_agent(form: Form) -> None:
    """The snapshot names the agent and says what to do."""
    (found,) = form.snapshots(reply({"jobs": [{"jobId": "j", "status": "PendingAgentConnection"}]}), "my-agent")
    assert found.status is Status.QUEUED
    assert found.waits_for == "the agent my-agent to connect"
    assert "start the agent my-agent" in found.hint


def test_a_job_with_an_unknown_status_is_running(form: Form) -> None:
    """The word is shown; it may be a new one of the platform's."""
    (found,) = form.snapshots(reply({"jobs": [{"jobId": "j", "status": "Warming"}]}))
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
def test_errors_and_timelines_of_any_shape(
    form: Form, error: object, timeline: object, message: str, step: str
) -> None:
    """Their shape isn't published, so texts and objects are both read."""
    row = {"_id": "1", "title": "Pay", "status": "Failed", "error": error, "timeline": timeline}
    (test,) = form.page(reply({"status": "Completed", "tests": [row]})).tests
    assert (test.message, test.step) == (message, step)


@pytest.mark.parametrize(("state", "filling"), [("Completed", False), ("In Progress", True), (None, True)])
def test_a_report_that_is_still_filling(form: Form, state: str | None, filling: bool) -> None:
    """Any state that is not final means more may follow."""
    assert form.page(reply({"status": state, "tests": []})).filling is filling


def test_labels_of_counters(form: Form) -> None:
    """Running tests, and those with an unknown label, count as not run."""
    rows = [{"label": "Passed", "count": 2}, {"label": "In Progress", "count": 1}, {"label": "Odd", "count": 3}]
    rows.append({"label": "Failed", "count": -1})
    assert form.reported(reply({"statuses": [*rows, "nonsense"]})).counts == Counts(passed=2, not_run=4)


def test_a_rerun_asks_for_the_failed_ids(form: Form) -> None:
    """They are sent as a list of tests."""
    one = provider(form, project_id="p1", feature_id="f1")
    again = one.rerun(
        Run(JOB, form.target()), [TestResult("1", "Pay", Outcome.FAILED), TestResult("2", "Ship", Outcome.ERROR)]
    )
    assert one.trigger(again, "m").request.body == {"action": "executeTests", "tests": ["1", "2"]}


@pytest.mark.parametrize(
    ("more", "doubts", "result", "filling"),
    [
        ({}, 0, None, False),
        ({"runId": "r1", "projectId": "p1"}, 0, None, False),
        ({"runId": "r2"}, 1, None, False),
        ({"projectId": "p2"}, 1, None, False),
        ({"status": "Failed"}, 0, RunResult.FAILED, False),
        ({"status": "Aborted"}, 0, RunResult.STOPPED, False),
        ({"status": "Running"}, 0, None, True),
        ({"status": "Archived"}, 0, None, True),
        ({"statuses": [{"label": "Failed", "count": "many"}]}, 1, None, False),
        ({"statuses": [{"label": "Failed", "count": "2.0"}]}, 0, None, False),
    ],
)
def test_what_a_report_says_about_itself_is_evidence(
    form: Form, more: dict[str, object], doubts: int, result: RunResult | None, filling: bool
) -> None:
    """It can name another run or project, be unfinished, and has a status of its own."""
    page = form.page(reply({"status": "Completed", "tests": [], **more}), "r1", "p1")
    assert (len(page.doubts), page.result, page.filling) == (doubts, result, filling)
