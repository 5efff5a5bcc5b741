"""A trigger in flight when the step must end: its run is found by its mark and stopped, or named."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testgate.errors import NEVER_LEFT, TriggerUnknown
from testgate.model import Conclusion, Intent
from testgate.runs.engine import Limits
from testgate.wire import Reply, Request
from tests.support.marks import full
from tests.support.simulated import Answer, answer, dropped
from tests.support.simulated_runs import (
    BEGIN,
    STOPPING,
    Fault,
    Simulation,
    after,
    faulty,
    lost_trigger,
    silence,
    simulate,
)
from tests.support.throwaway_testifly import Server, Testifly

MARK = "mark-1"


def held_back(server: Server, seconds: float) -> Fault:
    """The trigger arrives at once, and its answer comes after some seconds."""

    async def later(reply: Reply) -> Reply:
        await asyncio.sleep(seconds)
        return reply

    def fault(request: Request, now: float) -> Answer | None:
        return later(server(request, now)) if "testExecution" in request.url else None  # type: ignore[return-value]  # awaited by the transport

    return fault


def listed_after(seconds: float) -> Fault:
    """Runs are listed only from this time on."""
    return lambda request, now: (
        answer(request, {"ids": []}) if "/find/" in request.url and now < BEGIN + seconds else None
    )


def ended(tmp_path: Path, server: Server, *faults: Fault, finds: bool = True, **more: object) -> Simulation:
    """A step on a platform that can stop runs."""
    vendor = Testifly(["a"], can_stop=True, can_find=finds)
    return simulate(tmp_path, faulty(server, *faults), vendor=vendor, options=STOPPING, **more)  # type: ignore[arg-type]


ENDS: Mapping[str, Mapping[str, Any]] = {"cancel": {"cancel": 2.0}, "timeout": {"limits": Limits(timeout=3.0)}}


@pytest.mark.parametrize("end", [*ENDS])
@pytest.mark.parametrize("answered", [20.0, 100.0, 1e8])
def test_a_run_whose_trigger_is_not_answered_is_found_and_stopped(tmp_path: Path, end: str, answered: float) -> None:
    """The platform made the run, and holds its answer back."""
    server = Server(after(10_000))
    result = ended(tmp_path, server, held_back(server, answered), **ENDS[end])
    assert list(server.stopped) == ["job-a"]
    assert result.conclusions == [Conclusion.CANCELLED if end == "cancel" else Conclusion.TIMED_OUT]
    assert [run.id for run in result.journal.runs] == ["job-a"]
    assert result.transport.count("POST", "/testExecution/p1") == 1
    (report,) = result.reports
    assert (report.lost, report.left_running, report.fault) == ((), (), None)
    assert result.seconds < 8


@pytest.mark.parametrize("seconds", [3.0, 9.0, full(14.0), 17.0])
def test_a_run_that_is_listed_late_is_found_after_a_timeout(tmp_path: Path, seconds: float) -> None:
    """There are thirty seconds to close."""
    server = Server(after(10_000))
    result = ended(tmp_path, server, held_back(server, 1e8), listed_after(seconds), limits=Limits(timeout=3.0))
    assert list(server.stopped) == ["job-a"]
    assert result.conclusions == [Conclusion.TIMED_OUT]
    assert result.seconds < 33


def test_an_answer_that_comes_while_the_step_closes_is_enough(tmp_path: Path) -> None:
    """A platform that can't tell answers 17 s after the timeout."""
    server = Server(after(10_000))
    result = ended(tmp_path, server, held_back(server, 20.0), finds=False, limits=Limits(timeout=3.0))
    assert list(server.stopped) == ["job-a"]
    assert result.conclusions == [Conclusion.TIMED_OUT]


@pytest.mark.parametrize("listed", [5.0, 14.0, 25.0])
def test_a_lost_answer_is_looked_for_as_long_as_a_run_may_be_listed_late(tmp_path: Path, listed: float) -> None:
    """The step itself waits, and then takes the run to its results."""
    server = Server(after(60))
    result = ended(tmp_path, server, lost_trigger(server), listed_after(listed))
    assert result.conclusions == [Conclusion.PASSED]
    assert result.transport.count("POST", "/testExecution/p1") == 1


@pytest.mark.parametrize("refusals", [1, 3, 6, 1000])
def test_one_odd_answer_does_not_end_the_look(tmp_path: Path, refusals: int) -> None:
    """The run is looked for again, for half a minute."""
    left = ([404, 409, 422] * 400)[:refusals]

    def refusing(request: Request, _now: float) -> Reply | None:
        return answer(request, {"error": "no"}, left.pop()) if left and "/find/" in request.url else None

    server = Server(after(60))
    result = ended(tmp_path, server, lost_trigger(server), refusing)
    assert result.conclusions == [Conclusion.PASSED if refusals < 7 else Conclusion.TRIGGER_UNKNOWN]


