"""The simulated Testsigma over HTTP: triggers, runs and tests, as the vendor documents them."""

import json
from math import inf

import pytest

from testgate.demo.server import Simulator
from testgate.demo.testsigma.app import Testsigma
from testgate.demo.testsigma.runs import SimulatedRun
from testgate.demo.testsigma.scenarios import ABSENT, Iteration, Plan, Test, one_plan
from tests.support.testsigma_client import Clock, ask, trigger

SEED_FIELDS = [
    "id",
    "execution",
    "executionId",
    "startTime",
    "endTime",
    "duration",
    "result",
    "status",
    "message",
    "executedBy",
    "buildNo",
    "environmentId",
    "totalCount",
    "failedCount",
    "passedCount",
    "abortedCount",
    "stoppedCount",
    "notExecutedCount",
    "preRequisiteFailedCount",
    "queuedCount",
    "isVisuallyPassed",
    "environment",
    "childResult",
    "reRunParentId",
    "reRunType",
    "triggeredType",
    "totalRunningCount",
    "executionDetails",
    "totalQueuedCount",
]

MIXED = Plan(
    name="Mixed",
    tests=(
        Test("one", seconds=1, suite="S1", machine="M1"),
        Test("two", "FAILURE", "<b>no</b>\nsecond line\ttab \\n \x00 \ud800", seconds=1.5, suite="S2", machine="M1"),
        Test("three", suite="S1", machine="M2", iterations=(Iteration("a"), Iteration("b", "FAILURE"))),
    ),
)
QUERY = "query=executionResultId:337,iteration:null,isStepGroup:false&page={}&size={}"


def simulate(plan: Plan, clock: Clock, *strangers: Test) -> Simulator[SimulatedRun]:
    """A simulator of one plan, on a clock that the test controls."""
    return Simulator(Testsigma(one_plan(plan, strangers=strangers)), clock=clock)


def test_trigger_reply_has_the_documented_fields() -> None:
    """The reply to a trigger has exactly the documented fields, and describes a created run."""
    with simulate(MIXED, Clock()) as sim:
        run = trigger(sim, buildNo="ci-7", environmentId=9)
    assert set(run) == set(SEED_FIELDS)
    assert (run["status"], run["result"], run["execution"]) == ("STATUS_CREATED", "QUEUED", None)
    assert (run["executionId"], run["buildNo"], run["environmentId"]) == (274, "ci-7", 9)
    assert {run[name] for name in SEED_FIELDS if name.endswith("Count")} == {0}


def test_trigger_reply_is_created_even_if_the_plan_takes_no_time() -> None:
    """The trigger of a plan that ends at once still gets a created run in reply."""
    with simulate(Plan(created=0, queued=0, running=0), Clock()) as sim:
        assert trigger(sim)["status"] == "STATUS_CREATED"
        assert ask(sim, "GET", "/execution_results/337").data["status"] == "STATUS_COMPLETED"


def test_run_moves_with_the_clock() -> None:
    """A run passes through its statuses, and at the end has end time, duration, result and counts."""
    clock = Clock()
    seen = []
    with simulate(MIXED, clock) as sim:
        run = trigger(sim)
        for seconds in (0.0, 0.5, 1.0, 2.0):
            clock.now += seconds
            run = ask(sim, "GET", "/execution_results/337").data
            seen.append((run["status"], run["result"], run["passedCount"], run["duration"]))
    assert seen == [
        ("STATUS_CREATED", "QUEUED", 0, None),
        ("STATUS_QUEUED", "QUEUED", 0, None),
        ("STATUS_IN_PROGRESS", None, 0, None),
        ("STATUS_COMPLETED", "FAILED", 2, 3500),
    ]
    assert run["execution"]["name"] == "Mixed"
    assert run["endTime"] - run["startTime"] == 3500
    assert (run["totalCount"], run["failedCount"]) == (3, 1)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "demo-key"}])
def test_wrong_key_is_plain_text_under_a_json_type(headers: dict[str, str]) -> None:
    """A missing or wrong key is refused with plain text declared as JSON, and starts nothing."""
    with simulate(MIXED, Clock()) as sim:
        answer = ask(sim, "POST", "/execution_results", {"executionId": 274}, headers)
        assert sim.runs == ()
    assert answer.status == 401
    assert answer.content_type.startswith("application/json")
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.raw)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/execution_results", {"executionId": 999}),
        ("GET", "/execution_results/999", None),
        ("GET", "/execution_results/999/test_case_results", None),
        ("GET", "/nowhere", None),
    ],
)
def test_unknown_plans_runs_and_routes_are_404(method: str, path: str, body: object) -> None:
    """Unknown plans, runs and routes get a 404 with a JSON error."""
    with simulate(MIXED, Clock()) as sim:
        answer = ask(sim, method, path, body)
    assert answer.status == 404
    assert "not found" in answer.data["error"]
    assert answer.data["code"] == "0"


