"""Stops, busy platforms, lost triggers and reruns on the simulated clock."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from testgate.gate.verdict import judge
from testgate.model import Conclusion, Origin, Run
from testgate.results import Policy
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.wire import Reply, Request
from tests.runs.test_workflow import after, faulty, simulate
from tests.support.simulated import Handler, answer, dropped, page
from tests.support.throwaway_testifly import Server, Testifly


def ours(run: Run, why: Conclusion) -> bool:
    """The default of the inputs: runs that we started are stopped, whatever ends the step."""
    del why
    return run.origin is Origin.STARTED


STOPPING = RunOptions(stop_at=ours)


def test_a_cancel_stops_fifty_runs_inside_five_seconds(tmp_path: Path) -> None:
    """Every one is read, stopped and read again, whatever budget of requests there is."""
    features = [str(number) for number in range(50)]
    server = Server(after(10_000))
    played = simulate(
        tmp_path,
        server,
        vendor=Testifly(features, can_stop=True),
        limits=Limits(max_parallel=50, requests_per_second=20),
        halt=(60, Conclusion.CANCELLED),
        plan=STOPPING,
    )
    assert len(server.stopped) == 50
    assert played.seconds <= 65
    assert not any(report.left_running for report in played.reports)
    assert played.conclusions == [Conclusion.CANCELLED] * 50


def test_a_platform_that_cannot_stop_leaves_the_runs_and_says_so(tmp_path: Path) -> None:
    """No endpoint: the runs are told as left running."""
    played = simulate(
        tmp_path, Server(after(10_000)), features=["a", "b"], halt=(60, Conclusion.CANCELLED), plan=STOPPING
    )
    assert [run.id for report in played.reports for run in report.left_running] == ["job-a", "job-b"]
    assert "job-a cannot be stopped" in played.log


def test_runs_of_others_are_not_stopped(tmp_path: Path) -> None:
    """An attached run goes on after a cancel."""
    server = Server(after(10_000))
    server.started["job-x"] = 900.0
    vendor = Testifly([], attached=["x"], can_stop=True)
    played = simulate(tmp_path, server, vendor=vendor, halt=(60, Conclusion.CANCELLED), plan=STOPPING)
    assert server.stopped == {}
    assert [run.id for run in played.reports[0].left_running] == ["job-x"]


def test_a_stop_whose_answer_is_lost_is_sent_again_only_after_a_read(tmp_path: Path) -> None:
    """The first stop arrives and its answer does not: the read after it shows the end, and there is no second."""
    server = Server(after(10_000))

    def lost(request: Request, now: float) -> Exception | None:
        if request.method != "PUT":
            return None
        server(request, now)
        return dropped(request)

    played = simulate(
        tmp_path,
        faulty(server, lost),
        vendor=Testifly(["a"], can_stop=True),
        halt=(60, Conclusion.CANCELLED),
        plan=STOPPING,
    )
    assert played.transport.count("PUT") == 1
    assert not played.reports[0].left_running


def test_closing_down_is_bounded_when_the_platform_is_silent(tmp_path: Path) -> None:
    """Nothing answers any more: five seconds, and the run is told as left running."""

    async def silence() -> Reply:
        await asyncio.sleep(1e9)
        raise AssertionError

    server = Server(after(10_000))
    handler: Handler = lambda request, now: silence() if now > 1050 else server(request, now)  # noqa: E731  # typed
    vendor = Testifly(["a"], can_stop=True)
    played = simulate(tmp_path, handler, vendor=vendor, halt=(60, Conclusion.CANCELLED), plan=STOPPING)
    assert played.seconds <= 65.1
    assert [run.id for run in played.reports[0].left_running] == ["job-a"]


def test_a_run_that_cannot_be_followed_is_stopped(tmp_path: Path) -> None:
    """The platform refuses to tell of the run, but can still stop it: it is not left behind silently."""
    server = Server(after(10_000))

    def no_reads(request: Request, now: float) -> Reply | None:
        return answer(request, {"error": "no"}, 422) if request.url.endswith("/jobs/p1") and 1030 < now < 1040 else None

    played = simulate(
        tmp_path,
        faulty(server, no_reads),
        vendor=Testifly(["a"], can_stop=True),
        limits=Limits(poll_interval=4),
        plan=STOPPING,
    )
    assert played.conclusions == [Conclusion.PLATFORM_ERROR]
    assert bool(played.reports[0].left_running) != bool(server.stopped)


def test_a_busy_platform_is_asked_again_until_it_starts(tmp_path: Path) -> None:
    """Three minutes of busy are waited out with growing pauses."""
    handler = faulty(
        Server(after(5)),
        lambda request, now: (
            answer(request, {"scheduleStatus": "AgentBusy"}) if "testExecution" in request.url and now < 1180 else None
        ),
    )
    played = simulate(tmp_path, handler)
    assert played.conclusions == [Conclusion.PASSED]
    assert 6 <= played.transport.count("POST", "/testExecution/p1") <= 12
    assert "busy" in played.log


def test_a_lost_trigger_is_recovered_once(tmp_path: Path) -> None:
    """The mark is found on exactly one run: it is ours, and no second trigger is sent."""
    server = Server(after(5))

    def lost(request: Request, now: float) -> Reply | None:
        if "testExecution" not in request.url:
            return None
        server(request, now)
        return page(request, 502)

    played = simulate(tmp_path, faulty(server, lost), vendor=Testifly(["a"], can_find=True))
    assert played.conclusions == [Conclusion.PASSED]
    assert played.transport.count("POST", "/testExecution/p1") == 1
    assert [run.id for run in played.journal.runs] == ["job-a"]


@pytest.mark.parametrize("found", [[], ["job-1", "job-2"]])
def test_none_or_several_runs_with_the_mark_are_no_proof(tmp_path: Path, found: list[str]) -> None:
    """Looked for three times, then unknown."""

    def lost(request: Request, _now: float) -> Reply | None:
        if "/find/" in request.url:
            return answer(request, {"ids": found})
        return page(request, 504) if "testExecution" in request.url else None

    played = simulate(tmp_path, faulty(Server(after(5)), lost), vendor=Testifly(["a"], can_find=True))
    assert played.conclusions == [Conclusion.TRIGGER_UNKNOWN]
    assert played.transport.count("POST", "/testExecution/p1") == 1


def test_a_cancel_while_a_lost_trigger_is_looked_for_stops_its_run(tmp_path: Path) -> None:
    """There is time for one more look: the run is found and stopped."""
    server = Server(after(1000))

    def lost(request: Request, now: float) -> Reply | None:
        if "testExecution" not in request.url:
            return None
        server(request, now)
        return page(request, 502)

    played = simulate(
        tmp_path,
        faulty(server, lost),
        vendor=Testifly(["a"], can_find=True, can_stop=True),
        halt=(0.5, Conclusion.CANCELLED),
        plan=STOPPING,
    )
    assert list(server.stopped) == ["job-a"]
    assert played.seconds <= 5.6


Rows = Sequence[Mapping[str, Any]]


def reports_of(first: Rows, again: Rows) -> Server:
    """A first run with these tests, and a rerun with those."""
    return Server(
        lambda job, _age: "Failed" if job == "job-a" else "Success",
        lambda job: first if job == "job-a" else again,
    )


LOGIN = {"_id": "1", "title": "Login", "status": "Passed"}
PAY = {"_id": "2", "title": "Pay", "status": "Failed", "error": "no button"}


def test_a_rerun_is_matched_by_title(tmp_path: Path) -> None:
    """Ids change, titles stay: the test is flaky, the run is passed."""
    server = reports_of([LOGIN, PAY], [{"_id": "9", "title": "Pay", "status": "Passed"}])
    played = simulate(tmp_path, server, plan=RunOptions(rerun_failed=1))
    assert played.conclusions == [Conclusion.PASSED]
    assert [test.flaky for test in played.reports[0].tests] == [False, True]


def test_a_rerun_that_matches_nothing_leaves_the_verdict_and_is_told(tmp_path: Path) -> None:
    """Its tests are strangers: the first verdict stands."""
    server = reports_of([LOGIN, PAY], [{"_id": "9", "title": "Paying", "status": "Passed"}])
    played = simulate(tmp_path, server, plan=RunOptions(rerun_failed=1))
    assert played.conclusions == [Conclusion.FAILED]
    assert "match no test of the first run" in played.log


def test_a_rerun_cut_off_by_the_timeout_keeps_the_failure_and_is_stopped(tmp_path: Path) -> None:
    """The first run has its verdict; the rerun is ours and goes on, so it is stopped."""
    server = Server(
        lambda job, age: "Failed" if job == "job-a" else ("Success" if age > 1000 else "InProgress"),
        lambda job: [LOGIN, PAY] if job == "job-a" else [],
    )
    played = simulate(
        tmp_path,
        server,
        vendor=Testifly(["a"], can_stop=True),
        limits=Limits(timeout=100),
        plan=RunOptions(rerun_failed=1, stop_at=ours),
    )
    assert played.conclusions == [Conclusion.FAILED]
    assert list(server.stopped) == ["job-a-again[Pay]"]


def test_a_second_signal_shortens_the_closing(tmp_path: Path) -> None:
    """The platform is silent: the first cancel would take five seconds, the second leaves a second and a half."""

    async def silence() -> Reply:
        await asyncio.sleep(1e9)
        raise AssertionError

    server = Server(after(10_000))
    handler: Handler = lambda request, now: silence() if now > 1050 else server(request, now)  # noqa: E731  # typed
    vendor = Testifly(["a"], can_stop=True)
    played = simulate(tmp_path, handler, vendor=vendor, halt=(60, Conclusion.CANCELLED), again=61.0, plan=STOPPING)
    assert played.seconds <= 61 + 1.5 + 0.1
    assert [run.id for run in played.reports[0].left_running] == ["job-a"]


def test_limits_over_all_runs_decide_about_reruns(tmp_path: Path) -> None:
    """Two runs with two failures each, three allowed: the second that ends knows of the first, and reruns its own."""
    bad = [LOGIN, PAY, {**PAY, "_id": "3", "title": "Ship"}]
    fixed = [{**row, "status": "Passed"} for row in bad[1:]]
    server = Server(
        lambda job, age: "InProgress" if job == "job-b" and age < 20 else ("Success" if "again" in job else "Failed"),
        lambda job: fixed if "again" in job else bad,
    )
    policy = Policy(min_pass_rate=None, max_failures=3)
    played = simulate(tmp_path, server, features=["a", "b"], plan=RunOptions(rerun_failed=1, policy=policy))
    assert [each.verdict.conclusion for each in judge(played.reports, policy)] == [Conclusion.PASSED] * 2
    assert played.transport.count("POST", "/testExecution/p1") == 3
