"""Builds that a step brings along, on a simulated clock: long uploads, and platforms that take their time."""

from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import Habits
from tests.faults.endpoints import UPLOAD
from tests.faults.playing import CONTENT, play


@pytest.mark.parametrize(
    ("habits", "why", "seconds"),
    [
        (Habits(versions_listed_after=1e6), "the platform lists no version of upload 62", 30),
        (Habits(upload_takes=1e6), "the platform still calls it IN_PROGRESS after 5 min", 300),
        (Habits(upload_takes=1.0, upload_word="Rejected"), "the platform could not use upload 62: Rejected", 1),
        (Habits(upload_takes=1.0, bytes_lost=1), f"has {len(CONTENT) - 1} bytes", 1),
    ],
)
def test_a_platform_that_is_never_done_costs_limited_time(
    tmp_path: Path, habits: Habits, why: str, seconds: float
) -> None:
    """Nothing is started, and the reason says what is known of the upload."""
    ended = play(tmp_path, UPLOAD._replace(habits=habits), None)
    assert (ended.code, ended.network.systems.run_ids) == (3, [])
    assert "app.apk was uploaded as 62, but its version isn't certain" in ended.outputs["reason"]
    assert why in ended.outputs["reason"]
    assert ended.remedy
    assert seconds <= ended.seconds <= seconds + 10


@pytest.mark.parametrize("takes", [0.0, 20.0, 200.0])
def test_a_platform_that_takes_its_time(tmp_path: Path, takes: float) -> None:
    """It is waited for, and the run uses the version."""
    ended = play(tmp_path, UPLOAD._replace(habits=Habits(upload_takes=takes)), None)
    assert ended.code == 0
    assert ended.seconds >= takes
    assert "uploaded app.apk in" in ended.log


def test_the_end_of_the_time_ends_an_upload(tmp_path: Path) -> None:
    """The step is timed out, and nothing was started."""
    ended = play(tmp_path, UPLOAD._replace(habits=Habits(upload_takes=1e6), timeout_seconds=20), None)
    assert (ended.code, ended.outputs["conclusion"]) == (4, "timed-out")
    assert ended.network.systems.run_ids == []
