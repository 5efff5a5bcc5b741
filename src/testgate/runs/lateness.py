"""When a run is given up: it waited too long on the platform, or nothing about it has changed for too long. Pure.

Only answers count. A run is never given up while the platform is away, and the time of an outage is no stall: nobody
knows what the run did meanwhile.
"""

from collections.abc import Hashable

from testgate.errors import Overdue
from testgate.model import Run, Snapshot, Status
from testgate.text import duration, one_line

LOOK_SHARE = 0.5  # of the limit: from then on, the tests are looked at too, which polls don't contain
SOONEST = 1.0  # seconds between two polls at least
LONGEST_GAP = 15.0  # seconds between two answers that count at most, if a request failed meanwhile
_LONGEST_WORD = 60


class Lateness:
    """The clocks of one attempt, in seconds; None is no limit. `began` is when it was started."""

    def __init__(self, queue: float | None, stall: float | None, began: float) -> None:
        self._queue = queue
        self._stall = stall
        self._began = self._last = began
        self._started = False
        self._still = 0.0  # for how long nothing has changed
        self._failed = 0
        self._known: Hashable = None
        self._seen: Hashable = None

    def answered(self, now: float, snapshot: Snapshot, failed: int) -> None:
        """Count an answer. `failed` is the number of requests that have failed so far."""
        gap = now - self._last
        self._still += gap if failed == self._failed else min(gap, LONGEST_GAP)
        self._last, self._failed = now, failed
        counts = snapshot.reported.counts
        runs = snapshot.status is not Status.QUEUED and not snapshot.odd
        self._started = self._started or runs or counts.executed + counts.skipped > 0
        known = (snapshot.status, snapshot.word, snapshot.odd, snapshot.reported, snapshot.waits_for, snapshot.ref)
        if known != self._known:
            self._known, self._seen, self._still = known, None, 0.0

    def due(self, now: float) -> float:
        """For how many seconds the next answer isn't needed: until then, no limit can expire."""
        waits = [] if self._queue is None or self._started else [self._began + self._queue - now]
        if self._stall is not None:
            share = 1.0 if self._seen is not None else LOOK_SHARE
            waits += [
                self._last + left - now for left in (self._stall * share - self._still, self._stall - self._still)
            ]
        return min((max(SOONEST, wait) for wait in waits if wait > 0), default=float("inf"))

    @property
    def wants_look(self) -> bool:
        """Whether it's time to look at the tests: once early, to compare with, and once before the run is given up."""
        if self._stall is None:
            return False
        return self._still >= self._stall or (self._seen is None and self._still >= self._stall * LOOK_SHARE)

    def looked(self, seen: Hashable) -> None:
        """Keep what the tests looked like; a change is one of the run. None: they couldn't be read."""
        if seen is None:
            return
        if self._seen not in {None, seen}:
            self._still = 0.0
        self._seen = seen

    def overdue(self, run: Run, snapshot: Snapshot) -> Overdue | None:
        """What the run is given up for; None if it isn't."""
        word = one_line(snapshot.word, _LONGEST_WORD)
        last = f" (last status: {word})" if word else ""
        waited = self._last - self._began
        queued = snapshot.status is Status.QUEUED and not self._started
        if self._queue is not None and queued and waited >= self._queue:
            what = f"had not begun to run {duration(waited)} after its start, when `queue-timeout` expired{last}"
            hint = f"{snapshot.hint[:1].upper()}{snapshot.hint[1:]}, or raise" if snapshot.hint else ""
            free = "Find out what it waited for: are its machines or agents free and connected? Otherwise raise"
            return Overdue(run.id, what, remedy=f"{hint or free} `queue-timeout`.")
        if self._stall is not None and self._still >= self._stall:
            what = f"had not changed for {duration(self._still)} when `stall-timeout` expired{last}"
            unknown = f" TestGate doesn't know the status {word!r}." if snapshot.odd else ""
            remedy = (
                f"Open the run's page to see where it hangs; raise `stall-timeout` if a test needs longer.{unknown}"
            )
            return Overdue(run.id, what, remedy=remedy)
        return None
