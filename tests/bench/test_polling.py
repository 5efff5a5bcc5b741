"""Replays of traces in simulated time: the program's pacing against fixed intervals."""

import json
from pathlib import Path
from typing import Any

import pytest
from bench.polling.__main__ import main, measure, ratios
from bench.polling.picture import PICTURE, picture
from bench.polling.replay import Event, Trace, figures, percentile, read, replay, written
from bench.polling.traces import draw

DRAWS, TRACES = range(5000, 5003), 100  # neither tuned on nor those that judge the pacing


def trace(*events: tuple[float, str, int, int], expected: float | None = None) -> dict[str, Any]:
    """A trace as files have it."""
    return {"name": "a run", "events": [list(event) for event in events], "expected_seconds": expected}


RUN = trace((0, "queued", 0, 0), (4, "in_progress", 0, 3), (12, "in_progress", 2, 3), (23, "completed", 3, 3))


def test_the_pacing_keeps_its_promise() -> None:
    """About half of the requests of a fixed ten seconds, and much less delay: the aim is 0.5 and 0.7."""
    requests, lag = ratios([measure(draw(seed, TRACES)) for seed in DRAWS], "auto")
    assert requests <= 0.6
    assert lag <= 0.85
    assert requests * lag <= 0.45


def test_a_draw_is_the_same_everywhere() -> None:
    """It depends on its seed alone, and fits into a file."""
    traces = draw(7, 30)
    assert traces == draw(7, 30) != draw(8, 30)
    assert read(json.loads(json.dumps([written(each) for each in traces]))) == traces


def test_draws_have_all_kinds() -> None:
    """Short and long runs, with and without counts and expectations, some of them cut short."""
    traces = [each for seed in range(3) for each in draw(seed)]
    ends = [each.end for each in traces]
    assert min(ends) < 12
    assert max(ends) > 2 * 3600
    assert all(one.at <= other.at for each in traces for one, other in zip(each.events, each.events[1:], strict=False))
    assert {each.expected is None for each in traces} == {True, False}
    assert {each.events[-1].total == 0 for each in traces} == {True, False}
    assert any("ended early" in each.name for each in traces)


@pytest.mark.parametrize(("fixed", "polls", "lag"), [(10.0, [10, 20, 30], 7), (30.0, [30], 7), (23.0, [23], 0)])
def test_a_fixed_interval_is_replayed_exactly(fixed: float, polls: list[float], lag: float) -> None:
    """The lag is the time from the end to the poll that sees it; a poll at the very end sees it."""
    assert replay(read([RUN])[0], fixed) == (polls, lag)


def test_the_program_prints_what_others_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Requests over all traces, and the lag's mean and 95th percentile over traces."""
    file = tmp_path / "traces.json"
    file.write_text(json.dumps([RUN, trace((0, "in_progress", 0, 0), (41.5, "completed", 0, 0), expected=40.0)]))
    assert main(["--traces", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["auto", "fixed-10s", "fixed-30s"]
    assert found["fixed-10s"] == {"requests": 8, "lag_mean": pytest.approx(7.75), "lag_p95": pytest.approx(8.425)}
    assert found["fixed-30s"] == {"requests": 3, "lag_mean": pytest.approx(12.75), "lag_p95": pytest.approx(17.925)}
    assert set(found["auto"]) == {"requests", "lag_mean", "lag_p95"}
    assert main(["--traces", str(file)]) == 0
    assert "fixed-10s" in capsys.readouterr().out


def test_a_draw_can_be_written_and_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `--draw` prints is a file for `--traces`."""
    assert main(["--draw", "3"]) == 0
    file = tmp_path / "draw.json"
    file.write_text(capsys.readouterr().out)
    assert read(json.loads(file.read_bytes())) == draw(3)


@pytest.mark.parametrize(
    ("events", "end"),
    [
        ([Event(5, "queued", 0, 0), Event(9, "completed", 0, 0)], 9),
        ([Event(0, "in_progress", 5, 2), Event(9, "in_progress", -1, 3)], 9),
        ([Event(0, "completed", 0, 0)], 0),
    ],
)
def test_odd_traces_end_too(events: list[Event], end: float) -> None:
    """A first event that comes late, an end without its word, counts that can't be, a run that is over at once."""
    found = replay(Trace("odd", events, None))
    assert found.polls[-1] == pytest.approx(end + found.lag)
    assert found.lag >= 0


def test_a_trace_without_events_is_an_error() -> None:
    """Its name is told."""
    with pytest.raises(ValueError, match="trace a run has no events"):
        read([trace()])


def test_percentiles_are_interpolated() -> None:
    """Between the two nearest values."""
    assert percentile([1.0, 2.0, 3.0], 0.5) == 2.0
    assert percentile([0.0, 10.0], 0.95) == pytest.approx(9.5)
    assert percentile([4.0], 0.95) == 4.0


def test_figures_are_over_all_traces() -> None:
    """Requests are added up, lags are averaged."""
    found = figures(read([RUN, RUN]), 10.0)
    assert found == (6, 7.0, 7.0)


def test_the_picture_is_up_to_date() -> None:
    """`python -m bench.polling --picture` writes it."""
    assert PICTURE.read_text(encoding="utf-8") == picture()
