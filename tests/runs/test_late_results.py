"""A run can end before its results are written: what says "not yet" is read again before it is believed."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from testgate.gate.verdict import judge
from testgate.model import Conclusion
from testgate.ports import Provider
from testgate.providers.testifly import Testifly, TestiflyOptions
from testgate.providers.testsigma import Testsigma, TestsigmaOptions
from testgate.results import Policy, RunReport
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.runs.workflow import run_all
from testgate.wire import Reply, Request
from tests.support.simulated import Answer, Desk, FakeTransport, Handler, SimulatedLoop, answer, page, play

BEGIN = 1000.0
PASSED = {"testCaseResultId": 1, "testCaseName": "Login", "result": "SUCCESS"}
SECOND = {"testCaseResultId": 2, "testCaseName": "Pay", "result": "SUCCESS"}
COUNTED = {"totalCount": 2, "passedCount": 2}
DONE = {"status": "COMPLETED", "result": "SUCCESS"}


def simulate(
    root: Path, handler: Handler, provider: Provider | None = None, cancel: float | None = None
) -> tuple[list[RunReport], float]:
    """The reports of a step, and how many seconds it took; it can be cancelled after some."""

    async def main(loop: SimulatedLoop) -> tuple[list[RunReport], float]:
        desk = Desk(loop, FakeTransport(handler), Limits(), root)
        if cancel is not None:
            loop.call_at(loop.time() + cancel, desk.halt.request, Conclusion.CANCELLED)
        vendor = provider or Testsigma("https://p.example/api/v1", "key", TestsigmaOptions(test_plan_id=(274,)))
        reports = await run_all(vendor.targets(), RunOptions(), desk.context(vendor, several=False))
        desk.halt.close()
        await asyncio.sleep(0)
        return [*reports], loop.time() - BEGIN

    return play(main)


def ended(
    late_run: Mapping[str, Any], late_rows: Sequence[Mapping[str, Any]] | int, until: float, final: Mapping[str, Any]
) -> Handler:
    """A run that is over at once, and tells so; until that moment its results are as given. A number is a status."""

    def handler(request: Request, now: float) -> Answer:
        late = now < BEGIN + until
        if request.method == "POST":
            return answer(request, {"id": 337, "status": "CREATED"})
        if request.url.endswith("/test_case_results") and "executions" not in request.url:
            rows = late_rows if late else [PASSED, SECOND]
            if isinstance(rows, int):
                return page(request, rows)
            if "execution_results" in request.url:
                return answer(request, {"testCases": rows})
            return answer(request, {"content": []})
        return answer(request, {"id": 337, "executionId": 274, **(late_run if late else {**DONE, **final})})

    return handler


LATE = [
    pytest.param({**DONE, **COUNTED}, [PASSED, {**SECOND, "result": "RUNNING"}], id="one test still runs"),
    pytest.param({**DONE, **COUNTED}, [{**PASSED, "result": "RUNNING"}, {**SECOND, "result": "RUNNING"}], id="two"),
    pytest.param({**DONE, **COUNTED}, [PASSED, {**SECOND, "result": "QUEUED"}], id="one test is queued"),
    pytest.param({**DONE, **COUNTED}, [PASSED, {**SECOND, "result": None}], id="one test has no result"),
    pytest.param({**DONE, **COUNTED}, [PASSED], id="fewer than counted"),
    pytest.param({**DONE, **COUNTED}, [], id="none of those counted"),
    pytest.param({**DONE, "totalCount": None, "passedCount": None}, [], id="nothing at all"),
    pytest.param({**DONE, **COUNTED}, 404, id="not found"),
    pytest.param({"status": "COMPLETED", "result": None, **COUNTED}, [PASSED, SECOND], id="no result"),
    pytest.param({"status": "COMPLETED", "result": None, "totalCount": None}, [], id="not even a result"),
    pytest.param({"status": "COMPLETED", "result": "QUEUED", **COUNTED}, [PASSED, SECOND], id="an early result"),
]


@pytest.mark.parametrize("until", [2.0, 20.0])
@pytest.mark.parametrize(("run", "rows"), LATE)
def test_not_yet_is_read_again(tmp_path: Path, run: Mapping[str, Any], rows: Any, until: float) -> None:  # noqa: ANN401
    """A green run whose results come late is green."""
    (report,), _seconds = simulate(tmp_path, ended(run, rows, until, COUNTED))
    verdict = judge([report], Policy())[0].verdict
    assert verdict.conclusion is Conclusion.PASSED, verdict.reason
    assert verdict.counts.passed == 2


@pytest.mark.parametrize(("run", "rows"), LATE)
def test_what_stays_like_that_is_believed(tmp_path: Path, run: Mapping[str, Any], rows: Any) -> None:  # noqa: ANN401
    """It is red as it is, within a minute."""
    (report,), seconds = simulate(tmp_path, ended(run, rows, 10_000, COUNTED))
    assert not judge([report], Policy())[0].verdict.conclusion.green
    assert 25 < seconds < 60


def test_what_comes_late_can_be_red(tmp_path: Path) -> None:
    """Counters that come later are a witness, too."""
    handler = ended({**DONE, "totalCount": None}, [PASSED], 2, {**COUNTED, "passedCount": 1, "failedCount": 1})
    (report,), _seconds = simulate(tmp_path, handler)
    assert judge([report], Policy())[0].verdict.conclusion is Conclusion.FAILED


def test_a_run_that_never_counts_costs_three_seconds(tmp_path: Path) -> None:
    """Nothing but the counters is missing, and they need not come."""
    uncounted = {"totalCount": None}
    (report,), seconds = simulate(tmp_path, ended({**DONE, **uncounted}, [PASSED, SECOND], 10_000, {}))
    assert judge([report], Policy())[0].verdict.conclusion is Conclusion.PASSED
    assert seconds < 6


def test_two_jobs_do_not_share_a_report(tmp_path: Path) -> None:
    """The results of one prove nothing about the other."""

    def handler(request: Request, _now: float) -> Answer:
        body = dict(request.body or {})
        if "/testExecution/" in request.url:
            return answer(request, {"success": True, "scheduleStatus": "Success", "jobId": f"j-{body['featureId']}"})
        if "/jobs/" in request.url:
            jobs = [{"jobId": job, "status": "Success", "testRunId": "r1"} for job in body["jobIds"]]
            return answer(request, {"success": True, "jobs": jobs})
        rows = [{"_id": "t1", "title": "Login", "status": "Passed"}]
        counts = [{"label": "Passed", "count": 1}]
        return answer(request, {"status": "Completed", "tests": rows, "statuses": counts})

    options = TestiflyOptions(project_id="p1", feature_id=("a", "b"))
    reports, _seconds = simulate(tmp_path, handler, Testifly("https://p.example", "key", options))
    verdicts = [judged.verdict for judged in judge(reports, Policy())]
    assert sorted(each.conclusion for each in verdicts) == [Conclusion.PASSED, Conclusion.PLATFORM_ERROR]
    assert any("its results are those of run j-" in each.reason for each in verdicts)


def test_a_step_that_must_end_keeps_the_tests_that_it_has_read(tmp_path: Path) -> None:
    """It is cancelled while it reads the messages: the list of tests is complete, and not read once more."""
    lists = []

    async def handler(request: Request, _now: float) -> Reply:
        if request.method == "POST":
            return answer(request, {"id": 337, "status": "CREATED"})
        if request.url.endswith("/execution_results/337/test_case_results"):
            lists.append(request)
            return answer(request, {"testCases": [PASSED, SECOND]})
        if request.url.endswith("/test_case_results"):
            await asyncio.sleep(20)
            return answer(request, {"content": [{"id": 99}], "last": False})
        return answer(request, {"id": 337, "executionId": 274, **DONE, **COUNTED})

    (report,), seconds = simulate(tmp_path, handler, cancel=10)
    assert len(lists) == 1
    assert [test.name for test in report.tests] == ["Login", "Pay"]
    assert judge([report], Policy())[0].verdict.conclusion is Conclusion.PASSED
    assert seconds < 15
