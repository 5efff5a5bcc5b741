"""SIGINT and SIGTERM as events: a handler never raises into what is going on."""

import os
import signal
from collections.abc import Callable
from types import FrameType

EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


class Signals:
    """Hears the two signals that ask for an end; the same one again ends the process at once.

    As the first process of a container, Python ignores SIGTERM without a handler. `give_up` ends
    the process with an exit code and does not return.
    """

    def __init__(self, give_up: Callable[[int], object] = os._exit) -> None:
        """Take what ends the process."""
        self._give_up = give_up
        self._heard: list[signal.Signals] = []
        self._react: Callable[[signal.Signals], object] | None = None

    def install(self) -> None:
        """Begin to hear. Call it in the main thread, as early as can be."""
        for number in EXIT_CODES:
            signal.signal(number, self._hear)

    @property
    def first(self) -> signal.Signals | None:
        """The first signal that came."""
        return self._heard[0] if self._heard else None

    def react(self, reaction: Callable[[signal.Signals], object] | None) -> None:
        """Call this for each signal from now on, and at once if one has come already.

        It is called between two steps of whatever the main thread does: it must only post.
        """
        self._react = reaction
        if reaction is not None and self._heard:
            reaction(self._heard[-1])

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        """Remember and post; the second time, end."""
        heard = signal.Signals(number)
        if heard in self._heard:
            self._give_up(EXIT_CODES[heard])
        self._heard.append(heard)
        if self._react is not None:
            self._react(heard)
