"""Stopping runs: ours only, and never blindly."""

from pathlib import Path

from testgate.model import Conclusion
from testgate.runs.engine import Limits
from testgate.wire import Reply, Request
from tests.support.simulated import Answer, answer, dropped
from tests.support.simulated_runs import STOPPING, after, faulty, simulate
from tests.support.throwaway_testifly import Server, Testifly


def test_a_cancel_stops_fifty_runs_within_five_seconds(tmp_path: Path) -> None:
    """The request budget doesn't apply while closing down."""
    features = [str(number) for number in range(50)]
    server = Server(after(10_000))
    result = simulate(
        tmp_path,
        server,
        vendor=Testifly(features, can_stop=True),
        limits=Limits(max_parallel=50, requests_per_second=20),
        cancel=60,
        options=STOPPING,
    )
    assert len(server.stopped) == 50
    assert result.seconds <= 65
    assert not any(report.left_running for report in result.reports)
    assert result.conclusions == [Conclusion.CANCELLED] * 50


def test_runs_that_cannot_be_stopped_are_reported_as_left_running(tmp_path: Path) -> None:
    """The platform has no endpoint for it."""
    result = simulate(tmp_path, Server(after(10_000)), features=["a", "b"], cancel=60, options=STOPPING)
    assert [run.id for report in result.reports for run in report.left_running] == ["job-a", "job-b"]
    assert "job-a cannot be stopped" in result.log


def test_runs_of_others_are_not_stopped(tmp_path: Path) -> None:
    """An attached run continues after a cancel."""
    server = Server(after(10_000))
    server.started["job-x"] = 900.0
    vendor = Testifly([], attached=["x"], can_stop=True)
    result = simulate(tmp_path, server, vendor=vendor, cancel=60, options=STOPPING)
    assert server.stopped == {}
    assert [run.id for run in result.reports[0].left_running] == ["job-x"]


def test_a_stop_without_an_answer_is_followed_by_a_read(tmp_path: Path) -> None:
    """The read shows that the run has ended, so there is no second stop."""
    server = Server(after(10_000))

    def lost(request: Request, now: float) -> Exception | None:
        if request.method != "PUT":
            return None
        server(request, now)
        return dropped(request)

    result = simulate(
        tmp_path,
        faulty(server, lost),
        vendor=Testifly(["a"], can_stop=True),
        cancel=60,
        options=STOPPING,
    )
    assert result.transport.count("PUT") == 1
    assert not result.reports[0].left_running


def test_a_run_that_cannot_be_read_is_stopped(tmp_path: Path) -> None:
    """It is not abandoned silently."""
    server = Server(after(10_000))

    def no_reads(request: Request, now: float) -> Reply | None:
        return answer(request, {"error": "no"}, 422) if request.url.endswith("/jobs/p1") and 1030 < now < 1075 else None

    result = simulate(
        tmp_path,
        faulty(server, no_reads),
        vendor=Testifly(["a"], can_stop=True),
        limits=Limits(poll_interval=4),
        options=STOPPING,
    )
    assert result.conclusions == [Conclusion.PLATFORM_ERROR]
    assert bool(result.reports[0].left_running) != bool(server.stopped)


def test_a_run_that_we_gave_up_and_stopped_is_a_platform_error(tmp_path: Path) -> None:
    """The reason says why it was given up."""
    server = Server(after(10_000))

    def given_up(request: Request, now: float) -> Reply | None:
        return answer(request, {"error": "no"}, 422) if request.url.endswith("/jobs/p1") and now < 1030.65 else None

    result = simulate(tmp_path, faulty(server, given_up), vendor=Testifly(["a"], can_stop=True), options=STOPPING)
    assert list(server.stopped) == ["job-a"]
    assert result.conclusions == [Conclusion.PLATFORM_ERROR]
    assert "422" in result.reasons[0]


def test_a_cancel_stops_a_run_that_is_not_known_yet(tmp_path: Path) -> None:
    """A new run may be missing for two seconds, so it is read again until it appears."""
    server = Server(after(10_000))

    def missing(request: Request, now: float) -> Answer | None:
        return answer(request, {}, 404) if request.url.endswith("/jobs/p1") and now < 1002 else None

    vendor = Testifly(["a"], can_stop=True)
    result = simulate(tmp_path, faulty(server, missing), vendor=vendor, options=STOPPING, cancel=0.5)
    assert list(server.stopped) == ["job-a"]
    assert result.conclusions == [Conclusion.CANCELLED]
    assert not result.reports[0].left_running
