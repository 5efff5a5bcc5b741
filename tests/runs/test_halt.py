"""The end of a step: what requests it, and how much time is left to close down."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from testgate.model import Conclusion
from testgate.runs.halt import CLOSING_SECONDS, LAST_SECONDS, Halt, Halted
from tests.support.simulated import SimulatedLoop, play

CANCELLED, TIMED_OUT = Conclusion.CANCELLED, Conclusion.TIMED_OUT


def with_halt(test: Callable[[Halt, SimulatedLoop], Coroutine[object, object, None]], deadline: float = 100) -> None:
    """Run a test on a simulated loop; the deadline is in seconds from its start."""

    async def main(loop: SimulatedLoop) -> None:
        halt = Halt(loop.time() + deadline)
        await test(halt, loop)
        halt.close()

    play(main)


def test_the_deadline_ends_the_step() -> None:
    """Until then, there is no reason to end it, and no limit to closing down."""

    async def test(halt: Halt, _loop: SimulatedLoop) -> None:
        assert (halt.reason, halt.seconds_left) == (None, float("inf"))
        await asyncio.sleep(101)
        assert halt.reason is TIMED_OUT
        assert halt.seconds_left == pytest.approx(29)
        await asyncio.sleep(60)
        assert halt.seconds_left == 0

    with_halt(test)


def test_a_closed_deadline_is_forgotten() -> None:
    """The step has already ended."""

    async def test(halt: Halt, _loop: SimulatedLoop) -> None:
        halt.close()
        await asyncio.sleep(101)
        assert halt.reason is None

    with_halt(test)


@pytest.mark.parametrize(
    ("requests", "seconds"),
    [
        ([TIMED_OUT], CLOSING_SECONDS[TIMED_OUT]),
        ([CANCELLED], CLOSING_SECONDS[CANCELLED]),
        ([TIMED_OUT, CANCELLED], CLOSING_SECONDS[CANCELLED]),
        ([CANCELLED, TIMED_OUT], CLOSING_SECONDS[CANCELLED]),
        ([CANCELLED, CANCELLED], LAST_SECONDS),
        ([TIMED_OUT, CANCELLED, CANCELLED], LAST_SECONDS),
    ],
)
def test_the_first_reason_counts_and_later_ones_shorten_the_time(requests: list[Conclusion], seconds: float) -> None:
    """No request gives more time."""

    async def test(halt: Halt, _loop: SimulatedLoop) -> None:
        for each in requests:
            halt.request(each)
        assert halt.reason is requests[0]
        assert halt.seconds_left == pytest.approx(seconds)

    with_halt(test)


def test_a_second_cancel_shortens_a_closing_task() -> None:
    """Its limit is moved while it is running."""

    async def test(halt: Halt, loop: SimulatedLoop) -> None:
        halt.request(CANCELLED)
        loop.call_later(1, halt.request, CANCELLED)
        began = loop.time()
        with pytest.raises(TimeoutError):
            async with halt.closing():
                await asyncio.sleep(60)
        assert loop.time() - began == pytest.approx(1 + LAST_SECONDS)

    with_halt(test)


@pytest.mark.parametrize(("share", "more", "seconds"), [(1.0, 0.0, 5.0), (0.5, 0.0, 2.5), (0.0, 2.0, 2.0)])
def test_a_closing_task_gets_a_share_of_the_time(share: float, more: float, seconds: float) -> None:
    """Other tasks need the rest."""

    async def test(halt: Halt, loop: SimulatedLoop) -> None:
        halt.request(CANCELLED)
        began = loop.time()
        with pytest.raises(TimeoutError):
            async with halt.closing(share=share, more=more):
                await asyncio.sleep(60)
        assert loop.time() - began == pytest.approx(seconds)

    with_halt(test)


def test_work_is_dropped_when_the_step_must_end() -> None:
    """Its cleanup still runs."""
    cleaned = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.append(True)

    async def test(halt: Halt, loop: SimulatedLoop) -> None:
        loop.call_later(1, halt.request, CANCELLED)
        with pytest.raises(Halted, match="cancelled"):
            await halt.until(work())
        assert cleaned == [True]

    with_halt(test)


def test_work_that_ends_in_time_returns_its_result() -> None:
    """Its exception is raised, too."""

    async def work(result: int) -> int:
        await asyncio.sleep(1)
        if not result:
            raise KeyError(result)
        return result

    async def test(halt: Halt, _loop: SimulatedLoop) -> None:
        assert await halt.until(work(7)) == 7
        with pytest.raises(KeyError):
            await halt.until(work(0))

    with_halt(test)


def test_work_does_not_continue_when_its_caller_is_cancelled() -> None:
    """Nobody would see its result."""
    finished = []

    async def work() -> None:
        await asyncio.sleep(5)
        finished.append(True)

    async def test(halt: Halt, _loop: SimulatedLoop) -> None:
        caller = asyncio.ensure_future(halt.until(work()))
        await asyncio.sleep(1)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        await asyncio.sleep(10)
        assert not finished

    with_halt(test)


def test_a_pause_ends_with_the_step() -> None:
    """After the end, there are no more pauses."""

    async def test(halt: Halt, loop: SimulatedLoop) -> None:
        began = loop.time()
        await halt.pause(3)
        assert loop.time() - began == pytest.approx(3)
        loop.call_later(2, halt.request, CANCELLED)
        for seconds in (60, 60, 0):
            with pytest.raises(Halted):
                await halt.pause(seconds)
        assert loop.time() - began == pytest.approx(5)

    with_halt(test)


def test_a_cancel_leaves_a_share_its_share() -> None:
    """What has a half of the thirty seconds has a half of the five that remain."""

    async def test(halt: Halt, loop: SimulatedLoop) -> None:
        halt.request(Conclusion.TIMED_OUT)
        loop.call_later(1, halt.request, CANCELLED)
        began = loop.time()
        with pytest.raises(TimeoutError):
            async with halt.closing(share=0.5):
                await asyncio.sleep(60)
        assert loop.time() - began == pytest.approx(1 + 2.5)

    with_halt(test)


def test_work_can_outlive_the_end_of_the_step() -> None:
    """Whoever waits for it learns which came first."""

    async def test(halt: Halt, loop: SimulatedLoop) -> None:
        quick, slow = (asyncio.ensure_future(asyncio.sleep(seconds, seconds)) for seconds in (1, 5))
        loop.call_later(2, halt.request, CANCELLED)
        assert not await halt.interrupts(quick)
        assert await halt.interrupts(slow)
        assert await slow == 5

    with_halt(test)
