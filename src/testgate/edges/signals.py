"""SIGINT and SIGTERM as events: a handler never raises into running code. On Windows, SIGBREAK is such an event too."""

import os
import signal
from collections.abc import Callable
from types import FrameType

from testgate.edges.system import own_signals

EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


def handled() -> dict[signal.Signals, int]:
    """The signals that end a step on this system, with their exit codes; a system's own one counts as SIGTERM."""
    return {**EXIT_CODES, **dict.fromkeys(own_signals(), EXIT_CODES[signal.SIGTERM])}


class Signals:
    """Receives SIGINT and SIGTERM; the second signal of the same kind ends the process at once.

    Without a handler, process 1 of a container ignores SIGTERM. `give_up` ends the process with an
    exit code and doesn't return. `received` holds signals that came earlier; it is the list that the
    earlier handlers append to, so that none is lost between them and `install`.
    """

    def __init__(self, give_up: Callable[[int], object] = os._exit, *, received: list[int] | None = None) -> None:
        self._give_up = give_up
        self._received: list[int] = [] if received is None else received
        self._react: Callable[[signal.Signals], object] | None = None

    def install(self) -> None:
        """Install the handlers. Call this in the main thread, as early as possible."""
        for number in handled():
            signal.signal(number, self._receive)

    @property
    def first(self) -> signal.Signals | None:
        """The first signal that was received."""
        return signal.Signals(self._received[0]) if self._received else None

    def react(self, reaction: Callable[[signal.Signals], object] | None) -> None:
        """Call this for each signal from now on, and at once for one that was already received.

        The call interrupts the main thread anywhere, so it must only schedule work.
        """
        self._react = reaction
        if reaction is not None and self._received:
            reaction(signal.Signals(self._received[-1]))

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        """Remember the signal and react; the second time, end the process."""
        received = signal.Signals(number)
        if received in self._received:
            self._give_up(handled()[received])
        self._received.append(received)
        if self._react is not None:
            self._react(received)
