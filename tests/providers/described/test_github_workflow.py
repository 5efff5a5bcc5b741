"""Quirks of a GitHub workflow: its two words for a state, its jobs, and servers that don't name the run."""

import pytest

from testgate.errors import BadAnswer, Refused
from testgate.model import Outcome, RunResult, Status
from tests.providers.described.asked import page_in, run_of, started_by, state_in
from tests.providers.described.test_vendors import provider_of
from tests.providers.described.vendors.github_workflow import VENDOR

RUN = run_of(VENDOR, "30433642")


def test_the_repository_keeps_its_slash_and_nothing_else_does() -> None:
    """The owner and the name are segments of their own; the name of a workflow is one segment."""
    vendor = VENDOR._replace(values={"repository": "octo-org/sh op", "workflow": "a/b.yml"})
    url = provider_of(vendor).trigger(provider_of(vendor).targets()[0], "m").request.url
    assert url.endswith("/repos/octo-org/sh%20op/actions/workflows/a%2Fb.yml/dispatches")


@pytest.mark.parametrize(
    ("status", "conclusion", "expected"),
    [
        ("waiting", None, (Status.QUEUED, None)),
        ("in_progress", None, (Status.RUNNING, None)),
        ("in_progress", "success", (Status.RUNNING, None)),  # only a completed run has a result
        ("completed", "success", (Status.ENDED, RunResult.PASSED)),
        ("completed", "timed_out", (Status.ENDED, RunResult.FAILED)),
        ("completed", "cancelled", (Status.ENDED, RunResult.STOPPED)),
        ("completed", "skipped", (Status.ENDED, RunResult.NOT_EXECUTED)),
        ("completed", "neutral", (Status.ENDED, RunResult.UNKNOWN)),
        ("completed", None, (Status.ENDED, RunResult.UNKNOWN)),
    ],
)
def test_a_run_has_two_words(status: str, conclusion: str | None, expected: tuple[Status, RunResult | None]) -> None:
    """`conclusion` counts once `status` says that the run is over."""
    found = state_in(VENDOR, RUN, {"id": 30433642, "status": status, "conclusion": conclusion})
    assert (found.status, found.result) == expected


def test_a_run_that_waits_for_a_reviewer_says_so() -> None:
    """Nobody would look for that in a queue."""
    found = state_in(VENDOR, RUN, {"id": 30433642, "status": "waiting"})
    assert "environment" in found.waits_for
    assert "approve" in found.hint


def test_jobs_beyond_a_page_are_asked_for() -> None:
    """The total says how many there are; each page has a hundred."""
    jobs = [{"id": number, "name": f"job {number}", "conclusion": "success"} for number in range(100)]
    page = page_in(VENDOR, RUN, {"total_count": 101, "jobs": jobs})
    assert page.next is not None
    call = provider_of(VENDOR).results(RUN, page.next)
    assert call is not None
    assert call.request.query == {"filter": "latest", "per_page": "100", "page": "2"}
    last = page_in(VENDOR, RUN, {"total_count": 101, "jobs": jobs[:1]}, cursor=page.next)
    assert last.next is None


@pytest.mark.parametrize(
    ("conclusion", "outcome"),
    [
        ("success", Outcome.PASSED),
        ("failure", Outcome.FAILED),
        ("cancelled", Outcome.ERROR),
        ("skipped", Outcome.SKIPPED),
        ("neutral", Outcome.ERROR),
        (None, Outcome.NOT_RUN),
    ],
)
def test_only_success_is_a_job_that_passed(conclusion: str | None, outcome: Outcome) -> None:
    """`neutral` isn't."""
    page = page_in(VENDOR, RUN, {"total_count": 1, "jobs": [{"id": 1, "name": "e2e", "conclusion": conclusion}]})
    assert [test.outcome for test in page.tests] == [outcome]


def test_jobs_of_another_run_are_doubted() -> None:
    """A list that names another run proves nothing."""
    page = page_in(
        VENDOR, RUN, {"total_count": 1, "jobs": [{"id": 1, "run_id": 7, "name": "a", "conclusion": "success"}]}
    )
    assert len(page.doubts) == 1


def test_a_server_that_does_not_name_the_run_started_one_all_the_same() -> None:
    """Without `return_run_details`, the answer is 204: nothing may be sent again."""
    with pytest.raises(BadAnswer):
        started_by(VENDOR, "", 204)
    with pytest.raises(Refused) as refused:
        started_by(VENDOR, {"message": "Workflow does not have 'workflow_dispatch' trigger"}, 422)
    assert refused.value.certain
