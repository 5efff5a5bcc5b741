"""What is special about Grafana Cloud k6: a result beside the status, which only a completed run has earned."""

from typing import Any

import pytest

from testgate.model import Outcome, RunResult, Status
from tests.providers.described.readings import listed, run_of, started, state, vendor
from tests.providers.described.vendors.grafana_cloud_k6 import run

K6 = vendor("grafana-cloud-k6", {"load-test-id": "42", "stack-id": "12345"})
RUN = run_of(K6, "7651472")


def test_the_page_of_a_run_comes_with_the_answer() -> None:
    """Its address has the name of the team's Grafana in it."""
    found = started(K6, run("created", None))
    assert (found.id, found.url) == ("7651472", "https://team.grafana.net/a/k6-app/runs/7651472")


@pytest.mark.parametrize(
    ("status", "result", "status_read", "result_read"),
    [
        ("created", None, Status.QUEUED, None),
        ("queued", None, Status.QUEUED, None),
        ("initializing", None, Status.RUNNING, None),
        ("processing_metrics", None, Status.RUNNING, None),
        ("processing_metrics", "passed", Status.RUNNING, None),
        ("completed", "passed", Status.ENDED, RunResult.PASSED),
        ("completed", "failed", Status.ENDED, RunResult.FAILED),
        ("completed", "error", Status.ENDED, RunResult.FAILED),
        ("completed", None, Status.ENDED, RunResult.UNKNOWN),
        ("aborted", "error", Status.ENDED, RunResult.STOPPED),
        ("aborted", "failed", Status.ENDED, RunResult.FAILED),
        ("aborted", "passed", Status.ENDED, RunResult.STOPPED),
    ],
)
def test_words(status: str, result: str | None, status_read: Status, result_read: RunResult | None) -> None:
    """A run that was aborted has passed nothing, even if its thresholds held until then."""
    found = state(K6, run(status, result), run=RUN)
    assert (found.status, found.result) == (status_read, result_read)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"result_details": {"type": "failed", "message": "p95 is too high"}}, "p95 is too high"),
        ({"result_details": None, "status_details": {"extra": {"message": "out of hours"}}}, "out of hours"),
    ],
)
def test_why_it_failed(more: dict[str, Any], message: str) -> None:
    """The run is the only test, and has the message of its result."""
    (test,) = listed(K6, {**run("completed", "failed"), "id": "r1", **more})
    assert (test.outcome, test.message, test.seconds) == (Outcome.FAILED, message, 60)
