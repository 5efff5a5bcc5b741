"""The simulated Testsigma Test Management over HTTP: keys, test runs, statuses and limits."""

from email.utils import parsedate_to_datetime
from time import time
from uuid import UUID

import pytest

from testgate.demo.exchange import RawReply
from testgate.demo.faults import Fault
from testgate.demo.management.app import KEY, Management
from testgate.demo.management.scenarios import NAMES, PROJECT_ID, Limits, Shapes, Status
from testgate.demo.server import Simulator
from tests.support.management_client import (
    CASES,
    RUNS,
    SCENARIO,
    create,
    details,
    request_creation,
    selecting,
    send,
    simulate,
)
from tests.support.testsigma_client import Clock, ask

FULL = {
    "title": "Regression of the web shop",
    "description": "Every night at two",
    "status": "ACTIVE",
    "project_id": PROJECT_ID,
    "human_id": "NIGHT-7",
    "selection_type": "STATIC",
    "static_selection_filters": selecting(CASES[0]),
    "start_date": 1800000000,
    "end_date": 1800003600,
    "assignee_id": "u-1",
    "label_names": ["Smoke"],
    "environment_ids": ["e-1"],
}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer no"}, {"Authorization": KEY}, {"x-api-key": KEY}])
@pytest.mark.parametrize("path", ["/test_runs/statuses", RUNS, "/nowhere"])
def test_key_is_checked_first(headers: dict[str, str], path: str) -> None:
    """Without the right key every request is refused, whatever else is wrong with it."""
    with simulate() as sim:
        answer = ask(sim, "POST", path, b"{", headers)
    assert (answer.status, answer.data) == (401, {"code": 401, "message": "Unauthorized"})


def test_configured_key() -> None:
    """The key can be configured."""
    with Simulator(Management(SCENARIO, key="other")) as sim:
        assert send(sim, "GET", "/test_runs/statuses").status == 401
        assert ask(sim, "GET", "/test_runs/statuses", headers={"Authorization": "Bearer other"}).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/nowhere", 404, "Not Found"),
        ("POST", "/projects/other/test_runs", 404, "Not Found"),
        ("GET", "/projects/other/test_runs/1/test_cases", 404, "Not Found"),
        ("GET", f"{RUNS}/1", 404, "Not Found"),
        ("PUT", f"{RUNS}/1", 404, "Not Found"),
        ("GET", f"{RUNS}/1/test_cases", 404, "Not Found"),
        ("PUT", f"{RUNS}/1/test_cases", 404, "Not Found"),
        ("DELETE", f"{RUNS}/1", 405, "Method Not Allowed"),
        ("POST", "/test_runs/statuses", 405, "Method Not Allowed"),
    ],
)
def test_unknown_routes_projects_and_runs(method: str, path: str, status: int, message: str) -> None:
    """Unknown routes, projects and test runs are 404, and wrong methods 405."""
    with simulate() as sim:
        answer = send(sim, method, path)
    assert (answer.status, answer.data) == (status, {"code": status, "message": message})


def test_reply_to_a_creation() -> None:
    """The reply has the system's ids and times, and everything that was sent except the filters."""
    clock = Clock()
    with Simulator(Management(SCENARIO, epoch_seconds=1_800_000_000), clock=clock) as sim:
        clock.now += 5
        answer = send(sim, "POST", RUNS, FULL)
        run = answer.data["data"]["test_run"]
        read = send(sim, "GET", f"{RUNS}/{run['id']}")
    sent = {name: value for name, value in FULL.items() if name != "static_selection_filters"}
    times = {"created_at": 1800000005, "updated_at": 1800000005}
    assert (answer.status, answer.data["message"]) == (200, "")
    assert run == {**sent, "id": str(UUID(run["id"])), "human_id": "DEMO-R-1", **times}
    assert read.data == answer.data


