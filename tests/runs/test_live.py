"""The line at the bottom of a terminal: counts of all runs, and how long they may take."""

import asyncio
from pathlib import Path

import pytest

from testgate.edges.console import Console
from testgate.model import Status
from testgate.runs.live import LiveLine, roughly
from testgate.runs.predicting import Pace, Seen
from tests.support.screen import Terminal
from tests.support.simulated import SimulatedLoop, play
from tests.support.simulated_runs import BEGIN, after, simulate
from tests.support.throwaway_testifly import Server


def line(count: int = 1) -> tuple[LiveLine, Terminal]:
    """A line on a terminal."""
    screen = Terminal()
    return LiveLine(Console(screen, redact=str, defuse=str, elapsed=lambda: 65.0), count), screen


def test_one_run() -> None:
    """Its state, its counts, and what it may still take as soon as that is known."""
    live, screen = line()
    live.began("274")
    live.update("274", Status.QUEUED, (0, 0, 0))
    assert screen.rows(200) == [" 1:05  [------------------------] 0/? queued"]
    live.foresee("274", lambda: 100.0)
    live.update("274", Status.RUNNING, (7, 14, 1))
    assert screen.rows(200) == [" 1:05  [############------------] 7/14 running, 1 failed, about 2 min left"]
    live.update("274", Status.ENDED, (14, 14, 1))
    assert screen.rows(200) == []


def test_several_runs() -> None:
    """All of their counts together; what is left is known only when it is known of each."""
    live, screen = line(3)
    for target in ("1", "2"):
        live.began(target)
        live.foresee(target, lambda: 20.0)
    live.update("1", Status.ENDED, (10, 10, 0))
    live.update("2", Status.RUNNING, (2, 10, 2))
    assert screen.rows(200) == [" 1:05  [##############----------] 12/20 1 of 3 runs ended, 2 failed"]
    live.began("3")
    live.update("3", Status.RUNNING, (0, 4, 0))
    assert "left" not in screen.rows(200)[0]
    live.foresee("3", lambda: 47.0)
    live.paint()
    assert screen.rows(200)[0].endswith("12/24 1 of 3 runs ended, 2 failed, about 45 s left")


def test_a_rerun_takes_the_place_of_its_run() -> None:
    """The line shows what is going on now."""
    live, screen = line()
    live.began("274")
    live.update("274", Status.ENDED, (14, 14, 2))
    live.began("274")
    live.update("274", Status.RUNNING, (0, 2, 0))
    assert screen.rows(200) == [" 1:05  [------------------------] 0/2 running"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "a few seconds"),
        (9.9, "a few seconds"),
        (13.0, "15 s"),
        (89.0, "90 s"),
        (91.0, "2 min"),
        (3540.0, "59 min"),
        (3599.0, "1 h 00 min"),
        (3900.0, "1 h 05 min"),
    ],
)
def test_durations_claim_no_precision(seconds: float, said: str) -> None:
    """They are guesses."""
    assert roughly(seconds) == said


def half_done(age: float, expected: float | None = None) -> Pace:
    """A run with an even pace, half of whose hundred tests are done at this age."""
    pace = Pace(None, expected)
    for percent in range(5, 51, 5):
        pace = pace.after(age * percent / 50, running=True, counts=(percent, 100))
    return pace


def test_nothing_is_said_without_knowledge() -> None:
    """Neither counts nor an expectation: nobody knows how long such a run takes."""
    assert Pace(None, None, Seen()).rest(10.0) is None
    assert Pace(None, None, Seen()).after(5.0, running=True, counts=(0, 10)).rest(10.0) is None


@pytest.mark.parametrize("age", [20.0, 200.0, 2000.0])
def test_half_of_the_tests_take_half_of_the_time(age: float) -> None:
    """At an even pace, about as much is left as has gone by."""
    rest = half_done(age).rest(age)
    assert rest is not None
    assert 0.5 * age < rest < 1.6 * age


@pytest.mark.parametrize("expected", [60.0, 600.0])
def test_an_expected_length_is_believed_at_the_start(expected: float) -> None:
    """Then nearly all of it is left; and less, the older the run is."""
    pace = Pace(None, expected).after(1.0, running=True, counts=None)
    early, later = pace.rest(1.0), pace.rest(expected / 2)
    assert early is not None
    assert later is not None
    assert 0.7 * expected < early < 1.3 * expected
    assert later < early


def test_the_line_ticks_between_polls() -> None:
    """Polls alone would leave it standing for a minute; when the runs are over, it disappears."""

    async def main(loop: SimulatedLoop) -> tuple[str, list[str]]:
        screen = Terminal()
        live = LiveLine(Console(screen, redact=str, defuse=str, elapsed=loop.time), 1)
        live.began("274")
        live.foresee("274", lambda: BEGIN + 100.0 - loop.time())
        live.update("274", Status.RUNNING, (1, 2, 0))
        with live.ticking():
            await asyncio.sleep(30.5)
            during = screen.rows(200)[0]
        await asyncio.sleep(10)
        return during, screen.rows(200)

    during, later = play(main)
    assert during == "17:10  [############------------] 1/2 running, about 70 s left"
    assert later == []


def test_a_log_has_no_line(tmp_path: Path) -> None:
    """Not a byte of it."""
    result = simulate(tmp_path, Server(after(90)))
    assert "\x1b" not in result.log
    assert "left" not in result.log