def test_wrong_method_is_405() -> None:
    """A known path refuses other methods."""
    with simulate(MIXED, Clock()) as sim:
        assert ask(sim, "DELETE", "/execution_results").status == 405


def test_paths_outside_the_api_are_web_pages() -> None:
    """Outside of the base URL there is only a 404 web page."""
    sim = simulate(MIXED, Clock())
    with sim:
        sim.url = sim.url.removesuffix("/api/v1")
        answer = ask(sim, "GET", "/execution_results/337")
    assert (answer.status, answer.content_type.partition(";")[0]) == (404, "text/html")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"executionId": None}, "executionId"),
        ({"executionId": "plan"}, "executionId"),
        ({"executionId": True}, "executionId"),
        ({"executionConfig": "nightly"}, "executionConfig"),
        ({"executionConfig": {}}, "executionConfig"),
        ({"uploadVersions": ["1"]}, "uploadVersions"),
        ({"runtimeData": "a=b"}, "runtimeData"),
        ({"buildNo": 7}, "buildNo"),
        ({"environmentId": 1.5}, "environmentId"),
    ],
)
def test_wrong_fields_are_refused(fields: dict[str, object], wrong: str) -> None:
    """A field with a wrong type is refused by name, and starts nothing."""
    with simulate(MIXED, Clock()) as sim:
        answer = ask(sim, "POST", "/execution_results", {"executionId": 274, **fields})
        assert sim.runs == ()
    assert answer.status == 422
    assert set(answer.data) == {"timeStamp", "error", "code", "fieldErrors", "objectErrors"}
    assert answer.data["fieldErrors"][0]["field"] == wrong


@pytest.mark.parametrize("body", [b"{", b"", b"[]"])
def test_malformed_body_is_refused(body: bytes) -> None:
    """A body that isn't a JSON object is refused with 400."""
    with simulate(MIXED, Clock()) as sim:
        assert ask(sim, "POST", "/execution_results", body).status == 400


def test_optional_fields_and_textual_plan_id_are_accepted() -> None:
    """All documented fields of a trigger are accepted, and so is a plan id in a string."""
    with simulate(MIXED, Clock()) as sim:
        trigger(
            sim,
            executionId="274",
            executionConfig={"name": "config 2", "id": "2"},
            uploadVersions={"12": "34"},
            runtimeData={"user": "x"},
            environmentId="5",
        )
        assert sim.runs[0].plan_id == 274


def test_tests_of_a_run() -> None:
    """The list of tests has names, results, iterations, and stable ids of suites and machines."""
    clock = Clock()
    with simulate(MIXED, clock) as sim:
        trigger(sim)
        created = ask(sim, "GET", "/execution_results/337/test_case_results").data
        assert ask(sim, "GET", f"/test_case_results?{QUERY.format(0, 100)}").data["empty"] is True
        clock.now += 2.2
        meanwhile = ask(sim, "GET", "/execution_results/337/test_case_results").data
        clock.now += 10
        ended = ask(sim, "GET", "/execution_results/337/test_case_results").data
    assert created["testCases"] == []
    assert [test["result"] for test in meanwhile["testCases"]] == ["SUCCESS", "QUEUED", "SUCCESS"]
    one, two, three = ended["testCases"]
    assert (ended["status"], ended["result"]) == ("STATUS_COMPLETED", "FAILED")
    assert (two["testCaseName"], two["result"]) == ("two", "FAILURE")
    assert one["testSuiteId"] == three["testSuiteId"] != two["testSuiteId"]
    assert one["machineId"] == two["machineId"] != three["machineId"]
    assert three["isDataDrivenCase"] is True
    assert [(row["setName"], row["result"]) for row in three["iterationResults"]] == [
        ("a", "SUCCESS"),
        ("b", "FAILURE"),
    ]


def test_runs_share_case_ids_but_not_result_ids() -> None:
    """Two runs of a plan have the same case ids and different result ids."""
    clock = Clock()
    with simulate(MIXED, clock) as sim:
        trigger(sim)
        trigger(sim)
        clock.now += 60
        first, second = (
            ask(sim, "GET", f"/execution_results/{run}/test_case_results").data["testCases"] for run in (337, 338)
        )
    assert [row["testCaseId"] for row in first] == [row["testCaseId"] for row in second]
    assert not {row["testCaseResultId"] for row in first} & {row["testCaseResultId"] for row in second}


def test_pages_of_details_match_the_list_of_tests() -> None:
    """The pages together hold every test once, with the result ids of the list of tests and durations in ms."""
    clock = Clock()
    with simulate(MIXED, clock) as sim:
        trigger(sim)
        clock.now += 60
        listed = ask(sim, "GET", "/execution_results/337/test_case_results").data["testCases"]
        pages = [ask(sim, "GET", f"/test_case_results?{QUERY.format(page, 2)}").data for page in (0, 1)]
    rows = [row for page in pages for row in page["content"]]
    assert [row["id"] for row in rows] == [row["testCaseResultId"] for row in listed]
    assert [(page["last"], page["totalPages"], page["totalElements"]) for page in pages] == [
        (False, 2, 3),
        (True, 2, 3),
    ]
    assert [row["duration"] for row in rows] == [1000, 1500, 1000]


