"""Whole runs on a simulated clock and transport, from the trigger to the results."""

from pathlib import Path

from testgate.model import Conclusion
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.wire import Reply, Request
from tests.support.simulated import answer, page
from tests.support.simulated_runs import after, faulty, simulate
from tests.support.throwaway_testifly import Server


def test_a_run_is_triggered_polled_and_read(tmp_path: Path) -> None:
    """There is one trigger, and the journal has the id."""
    result = simulate(tmp_path, Server(after(30)))
    assert result.conclusions == [Conclusion.PASSED]
    assert result.transport.count("POST", "/testExecution/p1") == 1
    assert [each.id for each in result.journal.runs] == ["job-a"]
    assert 30 <= result.seconds < 45


def test_max_parallel_limits_concurrent_runs(tmp_path: Path) -> None:
    """A trigger waits until another run has ended."""
    features = [str(number) for number in range(200)]
    result = simulate(tmp_path, Server(after(10)), features=features, limits=Limits(max_parallel=10))
    assert result.conclusions == [Conclusion.PASSED] * 200
    starts = [at for at, each in result.transport.sent if each.url.endswith("/testExecution/p1")]
    assert all(later - earlier >= 10 for earlier, later in zip(starts, starts[10:], strict=False))


def test_without_waiting_nothing_is_polled(tmp_path: Path) -> None:
    """The ids are known."""
    result = simulate(tmp_path, Server(after(100)), features=["a", "b"], options=RunOptions(wait=False))
    assert result.conclusions == [Conclusion.TRIGGERED] * 2
    assert len(result.transport.sent) == 2
    assert [each.id for each in result.journal.runs] == ["job-a", "job-b"]


def test_a_target_that_cannot_be_started_does_not_affect_the_others(tmp_path: Path) -> None:
    """Every target has its own result."""

    def no_b(request: Request, _now: float) -> Reply | None:
        return (
            answer(request, {"error": "gone"}, 404) if request.body and request.body.get("featureId") == "b" else None
        )

    result = simulate(tmp_path, faulty(Server(after(30)), no_b), features=["a", "b", "c"])
    assert result.conclusions == [Conclusion.PASSED, Conclusion.PLATFORM_ERROR, Conclusion.PASSED]


def test_a_run_whose_tests_cannot_be_read_is_red(tmp_path: Path) -> None:
    """The run passed, but nothing proves that its tests did."""
    handler = faulty(Server(after(5)), lambda request, _now: page(request) if request.method == "GET" else None)
    result = simulate(tmp_path, handler, limits=Limits(max_outage=30))
    assert result.conclusions == [Conclusion.PLATFORM_ERROR]
    assert "Success" in result.reasons[0]
    assert result.seconds < 45


def test_the_log_of_a_long_run_is_short(tmp_path: Path) -> None:
    """Half an hour without changes is one line per minute."""
    result = simulate(tmp_path, Server(after(1800)))
    assert 25 <= len(result.log.splitlines()) <= 40


def test_a_simulation_is_deterministic(tmp_path: Path) -> None:
    """The simulated clock leaves nothing to chance."""
    features = [str(number) for number in range(30)]
    results = [simulate(tmp_path, Server(after(45)), features=features) for _time in range(2)]
    assert results[0].log == results[1].log
    assert results[0].transport.times("POST") == results[1].transport.times("POST")
