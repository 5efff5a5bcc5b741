"""Remembers signals from the first moment on. It imports next to nothing: what comes before it, a signal still ends."""

import _signal  # type: ignore[import-not-found]  # the C part of `signal`, which takes milliseconds to import
import os

_NAMES = ("SIGINT", "SIGTERM", "SIGBREAK")  # the last one is Windows'


def remember_signals() -> list[int]:
    """Remember signals from now on, in the list that is returned; the second of the same kind ends the process.

    Comes before every other import: until a handler exists, process 1 of a container ignores
    SIGTERM, and SIGINT ends in a traceback. The image starts Python with both blocked.
    """
    received: list[int] = []

    def remember(number: int, _frame: object) -> None:
        if number in received:
            os._exit(130 if number == _signal.SIGINT else 143)
        received.append(number)

    numbers = [getattr(_signal, name) for name in _NAMES if hasattr(_signal, name)]
    for number in numbers:
        _signal.signal(number, remember)
    if hasattr(_signal, "pthread_sigmask"):
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, numbers)
    return received
