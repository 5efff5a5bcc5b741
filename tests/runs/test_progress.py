"""What the log tells of a run: changes and a heartbeat."""

import io
from dataclasses import dataclass, field

import pytest

from testgate.edges.console import Console
from testgate.model import Counts, Reported, Run, RunResult, Snapshot, Status, Target
from testgate.runs.progress import CHANGE_SECONDS, HEARTBEAT_SECONDS, STATES, Progress
from tests.support.screen import Terminal

RUN = Run("337", Target("274", "Nightly"), "https://platform.example/337")


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = 1000.0


@dataclass
class Told:
    """Progress, its clock and its log."""

    several: bool = False
    clock: Clock = field(default_factory=Clock)
    stream: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        """Put them together."""
        console = Console(self.stream, redact=str, defuse=str, elapsed=lambda: 0.0)
        self.progress = Progress(console, lambda: self.clock.now, several=self.several)

    def move(self, seconds: float, snapshot: Snapshot, run: Run = RUN) -> None:
        """A snapshot comes some time after the last."""
        self.clock.now += seconds
        self.progress.update(run, snapshot)

    @property
    def lines(self) -> list[str]:
        """The lines of the log, without the time."""
        return [line.removeprefix(" 0:00  ") for line in self.stream.getvalue().splitlines()]


def snapshot(passed: int = 0, failed: int = 0, status: Status = Status.RUNNING, total: int = 14) -> Snapshot:
    """The run at a moment."""
    return Snapshot("337", status, reported=Reported(Counts(passed=passed, failed=failed), total))


def test_the_start_tells_id_and_page() -> None:
    """Somebody who looks can go there at once; without a page the id is told alone."""
    told = Told()
    told.progress.started(RUN)
    told.progress.started(RUN._replace(url=""))
    assert told.lines == [
        "Nightly started as run 337: https://platform.example/337",
        "Nightly started as run 337",
    ]


def test_a_change_of_state_is_told_at_once() -> None:
    """Queued, running, ended: a line each, the end with the platform's own word."""
    told = Told()
    told.progress.started(RUN)
    told.move(0.1, snapshot(status=Status.QUEUED))
    told.move(0.1, snapshot())
    told.move(0.1, snapshot(14, 0, Status.ENDED)._replace(word="SUCCESS", result=RunResult.PASSED, seconds=6.9))
    assert told.lines[1:] == [
        "queued",
        "running: 0 of 14 tests done",
        "ended after 6.9 s with the result SUCCESS",
    ]


def test_an_end_without_a_word_is_told_as_such() -> None:
    """A platform may say nothing."""
    told = Told()
    told.move(0.1, snapshot(status=Status.ENDED))
    assert told.lines == ["ended without a result"]


def test_counts_that_change_fast_are_told_now_and_then() -> None:
    """A thousand tests in a minute are some lines, not a thousand."""
    told = Told()
    for done in range(1000):
        told.move(0.1, snapshot(done, total=1000))
    assert len(told.lines) <= 100 / CHANGE_SECONDS + 2
    assert told.lines[-1].startswith("running: 9")


def test_a_failure_is_told_at_once() -> None:
    """A new failure does not wait for its turn."""
    told = Told()
    told.move(0.1, snapshot(1))
    told.move(0.1, snapshot(1, 1))
    told.move(0.1, snapshot(1, 1))
    assert told.lines[1:] == ["running: 2 of 14 tests done, 1 failed"]


def test_a_heartbeat_when_nothing_changes() -> None:
    """Once a minute the log says that it still waits."""
    told = Told()
    for _each in range(200):
        told.move(1.0, snapshot(3))
    assert told.lines[1:] == ["still running: 3 of 14 tests done"] * int(200 / HEARTBEAT_SECONDS)


def test_an_unknown_status_is_told_once() -> None:
    """The word is shown and the wait goes on; another unknown word is shown again."""
    told = Told()
    for word in ("PAUSED", "PAUSED", "THAWING"):
        told.move(0.1, snapshot()._replace(odd=word))
    assert [line for line in told.lines if "unknown" in line] == [
        "unknown status PAUSED; still waiting",
        "unknown status THAWING; still waiting",
    ]


def test_several_runs_are_told_apart() -> None:
    """Each line begins with the name, each run has its own history."""
    told = Told(several=True)
    other = Run("338", Target("275", "Smoke"))
    told.move(0.1, snapshot())
    told.move(0.1, snapshot(), other)
    told.move(0.1, snapshot())
    assert told.lines == ["Nightly: running: 0 of 14 tests done", "Smoke: running: 0 of 14 tests done"]


def test_what_happens_beside_a_run_is_told() -> None:
    """Why a target waits, and notes on a run, are lines of their own; of several, with the name."""
    for several in (False, True):
        told = Told(several=several)
        told.progress.waiting(RUN.target, "the platform is busy")
        told.progress.note(RUN, "stopped")
        name = "Nightly: " if several else ""
        assert told.lines == [f"{name}the platform is busy", f"{name}stopped"]


def test_a_person_sees_a_bar_until_the_end() -> None:
    """At a terminal each snapshot repaints the bar."""
    stream = Terminal()
    told = Told(stream=stream)
    told.move(0.1, snapshot(7))
    assert stream.rows(100)[-1] == "[############------------] 7/14 running"


@pytest.mark.parametrize("status", Status)
def test_every_state_has_a_word(status: Status) -> None:
    """No state is told by its name in the code."""
    assert STATES[status]


def test_a_wait_is_told_once_and_its_hint_when_it_lasts() -> None:
    """An agent that does not connect: said at once, and after two minutes what to do about it."""
    stream, clock = io.StringIO(), [0.0]
    console = Console(stream, redact=str, defuse=str, elapsed=lambda: clock[0])
    progress = Progress(console, lambda: clock[0], several=False)
    run = Run("7", Target("f", "Feature f"))
    snapshot = Snapshot("7", Status.QUEUED, "Waiting", waits_for="the agent a to connect", hint="start the agent a")
    for _poll in range(40):
        progress.update(run, snapshot)
        clock[0] += 5.0
    log = stream.getvalue()
    assert log.count("the platform is waiting for the agent a to connect") == 1
    assert log.count("still waiting for the agent a to connect: start the agent a") == 1
    assert "2:00  still waiting" in log
