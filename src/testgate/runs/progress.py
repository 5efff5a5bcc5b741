"""What the log tells of runs that go on: one line a change, a heartbeat, and no more."""

from collections.abc import Callable
from dataclasses import dataclass

from testgate.edges.console import Console
from testgate.model import Origin, Run, Snapshot, Status, Target
from testgate.text import duration

HEARTBEAT_SECONDS = 60.0
HINT_SECONDS = 120.0
CHANGE_SECONDS = 5.0  # counts that change faster are told this often
STATES = {Status.QUEUED: "queued", Status.RUNNING: "running", Status.ENDED: "ended"}


@dataclass
class _Told:
    """What was last said of a run, and when."""

    at: float
    status: Status | None = None
    done: int = 0
    bad: int = 0
    odd: str = ""
    waits_for: str = ""
    waits_since: float = 0.0
    hinted: bool = False


class Progress:
    """Tells the log of runs. `monotonic` gives seconds; `several` puts the name before each line."""

    def __init__(self, console: Console, monotonic: Callable[[], float], *, several: bool) -> None:
        """Take the log and the clock."""
        self._console = console
        self._monotonic = monotonic
        self._several = several
        self._told: dict[str, _Told] = {}

    def started(self, run: Run) -> None:
        """Tell the id and the page at once."""
        self._told[run.id] = _Told(self._monotonic())
        page = f": {run.url}" if run.url else ""
        how = {
            Origin.STARTED: "started as",
            Origin.ADOPTED: "was queued already; sharing",
            Origin.ATTACHED: "is",
        }[run.origin]
        self._console.event(f"{run.target.name} {how} run {run.id}{page}")

    def moved(self, run: Run, snapshot: Snapshot) -> None:
        """Tell of a snapshot if it is worth a line."""
        told = self._told.setdefault(run.id, _Told(self._monotonic()))
        counts = snapshot.reported.counts
        total = snapshot.reported.counted
        done = counts.executed + counts.skipped
        bad = counts.failed + counts.errors
        if snapshot.odd and snapshot.odd != told.odd:
            told.odd = snapshot.odd
            self._say(run, f"the status {snapshot.odd} is not known here: waiting on, as for a run that goes on")
        self._tell_wait(run, snapshot, told)
        if snapshot.status is not Status.ENDED:
            failed = f", {bad} failed" if bad else ""
            self._console.progress(done, total, f"{STATES[snapshot.status]}{failed}")
        now = self._monotonic()
        changed = (done, bad) != (told.done, told.bad)
        if snapshot.status is not told.status or (changed and now - told.at >= CHANGE_SECONDS) or bad > told.bad:
            self._say(
                run, _ended(snapshot) if snapshot.status is Status.ENDED else _state(snapshot.status, done, total, bad)
            )
        elif now - told.at >= HEARTBEAT_SECONDS:
            self._say(run, f"still {_state(snapshot.status, done, total, bad)}")
        else:
            return
        told.at, told.status, told.done, told.bad = now, snapshot.status, done, bad

    def _tell_wait(self, run: Run, snapshot: Snapshot, told: _Told) -> None:
        """What the platform waits for, once; what to do about it, when it lasts."""
        now = self._monotonic()
        if snapshot.waits_for != told.waits_for:
            told.waits_for, told.waits_since, told.hinted = snapshot.waits_for, now, False
            if snapshot.waits_for:
                self._say(run, f"the platform waits for {snapshot.waits_for}")
        elif snapshot.hint and not told.hinted and now - told.waits_since >= HINT_SECONDS:
            told.hinted = True
            self._say(run, f"still waiting for {snapshot.waits_for}: {snapshot.hint}")

    def waiting(self, target: Target, why: str) -> None:
        """Tell why a target is not started yet."""
        self._console.event(f"{target.name}: {why}" if self._several else why)

    def noted(self, run: Run, text: str) -> None:
        """Tell what happened beside the run itself."""
        self._say(run, text)

    def _say(self, run: Run, text: str) -> None:
        """One line."""
        self._console.event(f"{run.target.name}: {text}" if self._several else text)


def _state(status: Status, done: int, total: int, bad: int) -> str:
    """`running: 5 of 14 tests done, 1 failed`."""
    if not total or (status is Status.QUEUED and not done):
        return STATES[status]
    failed = f", {bad} failed" if bad else ""
    return f"{STATES[status]}: {done} of {total} tests done{failed}"


def _ended(snapshot: Snapshot) -> str:
    """`the platform's result: FAILURE, after 6.9 s`."""
    after = f", after {duration(snapshot.seconds)}" if snapshot.seconds is not None else ""
    return f"ended; the platform's result: {snapshot.word or 'none'}{after}"
