"""What is special about BlazeMeter: three words for a result, of which the worst counts, and criteria as tests."""

from typing import Any

import pytest

from testgate.errors import Refused
from testgate.model import Outcome, RunResult, Status
from tests.providers.described.readings import listed, run_of, started, state, vendor

BLAZEMETER = vendor("blazemeter", {"test-id": "1234567", "key-id": "abc"})
RUN = run_of(BLAZEMETER, "12345678")


def master(**more: Any) -> dict[str, Any]:  # noqa: ANN401
    """An answer about a run."""
    return {"api_version": 4, "error": None, "result": {"id": 12345678, "name": "Checkout", **more}}


@pytest.mark.parametrize(
    ("more", "status", "result"),
    [
        ({"ended": None, "passed": None}, Status.RUNNING, None),
        ({"ended": None, "passed": True, "reportStatus": "pass"}, Status.RUNNING, None),
        ({"ended": None, "passed": False, "reportStatus": "fail"}, Status.RUNNING, None),
        ({}, Status.RUNNING, None),
        ({"ended": 1599076624, "passed": True}, Status.ENDED, RunResult.PASSED),
        ({"ended": 1599076624, "passed": True, "reportStatus": "pass"}, Status.ENDED, RunResult.PASSED),
        ({"ended": 1599076624, "passed": False, "reportStatus": "pass"}, Status.ENDED, RunResult.FAILED),
        ({"ended": 1599076624, "passed": True, "reportStatus": "error"}, Status.ENDED, RunResult.FAILED),
        ({"ended": 1599076624, "passed": True, "reportStatus": "abort"}, Status.ENDED, RunResult.STOPPED),
        ({"ended": 1599076624, "passed": None, "reportStatus": "noData"}, Status.ENDED, RunResult.NOT_EXECUTED),
        ({"ended": 1599076624, "passed": None, "reportStatus": "unset"}, Status.ENDED, RunResult.NOT_EXECUTED),
        ({"ended": 1599076624, "passed": None}, Status.ENDED, RunResult.NOT_EXECUTED),
    ],
)
def test_words(more: dict[str, Any], status: Status, result: RunResult | None) -> None:
    """A run without an end runs, whatever else is said; one that nobody judged has not passed."""
    found = state(BLAZEMETER, master(**more), run=RUN)
    assert (found.status, found.result) == (status, result)


def test_seconds() -> None:
    """Times are seconds since 1970."""
    assert state(BLAZEMETER, master(created=1599075175, ended=1599076624, passed=True), run=RUN).seconds == 1449


def test_multi_tests_are_started_under_another_path() -> None:
    """The value `kind` says so."""
    multi = vendor("blazemeter", {"test-id": "7", "key-id": "abc", "kind": "multi-tests"})
    assert multi.trigger(multi.targets()[0], "m").request.url.endswith("/multi-tests/7/start")
    (_name, check), *_others = multi.checks()
    assert check.request.url.endswith("/multi-tests/7")


def test_an_error_in_an_answer_refuses() -> None:
    """It can come with 200."""
    with pytest.raises(Refused, match="Not enough users"):
        started(BLAZEMETER, {"api_version": 4, "error": {"code": 403, "message": "Not enough users"}, "result": None})


def test_criteria() -> None:
    """A criterion that was broken is a failed test with what was measured."""
    xml = b"""<testsuites><testsuite name="t">
        <testcase name="ALL/responseTime.avg"><failure message="lt 100, was 180"/></testcase>
        <testcase name="ALL/errors.percent"/></testsuite></testsuites>"""
    assert [(test.name, test.outcome, test.message) for test in listed(BLAZEMETER, xml)] == [
        ("ALL/responseTime.avg", Outcome.FAILED, "lt 100, was 180"),
        ("ALL/errors.percent", Outcome.PASSED, ""),
    ]
