"""Plans that the platform itself reruns."""

from testgate.demo.server import Simulator
from testgate.demo.testsigma.app import Testsigma
from testgate.demo.testsigma.runs import SimulatedRun
from testgate.demo.testsigma.scenarios import Plan, Test, one_plan
from tests.support.testsigma_client import Clock, ask, read, rerun, rows, stop, trigger

PLAN = Plan(
    tests=(Test("good"), Test("flaky", "FAILURE", "no", later=("SUCCESS",)), Test("third", "FAILURE", "no")),
    created=1,
    queued=1,
    automatic_reruns=2,
    automatic_gap=1,
)
RECOVERING = PLAN._replace(tests=PLAN.tests[:2], automatic_reruns=1)


def simulate(plan: Plan, clock: Clock) -> Simulator[SimulatedRun]:
    """A simulator of one plan on a clock that the test turns."""
    return Simulator(Testsigma(one_plan(plan)), clock=clock)


def told(run: dict[str, object]) -> tuple[object, ...]:
    """What decides about a run."""
    names = ("status", "result", "consolidatedStatus", "consolidatedResult", "consolidatedDuration")
    child = run["childResult"]
    return (*(run[name] for name in names), child["id"] if isinstance(child, dict) else child)


def test_parent_is_in_progress_until_its_child_has_ended() -> None:
    """After a first run with failures the whole goes on, at first without a child, and ends with it."""
    clock = Clock()
    seen = []
    with simulate(RECOVERING, clock) as sim:
        trigger(sim)
        for seconds in (3, 1.5, 1, 2, 1.5):
            clock.now += seconds
            seen.append(told(read(sim, 337)))
    assert seen == [
        ("STATUS_IN_PROGRESS", None, "STATUS_IN_PROGRESS", "QUEUED", None, None),
        ("STATUS_COMPLETED", "FAILED", "STATUS_IN_PROGRESS", "QUEUED", None, None),
        ("STATUS_COMPLETED", "FAILED", "STATUS_IN_PROGRESS", "QUEUED", None, 338),
        ("STATUS_COMPLETED", "FAILED", "STATUS_IN_PROGRESS", "QUEUED", None, 338),
        ("STATUS_COMPLETED", "FAILED", "STATUS_COMPLETED", "PASSED", 8000, 338),
    ]


def test_child_is_a_run_of_its_own() -> None:
    """The child can be read with its tests: those that failed, under new ids, in their second attempt."""
    clock = Clock()
    with simulate(RECOVERING, clock) as sim:
        trigger(sim)
        clock.now += 60
        parent, child = read(sim, 337), read(sim, 338)
        second = rows(sim, 338)
    assert parent["childResult"] == child
    assert (child["reRunParentId"], child["result"], child["consolidatedResult"]) == (337, "PASSED", "PASSED")
    assert child["startTime"] - parent["endTime"] == 1000
    assert [(row["testCaseName"], row["result"]) for row in second] == [("flaky", "SUCCESS")]


def test_children_follow_up_to_the_limit() -> None:
    """As long as something fails the platform reruns, as often as the plan says; children nest."""
    clock = Clock()
    with simulate(PLAN, clock) as sim:
        trigger(sim)
        clock.now += 600
        run = read(sim, 337)
        assert [(each.id, each.parent_id, each.automatic) for each in sim.runs] == [
            (337, None, False),
            (338, 337, True),
            (339, 338, True),
        ]
        assert [row["testCaseName"] for row in rows(sim, 339)] == ["third"]
    assert run["childResult"]["childResult"]["id"] == 339
    assert run["childResult"]["childResult"]["childResult"] is None
    assert (run["consolidatedStatus"], run["consolidatedResult"]) == ("STATUS_COMPLETED", "FAILED")


def test_green_run_has_no_child() -> None:
    """Where all tests pass at once, the whole ends with the first run."""
    clock = Clock()
    with simulate(PLAN._replace(tests=PLAN.tests[:1]), clock) as sim:
        trigger(sim)
        clock.now += 60
        assert told(read(sim, 337)) == ("STATUS_COMPLETED", "PASSED", "STATUS_COMPLETED", "PASSED", 3000, None)
        assert len(sim.runs) == 1


def test_stopped_run_has_no_child() -> None:
    """A run that was stopped, or is stopped before its rerun began, is not rerun by the platform."""
    clock = Clock()
    for moment in (3, 5.5):
        with simulate(PLAN, clock) as sim:
            trigger(sim)
            clock.now += moment
            stop(sim, 337)
            clock.now += 60
            run = read(sim, 337)
            assert len(sim.runs) == 1
        assert (run["result"], run["consolidatedStatus"], run["consolidatedResult"]) == (
            "STOPPED",
            "STATUS_COMPLETED",
            "STOPPED",
        )


def test_stopped_child_ends_the_whole() -> None:
    """Where the child is stopped, the whole is called stopped."""
    clock = Clock()
    with simulate(RECOVERING, clock) as sim:
        trigger(sim)
        clock.now += 8
        stop(sim, 338)
        clock.now += 60
        assert told(read(sim, 337))[1:4] == ("FAILED", "STATUS_COMPLETED", "STOPPED")


def test_stop_of_all_reaches_a_run_between_its_attempts() -> None:
    """A stop of everything keeps a rerun from beginning that was due."""
    clock = Clock()
    with simulate(RECOVERING, clock) as sim:
        trigger(sim)
        clock.now += 4.5
        assert ask(sim, "PUT", "/execution_results", {"result": "STOPPED"}).data["id"] == 337
        clock.now += 60
        assert read(sim, 337)["childResult"] is None


def test_user_cannot_rerun_what_the_platform_reruns() -> None:
    """A rerun is refused before the platform's own has begun and after; the last child can be rerun, once more."""
    clock = Clock()
    plan = PLAN._replace(automatic_reruns=1)
    with simulate(plan, clock) as sim:
        trigger(sim)
        clock.now += 5.5
        assert rerun(sim).status == 400
        clock.now += 60
        assert rerun(sim).status == 500
        assert rerun(sim, run=338).data["id"] == 339
        clock.now += 60
        assert told(read(sim, 337))[2:4] == ("STATUS_COMPLETED", "FAILED")
        assert len(sim.runs) == 3


def test_rerun_of_the_user_is_not_followed_by_the_platform() -> None:
    """The platform reruns what it started, or what the first run left, and no rerun of the user's."""
    clock = Clock()
    with simulate(PLAN._replace(result="PASSED"), clock) as sim:
        trigger(sim)
        clock.now += 60
        assert len(sim.runs) == 1
        assert rerun(sim).data["id"] == 338
        clock.now += 60
        assert read(sim, 338)["result"] == "FAILED"
        assert len(sim.runs) == 2
