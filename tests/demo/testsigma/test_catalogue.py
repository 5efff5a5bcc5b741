"""Lists: the latest runs of a plan, plans, environments and saved configurations."""

import pytest

from testgate.demo.server import Simulator
from testgate.demo.testsigma.app import Testsigma
from testgate.demo.testsigma.runs import SimulatedRun
from testgate.demo.testsigma.scenarios import Plan, Scenario, Test
from tests.support.testsigma_client import Clock, ask, rerun, trigger

SCENARIO = Scenario(
    {274: Plan("First", (Test("a", "FAILURE"),)), 275: Plan("Second")},
    others=1,
    environments={12: "Staging", 13: "Live"},
    configs={2: "Smoke"},
)
LATEST = "/executions/{}/test_plan_results?page={}&size={}&sortBy=id&direction={}"


def simulate(clock: Clock) -> Simulator[SimulatedRun]:
    """A simulator of two plans."""
    return Simulator(Testsigma(SCENARIO), clock=clock)


def test_latest_runs_of_a_plan() -> None:
    """The latest runs of a plan include reruns and other people's runs, but no other plan's."""
    clock = Clock()
    with simulate(clock) as sim:
        trigger(sim, buildNo="mark-1")
        trigger(sim, executionId=275)
        clock.now += 60
        rerun(sim)
        page = ask(sim, "GET", LATEST.format(274, 0, 10, "DESC")).data
        one = ask(sim, "GET", LATEST.format(274, 0, 1, "DESC")).data
        oldest = ask(sim, "GET", LATEST.format(274, 0, 1, "ASC")).data
    assert [(row["id"], row["buildNo"], row["executionId"]) for row in page["content"]] == [
        (339, None, 274),
        (337, "mark-1", 274),
        (101, "other-1", 274),
    ]
    assert [row["status"] for row in page["content"]] == ["STATUS_CREATED", "STATUS_COMPLETED", "STATUS_IN_PROGRESS"]
    assert (page["totalElements"], page["totalPages"], page["number"], page["size"], page["last"]) == (
        3,
        1,
        0,
        10,
        True,
    )
    assert ([row["id"] for row in one["content"]], one["last"], one["totalPages"]) == ([339], False, 3)
    assert [row["id"] for row in oldest["content"]] == [101]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (LATEST.format(999, 0, 1, "DESC"), 404),
        (LATEST.format("x", 0, 1, "DESC"), 404),
        (LATEST.format(274, "x", 1, "DESC"), 400),
        (LATEST.format(274, 0, 1, "UP"), 400),
        ("/executions/274/test_plan_results?sortBy=name", 400),
        ("/test_plans/999", 404),
        ("/test_plans/" + "9" * 5000, 404),
    ],
)
def test_wrong_requests(path: str, status: int) -> None:
    """Unknown plans are 404; wrong pages and orders are 400."""
    with simulate(Clock()) as sim:
        assert ask(sim, "GET", path).status == status


def test_one_plan() -> None:
    """A plan has its id and name."""
    with simulate(Clock()) as sim:
        plan = ask(sim, "GET", "/test_plans/275").data
    assert (plan["id"], plan["name"]) == (275, "Second")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/test_plans?page=0&size=10", [(274, "First"), (275, "Second")]),
        ("/test_plans?query=id:275,deleted:false", [(275, "Second")]),
        ("/test_plans?query=id:999", []),
        ("/environments", [(12, "Staging"), (13, "Live")]),
        ("/environments?page=1&size=1", [(13, "Live")]),
        ("/environments?query=id:12", [(12, "Staging")]),
        ("/saved_execution_configs", [(2, "Smoke")]),
    ],
)
def test_lists(path: str, expected: list[tuple[int, str]]) -> None:
    """Plans, environments and saved configurations are pages of ids and names that can be filtered by id."""
    with simulate(Clock()) as sim:
        page = ask(sim, "GET", path).data
    assert [(row["id"], row["name"]) for row in page["content"]] == expected
    assert page["empty"] is not bool(expected)


@pytest.mark.parametrize(
    "path",
    ["/test_plans", "/test_plans/274", "/environments", "/saved_execution_configs", LATEST.format(274, 0, 1, "DESC")],
)
def test_everything_needs_the_key(path: str) -> None:
    """A wrong key is refused by every list."""
    with simulate(Clock()) as sim:
        assert ask(sim, "GET", path, headers={"Authorization": "Bearer no"}).status == 401
