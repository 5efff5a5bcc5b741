"""Automatic reruns when the step ends, runs of other people, and one run for two triggers."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from testgate.gate.verdict import judge
from testgate.model import Conclusion, Origin, Run, Target
from testgate.providers.testsigma import Testsigma, TestsigmaOptions
from testgate.results import Policy, RunReport
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.runs.workflow import run_all
from testgate.wire import Reply, Request
from tests.support.simulated import Answer, Desk, FakeTransport, SimulatedLoop, answer, play

OPTIONS = RunOptions(stop_at=lambda run, _why: run.origin is Origin.STARTED, mark=lambda: "mark-1")
DONE = {"status": "STATUS_COMPLETED", "result": "SUCCESS", "totalCount": 1, "passedCount": 1}
GOING = {"status": "STATUS_IN_PROGRESS", "result": "QUEUED"}


class Platform:
    """The runs of a plan by id; `started` are the ids that triggers get, in order."""

    def __init__(self, runs: Mapping[str, Mapping[str, Any]], started: tuple[str, ...] = ("1",)) -> None:
        self.runs = {run: {"id": int(run), "executionId": 274, **more} for run, more in runs.items()}
        self.stopped: list[str] = []
        self.lists: Callable[[Request], Answer] = self._list
        self._started = iter(started)

    def __call__(self, request: Request, _now: float) -> Answer:
        """Answer a request."""
        path = request.url.partition("/execution_results")[2].strip("/")
        if request.method == "POST":
            plan = (request.body or {})["executionId"]
            return answer(request, {"id": int(next(self._started)), "executionId": plan, **GOING})
        if "test_plan_results" in request.url:
            return answer(request, {"content": []})
        if path.endswith("test_case_results"):
            return self.lists(request)
        if request.method == "PUT":
            self.stopped.append(path)
            self.runs[path] |= {"status": "STATUS_COMPLETED", "result": "STOPPED"}
            return answer(request, {})
        if path in self.runs:
            return answer(request, self.runs[path])
        return answer(request, {"content": []} if "test_case_results" in request.url else {}, 200)

    def _list(self, request: Request) -> Answer:
        """The list of tests of a run: a single one that passed."""
        return answer(request, {"testCases": [{"testCaseName": "Login", "testCaseId": 7, "result": "SUCCESS"}]})


async def _never() -> Reply:
    """Never answer."""
    await asyncio.sleep(1e9)
    raise AssertionError


def simulate(
    root: Path, platform: Platform, *, plans: tuple[int, ...] = (274,), cancel_at: float | None = None
) -> tuple[list[RunReport], str]:
    """Simulate `command: run`; returns the reports and the log."""

    async def main(loop: SimulatedLoop) -> tuple[list[RunReport], str]:
        desk = Desk(loop, FakeTransport(platform), Limits(timeout=600), root)
        if cancel_at is not None:
            loop.call_later(cancel_at, desk.halt.request, Conclusion.CANCELLED)
        provider = Testsigma("https://platform.example/api/v1", "key", TestsigmaOptions(test_plan_id=plans))
        begins: list[Target | Run] = [*provider.targets()]
        reports = await run_all(begins, OPTIONS, desk.context(provider, several=len(begins) > 1))
        desk.halt.close()
        await asyncio.sleep(0)
        return [*reports], desk.log

    return play(main)


def conclusions(reports: list[RunReport]) -> list[Conclusion]:
    """The conclusions with the strictest policy."""
    return [judged.verdict.conclusion for judged in judge(reports, Policy())]


def with_child(**child: object) -> Platform:
    """Run 1 has ended, and names run 5 as its automatic rerun."""
    return Platform({"1": {**DONE, "childResult": {"id": 5}}, "5": {**GOING, "reRunParentId": 1, **child}})


def test_a_cancel_while_the_list_is_read_stops_the_automatic_rerun(tmp_path: Path) -> None:
    """It isn't watched yet, but known, and proven to be ours."""
    platform = with_child()
    platform.lists = lambda _request: _never()  # type: ignore[assignment,return-value]  # an answer that never comes
    reports, _log = simulate(tmp_path, platform, cancel_at=20)
    assert platform.stopped == ["5"]
    assert conclusions(reports) == [Conclusion.CANCELLED]
    assert reports[0].left_running == ()


def test_an_automatic_rerun_is_stopped_if_the_list_is_refused(tmp_path: Path) -> None:
    """The run can't be judged."""
    platform = with_child()
    platform.lists = lambda request: answer(request, {"error": "no"}, 403)
    reports, _log = simulate(tmp_path, platform)
    assert platform.stopped == ["5"]
    assert conclusions(reports) == [Conclusion.PLATFORM_ERROR]


def test_a_too_long_chain_is_stopped(tmp_path: Path) -> None:
    """It is not green, and its last run is not left running."""
    runs: dict[str, Mapping[str, Any]] = {
        str(number): {**DONE, "childResult": {"id": number + 1}, "reRunParentId": number - 1 or None}
        for number in range(1, 15)
    }
    platform = Platform({**runs, "15": {**GOING, "reRunParentId": 14}})
    reports, _log = simulate(tmp_path, platform)
    assert platform.stopped == ["15"]
    assert conclusions(reports) == [Conclusion.PLATFORM_ERROR]


