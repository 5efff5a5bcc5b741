"""Quirks of Katalon TestOps: an execution that is known later than its job, and results that are searched."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from testgate.errors import BadAnswer
from testgate.gate.verdict import judge
from testgate.model import Conclusion, Outcome, RunResult, Status
from testgate.results import JudgedRun, Policy
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.runs.workflow import run_all
from testgate.wire import Reply, Request
from tests.providers.described.asked import page_in, run_of, started_by, state_in
from tests.providers.described.scenes import Scene
from tests.providers.described.test_vendors import provider_of
from tests.providers.described.vendors.katalon import VENDOR
from tests.support.simulated import Answer, Desk, FakeTransport, SimulatedLoop, play

JOB, RUN = run_of(VENDOR, "456"), run_of(VENDOR, "456", execution="13")


def found(*executions: int, **more: int) -> dict[str, Any]:
    """A page with a result of each of these executions."""
    rows = [
        {"id": number, "testCase": {"id": 1, "name": "Pay"}, "status": "PASSED", "execution": {"id": execution}}
        for number, execution in enumerate(executions)
    ]
    return {"content": rows, **more}


def test_the_answer_to_a_trigger_is_a_list() -> None:
    """Usually with one job; of several, each is waited for."""
    assert started_by(VENDOR, [{"job_id": 456}]).id == "456"
    run = started_by(VENDOR, [{"job_id": 457, "build_num": 8}, {"job_id": 456, "build_num": 7}])
    assert [(each.id, each.target.name) for each in (run, *run.others)] == [
        ("456", "Schedule 60538 (7)"),
        ("457", "Schedule 60538 (8)"),
    ]
    with pytest.raises(BadAnswer):
        started_by(VENDOR, [])


def test_results_are_asked_for_once_the_execution_is_known() -> None:
    """A job that no agent took has none."""
    provider = provider_of(VENDOR)
    assert provider.results(JOB, None) is None
    waiting = state_in(VENDOR, JOB, {"id": 456, "status": "QUEUED", "execution": None})
    assert (waiting.status, waiting.ref, waiting.waits_for) == (Status.QUEUED, "", "an agent")
    running = state_in(VENDOR, JOB, {"id": 456, "status": "RUNNING", "execution": {"id": 13, "webUrl": "https://k/13"}})
    assert (running.ref, running.url) == (RUN.ref, "https://k/13")


@pytest.mark.parametrize(
    ("page", "next_number"), [(found(13, totalElements=101), 1), (found(13, totalElements=1), None), (found(), None)]
)
def test_pages_are_numbered_from_zero(page: dict[str, Any], next_number: int | None) -> None:
    """As numbers: the search refuses texts."""
    provider = provider_of(VENDOR)
    first = provider.results(RUN, None)
    assert first is not None
    assert first.request.body is not None
    assert first.request.body["pagination"] == {"page": 0, "size": 100, "sorts": ["id, asc"]}
    cursor = page_in(VENDOR, RUN, page).next
    second = provider.results(RUN, cursor) if cursor else None
    number = second.request.body["pagination"]["page"] if second is not None and second.request.body else None
    assert number == next_number


@pytest.mark.parametrize(("executions", "doubts"), [((13, 13), 0), ((13, 14), 1), ((12, 13), 1), ((12, 14), 2)])
def test_results_of_another_execution_prove_nothing(executions: tuple[int, ...], doubts: int) -> None:
    """Wherever they are in the list: a search that ignores a condition finds those of the whole project."""
    assert len(page_in(VENDOR, RUN, found(*executions)).doubts) == doubts


def test_two_schedules_have_results_of_their_own(tmp_path: Path) -> None:
    """Both are searched at the same address: what is asked for tells them apart."""
    vendor = VENDOR._replace(values={**VENDOR.values, "schedule-id": "60538,60539"})
    second = Scene("passed")

    def platform(scene: Scene, request: Request, now: float) -> Answer:
        wire = json.dumps([request.url, request.body])
        if not any(each in wire for each in ("60539", "/jobs/457", "13530836")):
            return VENDOR.platform(scene, request, now)
        url, body = json.loads(wire.replace("60539", "60538").replace("457", "456").replace("13530836", "13530835"))
        found = VENDOR.platform(second, request._replace(url=url, body=body), now)
        assert isinstance(found, Reply)
        return found._replace(
            body=found.body.replace(b"456", b"457").replace(b"13530835", b"13530836"), request=request
        )

    async def main(loop: SimulatedLoop) -> Sequence[JudgedRun]:
        scene = Scene("passed")
        transport = FakeTransport(lambda request, now: platform(scene, request, now))
        desk = Desk(loop, transport, Limits(timeout=600.0), tmp_path)
        provider = provider_of(vendor)
        reports = await run_all(provider.targets(), RunOptions(), desk.context(provider, several=True))
        desk.halt.close()
        await asyncio.sleep(0)
        return judge(reports, Policy())

    assert [run.verdict.conclusion for run in play(main)] == [Conclusion.PASSED] * 2


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("PASSED", Outcome.PASSED), ("INCOMPLETE", Outcome.ERROR), ("NOT_RUN", Outcome.NOT_RUN), ("FINE", Outcome.ERROR)],
)
def test_words_of_a_result(word: str, outcome: Outcome) -> None:
    """What is incomplete has not passed."""
    page = {"content": [{"id": 1, "testCase": {"id": 1, "name": "Pay"}, "status": word}]}
    assert [test.outcome for test in page_in(VENDOR, RUN, page).tests] == [outcome]


def test_counters_are_those_of_the_execution() -> None:
    """One that is missing is none."""
    execution = {"id": 13, "totalTests": 3, "totalPassedTests": 1, "totalErrorTests": 1, "totalIncompleteTests": 1}
    read = state_in(VENDOR, JOB, {"id": 456, "status": "FAILED", "execution": execution})
    counts = read.reported.counts
    assert (read.result, read.reported.total) == (RunResult.FAILED, 3)
    assert (counts.passed, counts.failed, counts.errors) == (1, 0, 2)
