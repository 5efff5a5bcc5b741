"""What is special about Loadmill: a plan has a result while suites of it still run, and reruns its failed suites."""

from typing import Any

import pytest

from testgate.errors import Refused
from testgate.model import Outcome, RunResult, Status, TestResult
from tests.providers.described.readings import listed, run_of, started, state, vendor
from tests.providers.described.vendors.loadmill import PLAN, RUN
from tests.support.replies import reply

LOADMILL = vendor("loadmill", {"test-plan-id": PLAN, "labels": "smoke,pay", "parameters.host": "x", "parallel": "3"})
OURS = run_of(LOADMILL, RUN)


def test_what_is_given_is_sent() -> None:
    """Numbers as numbers, lists as lists."""
    body = LOADMILL.trigger(LOADMILL.targets()[0], "m1").request.body
    more = {"labels": ["smoke", "pay"], "parallel": 3, "overrideParameters": {"host": "x"}}
    assert body == {"additionalDescription": "m1", **more}


def test_an_error_in_the_answer_refuses() -> None:
    """It comes with 200."""
    with pytest.raises(Refused, match="no such label"):
        started(LOADMILL, {"err": {"message": "no such label"}})


@pytest.mark.parametrize(
    ("word", "suites", "status", "result"),
    [
        ("RUNNING", [], Status.RUNNING, None),
        ("PASSED", ["PASSED", "RUNNING"], Status.RUNNING, None),
        ("FAILED", ["FAILED", "RUNNING"], Status.RUNNING, None),
        ("PASSED", ["PASSED", "PASSED"], Status.ENDED, RunResult.PASSED),
        ("PASSED", [], Status.ENDED, RunResult.PASSED),
        ("FAILED", ["FAILED"], Status.ENDED, RunResult.FAILED),
        ("STOPPED", ["STOPPED"], Status.ENDED, RunResult.STOPPED),
        ("ARCHIVED", ["PASSED"], Status.ENDED, RunResult.UNKNOWN),
        (None, ["PASSED"], Status.RUNNING, None),
    ],
)
def test_words(word: str | None, suites: list[str], status: Status, result: RunResult | None) -> None:
    """Its suites say when it is over."""
    runs = [{"id": f"s{number}", "status": each} for number, each in enumerate(suites)]
    found = state(LOADMILL, {"id": RUN, "status": word, "testSuitesRuns": runs}, run=OURS)
    assert (found.status, found.result) == (status, result)


def test_flows_are_tests_of_their_suites() -> None:
    """A suite that was stopped has flows that did not run to their end."""
    flows: list[dict[str, Any]] = [
        {"id": "f1", "description": "Login", "status": "PASSED", "startTime": 1741504814000, "endTime": 1741504816500},
        {"id": "f2", "description": "Pay", "status": "STOPPED"},
    ]
    suites = [{"description": "One", "testSuiteFlowRuns": flows}, {"description": "Two", "testSuiteFlowRuns": None}]
    tests = listed(LOADMILL, {"id": "r1", "testSuitesRuns": suites})
    assert [(test.suite, test.name, test.outcome, test.seconds) for test in tests] == [
        ("One", "Login", Outcome.PASSED, 2.5),
        ("One", "Pay", Outcome.NOT_RUN, None),
    ]


def test_failed_suites_run_again_as_a_new_run() -> None:
    """By a request about the run, whose answer has the ID of the new one."""
    again = LOADMILL.trigger(LOADMILL.rerun(OURS, [TestResult("f2", "Pay", Outcome.FAILED)]), "m2")
    assert (again.request.method, again.request.query) == ("POST", {"onlyFailed": "true"})
    assert again.request.url.endswith(f"/test-plans-runs/{RUN}/re-run")
    assert again.request.body is None
    assert again.read(reply({"testPlanRunId": "r2"}, request=again.request)).id == "r2"
