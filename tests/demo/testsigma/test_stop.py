"""Stopping one run, and stopping everybody's."""

from math import inf

import pytest

from testgate.demo.server import Simulator
from testgate.demo.testsigma.app import Testsigma
from testgate.demo.testsigma.ledger import FIRST_OTHER_ID
from testgate.demo.testsigma.runs import SimulatedRun
from testgate.demo.testsigma.scenarios import Iteration, Plan, Test, one_plan
from tests.demo.testsigma.test_reruns import RERUN_FIELDS
from tests.support.testsigma_client import Clock, ask, read, rows, stop, trigger

PLAN = Plan(
    tests=(Test("done", seconds=2), Test("going", "FAILURE", seconds=4, iterations=(Iteration("x"),)), Test("waiting")),
    created=0,
    queued=1,
)


def simulate(clock: Clock, plan: Plan = PLAN, others: int = 0) -> Simulator[SimulatedRun]:
    """A simulator of one plan, on a clock that the test controls."""
    return Simulator(Testsigma(one_plan(plan, others=others)), clock=clock)


def state(sim: Simulator[SimulatedRun], run: int = 337) -> tuple[str, str | None]:
    """A run's status and result."""
    answer = read(sim, run)
    return answer["status"], answer["result"]


STOPPED = ("STATUS_COMPLETED", "STOPPED")
GOING = ("STATUS_IN_PROGRESS", None)


def test_stop_takes_effect_after_a_moment() -> None:
    """The reply calls the run stopped at once; reading the run does so only after a moment."""
    clock = Clock()
    with simulate(clock) as sim:
        trigger(sim, buildNo="7")
        clock.now += 4
        answer = stop(sim, 337)
        at_once = state(sim)
        clock.now += 0.25
        later = read(sim, 337)
    assert answer.status == 200
    assert set(answer.data) == RERUN_FIELDS
    assert (answer.data["status"], answer.data["result"], answer.data["buildNo"]) == (*STOPPED, "7")
    assert (answer.data["stoppedCount"], answer.data["runningCount"], answer.data["duration"]) == (0, 1, 4000)
    assert at_once == GOING
    assert (later["status"], later["result"], later["duration"]) == (*STOPPED, 4200)
    assert (later["passedCount"], later["stoppedCount"], later["totalCount"]) == (1, 2, 3)


def test_finished_tests_keep_their_results() -> None:
    """A stop leaves finished tests alone, and stops all others and their iterations for good."""
    clock = Clock()
    with simulate(clock) as sim:
        trigger(sim)
        clock.now += 4
        stop(sim, 337)
        clock.now += 60
        listed = rows(sim, 337)
        details = ask(sim, "GET", "/test_case_results?query=executionResultId:337").data["content"]
    assert [row["result"] for row in listed] == ["SUCCESS", "STOPPED", "STOPPED"]
    assert listed[1]["iterationResults"][0]["result"] == "STOPPED"
    assert [(row["result"], row["status"], row["duration"]) for row in details] == [
        ("SUCCESS", "STATUS_COMPLETED", 2000),
        ("STOPPED", "STATUS_COMPLETED", 1200),
        ("STOPPED", "STATUS_COMPLETED", None),
    ]
    assert (details[2]["startTime"], details[2]["endTime"]) == (None, None)


def test_stop_can_be_ignored() -> None:
    """A plan can ignore stops: the reply says stopped, but the run continues to its end."""
    clock = Clock()
    with simulate(clock, PLAN._replace(stop_takes=inf)) as sim:
        trigger(sim)
        assert stop(sim, 337).data["result"] == "STOPPED"
        clock.now += 4
        assert state(sim) == GOING
        clock.now += 60
        assert state(sim) == ("STATUS_COMPLETED", "FAILED")


def test_endless_run_can_be_stopped() -> None:
    """A stop ends a run that would never end, and its finished tests keep their results."""
    clock = Clock()
    with simulate(clock, PLAN._replace(running=inf)) as sim:
        trigger(sim)
        clock.now += 1e6
        stop(sim, 337)
        clock.now += 1
        assert state(sim) == STOPPED
        assert {row["result"] for row in rows(sim, 337)} == {"SUCCESS", "FAILURE"}


def test_second_stop_changes_nothing() -> None:
    """Only the first stop counts."""
    clock = Clock()
    with simulate(clock) as sim:
        trigger(sim)
        clock.now += 2
        stop(sim, 337)
        clock.now += 0.1
        stop(sim, 337)
        clock.now += 60
        assert read(sim, 337)["duration"] == 2200


