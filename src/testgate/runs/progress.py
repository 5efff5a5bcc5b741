"""Logs the progress of runs: one line per change, a heartbeat, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

from testgate.edges.console import Console
from testgate.model import Origin, Run, Snapshot, Status, Target
from testgate.runs.live import STATES, LiveLine
from testgate.text import duration

HEARTBEAT_SECONDS = 60.0
HINT_SECONDS = 120.0
CHANGE_SECONDS = 5.0  # counts that change faster are logged this often


@dataclass(eq=False, repr=False)
class _Logged:
    """The last logged state of a run, and when it was logged."""

    at: float
    status: Status | None = None
    done: int = 0
    bad: int = 0
    odd: str = ""
    waits_for: str = ""
    waits_since: float = 0.0
    hinted: bool = False
    state: str = ""


class Progress:
    """Logs runs. `monotonic` gives seconds; with `several`, each line starts with the target's name.

    `live` is the line at the bottom of a terminal, about `count` targets.
    """

    def __init__(self, console: Console, monotonic: Callable[[], float], *, several: bool, count: int = 1) -> None:
        self._console = console
        self._monotonic = monotonic
        self._several = several
        self._logged: dict[str, _Logged] = {}
        self.live = LiveLine(console, count)

    def waiting(self, target: Target, why: str) -> None:
        """Log why a target hasn't started yet."""
        self._console.event(f"{target.name}: {why}" if self._several else why)

    def started(self, run: Run) -> None:
        """Log the id and the page of a run as soon as they are known."""
        self._logged[run.id] = _Logged(self._monotonic())
        self.live.began(run.target.key)
        page = f": {run.url}" if run.url else ""
        said = {
            Origin.STARTED: f"{run.target.name} started as run {run.id}",
            Origin.ADOPTED: f"{run.target.name} was already queued; sharing run {run.id}",
            Origin.ATTACHED: f"watching run {run.id}",
        }[run.origin]
        self._console.event(f"{said}{page}")

    def paged(self, run: Run) -> None:
        """Log the page of a run that had none when it was started."""
        self._console.event(f"run {run.id}: {run.url}")

    def update(self, run: Run, snapshot: Snapshot) -> None:
        """Log a snapshot if it is worth a line."""
        last = self._logged.setdefault(run.id, _Logged(self._monotonic()))
        counts = snapshot.reported.counts
        total = snapshot.reported.counted
        done = counts.executed + counts.skipped
        bad = counts.failed + counts.errors
        if snapshot.odd and snapshot.odd != last.odd:
            last.odd = snapshot.odd
            self.note(run, f"unknown status {snapshot.odd}; still waiting")
        self._log_wait(run, snapshot, last)
        self.live.update(run.target.key, snapshot.status, (done, total, bad))
        last.state = _state(snapshot.status, done, total, bad)
        now = self._monotonic()
        changed = (done, bad) != (last.done, last.bad)
        if snapshot.status is not last.status or (changed and now - last.at >= CHANGE_SECONDS) or bad > last.bad:
            ended = snapshot.status is Status.ENDED
            self.note(run, _ended(snapshot) if ended else last.state)
        elif now - last.at >= HEARTBEAT_SECONDS:
            self.note(run, f"still {last.state}")
        else:
            return
        last.at, last.status, last.done, last.bad = now, snapshot.status, done, bad

    def foresee(self, run: Run, rest: Callable[[], float | None]) -> None:
        """Say what gives the likely rest of a run, in seconds; None as long as nothing tells."""
        self.live.foresee(run.target.key, rest)

    def beat(self, run: Run) -> float:
        """Log that the run is still going, if nothing was logged for a minute; returns the seconds to the next try."""
        last = self._logged.setdefault(run.id, _Logged(self._monotonic()))
        rest = last.at + HEARTBEAT_SECONDS - self._monotonic()
        if rest > 0:
            return rest
        self.note(run, f"still {last.state or 'waiting'}")
        last.at = self._monotonic()
        return HEARTBEAT_SECONDS

    def note(self, run: Run, text: str) -> None:
        """Log something about the run."""
        self._console.event(f"{run.target.name}: {text}" if self._several else text)

    def _log_wait(self, run: Run, snapshot: Snapshot, last: _Logged) -> None:
        """Log once what the platform waits for, and what to do about it if the wait is long."""
        now = self._monotonic()
        if snapshot.waits_for != last.waits_for:
            last.waits_for, last.waits_since, last.hinted = snapshot.waits_for, now, False
            if snapshot.waits_for:
                self.note(run, f"the platform is waiting for {snapshot.waits_for}")
        elif snapshot.hint and not last.hinted and now - last.waits_since >= HINT_SECONDS:
            last.hinted = True
            self.note(run, f"still waiting for {snapshot.waits_for}: {snapshot.hint}")


def _state(status: Status, done: int, total: int, bad: int) -> str:
    """`running: 5 of 14 tests done, 1 failed`."""
    if not total or (status is Status.QUEUED and not done):
        return STATES[status]
    failed = f", {bad} failed" if bad else ""
    return f"{STATES[status]}: {done} of {total} tests done{failed}"


def _ended(snapshot: Snapshot) -> str:
    """`ended after 6.9 s with the result FAILURE`."""
    after = f" after {duration(snapshot.seconds)}" if snapshot.seconds is not None else ""
    return f"ended{after} with the result {snapshot.word}" if snapshot.word else f"ended{after} without a result"
