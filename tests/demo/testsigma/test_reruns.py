"""Reruns that are asked for: what they select, what they answer, and what is refused."""

from typing import Any, Self

import pytest

from testgate.demo.server import Simulator
from testgate.demo.testsigma.app import Testsigma
from testgate.demo.testsigma.runs import SimulatedRun
from testgate.demo.testsigma.scenarios import Iteration, Plan, Test, one_plan
from tests.demo.testsigma.test_app import SEED_FIELDS
from tests.support.testsigma_client import Clock, ask, read, rerun, rows, stop, trigger

RERUN_FIELDS = (set(SEED_FIELDS) - {"abortedCount", "preRequisiteFailedCount", "isVisuallyPassed", "reRunType"}) | {
    "runningCount",
    "visualTestResult",
    "mobileInspectionId",
    "environmentResultsDTO",
    "executionResultConfig",
    "isReRunEnabled",
    "consolidatedResult",
    "consolidatedStatus",
    "consolidatedDuration",
    "resultType",
    "runTestCasesInParallel",
    "runTestSuitesInParallel",
    "scheduledId",
    "testPlanHookResults",
}
"""Of the samples of a rerun and of a stop."""
SETS = (Iteration("x"), Iteration("y", "FAILURE"), Iteration("z", "ABORTED"))
PLAN = Plan(
    tests=(
        Test("good", suite="S1", machine="M1"),
        Test("flaky", "FAILURE", "no", suite="S2", machine="M2", later=("SUCCESS",)),
        Test("broken", "ABORTED", "gone", suite="S1", machine="M1"),
        Test("driven", "FAILURE", "no", suite="S3", machine="M2", iterations=SETS),
    ),
)


class PlayedRun:
    """A simulator whose run 337 has ended."""

    def __init__(self, plan: Plan = PLAN) -> None:
        """Start it, run the plan and turn the clock."""
        self.clock = Clock()
        self.sim: Simulator[SimulatedRun] = Simulator(Testsigma(one_plan(plan)), clock=self.clock).start()
        trigger(self.sim)
        self.clock.now += 60

    def __enter__(self) -> Self:
        """Play."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.sim.stop()

    def ids(self, run: int = 337) -> dict[str, int]:
        """The tests' result ids by name."""
        return {row["testCaseName"]: row["testCaseResultId"] for row in rows(self.sim, run)}

    def outcome(self, run: int = 338) -> dict[str, Any]:
        """The tests' words by name, and the words of iterations where there are any, once the run has ended."""
        self.clock.now += 60
        return {
            row["testCaseName"]: {each["setName"]: each["result"] for each in row["iterationResults"]} or row["result"]
            for row in rows(self.sim, run)
        }


def test_rerun_answers_the_documented_fields() -> None:
    """The answer has exactly the fields of the vendor's sample: a new run, just created, with its parent's id."""
    with PlayedRun() as played:
        run = rerun(played.sim).data
    assert set(run) == RERUN_FIELDS
    assert (run["id"], run["executionId"], run["reRunParentId"], run["buildNo"]) == (338, 274, 337, None)
    assert (run["status"], run["result"]) == ("STATUS_CREATED", "QUEUED")
    assert (run["consolidatedStatus"], run["consolidatedResult"]) == ("STATUS_CREATED", "QUEUED")
    assert {run[name] for name in run if name.endswith("Count")} == {0}


ALL_SETS = {"x": "SUCCESS", "y": "FAILURE", "z": "ABORTED"}
FAILED = {"flaky": "SUCCESS", "broken": "ABORTED", "driven": ALL_SETS}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("ALL_TESTS", {"good": "SUCCESS", **FAILED}),
        ("ONLY_FAILED_TESTS", FAILED),
        ("ALL_ITERATIONS", FAILED),
        ("ONLY_FAILED_ITERATIONS", {**FAILED, "driven": {"y": "FAILURE", "z": "ABORTED"}}),
    ],
)
def test_types_select(kind: str, expected: dict[str, Any]) -> None:
    """Each type runs just its tests and iterations, in the words of the second attempt."""
    with PlayedRun() as played:
        assert rerun(played.sim, kind).status == 200
        assert played.outcome() == expected
        assert read(played.sim, 338)["totalCount"] == len(expected)


