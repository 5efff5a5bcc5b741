"""Starts of a selection that is already queued, and other people's jobs."""

import pytest

from testgate.demo.server import Simulator
from testgate.demo.testifly.app import Testifly
from testgate.demo.testifly.jobs import id_of
from testgate.demo.testifly.scenarios import FEATURE_ID, Already, Group, How, Other, Scenario, Test
from tests.support.testifly_client import Simulated, job, poll, request_start, start
from tests.support.testsigma_client import Clock

SEARCH_ID = "67f8cc1ae236b8d41b7700c1"
SUITE_ID = "67f8cd41e236b8d41b7700e7"
A = Test("a", seconds=2)
SHOP = Scenario(
    {FEATURE_ID: Group("Checkout", (A,)), SEARCH_ID: Group("Search", (A,))},
    {SUITE_ID: Group("Smoke", (A,))},
    How(pending=1, agent=1),
)


def simulate(scenario: Scenario, clock: Clock | None = None) -> Simulated:
    """A simulator of a scenario."""
    return Simulator(Testifly(scenario), clock=clock or Clock())


@pytest.mark.parametrize(
    ("already", "status", "body"),
    [
        (Already(), 200, {"success": True, "scheduleStatus": "AlreadyExists"}),
        (Already("error"), 200, {"success": False, "error": "AlreadyExists"}),
        (Already("message", "AlreadyExists: queued"), 200, {"success": False, "message": "AlreadyExists: queued"}),
        (Already(status=202), 202, {"success": True, "scheduleStatus": "AlreadyExists"}),
        (Already(status=409), 409, {"success": False, "scheduleStatus": "AlreadyExists"}),
        (Already("message", status=409), 409, {"success": False, "message": "AlreadyExists"}),
    ],
)
@pytest.mark.parametrize("with_job", [True, False])
def test_shapes_of_the_reply(already: Already, status: int, body: dict[str, object], with_job: bool) -> None:
    """The scenario decides about field, HTTP status and job id of the reply; nothing is started."""
    with simulate(SHOP._replace(already=already._replace(with_job=with_job))) as sim:
        first = start(sim)
        answer = request_start(sim)
        assert len(sim.runs) == 1
    assert (answer.status, answer.data) == (status, {**body, "jobId": first} if with_job else body)


@pytest.mark.parametrize(
    ("while_running", "outcomes"),
    [
        (False, ["AlreadyExists", "AlreadyExists", "Success"]),
        (True, ["AlreadyExists", "AlreadyExists", "AlreadyExists"]),
    ],
)
def test_how_long_a_job_blocks_its_selection(while_running: bool, outcomes: list[str]) -> None:
    """A job blocks its selection until it runs or, if the scenario says so, until it has ended."""
    clock = Clock()
    with simulate(SHOP._replace(already=Already(while_running=while_running)), clock) as sim:
        start(sim, agentName="x")
        seen = []
        for seconds in (0.5, 1, 1):
            clock.now += seconds
            seen.append(request_start(sim).data["scheduleStatus"])
        assert seen == outcomes
        clock.now += 60
        start(sim)


def test_other_selections_are_not_blocked() -> None:
    """Other features, suites and lists aren't blocked, but the same list in another order is."""
    with simulate(SHOP) as sim:
        ids = [id_of(A), start(sim)]
        assert start(sim, featureId=SEARCH_ID) != ids[1]
        assert start(sim, testSuiteId=SUITE_ID)
        assert start(sim, testId=ids[0])
        listed = [ids[0], sim.runs[0].result_id(0)]
        again = start(sim, tests=listed)
        assert request_start(sim, tests=listed[::-1]).data["jobId"] == again


@pytest.mark.parametrize("selected", [FEATURE_ID, SUITE_ID, id_of(A)])
def test_other_peoples_job_blocks_its_selection(selected: str) -> None:
    """Somebody else's queued job blocks its selection, is listed, and runs and ends later."""
    clock = Clock()
    scenario = SHOP._replace(others=(Other(selected, 5),))
    field = {FEATURE_ID: "featureId", SUITE_ID: "testSuiteId"}.get(selected, "testId")
    app = Testifly(scenario)
    with Simulator(app, clock=clock) as sim:
        theirs = request_start(sim, **{field: selected}).data["jobId"]
        assert (sim.runs, [each.id for each in app.others]) == ((), [theirs])
        assert [row["jobId"] for row in poll(sim)["jobs"]] == [theirs]
        clock.now += 6
        assert job(sim, theirs)["status"] == "InProgress"
        clock.now += 60
        assert job(sim, theirs)["status"] == "Success"


def test_one_job_can_block_several_selections() -> None:
    """Starts of all covered ids get the same job in reply, and a job can stay queued forever."""
    clock = Clock()
    scenario = SHOP._replace(others=(Other(SUITE_ID, covers=(FEATURE_ID, SEARCH_ID)),))
    with simulate(scenario, clock) as sim:
        answers = [request_start(sim, featureId=each).data for each in (FEATURE_ID, SEARCH_ID)]
        clock.now += 1e6
        assert job(sim, answers[0]["jobId"])["status"] == "Pending"
        assert start(sim, testId=id_of(A))
    assert answers[0] == answers[1]