def test_ended_run_is_marked_stopped() -> None:
    """Stopping a finished run changes its result at once, but not its tests or its end."""
    clock = Clock()
    with simulate(clock) as sim:
        trigger(sim)
        clock.now += 60
        before = read(sim, 337)
        asked = [sim.runs[0].stop_asked]
        answer = stop(sim, 337).data
        after = read(sim, 337)
        asked.append(sim.runs[0].stop_asked)
    assert asked == [False, True]
    assert (before["result"], after["result"]) == ("FAILED", "STOPPED")
    assert before["endTime"] == after["endTime"] == answer["endTime"]
    assert (after["passedCount"], after["failedCount"], after["stoppedCount"]) == (2, 1, 0)


def test_stop_of_one_run_leaves_others_alone() -> None:
    """A stop by id doesn't affect other runs of the plan, whoever started them."""
    clock = Clock()
    with simulate(clock, others=2) as sim:
        trigger(sim)
        trigger(sim)
        clock.now += 2
        stop(sim, 337)
        clock.now += 1
        assert state(sim) == STOPPED
        assert [state(sim, run) for run in (338, FIRST_OTHER_ID, FIRST_OTHER_ID + 1)] == [GOING] * 3


@pytest.mark.parametrize("body", [{"canStopAll": True, "result": "STOPPED"}, {"result": "STOPPED"}])
def test_stop_of_all_stops_everybodys_runs(body: dict[str, object]) -> None:
    """Without an id, and with canStopAll true or left out, all unfinished runs are stopped."""
    clock = Clock()
    app = Testsigma(one_plan(PLAN, others=2))
    with Simulator(app, clock=clock) as sim:
        trigger(sim)
        clock.now += 60
        trigger(sim)
        clock.now += 2
        answer = ask(sim, "PUT", "/execution_results", body)
        clock.now += 1
        assert (answer.data["id"], answer.data["result"]) == (338, "STOPPED")
        assert [state(sim, run) for run in (338, FIRST_OTHER_ID, FIRST_OTHER_ID + 1)] == [STOPPED] * 3
        assert state(sim) == ("STATUS_COMPLETED", "FAILED")
    assert all(run.stop_asked for run in app.others)


def test_stop_of_all_with_nothing_to_stop() -> None:
    """If there is no unfinished run, the reply is empty."""
    with simulate(Clock()) as sim:
        answer = ask(sim, "PUT", "/execution_results", {"result": "STOPPED"})
    assert (answer.status, answer.data) == (200, {})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/execution_results/337", {"canStopAll": True, "result": "STOPPED"}),
        ("/execution_results/337", {"result": "STOPPED"}),
        ("/execution_results/337", {"canStopAll": 0, "result": "STOPPED"}),
        ("/execution_results/337", {"canStopAll": False, "result": "ABORTED"}),
        ("/execution_results/337", {"canStopAll": False}),
        ("/execution_results/337", {"canStopAll": False, "result": "STOPPED", "id": 337}),
        ("/execution_results/337", None),
        ("/execution_results", {"canStopAll": False, "result": "STOPPED"}),
        ("/execution_results", {"canStopAll": "true", "result": "STOPPED"}),
        ("/execution_results", {}),
        ("/execution_results", []),
    ],
)
def test_other_bodies_are_refused(path: str, body: object) -> None:
    """Any other body is refused with 400, and stops nothing."""
    clock = Clock()
    with simulate(clock, others=1) as sim:
        trigger(sim)
        clock.now += 2
        assert ask(sim, "PUT", path, body).status == 400
        clock.now += 1
        assert state(sim) == state(sim, FIRST_OTHER_ID) == GOING


def test_unknown_run_cannot_be_stopped() -> None:
    """Stopping an unknown run is a 404."""
    with simulate(Clock()) as sim:
        assert stop(sim, 999).status == 404


def test_other_peoples_runs_are_separate() -> None:
    """Other people's runs can be read from the start, never end, and aren't listed as started."""
    clock = Clock()
    app = Testsigma(one_plan(PLAN, others=2))
    with Simulator(app, clock=clock) as sim:
        clock.now += 1e6
        assert sim.runs == ()
        assert [state(sim, run.id) for run in app.others] == [GOING] * 2
        assert trigger(sim)["id"] == 337
