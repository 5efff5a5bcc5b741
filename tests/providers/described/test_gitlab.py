"""Quirks of a GitLab pipeline: jobs whose failure is allowed, jobs for people, reports that cannot be read."""

from typing import Any

import pytest

from testgate.model import Outcome, RunResult, Status
from tests.providers.described.asked import page_in, run_of, state_in
from tests.providers.described.test_vendors import provider_of
from tests.providers.described.vendors import gitlab_pipeline, gitlab_test_report

JOBS, REPORT = gitlab_pipeline.VENDOR, gitlab_test_report.VENDOR
RUN = run_of(JOBS, "46")


@pytest.mark.parametrize(
    ("job", "outcome", "lost"),
    [
        ({"status": "success"}, Outcome.PASSED, False),
        ({"status": "success", "allow_failure": True}, Outcome.PASSED, False),
        ({"status": "failed"}, Outcome.FAILED, False),
        ({"status": "failed", "failure_reason": "script_failure", "allow_failure": False}, Outcome.FAILED, False),
        ({"status": "failed", "allow_failure": True}, Outcome.SKIPPED, False),
        ({"status": "failed", "failure_reason": "runner_system_failure"}, Outcome.ERROR, True),
        ({"status": "manual", "allow_failure": True}, Outcome.SKIPPED, False),
        ({"status": "canceled"}, Outcome.ERROR, False),
        ({"status": "created"}, Outcome.NOT_RUN, False),
        ({"status": "quarantined"}, Outcome.ERROR, False),
        ({}, Outcome.NOT_RUN, False),
    ],
)
def test_a_job_counts_as_the_pipeline_counts_it(job: dict[str, Any], outcome: Outcome, *, lost: bool) -> None:
    """A failure that the pipeline allows is none, and is no pass either."""
    (test,) = page_in(JOBS, RUN, [{"id": 6, "name": "e2e", **job}]).tests
    assert (test.outcome, test.lost) == (outcome, lost)


def test_pages_of_jobs_end_with_an_empty_one() -> None:
    """The answer is a list, and nothing in it says how many follow."""
    page = page_in(JOBS, RUN, [{"id": 6, "name": "e2e", "status": "success"}])
    assert page.next is not None
    last = page_in(JOBS, RUN, [], cursor=page.next)
    assert (last.tests, last.next, last.doubts) == ([], None, ())


@pytest.mark.parametrize(("word", "status"), [("manual", Status.QUEUED), ("canceling", Status.RUNNING)])
def test_a_pipeline_that_waits_has_not_ended(word: str, status: Status) -> None:
    """One that waits for a manual job says what to do."""
    found = state_in(JOBS, RUN, {"id": 46, "status": word})
    assert found.status is status
    assert bool(found.hint) is (word == "manual")


@pytest.mark.parametrize(
    ("error", "listed"), [(None, None), ("JUnit XML parsing failed: 1:1: FATAL: Document is empty", RunResult.FAILED)]
)
def test_a_report_that_cannot_be_read_is_red(error: str | None, listed: RunResult | None) -> None:
    """Its suite has no tests then, and the other suites would be all that counts."""
    good: dict[str, Any] = {
        "name": "a",
        "suite_error": None,
        "test_cases": [{"name": "t", "classname": "c", "status": "success"}],
    }
    bad: dict[str, Any] = {"name": "b", "suite_error": error, "test_cases": []}
    page = page_in(REPORT, RUN, {"total_count": 1, "success_count": 1, "test_suites": [good, bad]})
    assert [test.name for test in page.tests] == ["t"]
    assert (page.result, page.filling) == (listed, False)


def test_variables_are_sent_as_rows_and_secret_ones_are_hidden() -> None:
    """Both kinds are one list."""
    provider = provider_of(JOBS)
    request = provider.trigger(provider.targets()[0], "m").request
    assert request.url.endswith("/projects/group%2Fshop/pipeline")
    assert "variables" in request.private


def test_without_variables_there_is_no_list() -> None:
    """Nothing that wasn't given is sent."""
    provider = provider_of(JOBS._replace(values={"project": "7", "ref": "main"}, secret={}))
    assert provider.trigger(provider.targets()[0], "m").request.body == {"ref": "main"}
