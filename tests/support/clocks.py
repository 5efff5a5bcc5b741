"""Clocks for simulators."""

import time
from collections.abc import Callable


def from_first_request() -> Callable[[], float]:
    """A clock on which no time passes before the first request, however long a step takes to start.

    A simulator reads its clock once when it starts to listen, and then once for each request.
    """
    readings: list[float] = []

    def read() -> float:
        if len(readings) < 2:
            readings.append(time.monotonic())
        return readings[0] + time.monotonic() - readings[-1]

    return read