@pytest.mark.parametrize(
    ("wish", "sets"),
    [
        ({}, {"x", "y", "z"}),
        ({"iterationReRunType": "ALL"}, {"x", "y", "z"}),
        ({"iterationReRunType": "FAILED"}, {"y", "z"}),
        ({"iterationReRunType": "PASSED"}, {"x"}),
        ({"iterationReRunType": "USER_PICKED", "iterationResultIds": [2, "0"]}, {"x", "z"}),
    ],
)
def test_picked_iterations(wish: dict[str, Any], sets: set[str]) -> None:
    """Of a data-driven test, the asked iterations run: all, failed, passed, or those with given ids."""
    with PlayedRun() as played:
        driven = rows(played.sim, 337)[3]
        own = [each["iterationResultId"] for each in driven["iterationResults"]]
        if "iterationResultIds" in wish:
            wish = {**wish, "iterationResultIds": [own[2], str(own[0])]}
        asked = [{"id": driven["testCaseResultId"], **wish}]
        assert rerun(played.sim, "USER_PICKED", testCaseResultRequests=asked).status == 200
        assert set(played.outcome()["driven"]) == sets


def test_picked_tests_keep_what_they_are_and_get_new_ids() -> None:
    """A rerun's tests have new result ids, and the same case, suite and machine, in the plan's order."""
    stays = ("testCaseId", "testCaseName", "testSuiteId", "testSuiteName", "machineId", "machineTitle")
    with PlayedRun() as played:
        ids = played.ids()
        asked = [{"id": str(ids["driven"])}, {"id": ids["flaky"], "iterationReRunType": "FAILED"}]
        rerun(played.sim, "USER_PICKED", testCaseResultRequests=asked)
        played.clock.now += 60
        first, second = rows(played.sim, 337), rows(played.sim, 338)
        details = ask(played.sim, "GET", "/test_case_results?query=executionResultId:338&size=9").data["content"]
    assert [row["testCaseName"] for row in second] == ["flaky", "driven"]
    assert [{name: row[name] for name in stays} for row in second] == [
        {name: row[name] for name in stays} for row in (first[1], first[3])
    ]
    assert not {row["testCaseResultId"] for row in first} & {row["testCaseResultId"] for row in second}
    assert [(row["id"], row["testCaseId"], row["message"]) for row in details] == [
        (second[0]["testCaseResultId"], second[0]["testCaseId"], None),
        (second[1]["testCaseResultId"], second[1]["testCaseId"], "no"),
    ]


def test_rerun_of_a_rerun() -> None:
    """A rerun can be rerun: it is the third attempt, of the second's tests; iterations stay narrowed."""
    with PlayedRun() as played:
        rerun(played.sim, "ONLY_FAILED_ITERATIONS")
        played.clock.now += 60
        run = rerun(played.sim, "ALL_TESTS", 338).data
        assert (run["id"], run["reRunParentId"]) == (339, 338)
        assert played.outcome(339) == {**FAILED, "driven": {"y": "FAILURE", "z": "ABORTED"}}
        assert [run.attempt for run in played.sim.runs] == [0, 1, 2]


def test_parent_tells_of_its_rerun() -> None:
    """A run that was rerun shows the rerun as its child, and what both make together once that has ended."""
    plan = PLAN._replace(tests=PLAN.tests[:2])
    names = ("status", "result", "consolidatedStatus", "consolidatedResult")
    with PlayedRun(plan) as played:
        assert read(played.sim, 337)["childResult"] is None
        rerun(played.sim)
        played.clock.now += 1.5
        meanwhile = read(played.sim, 337)
        played.clock.now += 60
        ended = read(played.sim, 337)
    assert [meanwhile[name] for name in names] == ["STATUS_COMPLETED", "FAILED", "STATUS_IN_PROGRESS", "QUEUED"]
    assert (meanwhile["childResult"]["id"], meanwhile["childResult"]["status"]) == (338, "STATUS_IN_PROGRESS")
    assert [ended[name] for name in names] == ["STATUS_COMPLETED", "FAILED", "STATUS_COMPLETED", "PASSED"]
    assert ended["childResult"]["result"] == "PASSED"


