"""JSON values of any shape as words and seconds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.shapes import seconds_of, text_of


@pytest.mark.parametrize(
    ("value", "text"), [("word", "word"), (7, "7"), (None, ""), (True, ""), (1.5, ""), ([], ""), ({}, "")]
)
def test_only_texts_and_whole_numbers_are_words(value: object, text: str) -> None:
    """Everything else is an empty text."""
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(1240, 1.24), (0, 0.0), (1.5, 0.0015), (None, None), ("1240", None), (True, None), (-1, None), (10**400, None)],
)
def test_milliseconds_become_seconds(value: object, seconds: float | None) -> None:
    """Everything else is None."""
    assert seconds_of(value) == seconds


@given(value=st.floats() | st.integers())
def test_a_duration_is_finite_and_not_negative(value: float) -> None:
    """That holds for every number."""
    seconds = seconds_of(value)
    assert seconds is None or (math.isfinite(seconds) and seconds >= 0)
