"""Reruns that the platform starts by itself."""

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
    """A simulator of one plan, on a clock that the test controls."""
    return Simulator(Testsigma(one_plan(plan)), clock=clock)


def state(run: dict[str, object]) -> tuple[object, ...]:
    """The fields that decide whether a run and its reruns have ended, and how."""
    names = ("status", "result", "consolidatedStatus", "consolidatedResult", "consolidatedDuration")
    child = run["childResult"]
    return (*(run[name] for name in names), child["id"] if isinstance(child, dict) else child)


def test_parent_is_in_progress_until_its_rerun_ends() -> None:
    """After a failed first run the consolidated status is in progress until the rerun ends."""
    clock = Clock()
    seen = []
    with simulate(RECOVERING, clock) as sim:
        trigger(sim)
        for seconds in (3, 1.5, 1, 2, 1.5):
            clock.now += seconds
            seen.append(state(read(sim, 337)))
    assert seen == [
        ("STATUS_IN_PROGRESS", None, "STATUS_IN_PROGRESS", "QUEUED", None, None),
        ("STATUS_COMPLETED", "FAILED", "STATUS_IN_PROGRESS", "QUEUED", None, None),
        ("STATUS_COMPLETED", "FAILED", "STATUS_IN_PROGRESS", "QUEUED", None, 338),
        ("STATUS_COMPLETED", "FAILED", "STATUS_IN_PROGRESS", "QUEUED", None, 338),
        ("STATUS_COMPLETED", "FAILED", "STATUS_COMPLETED", "PASSED", 8000, 338),
    ]


def test_automatic_rerun_can_be_read_by_its_id() -> None:
    """The rerun is a run of the failed tests in their second attempt."""
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


def test_automatic_reruns_stop_at_the_limit() -> None:
    """The platform reruns failed tests as often as the plan says, and the reruns are nested."""
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


def test_passed_run_is_not_rerun() -> None:
    """If all tests pass, the consolidated result is that of the first run."""
    clock = Clock()
    with simulate(PLAN._replace(tests=PLAN.tests[:1]), clock) as sim:
        trigger(sim)
        clock.now += 60
        assert state(read(sim, 337)) == ("STATUS_COMPLETED", "PASSED", "STATUS_COMPLETED", "PASSED", 3000, None)
        assert len(sim.runs) == 1


def test_stopped_run_is_not_rerun() -> None:
    """The platform doesn't rerun a run that was stopped, even if only after its end."""
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


def test_stopped_rerun_stops_the_consolidated_result() -> None:
    """If the rerun is stopped, the consolidated result is stopped."""
    clock = Clock()
    with simulate(RECOVERING, clock) as sim:
        trigger(sim)
        clock.now += 8
        stop(sim, 338)
        clock.now += 60
        assert state(read(sim, 337))[1:4] == ("FAILED", "STATUS_COMPLETED", "STOPPED")


def test_stop_of_all_cancels_a_pending_rerun() -> None:
    """Stopping everything between two attempts prevents the next one."""
    clock = Clock()
    with simulate(RECOVERING, clock) as sim:
        trigger(sim)
        clock.now += 4.5
        assert ask(sim, "PUT", "/execution_results", {"result": "STOPPED"}).data["id"] == 337
        clock.now += 60
        assert read(sim, 337)["childResult"] is None


def test_only_the_last_automatic_rerun_can_be_rerun() -> None:
    """A rerun by the user is refused before and after the automatic one, which can be rerun itself."""
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
        assert state(read(sim, 337))[2:4] == ("STATUS_COMPLETED", "FAILED")
        assert len(sim.runs) == 3


def test_platform_does_not_rerun_the_users_rerun() -> None:
    """The platform continues from the first run and from its own reruns, not from the user's."""
    clock = Clock()
    with simulate(PLAN._replace(result="PASSED"), clock) as sim:
        trigger(sim)
        clock.now += 60
        assert len(sim.runs) == 1
        assert rerun(sim).data["id"] == 338
        clock.now += 60
        assert read(sim, 338)["result"] == "FAILED"
        assert len(sim.runs) == 2