def test_rerun_takes_its_own_time() -> None:
    """A plan can give its reruns another running time; its other settings for a run's end are the first run's."""
    plan = PLAN._replace(running=5.0, rerun_running=20.0, result="PURPLE", at_end={"failedCount": None}, listed=1)
    with PlayedRun(plan) as played:
        rerun(played.sim)
        played.clock.now += 60
        run = read(played.sim, 338)
        assert (run["duration"], run["result"], run["failedCount"]) == (21000, "FAILED", 1)
        assert len(rows(played.sim, 338)) == 3


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"executionResultId": 999}, 404),
        ({"executionResultId": None}, 422),
        ({"executionResultId": [337]}, 422),
        ({"executionId": 275}, 422),
        ({"isReRun": "true"}, 422),
        ({"reRunType": "SOME"}, 400),
        ({"reRunType": None}, 400),
        ({"reRunType": "USER_PICKED"}, 400),
        ({"reRunType": "USER_PICKED", "testCaseResultRequests": []}, 400),
        ({"reRunType": "USER_PICKED", "testCaseResultRequests": [5]}, 400),
        ({"reRunType": "USER_PICKED", "testCaseResultRequests": [{"id": 5}]}, 422),
        ({"reRunType": "USER_PICKED", "testCaseResultRequests": [{}]}, 422),
    ],
)
def test_wrong_reruns_are_refused(fields: dict[str, object], status: int) -> None:
    """A rerun whose body is wrong is refused, and starts nothing."""
    with PlayedRun() as played:
        answer = rerun(played.sim, **{"kind": fields.pop("reRunType", "ALL_TESTS"), **fields})
        assert len(played.sim.runs) == 1
    assert (answer.status, bool(answer.data["error"])) == (status, True)


@pytest.mark.parametrize(
    ("test", "wish", "status"),
    [
        ("driven", {"iterationReRunType": "SOME"}, 400),
        ("flaky", {"iterationReRunType": "SOME"}, 400),
        ("driven", {"iterationReRunType": "USER_PICKED"}, 422),
        ("driven", {"iterationReRunType": "USER_PICKED", "iterationResultIds": []}, 422),
        ("driven", {"iterationReRunType": "USER_PICKED", "iterationResultIds": [1]}, 422),
    ],
)
def test_wrong_iterations_are_refused(test: str, wish: dict[str, object], status: int) -> None:
    """An unknown iteration type is 400; iterations that there are not, or none at all, are 422."""
    with PlayedRun() as played:
        asked = [{"id": played.ids()[test], **wish}]
        assert rerun(played.sim, "USER_PICKED", testCaseResultRequests=asked).status == status
        assert len(played.sim.runs) == 1


def test_result_ids_of_another_run_are_refused() -> None:
    """Ids of test case results must be of the run that is rerun."""
    with PlayedRun() as played:
        first = played.ids()["flaky"]
        rerun(played.sim)
        played.clock.now += 60
        assert rerun(played.sim, "USER_PICKED", 338, testCaseResultRequests=[{"id": first}]).status == 422


def test_second_rerun_of_a_run_is_a_server_error() -> None:
    """A run can be rerun once, also when its rerun has ended."""
    with PlayedRun() as played:
        rerun(played.sim)
        played.clock.now += 60
        answer = rerun(played.sim)
        assert len(played.sim.runs) == 2
    assert (answer.status, answer.data) == (500, {"error": "ReRun Parent Id Already Exists"})


def test_unfinished_run_cannot_be_rerun() -> None:
    """A rerun waits for the end of its parent."""
    with PlayedRun() as played:
        trigger(played.sim)
        assert rerun(played.sim, run=338).status == 400
        assert len(played.sim.runs) == 2


def test_nothing_failed() -> None:
    """Where nothing failed, there is nothing to rerun but everything."""
    with PlayedRun(Plan(tests=PLAN.tests[:1])) as played:
        assert rerun(played.sim, "ONLY_FAILED_TESTS").status == 400
        assert rerun(played.sim, "ALL_TESTS").status == 200


def test_what_was_stopped_is_rerun() -> None:
    """Tests that a stop cut off count as failed for a rerun, all their iterations with them."""
    with PlayedRun(PLAN._replace(running=30.0)) as played:
        trigger(played.sim)
        played.clock.now += 2
        stop(played.sim, 338)
        played.clock.now += 1
        assert rerun(played.sim, "ONLY_FAILED_ITERATIONS", 338).status == 200
        assert played.outcome(339) == {"good": "SUCCESS", **FAILED}


def test_trigger_with_a_false_rerun_flag_is_a_run() -> None:
    """`isReRun: false` is an ordinary trigger."""
    with PlayedRun() as played:
        assert trigger(played.sim, isReRun=False)["reRunParentId"] is None
