"""Reruns that the user asks for: selection, reply and refusals."""

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
"""The fields of the vendor's samples of a rerun and of a stop."""
SETS = (Iteration("x"), Iteration("y", "FAILURE"), Iteration("z", "ABORTED"))
PLAN = Plan(
    tests=(
        Test("good", suite="S1", machine="M1"),
        Test("flaky", "FAILURE", "no", suite="S2", machine="M2", later=("SUCCESS",)),
        Test("broken", "ABORTED", "gone", suite="S1", machine="M1"),
        Test("driven", "FAILURE", "no", suite="S3", machine="M2", iterations=SETS),
    ),
)


class FinishedRun:
    """A simulator in which run 337 has ended."""

    def __init__(self, plan: Plan = PLAN) -> None:
        """Start the simulator, trigger the plan and advance the clock."""
        self.clock = Clock()
        self.sim: Simulator[SimulatedRun] = Simulator(Testsigma(one_plan(plan)), clock=self.clock).start()
        trigger(self.sim)
        self.clock.now += 60

    def __enter__(self) -> Self:
        """Use the simulator."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the simulator."""
        self.sim.stop()

    def ids(self, run: int = 337) -> dict[str, int]:
        """The tests' result ids by name."""
        return {row["testCaseName"]: row["testCaseResultId"] for row in rows(self.sim, run)}

    def outcome(self, run: int = 338) -> dict[str, Any]:
        """The tests' final results by name; for a data-driven test, those of its iterations."""
        self.clock.now += 60
        return {
            row["testCaseName"]: {each["setName"]: each["result"] for each in row["iterationResults"]} or row["result"]
            for row in rows(self.sim, run)
        }


def test_rerun_reply_has_the_documented_fields() -> None:
    """The reply has exactly the fields of the vendor's sample: a created run with its parent's id."""
    with FinishedRun() as finished:
        run = rerun(finished.sim).data
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
def test_selection_by_type(kind: str, expected: dict[str, Any]) -> None:
    """Each type runs only its tests and iterations, with the results of the second attempt."""
    with FinishedRun() as finished:
        assert rerun(finished.sim, kind).status == 200
        assert finished.outcome() == expected
        assert read(finished.sim, 338)["totalCount"] == len(expected)


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
    """All, failed, passed or named iterations of a data-driven test can be picked."""
    with FinishedRun() as finished:
        driven = rows(finished.sim, 337)[3]
        own = [each["iterationResultId"] for each in driven["iterationResults"]]
        if "iterationResultIds" in wish:
            wish = {**wish, "iterationResultIds": [own[2], str(own[0])]}
        asked = [{"id": driven["testCaseResultId"], **wish}]
        assert rerun(finished.sim, "USER_PICKED", testCaseResultRequests=asked).status == 200
        assert set(finished.outcome()["driven"]) == sets


def test_picked_tests_keep_their_identity_and_get_new_result_ids() -> None:
    """A rerun's tests have new result ids and the same case, suite and machine, in the plan's order."""
    stays = ("testCaseId", "testCaseName", "testSuiteId", "testSuiteName", "machineId", "machineTitle")
    with FinishedRun() as finished:
        ids = finished.ids()
        asked = [{"id": str(ids["driven"])}, {"id": ids["flaky"], "iterationReRunType": "FAILED"}]
        rerun(finished.sim, "USER_PICKED", testCaseResultRequests=asked)
        finished.clock.now += 60
        first, second = rows(finished.sim, 337), rows(finished.sim, 338)
        details = ask(finished.sim, "GET", "/test_case_results?query=executionResultId:338&size=9").data["content"]
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
    """A rerun can be rerun: the third attempt has the tests and iterations of the second."""
    with FinishedRun() as finished:
        rerun(finished.sim, "ONLY_FAILED_ITERATIONS")
        finished.clock.now += 60
        run = rerun(finished.sim, "ALL_TESTS", 338).data
        assert (run["id"], run["reRunParentId"]) == (339, 338)
        assert finished.outcome(339) == {**FAILED, "driven": {"y": "FAILURE", "z": "ABORTED"}}
        assert [run.attempt for run in finished.sim.runs] == [0, 1, 2]


