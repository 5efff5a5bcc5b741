"""Runs that wait or hang are given up for a limit of their own, and never because the platform is away."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.errors import Overdue
from testgate.gate.remedies import remedy_for
from testgate.model import Conclusion, Counts, Reported, Run, Snapshot, Status, Target
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.runs.lateness import Lateness
from testgate.wire import Reply, Request
from tests.support.simulated import Answer, answer, page
from tests.support.simulated_runs import BEGIN, STOPPING, after, faulty, simulate
from tests.support.throwaway_testifly import Server, Testifly

RUN = Run("337", Target("274", "Plan", "274"))
CAN_STOP = Testifly(["a"], can_stop=True)
Script = Callable[[str, float], str]


def counted(passed: int, status: Status = Status.RUNNING, word: str = "InProgress", **more: str) -> Snapshot:
    """A run with so many tests done."""
    return Snapshot("337", status, word, reported=Reported(Counts(passed=passed), 9), **more)  # type: ignore[arg-type]  # only texts


def test_a_run_that_stays_queued_is_given_up(tmp_path: Path) -> None:
    """It is stopped, and the reason and the remedy name the limit; the other runs go on."""

    def script(job: str, age: float) -> str:
        return "PendingAgentConnection" if job == "job-a" else after(400)(job, age)

    result = simulate(
        tmp_path,
        Server(script),
        features=["a", "b"],
        limits=Limits(queue_timeout=60.0),
        options=STOPPING,
        vendor=Testifly(["a", "b"], can_stop=True),
    )
    assert result.conclusions == [Conclusion.TIMED_OUT, Conclusion.PASSED]
    assert "when `queue-timeout` expired (last status: PendingAgentConnection); it was stopped" in result.reasons[0]
    assert [at - BEGIN for at in result.transport.times("PUT")] == [pytest.approx(60, abs=8)]
    assert not result.reports[0].left_running


def test_a_run_that_began_is_not_queued_anymore(tmp_path: Path) -> None:
    """A platform that calls it queued once more doesn't bring the limit back."""

    def script(_job: str, age: float) -> str:
        return "Success" if age > 300 else "InProgress" if 5 < age < 40 else "Pending"

    result = simulate(tmp_path, Server(script), limits=Limits(queue_timeout=60.0))
    assert result.conclusions == [Conclusion.PASSED]


@pytest.mark.parametrize("word", ["InProgress", "Pending", "Reticulating"])
def test_a_run_that_does_not_change_is_given_up(tmp_path: Path, word: str) -> None:
    """Also in a status that nobody knows."""
    result = simulate(
        tmp_path,
        Server(lambda _job, _age: word),
        limits=Limits(stall_timeout=120.0),
        options=STOPPING,
        vendor=CAN_STOP,
    )
    assert result.conclusions == [Conclusion.TIMED_OUT]
    assert f"when `stall-timeout` expired (last status: {word})" in result.reasons[0]
    assert 120 <= result.seconds < 150


@pytest.mark.parametrize(
    ("clock", "word", "limits"),
    [
        ("timeout", "InProgress", Limits(timeout=60.0, queue_timeout=300.0, stall_timeout=300.0)),
        ("timeout", "Reticulating", Limits(timeout=60.0, queue_timeout=300.0, stall_timeout=300.0)),
        ("queue-timeout", "Pending", Limits(timeout=300.0, queue_timeout=60.0, stall_timeout=300.0)),
        ("stall-timeout", "InProgress", Limits(timeout=300.0, queue_timeout=300.0, stall_timeout=60.0)),
        ("stall-timeout", "Reticulating", Limits(timeout=300.0, queue_timeout=300.0, stall_timeout=60.0)),
    ],
)
def test_each_clock_is_told_in_the_same_words(tmp_path: Path, clock: str, word: str, limits: Limits) -> None:
    """The conclusion is the same; the reason and the remedy name the clock that expired, and no other."""
    result = simulate(tmp_path, Server(lambda _job, _age: word), limits=limits)
    assert result.conclusions == [Conclusion.TIMED_OUT]
    assert re.search(
        rf"^Feature a \(run job-a\) had not .* when `{clock}` expired \(last status: {word}\)$", result.reasons[0]
    )
    fault = result.reports[0].fault
    remedy = fault.remedy if isinstance(fault, Overdue) else remedy_for(Conclusion.TIMED_OUT)
    assert re.findall(r"raise `([a-z-]+)`", remedy) == [clock]
    assert 55 <= result.seconds < 100


def test_an_unknown_status_is_not_the_queue(tmp_path: Path) -> None:
    """Nobody knows whether it runs, so `queue-timeout` doesn't count it."""
    result = simulate(tmp_path, Server(after(300, before="Reticulating")), limits=Limits(queue_timeout=60.0))
    assert result.conclusions == [Conclusion.PASSED]


def test_a_change_of_the_tests_is_no_stall(tmp_path: Path) -> None:
    """The polls say nothing, but the list of tests grows."""

    def grown(request: Request, now: float) -> Answer | None:
        done = range(1 + int((now - BEGIN) / 50))
        rows = [{"_id": f"t{each}", "title": f"Test {each}", "status": "Passed"} for each in done]
        return answer(request, {"tests": rows}) if request.method == "GET" else None

    result = simulate(tmp_path, faulty(Server(after(600)), grown), limits=Limits(stall_timeout=120.0))
    assert result.conclusions == [Conclusion.PASSED]