def test_reply_has_the_documented_keys() -> None:
    """The reply has exactly the documented keys, in the documented order."""
    with simulate() as sim:
        answer = request_creation(sim).data
    assert list(answer) == ["message", "data"]
    assert list(answer["data"]) == ["test_run"]
    assert " ".join(answer["data"]["test_run"]) == (
        "id human_id created_at updated_at title description status project_id selection_type start_date end_date"
        " assignee_id label_names environment_ids"
    )


def test_minimal_test_run() -> None:
    """Title and selection type are enough: the test run is active and has no cases."""
    with simulate() as sim:
        run = send(sim, "POST", RUNS, {"title": "t", "selection_type": "STATIC"}).data["data"]["test_run"]
        assert (run["status"], run["description"], run["label_names"], run["start_date"]) == ("ACTIVE", "", [], None)
        assert [(each.cases, each.results) for each in sim.runs] == [((), {})]


def test_runs_are_listed() -> None:
    """The test runs that were created are available, each with its own ids."""
    with simulate() as sim:
        ids = [create(sim, title=title) for title in ("a", "b")]
        assert [run.id for run in sim.runs] == ids
        assert [(run.body["title"], run.human_id) for run in sim.runs] == [("a", "DEMO-R-1"), ("b", "DEMO-R-2")]
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (selecting(CASES[2], CASES[0]), [CASES[0], CASES[2]]),
        ([{"field": "id", "operator": "IN", "values": ["none", CASES[1].id]}], [CASES[1]]),
        (selecting(*CASES[:2]) + selecting(*CASES[1:]), [CASES[1]]),
        ([], []),
    ],
)
def test_static_selection(filters: list[object], expected: list[object]) -> None:
    """The test run has the cases that pass every filter; unknown ids select nothing."""
    with simulate() as sim:
        create(sim, static_selection_filters=filters)
        assert list(sim.runs[0].cases) == expected


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("title", ["", " ", None, 7]),
        ("description", [None, 7]),
        ("status", ["active", None, []]),
        ("project_id", ["other", None]),
        ("human_id", ["", 7]),
        ("selection_type", ["DYNAMIC", None]),
        ("start_date", ["1710675200", 1710675200.5, 1710675200000, -1, True, None, "2027-01-31T08:00:00Z"]),
        ("end_date", ["1710675200", 1710675200000]),
        ("assignee_id", ["", 7, None]),
        ("label_names", ["Smoke", [7], [""], None]),
        ("environment_ids", ["e", [7]]),
        ("surprise", [1, None]),
    ],
)
def test_wrong_field(field: str, values: list[object]) -> None:
    """An unknown key or a wrong value is refused by name, and nothing is created."""
    with simulate() as sim:
        for value in values:
            answer = request_creation(sim, **{field: value})
            assert answer.status == 400, value
            assert all(detail.startswith(field) for detail in details(answer))
        assert sim.runs == ()


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {},
        [7],
        [{"field": "id", "operator": "IN"}],
        [{"field": "title", "operator": "IN", "values": ["x"]}],
        [{"field": "id", "operator": "EQ", "values": ["x"]}],
        [{"field": "id", "operator": "IN", "values": []}],
        [{"field": "id", "operator": "IN", "values": "x"}],
        [{"field": "id", "operator": "IN", "values": [7]}],
        [{"field": "id", "operator": "IN", "values": ["x"], "more": 1}],
    ],
)
def test_wrong_filters(wrong: object) -> None:
    """Only a selection by a list of ids is accepted."""
    with simulate() as sim:
        (detail,) = details(request_creation(sim, static_selection_filters=wrong))
    assert detail.startswith("static_selection_filters must be")


def test_every_problem_is_listed() -> None:
    """Each problem has its own line; a body that isn't an object is one problem."""
    with simulate() as sim:
        assert details(send(sim, "POST", RUNS, {"start_date": "x", "odd": 1})) == [
            "title is required",
            "selection_type is required",
            "odd is unknown",
            "start_date must be in epoch seconds",
        ]
        bodies: tuple[object, ...] = (b"{", [], None)
        for body in bodies:
            assert details(send(sim, "POST", RUNS, body)) == ["the body must be a JSON object"]


