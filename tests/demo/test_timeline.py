"""The arithmetic of schedules that all simulated vendors share."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.demo.timeline import Span, schedule


@pytest.mark.parametrize(
    ("running", "spans", "ended"),
    [
        (None, (Span(1, 3), Span(1, 5), Span(3, 3), Span(3, 6)), 6),
        (10.0, (Span(1, 5), Span(1, 9), Span(5, 5), Span(5, 11)), 11),
        (inf, (Span(1, 3), Span(1, 5), Span(3, 3), Span(3, 6)), inf),
    ],
)
def test_lanes_run_in_parallel(running: float | None, spans: tuple[Span, ...], ended: float) -> None:
    """Tests run one after another in their lanes, as long as they need, stretched, or without an end."""
    assert schedule([("a", 2), ("b", 4), ("a", None), ("a", 3)], 1, running) == (spans, ended)


def test_schedule_without_tests() -> None:
    """Without tests, only a running time that is given takes any time."""
    assert schedule([], 2, None) == ((), 2)
    assert schedule([], 2, 3) == ((), 5)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(1, 9))
def test_parts_fill_a_span(begin: float, length: float, count: int) -> None:
    """The parts of any span follow each other without a gap, and the last one ends where the span does."""
    span = Span(begin, begin + length)
    parts = span.parts(count)
    assert len(parts) == count
    assert (parts[0].begin, parts[-1].end) == span
    assert all(first.end == second.begin for first, second in pairwise(parts))
