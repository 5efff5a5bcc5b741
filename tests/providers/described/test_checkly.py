"""What is special about Checkly: sessions without alerts, attempts in the list, variables as a list, and a search."""

from typing import Any

import pytest

from testgate.errors import Refused
from testgate.model import Outcome, TestResult
from tests.providers.described.readings import listed, page, run_of, started, vendor
from tests.support.replies import reply

VALUES = {"account-id": "acc", "location": "eu-central-1", "check-id": "c1,c2", "variables.URL": "https://x.example"}
CHECKLY = vendor("checkly", VALUES, {"secret-variables.PASSWORD": "hidden-0123"})


def row(status: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A result in a session."""
    flags = {"hasErrors": False, "hasFailures": status == "FAILED", "isDegraded": False, "aborted": False}
    given = {"testSessionResultId": "r1", "checkId": "c1", "name": "Login", "runLocation": "eu", "resultType": "FINAL"}
    return {**given, **flags, "status": status, **more}


def session(*rows: dict[str, Any], status: str = "PASSED") -> dict[str, Any]:
    """A session."""
    return {"testSessionId": "r1", "status": status, "results": [*rows]}


def test_what_is_sent() -> None:
    """The account is a header, and variables are a list of which the secret ones are marked."""
    request = CHECKLY.trigger(CHECKLY.targets()[0], "mark-1").request
    assert request.body == {
        "target": {"checkId": ["c1", "c2"]},
        "name": "mark-1",
        "runLocation": "eu-central-1",
        "environmentVariables": [
            {"key": "URL", "value": "https://x.example"},
            {"key": "PASSWORD", "value": "hidden-0123", "secret": True},
        ],
    }
    assert request.private == {"environmentVariables"}
    headers = {each.header: each.value for each in request.credentials}
    assert headers == {"Authorization": "Bearer key-0123456789", "X-Checkly-Account": "acc"}


def test_failed_checks_run_again() -> None:
    """By their own ids, also if they were selected by tags."""
    provider = vendor("checkly", {"account-id": "acc", "location": "eu", "tags": "shop"})
    failed = [TestResult("r1", "Login", Outcome.FAILED, case_id="c1")]
    body = provider.trigger(provider.rerun(run_of(provider), failed), "mark-2").request.body
    assert isinstance(body, dict)
    assert body["target"] == {"checkId": ["c1"]}


def test_no_matching_check_is_red_at_once() -> None:
    """A 404 of something else is an error, too."""
    with pytest.raises(Refused, match="nothing to run"):
        started(CHECKLY, {"statusCode": 404, "message": "No matching checks were found."}, 404)
    with pytest.raises(Refused):
        started(CHECKLY, {}, 404)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([row("PASSED")], [(Outcome.PASSED, 0)]),
        ([row("PASSED", isDegraded=True)], [(Outcome.PASSED, 0)]),
        ([row("FAILED", resultType="ATTEMPT"), row("PASSED")], [(Outcome.PASSED, 1)]),
        ([row("FAILED", resultType="ATTEMPT"), row("FAILED")], [(Outcome.FAILED, 1)]),
        ([row("FAILED", resultType="ATTEMPT")], [(Outcome.FAILED, 0)]),
        (
            [row("FAILED", resultType="ATTEMPT", runLocation="us"), row("PASSED")],
            [(Outcome.FAILED, 0), (Outcome.PASSED, 0)],
        ),
        ([row("PASSED", hasFailures=True)], [(Outcome.FAILED, 0)]),
        ([row("PASSED", aborted=True)], [(Outcome.FAILED, 0)]),
        ([row("CANCELLED")], [(Outcome.ERROR, 0)]),
        ([row("RUNNING", resultType="PENDING")], [(Outcome.NOT_RUN, 0)]),
        ([row("SKIPPED")], [(Outcome.ERROR, 0)]),
    ],
)
def test_results_of_a_check(rows: list[dict[str, Any]], found: list[tuple[Outcome, int]]) -> None:
    """An attempt is the history of the final result, and a pass with failures is none."""
    tests = listed(CHECKLY, session(*rows))
    assert [(each.outcome, len(each.earlier)) for each in tests] == found


def test_a_session_that_runs_has_more_to_come() -> None:
    """And another session is doubted."""
    assert page(CHECKLY, session(row("PASSED"), status="RUNNING")).filling
    assert page(CHECKLY, {**session(row("PASSED")), "testSessionId": "other"}).doubts


def test_a_session_is_found_by_its_name() -> None:
    """If the answer to the trigger got lost."""
    call = CHECKLY.find(CHECKLY.targets()[0], "mark-1")
    assert call is not None
    entries = [{"id": "s1", "name": "other"}, {"id": "s2", "name": "mark-1"}, {"id": "s3", "name": "mark-10"}]
    found = call.read(reply({"length": 3, "entries": entries}, 200, call.request))
    assert [run.id for run in found] == ["s2"]