def test_close_and_reopen() -> None:
    """A test run can be closed, even twice, and opened again."""
    clock = Clock()
    with simulate(clock=clock) as sim:
        run = create(sim)
        created = sim.runs[0].created_at
        clock.now += 9
        for status in ("CLOSED", "CLOSED", "ACTIVE"):
            changed = send(sim, "PUT", f"{RUNS}/{run}", {"status": status}).data["data"]["test_run"]
            assert (changed["status"], changed["created_at"], changed["updated_at"]) == (status, created, created + 9)
            assert sim.runs[0].status == status


@pytest.mark.parametrize("body", [None, {}, {"status": "DONE"}, {"status": None}, {"status": "CLOSED", "title": "x"}])
def test_only_the_status_can_be_changed(body: object) -> None:
    """Any change except to a known status is refused."""
    with simulate() as sim:
        run = create(sim)
        assert details(send(sim, "PUT", f"{RUNS}/{run}", body))
        assert sim.runs[0].status == "ACTIVE"


def test_statuses() -> None:
    """The known statuses are listed, each with its own id."""
    with simulate() as sim:
        data = send(sim, "GET", "/test_runs/statuses").data
    rows = data["data"]["statuses"]
    assert tuple(row["name"] for row in rows) == NAMES
    assert len({row["id"] for row in rows}) == len(NAMES)


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        (Shapes(statuses="statuses"), {"message": "", "data": {"statuses": [{"id": 1, "name": "Passed"}]}}),
        (
            Shapes(statuses="test_run_statuses"),
            {"message": "", "data": {"test_run_statuses": [{"id": 1, "name": "Passed"}]}},
        ),
        (Shapes(statuses="data"), {"message": "", "data": [{"id": 1, "name": "Passed"}]}),
        (Shapes(statuses="bare"), [{"id": 1, "name": "Passed"}]),
    ],
)
def test_shapes_of_statuses(shapes: Shapes, expected: object) -> None:
    """The scenario decides where the list of statuses is."""
    with simulate(SCENARIO._replace(statuses=(Status(1, "Passed"),), shapes=shapes)) as sim:
        assert send(sim, "GET", "/test_runs/statuses").data == expected


def test_rate_limit() -> None:
    """The eleventh and later requests within a second are refused."""
    clock = Clock()
    seen = []
    with simulate(SCENARIO._replace(limits=Limits()), clock) as sim:
        for pause in (*[0.05] * 12, 0.55, 0.2):
            clock.now += pause
            seen.append(send(sim, "GET", "/test_runs/statuses"))
    assert [answer.status for answer in seen] == [*[200] * 10, 500, 500, 500, 200]
    assert seen[10].data == {"message": "rate limit exceeded"}


@pytest.mark.parametrize(("after", "header"), [(None, None), (2, "2")])
def test_rate_limit_as_429(after: int | None, header: str | None) -> None:
    """The refusal can be a 429, with or without a time to wait; requests with a wrong key don't count."""
    limits = Limits(per_second=1, rate_status=429, retry_after_seconds=after)
    with simulate(SCENARIO._replace(limits=limits)) as sim:
        ask(sim, "GET", "/test_runs/statuses", headers={})
        first, second = (send(sim, "GET", "/test_runs/statuses") for _ in range(2))
    assert (first.status, second.status) == (200, 429)
    assert second.data == {"code": 429, "message": "rate limit exceeded"}
    assert second.headers.get("retry-after") == header


def test_faults_and_date() -> None:
    """The scenario's faults are injected, and the server's clock can be ahead."""
    fault = Fault("PUT", f"{RUNS}/*", nth=(1,), reply=RawReply(502))
    with simulate(SCENARIO._replace(faults=(fault,), date_shift_seconds=600)) as sim:
        run = create(sim)
        answers = [send(sim, "PUT", f"{RUNS}/{run}", {"status": "CLOSED"}) for _ in range(2)]
    assert [answer.status for answer in answers] == [502, 200]
    assert parsedate_to_datetime(answers[0].headers["date"]).timestamp() - time() == pytest.approx(600, abs=30)
