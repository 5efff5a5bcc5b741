"""What the log reports about a run: changes, and a heartbeat."""

import io
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from testgate.edges.console import Console
from testgate.model import Counts, Reported, Run, RunResult, Snapshot, Status, Target
from testgate.runs.engine import Limits
from testgate.runs.live import STATES
from testgate.runs.progress import CHANGE_SECONDS, HEARTBEAT_SECONDS, Progress
from tests.support.screen import Terminal
from tests.support.simulated_runs import after, simulate
from tests.support.throwaway_testifly import Server

RUN = Run("337", Target("274", "Nightly"), "https://platform.example/337")


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = 1000.0


@dataclass
class Log:
    """Progress, its clock and its log."""

    several: bool = False
    clock: Clock = field(default_factory=Clock)
    stream: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        """Put them together."""
        console = Console(self.stream, redact=str, defuse=str, elapsed=lambda: 0.0)
        self.progress = Progress(console, lambda: self.clock.now, several=self.several)

    def advance(self, seconds: float, snapshot: Snapshot, run: Run = RUN) -> None:
        """Report a snapshot some time after the last one."""
        self.clock.now += seconds
        self.progress.update(run, snapshot)

    @property
    def lines(self) -> list[str]:
        """The lines of the log, without the time."""
        return [line.removeprefix(" 0:00  ") for line in self.stream.getvalue().splitlines()]


def snapshot(passed: int = 0, failed: int = 0, status: Status = Status.RUNNING, total: int = 14) -> Snapshot:
    """The run at one moment."""
    return Snapshot("337", status, reported=Reported(Counts(passed=passed, failed=failed), total))


def test_the_start_shows_id_and_page() -> None:
    """Without a page, only the id is shown."""
    log = Log()
    log.progress.started(RUN)
    log.progress.started(RUN._replace(url=""))
    assert log.lines == [
        "Nightly started as run 337: https://platform.example/337",
        "Nightly started as run 337",
    ]


def test_a_change_of_state_is_logged_at_once() -> None:
    """The end is shown with the platform's own word."""
    log = Log()
    log.progress.started(RUN)
    log.advance(0.1, snapshot(status=Status.QUEUED))
    log.advance(0.1, snapshot())
    log.advance(0.1, snapshot(14, 0, Status.ENDED)._replace(word="SUCCESS", result=RunResult.PASSED, seconds=6.9))
    assert log.lines[1:] == [
        "queued",
        "running: 0 of 14 tests done",
        "ended after 6.9 s with the result SUCCESS",
    ]


def test_an_end_without_a_word_is_logged() -> None:
    """The platform may report no result."""
    log = Log()
    log.advance(0.1, snapshot(status=Status.ENDED))
    assert log.lines == ["ended without a result"]


def test_fast_changes_are_logged_occasionally() -> None:
    """A thousand tests in a minute are some lines, not a thousand."""
    log = Log()
    for done in range(1000):
        log.advance(0.1, snapshot(done, total=1000))
    assert len(log.lines) <= 100 / CHANGE_SECONDS + 2
    assert log.lines[-1].startswith("running: 9")


def test_a_failure_is_logged_at_once() -> None:
    """It doesn't wait for the next interval."""
    log = Log()
    log.advance(0.1, snapshot(1))
    log.advance(0.1, snapshot(1, 1))
    log.advance(0.1, snapshot(1, 1))
    assert log.lines[1:] == ["running: 2 of 14 tests done, 1 failed"]


def test_without_changes_there_is_a_heartbeat() -> None:
    """Once a minute, the log says that the run is still running."""
    log = Log()
    for _each in range(200):
        log.advance(1.0, snapshot(3))
    assert log.lines[1:] == ["still running: 3 of 14 tests done"] * int(200 / HEARTBEAT_SECONDS)


def test_an_unknown_status_is_logged_once() -> None:
    """Another unknown word is logged again."""
    log = Log()
    for word in ("PAUSED", "PAUSED", "THAWING"):
        log.advance(0.1, snapshot()._replace(odd=word))
    assert [line for line in log.lines if "unknown" in line] == [
        "unknown status PAUSED; still waiting",
        "unknown status THAWING; still waiting",
    ]


def test_lines_of_several_runs_start_with_their_names() -> None:
    """Every run has its own history."""
    log = Log(several=True)
    other = Run("338", Target("275", "Smoke"))
    log.advance(0.1, snapshot())
    log.advance(0.1, snapshot(), other)
    log.advance(0.1, snapshot())
    assert log.lines == ["Nightly: running: 0 of 14 tests done", "Smoke: running: 0 of 14 tests done"]


def test_waits_and_notes_are_logged() -> None:
    """With several runs, they start with the name."""
    for several in (False, True):
        log = Log(several=several)
        log.progress.waiting(RUN.target, "the platform is busy")
        log.progress.note(RUN, "stopped")
        name = "Nightly: " if several else ""
        assert log.lines == [f"{name}the platform is busy", f"{name}stopped"]


def test_a_terminal_shows_a_bar() -> None:
    """Every snapshot repaints it."""
    stream = Terminal()
    log = Log(stream=stream)
    log.advance(0.1, snapshot(7))
    assert stream.rows(100)[-1] == " 0:00  [############------------] 7/14 running"


@pytest.mark.parametrize("status", Status)
def test_every_state_has_a_word(status: Status) -> None:
    """No state is shown by its name in the code."""
    assert STATES[status]


def test_a_wait_is_logged_once_and_a_hint_after_two_minutes() -> None:
    """The hint says what people can do about it."""
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


def test_a_heartbeat_needs_no_poll(tmp_path: Path) -> None:
    """With a poll every ten minutes, the log shows every minute that the step is alive."""
    result = simulate(tmp_path, Server(after(900)), limits=Limits(poll_interval=600))
    said = [line.split()[0] for line in result.log.splitlines() if "still running" in line]
    assert result.transport.count("POST", "/jobs/p1") == 2
    assert said == [f"{minute}:00" for minute in range(11, 20)]
    assert result.log.count("still waiting") == 9
