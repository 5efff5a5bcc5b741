"""Logs an outage of the platform: when it begins, now and then while it lasts, and when it ends."""

from collections.abc import Callable

from testgate.edges.console import Console
from testgate.errors import GateError
from testgate.text import duration

REPEAT_SECONDS = 15.0


class OutageLog:
    """One log for all calls to a server. `clock` gives seconds; `server` is its name."""

    def __init__(self, console: Console, clock: Callable[[], float], server: str) -> None:
        self._console = console
        self._server = server
        self._clock = clock
        self._since: float | None = None
        self._logged_at = float("-inf")

    def failed(self, fault: GateError, since: float, allowed: float) -> None:
        """Log a failed attempt of a call that has been failing `since`, and may fail for `allowed` seconds."""
        now = self._clock()
        if self._since is None:
            self._since = since
            self._console.event(f"no good answer, retrying for up to {duration(allowed)}: {fault}")
        elif now - self._logged_at >= REPEAT_SECONDS:
            left = duration(since + allowed - now)
            lasted = duration(now - since)
            since_when = f"no good answer from {self._server} for {lasted}"
            self._console.event(f"{since_when}, retrying for another {left}: {fault}")
        else:
            return
        self._logged_at = now

    def answered(self) -> None:
        """Log the end of the outage, if there was one."""
        if self._since is not None:
            lasted = duration(self._clock() - self._since)
            self._since = None
            self._console.event(f"{self._server} answers again after {lasted}")