@pytest.mark.parametrize(
    "child",
    [
        {"executionId": 999},
        {"reRunParentId": 4},
        {"executionId": 999, "reRunParentId": None},
    ],
)
@pytest.mark.parametrize("cancel_at", [None, 1.2])
def test_runs_of_other_people_are_never_stopped(
    tmp_path: Path, child: dict[str, object], cancel_at: float | None
) -> None:
    """A run of another plan, or the rerun of another run, is not followed either."""
    platform = with_child(**child)
    reports, _log = simulate(tmp_path, platform, cancel_at=cancel_at)
    assert platform.stopped == []
    assert reports[0].left_running == ()
    assert conclusions(reports)[0] in {Conclusion.PLATFORM_ERROR, Conclusion.CANCELLED}


def test_a_rerun_that_may_not_be_ours_is_reported_and_not_stopped(tmp_path: Path) -> None:
    """The platform doesn't say which run it reruns."""
    platform = with_child(reRunParentId=None)
    reports, log = simulate(tmp_path, platform, cancel_at=30)
    assert platform.stopped == []
    assert [run.id for run in reports[0].left_running] == ["5"]
    assert "not proven to be a rerun of run 1" in log


def test_a_rerun_that_fails_after_a_green_run_is_red(tmp_path: Path) -> None:
    """The whole chain counts, even if the first run passed."""
    platform = with_child(status="STATUS_COMPLETED", result="ABORTED", totalCount=1, abortedCount=1)
    reports, _log = simulate(tmp_path, platform)
    assert not conclusions(reports)[0].green


def test_one_run_is_not_the_answer_to_two_triggers(tmp_path: Path) -> None:
    """It is unknown whether the second plan ran."""
    platform = Platform({"1": DONE}, started=("1", "1"))
    platform.runs["1"].pop("executionId")
    provider_says = Platform.__call__

    def without_plan(request: Request, now: float) -> Answer:
        reply = provider_says(platform, request, now)
        if request.method == "POST" and isinstance(reply, Reply):
            data = json.loads(reply.body)
            data.pop("executionId")
            return answer(request, data)
        return reply

    class Forgetful(Platform):
        def __call__(self, request: Request, now: float) -> Answer:
            return without_plan(request, now)

    reports, log = simulate(tmp_path, Forgetful({}), plans=(274, 275))
    assert conclusions(reports) == [Conclusion.PASSED, Conclusion.TRIGGER_UNKNOWN]
    assert "was started for Test plan 274" in judge(reports, Policy())[1].verdict.reason, log


@pytest.mark.parametrize(("late", "conclusion"), [(4, Conclusion.PASSED), (1000, Conclusion.FAILED)])
def test_results_that_are_written_after_the_end_are_awaited(tmp_path: Path, late: int, conclusion: Conclusion) -> None:
    """Rows without a result are read again; one that stays so counts as not run."""
    platform = Platform({"1": DONE | {"totalCount": None, "passedCount": None}})
    reads = iter(range(10_000))

    def rows(request: Request) -> Answer:
        word = None if next(reads) < late else "SUCCESS"
        login = {"testCaseName": "Login", "testCaseId": 7, "result": word}
        return answer(request, {"testCases": [login, {"testCaseName": "Out", "testCaseId": 8, "result": "SUCCESS"}]})

    platform.lists = rows
    reports, _log = simulate(tmp_path, platform)
    assert conclusions(reports) == [conclusion]


def test_an_unread_list_is_no_empty_list(tmp_path: Path) -> None:
    """The run had ended when the step was cancelled, but its tests were not read."""
    platform = Platform({"1": {"status": "STATUS_COMPLETED", "result": "FAILURE"}})
    platform.lists = lambda _request: _never()  # type: ignore[assignment,return-value]  # an answer that never comes
    reports, _log = simulate(tmp_path, platform, cancel_at=20)
    assert conclusions(reports) == [Conclusion.CANCELLED]


@pytest.mark.parametrize(
    "child",
    [[{"id": 5}], {"id": "../5"}, {"executionResultId": 5}, 5.5, True, "²", "x" * 70],
)
def test_a_rerun_that_cannot_be_read_is_not_green(tmp_path: Path, child: object) -> None:
    """There is one, and nobody knows what came out of it."""
    platform = Platform({"1": DONE | {"childResult": child}})
    reports, _log = simulate(tmp_path, platform)
    assert conclusions(reports) == [Conclusion.PLATFORM_ERROR]


def test_a_run_of_another_plan_is_not_ours_although_its_trigger_did_not_say_so(tmp_path: Path) -> None:
    """The plan of the target is known, whatever the answer to its trigger holds."""
    platform = Platform({"1": DONE})
    platform.runs["1"]["executionId"] = 999
    reports, _log = simulate(tmp_path, platform)
    assert not conclusions(reports)[0].green
