"""Only the dates in the reports depend on the wall clock."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.endpoints import POLL, TRIGGER
from tests.faults.kinds import BY_NAME
from tests.faults.playing import play

YEAR = 365 * 86_400.0
NOW = 1_700_000_000.0


def jumping(*readings: float) -> Iterator[float]:
    """These readings in turn, over and over."""
    return itertools.cycle(readings)


@pytest.mark.parametrize(
    "readings",
    [(NOW, NOW - YEAR), (NOW, NOW + 30 * YEAR), (0.0, NOW), (NOW, -YEAR), (4_102_444_800.0, 0.0, NOW)],
    ids=["back", "ahead", "from 1970", "before 1970", "about"],
)
def test_a_clock_that_jumps_changes_nothing(tmp_path: Path, readings: tuple[float, ...]) -> None:
    """Waits, time limits and the verdict follow the monotonic clock."""
    clock = jumping(*readings)
    ended = play(tmp_path, POLL, BY_NAME["503"], lasts=False, wall_clock=lambda: next(clock))
    assert ended.code == 0, ended.log
    assert ended.red_cases == 0
    assert ended.network.may_have_arrived == 1
    assert ended.seconds < 30
    assert "Traceback" not in ended.log


def test_a_retry_after_date_is_relative_to_the_platforms_clock(tmp_path: Path) -> None:
    """A Retry-After of three seconds past the platform's own date means three seconds, whatever this clock shows."""
    ended = play(tmp_path, TRIGGER, BY_NAME["429-date"], lasts=False, wall_clock=lambda: 0.0)
    first, second = (at for at, each in ended.network.times if each.method == "POST")
    assert 3.0 <= second - first < 4.0
