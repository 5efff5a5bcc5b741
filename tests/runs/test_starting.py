"""Starting a run exactly once, and a trigger that is in flight when the step must end."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from testgate.errors import Refused, TriggerUnknown
from testgate.model import Conclusion, Run, Target
from testgate.runs.context import RunOptions
from testgate.runs.halt import Halted
from testgate.runs.starting import PendingTrigger
from testgate.wire import Reply, Request
from tests.support.simulated import SimulatedLoop, answer, dropped, page, play
from tests.support.simulated_runs import after, faulty, lost_trigger, simulate
from tests.support.throwaway_testifly import Server, Testifly


@pytest.mark.parametrize(
    "fault",
    [
        dropped,
        lambda request: page(request, 500),
        lambda request: page(request, 502),
        lambda request: page(request, 504),
        lambda request: page(request, 200, "<html>Sign in</html>"),
        lambda request: answer(request, {"unexpected": True}),
        lambda request: answer(request, []),
        *(partial(page, status=status) for status in (101, 204, 301, 302, 303, 307, 308, 408, 425, 440, 444, 499, 600)),
    ],
)
def test_a_trigger_that_may_have_arrived_is_never_sent_again(
    tmp_path: Path, fault: Callable[[Request], Reply | Exception]
) -> None:
    """After any ambiguous answer, the trigger is unknown."""
    handler = faulty(Server(after(1)), lambda request, _now: fault(request) if "testExecution" in request.url else None)
    result = simulate(tmp_path, handler)
    assert result.transport.count("POST", "/testExecution/p1") == 1
    assert result.conclusions == [Conclusion.TRIGGER_UNKNOWN]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 409, 410, 415, 422, 451])
def test_a_refused_trigger_is_not_sent_again(tmp_path: Path, status: int) -> None:
    """A refusal is certain, and reported at once."""
    handler = faulty(Server(after(1)), lambda request, _now: answer(request, {"error": "no such feature"}, status))
    result = simulate(tmp_path, handler)
    assert result.conclusions == [Conclusion.PLATFORM_ERROR]
    assert len(result.transport.sent) == 1
    assert "no such feature" in result.reasons[0]


def test_a_busy_platform_can_be_an_error(tmp_path: Path) -> None:
    """With `on-busy: fail`, it is reported at once."""
    handler = faulty(Server(after(1)), lambda request, _now: answer(request, {"scheduleStatus": "AgentBusy"}))
    result = simulate(tmp_path, handler, options=RunOptions(wait_busy=False))
    assert result.conclusions == [Conclusion.PLATFORM_ERROR]
    assert result.reasons == ["no agent is free"]


def test_a_busy_platform_is_asked_until_it_starts_the_run(tmp_path: Path) -> None:
    """The pauses become longer during three busy minutes."""
    handler = faulty(
        Server(after(5)),
        lambda request, now: (
            answer(request, {"scheduleStatus": "AgentBusy"}) if "testExecution" in request.url and now < 1180 else None
        ),
    )
    result = simulate(tmp_path, handler)
    assert result.conclusions == [Conclusion.PASSED]
    assert 6 <= result.transport.count("POST", "/testExecution/p1") <= 12
    assert "busy" in result.log


def test_a_lost_trigger_is_recovered_by_its_mark(tmp_path: Path) -> None:
    """Exactly one run carries the mark, and no second trigger is sent."""
    server = Server(after(5))
    handler = faulty(server, lost_trigger(server, lambda request: page(request, 502)))
    result = simulate(tmp_path, handler, vendor=Testifly(["a"], can_find=True))
    assert result.conclusions == [Conclusion.PASSED]
    assert result.transport.count("POST", "/testExecution/p1") == 1
    assert [run.id for run in result.journal.runs] == ["job-a"]


@pytest.mark.parametrize("found", [[], ["job-1", "job-2"]])
def test_no_run_or_several_runs_with_the_mark_prove_nothing(tmp_path: Path, found: list[str]) -> None:
    """After looking for it, the trigger remains unknown."""

    def lost(request: Request, _now: float) -> Reply | None:
        if "/find/" in request.url:
            return answer(request, {"ids": found})
        return page(request, 504) if "testExecution" in request.url else None

    result = simulate(tmp_path, faulty(Server(after(5)), lost), vendor=Testifly(["a"], can_find=True))
    assert result.conclusions == [Conclusion.TRIGGER_UNKNOWN]
    assert result.transport.count("POST", "/testExecution/p1") == 1


RUN = Run("337", Target("274", "Nightly"))


async def started(seconds: float, result: Run | Exception = RUN) -> Run:
    """A trigger that is answered after some time."""
    await asyncio.sleep(seconds)
    if isinstance(result, Exception):
        raise result
    return result


def test_a_trigger_that_is_answered_is_not_pending() -> None:
    """Its run or its error is returned once, and nothing is left to settle."""

    async def main(_loop: SimulatedLoop) -> None:
        trigger = PendingTrigger()
        assert await trigger.run(started(1)) is RUN
        with pytest.raises(Refused):
            await trigger.run(started(1, Refused("no", status=404)))
        await trigger.wait(10)
        assert await trigger.settle("Nightly") is None

    play(main)


@pytest.mark.parametrize("answered_after", [2, 20])
def test_a_trigger_outlives_the_cancel_of_its_caller(answered_after: float) -> None:
    """If it is answered in time, its run is kept; otherwise nobody knows what it did."""

    async def main(loop: SimulatedLoop) -> None:
        trigger = PendingTrigger()
        caller = asyncio.ensure_future(trigger.run(started(answered_after)))
        await asyncio.sleep(1)
        caller.cancel()
        began = loop.time()
        await trigger.wait(3)
        if answered_after == 2:
            assert loop.time() - began == pytest.approx(1)
            assert await trigger.settle("Nightly") is RUN
        else:
            assert loop.time() - began == pytest.approx(3)
            with pytest.raises(TriggerUnknown, match="Nightly was being started"):
                await trigger.settle("Nightly")
        assert await trigger.settle("Nightly") is None

    play(main)


@pytest.mark.parametrize("end", [Halted(Conclusion.CANCELLED), Refused("no", status=404)])
def test_a_pending_trigger_can_end_without_a_run(end: Exception) -> None:
    """One that was never sent is no run, and one that was refused raises its error."""

    async def main(_loop: SimulatedLoop) -> None:
        trigger = PendingTrigger()
        caller = asyncio.ensure_future(trigger.run(started(2, end)))
        await asyncio.sleep(1)
        caller.cancel()
        await trigger.wait(3)
        if isinstance(end, Halted):
            assert await trigger.settle("Nightly") is None
        else:
            with pytest.raises(Refused):
                await trigger.settle("Nightly")

    play(main)
