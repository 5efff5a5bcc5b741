"""Runs a function in a daemon thread, beside the event loop.

A daemon thread, because a thread pool joins its threads when the process ends: work that hangs would
hang the step.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")


async def beside(function: Callable[[], T], *, name: str = "testgate") -> T:
    """Await what the function returns or raises. If the caller is cancelled, the thread's result is dropped."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(set_outcome: Callable[[], None]) -> None:
        if not result.done():
            set_outcome()

    def work() -> None:
        try:
            set_outcome = partial(result.set_result, function())
        except BaseException as error:  # noqa: BLE001  # carried over to the loop, where it is raised
            set_outcome = partial(result.set_exception, error)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, set_outcome)

    threading.Thread(target=work, name=name, daemon=True).start()
    return await result
