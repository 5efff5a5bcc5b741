"""`fail-fast`: the other runs of a step end once its verdict can only be red, and not before."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from testgate.gate.verdict import decide, judge
from testgate.model import Conclusion, Origin, RunResult
from testgate.results import Policy
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.wire import Reply, Request
from tests.support.simulated import answer
from tests.support.simulated_runs import BEGIN, Simulation, after, faulty, simulate
from tests.support.throwaway_testifly import Server, Testifly

FAILED = [{"_id": "t1", "title": "Pay", "status": "Failed"}, {"_id": "t2", "title": "Login", "status": "Passed"}]
GREEN = [{"_id": "t1", "title": "Pay", "status": "Passed"}]


def results_of(job: str) -> Sequence[Any]:
    """The first feature fails; in its rerun, nothing does."""
    return FAILED if job == "job-a" else GREEN


def script(job: str, age: float) -> str:
    """The first feature fails after half a minute, the others pass after ten minutes, reruns after one."""
    if "again" in job:
        return after(60)(job, age)
    return after(30, "Failed")(job, age) if job == "job-a" else after(600)(job, age)


def fail_fast(root: Path, handler: Any = None, policy: Policy = Policy(), **more: Any) -> Simulation:  # noqa: ANN401, B008  # immutable
    """Play three features with `fail-fast`."""
    features = more.pop("features", ["a", "b", "c"])
    options = RunOptions(policy=policy, stop_at=lambda run, _why: run.origin is Origin.STARTED, fail_fast=True)
    return simulate(
        root,
        handler or Server(script, results_of),
        features=features,
        options=options._replace(**more.pop("options", {})),
        vendor=Testifly(features, can_stop=True, attached=more.pop("attached", ())),
        **more,
    )


def test_the_others_are_stopped(tmp_path: Path) -> None:
    """The step is as red as the run that failed, soon after that, and says why the others are missing."""
    result = fail_fast(tmp_path)
    assert result.conclusions == [Conclusion.FAILED, Conclusion.CANCELLED, Conclusion.CANCELLED]
    assert result.seconds < 45
    assert result.transport.count("PUT", "job-b") == result.transport.count("PUT", "job-c") == 1
    assert result.transport.count("PUT", "job-a") == 0
    verdict, code = decide(judge(result.reports, Policy()), Policy())
    assert (verdict.conclusion, code) == (Conclusion.FAILED, 1)
    assert verdict.reason.endswith("; 2 other runs not waited for (`fail-fast`)")
    assert "was stopped: another run had failed (`fail-fast`)" in result.reasons[1]
    assert [report.snapshot.result for report in result.reports[1:] if report.snapshot] == [RunResult.STOPPED] * 2


def test_a_target_that_waits_for_its_turn_is_not_started(tmp_path: Path) -> None:
    """Neither for a slot, nor for a busy platform."""
    result = fail_fast(tmp_path, limits=Limits(max_parallel=1))
    assert result.transport.count("POST", "/testExecution/p1") == 1
    assert "was not started: another run had failed already (`fail-fast`)" in result.reasons[2]

    def busy(request: Request, _now: float) -> Reply | None:
        taken = (request.body or {}).get("featureId") in {"b", "c"}
        return answer(request, {"scheduleStatus": "AgentBusy"}) if taken else None

    server = Server(script, results_of)
    result = fail_fast(tmp_path, faulty(server, busy))
    assert [*server.started] == ["job-a"]
    assert result.seconds < 60
    late = [at for at, each in result.transport.sent if at > BEGIN + 40 and each.url.endswith("/testExecution/p1")]
    assert not late


def test_a_run_that_may_be_repaired_is_not_red_yet(tmp_path: Path) -> None:
    """The rerun passes: nothing is stopped."""
    result = fail_fast(tmp_path, options={"rerun_failed": 1})
    assert result.conclusions == [Conclusion.PASSED] * 3
    assert result.transport.count("PUT") == 0


@pytest.mark.parametrize(
    "policy",
    [
        Policy(min_pass_rate=(50, 1)),
        Policy(min_pass_rate=None, max_failures=1),
        Policy(fail_on=frozenset({Conclusion.PLATFORM_ERROR})),
        Policy(fail_on=frozenset()),
    ],
)
def test_within_the_limits_nothing_is_stopped(tmp_path: Path, policy: Policy) -> None:
    """The verdict may still be green, or its red doesn't count."""
    result = fail_fast(tmp_path, policy=policy)
    assert result.transport.count("PUT") == 0
    assert 600 <= result.seconds < 700


def test_a_limit_for_all_runs_together(tmp_path: Path) -> None:
    """`max-failures` is broken by the second run; what was stopped doesn't count as a failure."""

    def both(job: str, age: float) -> str:
        return script("job-a" if job == "job-b" and age > 100 else job, age)

    server = Server(both, lambda job: FAILED if job in {"job-a", "job-b"} else GREEN)
    policy = Policy(min_pass_rate=None, max_failures=1)
    result = fail_fast(tmp_path, server, policy=policy)
    assert 100 <= result.seconds < 150
    judged = judge(result.reports, policy)
    assert "2 failures in total" in judged[0].verdict.reason
    assert judged[2].verdict.conclusion is Conclusion.CANCELLED


def test_without_the_input_nothing_is_stopped(tmp_path: Path) -> None:
    """That is the default."""
    result = fail_fast(tmp_path, options={"fail_fast": False})
    assert result.conclusions == [Conclusion.FAILED, Conclusion.PASSED, Conclusion.PASSED]


def test_a_run_that_is_not_ours_goes_on(tmp_path: Path) -> None:
    """It isn't waited for, and it is named."""
    server = Server(script, results_of)
    server.started["job-z"] = BEGIN
    result = fail_fast(tmp_path, server, features=["a"], attached=["z"])
    assert result.transport.count("PUT") == 0
    assert "was not waited for" in result.reasons[1]
    assert [run.id for run in result.reports[1].left_running] == ["job-z"]


def test_a_run_that_was_red_already_keeps_its_verdict(tmp_path: Path) -> None:
    """It was being rerun when another one made the step red."""

    def slow(job: str, age: float) -> str:
        if "again" in job:
            return "InProgress"
        return after(10 if job == "job-b" else 100, "Failed")(job, age)

    broken = faulty(
        Server(slow, lambda _job: FAILED),
        lambda request, now: (
            answer(request, {"error": "no"}, 500) if request.url.endswith("job-a") and now > BEGIN else None
        ),
    )
    result = fail_fast(
        tmp_path, broken, features=["a", "b"], limits=Limits(max_outage=5.0), options={"rerun_failed": 1}
    )
    assert result.conclusions == [Conclusion.PLATFORM_ERROR, Conclusion.FAILED]
    assert result.transport.count("PUT") == 1