@pytest.mark.parametrize(
    "fault",
    [
        lambda server: held_back(server, 1e8),
        lost_trigger,
        lambda _server: lambda request, _now: dropped(request) if "testExecution" in request.url else None,
    ],
)
@pytest.mark.parametrize("end", [*ENDS])
def test_a_run_that_is_not_found_is_named_by_its_build_number(
    tmp_path: Path, fault: Callable[[Server], Fault], end: str
) -> None:
    """In the reason, in the remedy, and in what the cleanup gets."""
    server = Server(after(10_000))
    result = ended(tmp_path, server, fault(server), listed_after(1e8), **ENDS[end])
    assert result.conclusions == [Conclusion.TRIGGER_UNKNOWN]
    (report,) = result.reports
    assert report.lost == (Intent("a", MARK, MARK),)
    assert isinstance(report.fault, TriggerUnknown)
    assert MARK in result.reasons[0]
    assert MARK in report.fault.remedy
    assert result.seconds < 34


def test_without_a_mark_the_target_is_named(tmp_path: Path) -> None:
    """Nothing can be looked for, and no build number is made up."""
    server = Server(after(10_000))
    result = ended(tmp_path, server, held_back(server, 1e8), finds=False, cancel=2.0)
    (report,) = result.reports
    assert report.lost == (Intent("a", MARK, ""),)
    assert isinstance(report.fault, TriggerUnknown)
    assert "a may or may not have been started" in result.reasons[0].lower()
    assert "build number" not in report.fault.remedy + result.reasons[0]
    assert result.transport.count("GET") == 0


def test_a_second_cancel_shortens_the_look(tmp_path: Path) -> None:
    """A runner that sent two signals kills soon."""
    server = Server(after(10_000))
    result = ended(tmp_path, server, held_back(server, 1e8), listed_after(1e8), cancel=2.0, again=2.5)
    assert result.seconds <= 2.5 + 1.5 + 0.1
    assert result.reports[0].lost


def test_a_cancel_after_the_timeout_leaves_time_to_stop(tmp_path: Path) -> None:
    """The look doesn't use up the five seconds."""
    server = Server(after(10_000))
    faults = held_back(server, 1e8), listed_after(6.0)
    result = ended(tmp_path, server, *faults, limits=Limits(timeout=3.0), cancel=4.0)
    assert list(server.stopped) == ["job-a"]
    assert result.seconds <= 9.1


def test_a_trigger_that_never_left_started_nothing(tmp_path: Path) -> None:
    """The transport knows that nothing was written, so the target was not started, and nothing is in doubt."""

    async def connecting() -> Reply:
        try:
            return await silence()
        except asyncio.CancelledError:
            raise asyncio.CancelledError(NEVER_LEFT) from None

    server = Server(after(10_000))
    hanging: Fault = lambda _request, _now: connecting()  # type: ignore[assignment, return-value]  # noqa: E731  # awaited by the transport
    result = ended(tmp_path, server, hanging, finds=False, cancel=2.0)
    assert result.conclusions == [Conclusion.CANCELLED]
    assert "was not started" in result.reasons[0]
    assert (result.reports[0].lost, result.reports[0].left_running) == ((), ())


@settings(max_examples=60, deadline=None)
@given(
    answered=st.floats(0.0, 60.0),
    listed=st.floats(0.0, 60.0),
    cancel=st.floats(0.05, 10.0),
    finds=st.booleans(),
    loses=st.booleans(),
)
def test_a_run_is_stopped_or_named_whatever_the_times_are(
    tmp_path_factory: pytest.TempPathFactory, *, answered: float, listed: float, cancel: float, finds: bool, loses: bool
) -> None:
    """Nothing goes on in silence, and the step ends in time."""
    server = Server(after(10_000))
    fault = lost_trigger(server) if loses else held_back(server, answered)
    result = ended(tmp_path_factory.mktemp("step"), server, fault, listed_after(listed), finds=finds, cancel=cancel)
    (report,) = result.reports
    assert result.transport.count("POST", "/testExecution/p1") <= 1
    assert result.seconds <= cancel + 5.1
    if server.started and not server.stopped:
        assert report.lost or report.left_running
    if report.lost:
        assert json.loads(json.dumps([each._asdict() for each in report.lost]))[0]["mark"] == MARK