def test_parent_includes_its_rerun() -> None:
    """A run includes its rerun as its child, and the result of both once that has ended."""
    plan = PLAN._replace(tests=PLAN.tests[:2])
    names = ("status", "result", "consolidatedStatus", "consolidatedResult")
    with FinishedRun(plan) as finished:
        assert read(finished.sim, 337)["childResult"] is None
        rerun(finished.sim)
        finished.clock.now += 1.5
        meanwhile = read(finished.sim, 337)
        finished.clock.now += 60
        ended = read(finished.sim, 337)
    assert [meanwhile[name] for name in names] == ["STATUS_COMPLETED", "FAILED", "STATUS_IN_PROGRESS", "QUEUED"]
    assert (meanwhile["childResult"]["id"], meanwhile["childResult"]["status"]) == (338, "STATUS_IN_PROGRESS")
    assert [ended[name] for name in names] == ["STATUS_COMPLETED", "FAILED", "STATUS_COMPLETED", "PASSED"]
    assert ended["childResult"]["result"] == "PASSED"


def test_rerun_can_have_its_own_running_time() -> None:
    """A plan can set the running time of reruns; its overrides apply to the first run only."""
    plan = PLAN._replace(running=5.0, rerun_running=20.0, result="PURPLE", at_end={"failedCount": None}, listed=1)
    with FinishedRun(plan) as finished:
        rerun(finished.sim)
        finished.clock.now += 60
        run = read(finished.sim, 338)
        assert (run["duration"], run["result"], run["failedCount"]) == (21000, "FAILED", 1)
        assert len(rows(finished.sim, 338)) == 3


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
    """A rerun with a wrong body is refused, and starts nothing."""
    with FinishedRun() as finished:
        answer = rerun(finished.sim, **{"kind": fields.pop("reRunType", "ALL_TESTS"), **fields})
        assert len(finished.sim.runs) == 1
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
    """An unknown iteration type is 400; unknown iterations, or none at all, are 422."""
    with FinishedRun() as finished:
        asked = [{"id": finished.ids()[test], **wish}]
        assert rerun(finished.sim, "USER_PICKED", testCaseResultRequests=asked).status == status
        assert len(finished.sim.runs) == 1


def test_result_ids_of_another_run_are_refused() -> None:
    """The picked results must belong to the run that is rerun."""
    with FinishedRun() as finished:
        first = finished.ids()["flaky"]
        rerun(finished.sim)
        finished.clock.now += 60
        assert rerun(finished.sim, "USER_PICKED", 338, testCaseResultRequests=[{"id": first}]).status == 422


def test_second_rerun_of_a_run_is_a_server_error() -> None:
    """A run can be rerun only once, even if its rerun has ended."""
    with FinishedRun() as finished:
        rerun(finished.sim)
        finished.clock.now += 60
        answer = rerun(finished.sim)
        assert len(finished.sim.runs) == 2
    assert (answer.status, answer.data) == (500, {"error": "ReRun Parent Id Already Exists"})


def test_unfinished_run_cannot_be_rerun() -> None:
    """A run can't be rerun before it has ended."""
    with FinishedRun() as finished:
        trigger(finished.sim)
        assert rerun(finished.sim, run=338).status == 400
        assert len(finished.sim.runs) == 2


def test_nothing_failed_to_rerun() -> None:
    """If nothing failed, only a rerun of all tests is accepted."""
    with FinishedRun(Plan(tests=PLAN.tests[:1])) as finished:
        assert rerun(finished.sim, "ONLY_FAILED_TESTS").status == 400
        assert rerun(finished.sim, "ALL_TESTS").status == 200


def test_stopped_tests_are_rerun() -> None:
    """Tests that were stopped count as failed for a rerun, with all their iterations."""
    with FinishedRun(PLAN._replace(running=30.0)) as finished:
        trigger(finished.sim)
        finished.clock.now += 2
        stop(finished.sim, 338)
        finished.clock.now += 1
        assert rerun(finished.sim, "ONLY_FAILED_ITERATIONS", 338).status == 200
        assert finished.outcome(339) == {"good": "SUCCESS", **FAILED}


def test_trigger_with_rerun_flag_false() -> None:
    """`isReRun: false` is an ordinary trigger."""
    with FinishedRun() as finished:
        assert trigger(finished.sim, isReRun=False)["reRunParentId"] is None
