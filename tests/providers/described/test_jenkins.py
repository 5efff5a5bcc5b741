"""Quirks of Jenkins: a queue item before the build, folders, a report that may be missing, several reports in one."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from testgate.errors import BadAnswer, Refused
from testgate.model import Outcome, Run, RunResult, Status
from testgate.runs.engine import Limits
from testgate.runs.stopping import Stopped, stop
from tests.providers.described.asked import page_in, reply_to, run_of, started_by, state_in
from tests.providers.described.scenes import Scene
from tests.providers.described.test_vendors import played, provider_of
from tests.providers.described.vendors.jenkins import VENDOR, platform
from tests.support.simulated import Desk, FakeTransport, SimulatedLoop, play

WAITING, BUILT = run_of(VENDOR, "123"), run_of(VENDOR, "123", build="7")


@pytest.mark.parametrize(
    ("location", "run_id"),
    [
        ("https://ci.example/queue/item/123/", "123"),
        ("https://ci.example/jenkins/queue/item/123", "123"),
        ("/queue/item/123/?x=/queue/item/9/", "123"),
    ],
)
def test_the_run_is_the_item_of_the_queue(location: str, run_id: str) -> None:
    """Its number is a segment of `Location`."""
    assert started_by(VENDOR, "", 201, {"location": location}).id == run_id


@pytest.mark.parametrize("location", ["", "https://ci.example/job/shop/", "/queue/item/", "/queue/item/a b/"])
def test_another_location_is_no_run(location: str) -> None:
    """A build may have started: it is looked for, and the trigger is not sent again."""
    with pytest.raises(BadAnswer):
        started_by(VENDOR, "", 201, {"location": location})


def test_a_job_that_is_not_built_is_not_certain() -> None:
    """Jenkins redirects to the job if its queue refuses; only a refusal that is meant is one."""
    with pytest.raises(Refused) as redirected:
        started_by(VENDOR, "", 302, {"location": "."})
    assert not redirected.value.certain
    with pytest.raises(Refused) as refused:
        started_by(VENDOR, "shop » e2e is not buildable", 409)
    assert refused.value.status == 409


@pytest.mark.parametrize(
    ("item", "status", "result", "ref"),
    [
        ({"id": 123, "why": "In the quiet period"}, Status.QUEUED, None, ""),
        ({"id": 123, "cancelled": False, "executable": {"number": 7}}, Status.QUEUED, None, '{"build": "7"}'),
        ({"id": 123, "cancelled": True, "executable": None}, Status.ENDED, RunResult.STOPPED, ""),
        ({"id": 123, "cancelled": False, "executable": None}, Status.QUEUED, None, ""),
    ],
)
def test_the_queue_names_the_build(item: dict[str, Any], status: Status, result: RunResult | None, ref: str) -> None:
    """Once it has left the queue; one that was cancelled there never ran."""
    found = state_in(VENDOR, WAITING, item)
    assert (found.status, found.result, found.ref) == (status, result, ref)


def test_the_page_of_the_build_is_shown_once_there_is_one(tmp_path: Path) -> None:
    """The item of the queue has none."""
    found = played(VENDOR, Scene("passed"), tmp_path)
    page = "https://platform.example/job/shop/job/e2e/7/"
    assert found.run.report.run is not None
    assert found.run.report.run.url == page
    assert found.log.count(f"run 123: {page}\n") == 1


def test_the_build_is_named_by_job_and_number() -> None:
    """As soon as its number is known; the item of the queue proves that it is ours."""
    provider = provider_of(VENDOR)
    assert provider.poll([WAITING]).request.url.endswith("/queue/item/123/api/json")
    assert provider.results(WAITING, None) is None
    assert provider.poll([BUILT]).request.url.endswith("/job/shop/job/e2e/7/api/json")
    with pytest.raises(BadAnswer, match="another run, 124"):
        state_in(VENDOR, BUILT, {"number": 7, "queueId": 124, "building": False, "result": "SUCCESS"})


@pytest.mark.parametrize(
    ("building", "result", "expected"),
    [
        (True, None, (Status.RUNNING, None)),
        (True, "SUCCESS", (Status.RUNNING, None)),  # what follows the stages may change it
        (False, "SUCCESS", (Status.ENDED, RunResult.PASSED)),
        (False, "UNSTABLE", (Status.ENDED, RunResult.FAILED)),
        (False, "NOT_BUILT", (Status.ENDED, RunResult.NOT_EXECUTED)),
        (False, None, (Status.ENDED, RunResult.UNKNOWN)),
    ],
)
def test_a_build_has_a_result_when_it_is_over(
    *, building: bool, result: str | None, expected: tuple[Status, RunResult | None]
) -> None:
    """Some have one before."""
    found = state_in(VENDOR, BUILT, {"queueId": 123, "building": building, "result": result})
    assert (found.status, found.result) == expected


def test_a_build_without_a_report_has_no_tests() -> None:
    """It is not an outage."""
    page = page_in(VENDOR, BUILT, "Not Found", 404)
    assert (page.tests, page.filling) == ([], False)


def test_reports_of_several_jobs_are_one_list() -> None:
    """A Maven job or a matrix collects those of its children; the branch of a pipeline tells equal tests apart."""
    case = {"className": "A", "name": "t", "status": "FIXED", "duration": 1.0}
    suites = [{"enclosingBlockNames": ["firefox", "Browsers"], "cases": [case]}, {"cases": [{**case, "name": "u"}]}]
    page = page_in(VENDOR, BUILT, {"totalCount": 2, "failCount": 0, "childReports": [{"result": {"suites": suites}}]})
    found = [(test.suite, test.name, test.machine, test.outcome) for test in page.tests]
    assert found == [("A", "t", "Browsers / firefox", Outcome.PASSED), ("A", "u", "", Outcome.PASSED)]
    assert page.reported is not None
    assert page.reported.total == 2


def test_a_build_is_found_by_its_parameter() -> None:
    """The mark is a parameter, whether the job has it or not."""
    provider = provider_of(VENDOR)
    target = provider.targets()[0]
    fields = provider.trigger(target, "m-1").request.fields
    assert fields is not None
    assert fields["TESTGATE_BUILD"] == "m-1"
    call = provider.find(target, "m-1")
    assert call is not None
    mine = {"number": 7, "queueId": 123, "actions": [{}, {"parameters": [{"name": "TESTGATE_BUILD", "value": "m-1"}]}]}
    other = {"number": 6, "queueId": 122, "actions": [{"parameters": [{"name": "OTHER", "value": "m-1"}]}]}
    assert [run.id for run in call.read(reply_to(call, {"builds": [mine, other, {}]}))] == ["123"]


@pytest.mark.parametrize(
    ("run", "wait", "path"),
    [
        (WAITING, 1.0, "/queue/cancelItem"),
        (WAITING, 20.0, "/job/shop/job/e2e/7/stop"),  # it was built meanwhile
        (BUILT, 20.0, "/job/shop/job/e2e/7/stop"),
    ],
)
def test_a_stop_reaches_the_run_wherever_it_is(run: Run, wait: float, path: str, tmp_path: Path) -> None:
    """In the queue, it is taken out of it; a build is stopped, and not only what is known of it is asked."""

    async def main(loop: SimulatedLoop) -> Stopped:
        scene = Scene("hangs")
        scene.start(loop.time())
        transport = FakeTransport(lambda request, now: platform(scene, request, now))
        desk = Desk(loop, transport, Limits(timeout=600.0), tmp_path)
        await asyncio.sleep(wait)
        stopped = await stop(provider_of(VENDOR), desk.engine, run)
        assert transport.count("POST", path) == 1
        desk.halt.close()
        await asyncio.sleep(0)
        return stopped

    found = play(main)
    assert (found.asked, found.ended, found.fault) == (True, True, None)
