"""Closing down: how long it may take, and what is kept."""

from pathlib import Path

from testgate.model import Conclusion
from testgate.runs.engine import Limits
from tests.support.simulated_runs import STOPPING, after, faulty, lost_trigger, once, silence, silent_after, simulate
from tests.support.throwaway_testifly import Server, Testifly


def test_a_second_cancel_during_a_trigger_leaves_it_unknown(tmp_path: Path) -> None:
    """There is no answer in the remaining second and a half."""
    result = simulate(tmp_path, lambda _request, _now: silence(), cancel=0.3, again=0.5, options=STOPPING)
    assert result.conclusions == [Conclusion.TRIGGER_UNKNOWN]
    assert result.seconds <= 0.5 + 1.5 + 0.1


def test_a_timeout_after_a_cancel_does_not_shorten_closing(tmp_path: Path) -> None:
    """Only a second cancel does."""
    handler = silent_after(Server(after(10_000)), 50)
    vendor = Testifly(["a"], can_stop=True)
    limits = Limits(timeout=61)
    result = simulate(tmp_path, handler, vendor=vendor, cancel=60, limits=limits, options=STOPPING)
    assert 64.5 <= result.seconds <= 65.1


def test_a_second_cancel_after_the_timeout_shortens_closing(tmp_path: Path) -> None:
    """The step ends a second and a half after the second cancel."""
    handler = silent_after(Server(after(10_000)), 50)
    result = simulate(
        tmp_path,
        handler,
        vendor=Testifly(["a"], can_stop=True),
        limits=Limits(timeout=60),
        cancel=62,
        again=62.5,
        options=STOPPING,
    )
    assert result.seconds <= 62.5 + 1.5 + 0.1


def test_a_cancel_during_a_refused_look_for_a_lost_trigger_looks_again(tmp_path: Path) -> None:
    """The run is found nevertheless, and stopped."""
    server = Server(after(10_000))
    handler = faulty(server, lost_trigger(server), once(lambda request: "/find/" in request.url, 401))
    vendor = Testifly(["a"], can_stop=True, can_find=True)
    result = simulate(tmp_path, handler, vendor=vendor, cancel=3, options=STOPPING)
    assert list(server.stopped) == ["job-a"]
    assert result.conclusions == [Conclusion.CANCELLED]


def test_the_timeout_reads_the_run_a_last_time(tmp_path: Path) -> None:
    """Its id and its partial results are kept."""
    result = simulate(tmp_path, Server(after(10_000)), limits=Limits(timeout=100))
    assert result.conclusions == [Conclusion.TIMED_OUT]
    assert 100 <= result.seconds < 105
    assert [test.name for test in result.reports[0].tests] == ["Login"]
    assert result.reports[0].run is not None


def test_a_run_that_ended_just_before_the_timeout_gets_its_verdict(tmp_path: Path) -> None:
    """The last read decides."""
    result = simulate(tmp_path, Server(after(99)), limits=Limits(timeout=100, poll_interval=60))
    assert result.conclusions == [Conclusion.PASSED]


def test_closing_takes_30_seconds_after_a_timeout(tmp_path: Path) -> None:
    """The platform can't hold the step longer."""
    handler = silent_after(Server(after(10_000)), 90)
    result = simulate(tmp_path, handler, limits=Limits(timeout=100))
    assert result.conclusions == [Conclusion.TIMED_OUT]
    assert result.seconds <= 131


def test_a_cancel_of_many_runs_ends_within_five_seconds(tmp_path: Path) -> None:
    """Every report contains its run."""
    features = [str(number) for number in range(20)]
    result = simulate(
        tmp_path,
        Server(after(10_000)),
        features=features,
        limits=Limits(max_parallel=20),
        cancel=50,
    )
    assert result.conclusions == [Conclusion.CANCELLED] * 20
    assert result.seconds <= 55.1
    assert all(report.run for report in result.reports)


def test_a_cancel_during_a_trigger_waits_for_its_answer(tmp_path: Path) -> None:
    """The cleanup needs the id."""
    result = simulate(tmp_path, Server(after(100)), latency=2.0, cancel=1.0)
    assert [each.id for each in result.journal.runs] == ["job-a"]
    assert result.conclusions == [Conclusion.CANCELLED]
    assert result.seconds <= 6.1


def test_a_cancel_during_a_trigger_without_an_answer_leaves_it_unknown(tmp_path: Path) -> None:
    """Nobody knows whether a run was started."""
    result = simulate(tmp_path, Server(after(100)), latency=20.0, cancel=1.0)
    assert result.conclusions == [Conclusion.TRIGGER_UNKNOWN]
    assert result.seconds <= 6.1


def test_nothing_is_started_after_a_cancel(tmp_path: Path) -> None:
    """Targets that are still waiting are not started."""
    features = ["a", "b", "c"]
    result = simulate(
        tmp_path,
        Server(after(100)),
        features=features,
        limits=Limits(max_parallel=1),
        cancel=20,
    )
    assert result.transport.count("POST", "/testExecution/p1") == 1
    assert result.conclusions == [Conclusion.CANCELLED] * 3
    assert "was not started" in result.reasons[2]


def test_closing_takes_five_seconds_if_the_platform_is_silent(tmp_path: Path) -> None:
    """The run is reported as left running."""
    handler = silent_after(Server(after(10_000)), 50)
    vendor = Testifly(["a"], can_stop=True)
    result = simulate(tmp_path, handler, vendor=vendor, cancel=60, options=STOPPING)
    assert result.seconds <= 65.1
    assert [run.id for run in result.reports[0].left_running] == ["job-a"]


def test_a_cancel_during_the_look_for_a_lost_trigger_stops_its_run(tmp_path: Path) -> None:
    """There is time for one more look."""
    server = Server(after(1000))
    result = simulate(
        tmp_path,
        faulty(server, lost_trigger(server)),
        vendor=Testifly(["a"], can_find=True, can_stop=True),
        cancel=0.5,
        options=STOPPING,
    )
    assert list(server.stopped) == ["job-a"]
    assert result.seconds <= 5.6


def test_a_second_cancel_shortens_closing(tmp_path: Path) -> None:
    """A silent platform gets a second and a half instead of five seconds."""
    handler = silent_after(Server(after(10_000)), 50)
    vendor = Testifly(["a"], can_stop=True)
    result = simulate(tmp_path, handler, vendor=vendor, cancel=60, again=61.0, options=STOPPING)
    assert result.seconds <= 61 + 1.5 + 0.1
    assert [run.id for run in result.reports[0].left_running] == ["job-a"]
