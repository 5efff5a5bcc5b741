"""Work beside the loop: its result, its failure, and its end without anybody waiting."""

import asyncio
import threading
import weakref

import pytest

from testgate.edges.beside import Workers, beside


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


def test_a_thread_is_used_again() -> None:
    """One request after another needs one thread; it holds nothing of what it did."""
    seen: set[int] = set()

    class Answer:
        """Something large."""

    async def main() -> weakref.ref[Answer]:
        workers = Workers()
        kept: list[weakref.ref[Answer]] = []

        def work() -> int:
            answer = Answer()
            kept.append(weakref.ref(answer))
            seen.add(threading.get_ident())
            return len(kept)

        assert [await beside(work, workers) for _ in range(50)] == [*range(1, 51)]
        return kept[-1]

    assert asyncio.run(main())() is None
    assert len(seen) == 1


@pytest.mark.parametrize(("together", "rounds"), [(1, 5), (8, 5), (30, 3)])
def test_there_are_as_many_threads_as_work_at_the_same_time(together: int, rounds: int) -> None:
    """No more are started, however much work there was before, and none is held up by another one."""
    seen: set[int] = set()

    async def main() -> None:
        workers = Workers()
        for _ in range(rounds):
            all_here = threading.Barrier(together)

            def work(meet: threading.Barrier = all_here) -> None:
                seen.add(threading.get_ident())
                meet.wait(60)

            await asyncio.gather(*(beside(work, workers) for _ in range(together)))

    asyncio.run(main())
    assert len(seen) == together


def test_a_thread_without_work_ends() -> None:
    """None is left after its time."""
    threads: list[threading.Thread] = []

    async def main() -> None:
        workers = Workers(idle_seconds=0.001)
        for _ in range(20):
            await beside(lambda: threads.append(threading.current_thread()), workers)
            await asyncio.sleep(0.001)  # about when the thread ends: a job is never lost between two of them

    asyncio.run(main())
    assert len(threads) == 20
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def test_work_that_fails_leaves_its_thread_usable() -> None:
    """Whatever was raised."""
    seen: set[int] = set()

    async def main() -> None:
        workers = Workers()

        def fail() -> None:
            seen.add(threading.get_ident())
            raise SystemExit(7)

        for _ in range(5):
            with pytest.raises(SystemExit):
                await beside(fail, workers)

    asyncio.run(main())
    assert len(seen) == 1