def test_an_outage_is_no_stall(tmp_path: Path) -> None:
    """Five minutes without an answer are longer than the limit, and don't count."""

    def away(request: Request, now: float) -> Reply | None:
        return page(request) if 30 < now - BEGIN < 330 else None

    handler = faulty(Server(after(380)), away)
    result = simulate(tmp_path, handler, limits=Limits(stall_timeout=120.0, max_outage=600.0))
    assert result.conclusions == [Conclusion.PASSED]


def test_without_limits_only_the_timeout_ends_it(tmp_path: Path) -> None:
    """That is the default."""
    result = simulate(tmp_path, Server(lambda _job, _age: "Pending"), limits=Limits(timeout=500.0))
    assert "`timeout` expired" in result.reasons[0]


def test_the_timeout_counts_if_it_comes_first(tmp_path: Path) -> None:
    """The reason names the limit that expired."""
    limits = Limits(timeout=50.0, queue_timeout=60.0, stall_timeout=60.0)
    result = simulate(tmp_path, Server(lambda _job, _age: "Pending"), limits=limits, options=STOPPING)
    assert "when `timeout` expired" in result.reasons[0]


def test_a_run_that_is_left_is_named(tmp_path: Path) -> None:
    """Without a stop, it may still be running."""
    result = simulate(tmp_path, Server(lambda _job, _age: "Pending"), limits=Limits(queue_timeout=60.0))
    assert [run.id for run in result.reports[0].left_running] == ["job-a"]
    assert result.reports[0].late == ("job-a",)


def test_a_rerun_that_hangs_leaves_the_verdict(tmp_path: Path) -> None:
    """The first failures stand; the rerun is stopped as after a timeout."""

    def script(job: str, age: float) -> str:
        return "InProgress" if "again" in job else after(10, "Failed")(job, age)

    tests = [{"_id": "t1", "title": "Pay", "status": "Failed"}]
    result = simulate(
        tmp_path,
        Server(script, tests),
        limits=Limits(stall_timeout=60.0),
        options=RunOptions(rerun_failed=2, stop_at=lambda _run, why: why is Conclusion.TIMED_OUT),
        vendor=CAN_STOP,
    )
    assert result.conclusions == [Conclusion.FAILED]
    assert any("verdict is unchanged" in note and "`stall-timeout`" in note for note in result.reports[0].notes)
    assert result.transport.count("PUT") == 1
    assert result.transport.count("POST", "/testExecution/p1") == 2


def test_waiting_for_a_free_plan_is_not_queuing(tmp_path: Path) -> None:
    """No run exists yet: that wait is limited by `timeout`."""

    def busy(request: Request, now: float) -> Reply | None:
        taken = request.url.endswith("/testExecution/p1") and now < BEGIN + 200
        return answer(request, {"scheduleStatus": "AgentBusy"}) if taken else None

    result = simulate(tmp_path, faulty(Server(after(30)), busy), limits=Limits(queue_timeout=60.0))
    assert result.conclusions == [Conclusion.PASSED]


@given(st.lists(st.tuples(st.floats(0.5, 90), st.booleans()), min_size=1, max_size=30))
def test_the_clock_stands_still_in_an_outage(gaps: list[tuple[float, bool]]) -> None:
    """A gap with failures counts for at most 15 seconds, any other one as it is; the limit is never early."""
    lateness, now, failed, counted_seconds = Lateness(None, 100.0, 0.0), 0.0, 0, 0.0
    lateness.answered(now, counted(1), failed)
    for gap, broken in gaps:
        now, failed = now + gap, failed + broken
        lateness.answered(now, counted(1), failed)
        counted_seconds += min(gap, 15.0) if broken else gap
        assert (lateness.overdue(RUN, counted(1)) is not None) is (counted_seconds >= 100.0)


@pytest.mark.parametrize(
    "newer",
    [counted(2), counted(1, word="Running"), counted(1, Status.QUEUED), counted(1, waits_for="an agent")],
)
def test_any_change_restarts_the_clock(newer: Snapshot) -> None:
    """Counters, status, words, and what the platform waits for."""
    lateness = Lateness(None, 100.0, 0.0)
    lateness.answered(0.0, counted(1), 0)
    lateness.answered(99.0, newer, 0)
    lateness.answered(198.0, newer, 0)
    assert lateness.overdue(RUN, newer) is None
    lateness.answered(199.0, newer, 0)
    overdue = lateness.overdue(RUN, newer)
    assert overdue is not None
    assert "`stall-timeout`" in overdue.remedy


def test_the_remedy_names_what_the_platform_waits_for() -> None:
    """An agent that never connects is something to do."""
    waiting = counted(0, Status.QUEUED, "PendingAgentConnection", hint="start the agent box-7")
    lateness = Lateness(10.0, None, 0.0)
    lateness.answered(11.0, waiting, 0)
    overdue = lateness.overdue(RUN, waiting)
    assert overdue is not None
    assert overdue.remedy == "Start the agent box-7, or raise `queue-timeout`."