def test_message_keeps_markup_and_raw_control_characters() -> None:
    """Messages are unchanged and their control characters unescaped, which strict JSON parsers reject."""
    clock = Clock()
    with simulate(MIXED, clock) as sim:
        trigger(sim)
        clock.now += 60
        answer = ask(sim, "GET", f"/test_case_results?{QUERY.format(0, 100)}")
    assert answer.data["content"][1]["message"] == MIXED.tests[1].message
    assert b"\nsecond line\ttab" in answer.raw
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.raw)


@pytest.mark.parametrize("query", ["page=x", "size=0", "page=-1"])
def test_wrong_page_is_refused(query: str) -> None:
    """A page or size that isn't a valid number is refused."""
    with simulate(MIXED, Clock()) as sim:
        assert ask(sim, "GET", f"/test_case_results?{query}").status == 400


def test_details_can_be_filtered_by_run() -> None:
    """A filter leaves one run's details; without it, the query returns all runs'."""
    clock = Clock()
    with simulate(MIXED, clock) as sim:
        trigger(sim)
        trigger(sim)
        clock.now += 60
        one = ask(sim, "GET", f"/test_case_results?{QUERY.format(0, 100)}").data["content"]
        every = ask(sim, "GET", "/test_case_results").data["content"]
    assert {row["executionResultId"] for row in one} == {337}
    assert {row["executionResultId"] for row in every} == {337, 338}


def test_strangers_ignore_the_filter() -> None:
    """A scenario can make the query return rows of other runs."""
    clock = Clock()
    with simulate(MIXED, clock, Test("other", "FAILURE")) as sim:
        trigger(sim)
        clock.now += 60
        rows = ask(sim, "GET", f"/test_case_results?{QUERY.format(0, 100)}").data["content"]
    assert len(rows) == 4
    assert len({row["executionResultId"] for row in rows}) == 2


def test_fields_can_be_overridden_by_phase() -> None:
    """Fields can be replaced or left out at the trigger, during the run, and at its end."""
    plan = MIXED._replace(
        at_start={"totalCount": ABSENT}, meanwhile={"status": "STATUS_ODD"}, at_end={"failedCount": None, "extra": 1}
    )
    clock = Clock()
    with simulate(plan, clock) as sim:
        assert "totalCount" not in trigger(sim)
        assert ask(sim, "GET", "/execution_results/337").data["status"] == "STATUS_ODD"
        clock.now += 60
        ended = ask(sim, "GET", "/execution_results/337").data
    assert (ended["failedCount"], ended["extra"], ended["status"]) == (None, 1, "STATUS_COMPLETED")


def test_lists_can_be_shorter_than_the_counts() -> None:
    """A scenario can leave tests out of both lists although the counters include them."""
    clock = Clock()
    with simulate(MIXED._replace(listed=1), clock) as sim:
        trigger(sim)
        clock.now += 60
        assert ask(sim, "GET", "/execution_results/337").data["totalCount"] == 3
        assert len(ask(sim, "GET", "/execution_results/337/test_case_results").data["testCases"]) == 1
        assert len(ask(sim, "GET", f"/test_case_results?{QUERY.format(0, 100)}").data["content"]) == 1


def test_consolidated_fields_end_later() -> None:
    """The consolidated fields of a plan that reruns by itself complete after the run does."""
    plan = MIXED._replace(consolidated=5.0, consolidated_result="PASSED")
    names = ("status", "result", "consolidatedStatus", "consolidatedResult", "consolidatedDuration")
    clock = Clock()
    seen = []
    with simulate(plan, clock) as sim:
        trigger(sim)
        for seconds in (0.0, 4.0, 5.0):
            clock.now += seconds
            run = ask(sim, "GET", "/execution_results/337").data
            seen.append(tuple(run[name] for name in names))
    assert seen == [
        ("STATUS_CREATED", "QUEUED", "STATUS_CREATED", "QUEUED", None),
        ("STATUS_COMPLETED", "FAILED", "STATUS_IN_PROGRESS", "QUEUED", None),
        ("STATUS_COMPLETED", "FAILED", "STATUS_COMPLETED", "PASSED", 8500),
    ]


def test_endless_run_is_valid_json() -> None:
    """A run that never ends is reported without an infinite number."""
    clock = Clock()
    with simulate(MIXED._replace(running=inf), clock) as sim:
        trigger(sim)
        clock.now += 1e6
        answer = ask(sim, "GET", "/execution_results/337")
    assert answer.data["endTime"] is None
    assert b"Infinity" not in answer.raw
