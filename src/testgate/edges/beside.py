"""Runs functions in daemon threads, beside the event loop.

Daemon threads, because a thread pool joins its threads when the process ends: work that hangs would
hang the step.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")

_After = Callable[[], object]
_Job = Callable[[], _After]
_Jobs = SimpleQueue[_Job]

IDLE_SECONDS = 10.0


class Workers:
    """Threads that are used again: as many as have work at the same time, and none for longer than it is needed.

    A thread without work ends after `idle_seconds`. There is no bound of their number here: a request that
    hangs must not hold up another one.
    """

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._idle: list[_Jobs] = []  # the last one is used first, so that the others can end

    def start(self, job: _Job) -> None:
        """Do the job in a thread, and then, when that has no work again, what the job returned.

        Raises:
            RuntimeError: the system has no thread to spare.

        """
        with self._lock:
            jobs = self._idle.pop() if self._idle else None
        if jobs is None:
            threading.Thread(target=self._work, args=(SimpleQueue(), job), name="testgate", daemon=True).start()
        else:
            jobs.put(job)

    def _work(self, jobs: _Jobs, job: _Job | None) -> None:
        """Do jobs until there are no more."""
        while job is not None:
            after = job()
            with self._lock:
                self._idle.append(jobs)
            after()
            del job, after  # a thread without work holds nothing of what it did
            job = self._next(jobs)

    def _next(self, jobs: _Jobs) -> _Job | None:
        """The next job of this thread; None if none came for long enough."""
        try:
            return jobs.get(timeout=self._idle_seconds)
        except Empty:
            with self._lock:
                if jobs in self._idle:
                    self._idle.remove(jobs)
                    return None
        return jobs.get()  # it was chosen at this very moment


async def beside(function: Callable[[], T], workers: Workers | None = None) -> T:
    """Await what the function returns or raises. If the caller is cancelled, the thread's result is dropped.

    Without `workers`, it gets a thread of its own.

    Raises:
        RuntimeError: the system has no thread to spare; and whatever the function raises.

    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(set_outcome: Callable[[], None]) -> None:
        if not result.done():
            set_outcome()

    def tell(set_outcome: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, set_outcome)

    def work() -> _After:
        try:
            return partial(tell, partial(result.set_result, function()))
        except BaseException as error:  # noqa: BLE001  # carried over to the loop, where it is raised
            return partial(tell, partial(result.set_exception, error))

    (workers or Workers(idle_seconds=0.0)).start(work)
    return await result
