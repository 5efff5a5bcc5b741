"""Work beside the loop: its result, its failure, and its end without anybody waiting."""

import asyncio
import threading

import pytest

from testgate.edges.beside import beside


def test_it_returns_what_the_function_returns_while_the_loop_runs() -> None:
    """The loop is not held up meanwhile."""
    go = threading.Event()

    async def main() -> tuple[int, str]:
        work = asyncio.ensure_future(beside(lambda: go.wait(60) and 7))
        await asyncio.sleep(0)
        go.set()  # the loop got here while the work was waiting
        return int(await work), threading.current_thread().name

    assert asyncio.run(main())[0] == 7


def test_it_raises_what_the_function_raises() -> None:
    """Also what is no ordinary exception."""

    def fail() -> None:
        raise KeyboardInterrupt("odd")

    with pytest.raises(KeyboardInterrupt, match="odd"):
        asyncio.run(beside(fail))


def test_a_result_that_nobody_waits_for_is_dropped() -> None:
    """Neither a late result nor a closed loop is an error."""
    go = threading.Event()
    threads: list[threading.Thread] = []

    def work() -> int:
        threads.append(threading.current_thread())
        go.wait(60)
        return 7

    async def main() -> None:
        waiting = asyncio.ensure_future(beside(work))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(main())
    go.set()
    threads[0].join(60)
    assert threads[0].daemon
    assert not threads[0].is_alive()
