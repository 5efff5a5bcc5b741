"""Values from JSON of any shape."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.errors import BadAnswer
from testgate.shapes import (
    Shared,
    count_of,
    field_of,
    folded,
    instant_of,
    rows_in,
    rows_of,
    seconds_of,
    text_of,
    used_up,
)
from tests.support.replies import JSON, reply


@pytest.mark.parametrize(
    ("value", "text"), [("word", "word"), (7, "7"), (None, ""), (True, ""), (1.5, ""), ([], ""), ({}, "")]
)
def test_texts(value: object, text: str) -> None:
    """Only strings and whole numbers become text."""
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(1240, 1.24), (0, 0.0), (1.5, 0.0015), (None, None), ("1240", None), (True, None), (-1, None), (10**400, None)],
)
def test_durations(value: object, seconds: float | None) -> None:
    """Milliseconds become seconds, and anything else None."""
    assert seconds_of(value) == seconds


@given(value=st.floats() | st.integers())
def test_a_duration_is_finite_and_not_negative(value: float) -> None:
    """This holds for any number."""
    seconds = seconds_of(value)
    assert seconds is None or (math.isfinite(seconds) and seconds >= 0)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1_735_787_045_700, 1_735_787_045.7),
        ("2025-01-02T03:04:05.700Z", 1_735_787_045.7),
        ("2025-01-02T05:04:05.700+02:00", 1_735_787_045.7),
        ("2025-01-02T03:04:05", None),
        ("2025-01-02", None),
        ("soon", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1" * 10_000, None),
        (0, None),
        (-1, None),
        (10**400, None),
        (10**17, None),
        (True, None),
        (None, None),
        ({}, None),
    ],
)
def test_moments(value: object, moment: float | None) -> None:
    """Epoch milliseconds and ISO 8601 with a zone are times; without a zone, nobody knows which."""
    assert instant_of(value) == moment


@pytest.mark.parametrize(
    ("value", "count"), [(0, 0), (7, 7), (-1, None), (True, None), (1.0, None), ("7", None), (None, None)]
)
def test_counts(value: object, count: int | None) -> None:
    """Only whole numbers from 0 up are counts."""
    assert count_of(value) == count


@pytest.mark.parametrize(
    ("path", "found"), [(("a", "b"), 7), (("a",), {"b": 7}), (("a", "b", "c"), None), (("x", "b"), None), ((), ...)]
)
def test_fields(path: tuple[str, ...], found: object) -> None:
    """A path that leaves the objects ends in None."""
    data = {"a": {"b": 7}}
    assert field_of(data, *path) == (data if found is ... else found)


@pytest.mark.parametrize(
    ("value", "rows"), [([{"a": 1}, 7, None, {}], [{"a": 1}, {}]), ([], []), (None, []), ({"a": 1}, []), ("text", [])]
)
def test_rows(value: object, rows: list[dict[str, object]]) -> None:
    """Only the objects in a list are rows."""
    assert rows_of(value) == rows


def test_a_missing_list_is_a_bad_answer() -> None:
    """The message names the list; an empty list is fine."""
    with pytest.raises(BadAnswer, match="answered 200 with no list of tests: no such run"):
        rows_in(reply({"message": "no such run"}), None, "list of tests")
    assert rows_in(reply([]), [], "list of tests") == []


@given(value=JSON)
def test_any_value_has_a_shape(value: object) -> None:
    """No reader raises, whatever the vendor sends."""
    assert isinstance(text_of(value), str)
    assert all(isinstance(row, dict) for row in rows_of(value))
    assert (count_of(field_of(value, "a", "b")) or 0) >= 0


@pytest.mark.parametrize("word", ["UnTested", "un tested", "UNTESTED", " untested "])
def test_words_are_folded(word: str) -> None:
    """Case and spaces make no difference."""
    assert folded(word) == "untested"


def test_rows_are_let_go_of_while_they_are_read() -> None:
    """They come in their order, and each is off the list when it is handed out."""
    rows = [{"number": number} for number in range(3)]
    left = [(row["number"], len(rows)) for row in used_up(rows)]
    assert left == [(0, 2), (1, 1), (2, 0)]


def test_equal_texts_are_shared() -> None:
    """The first of equal texts stands for all of them."""
    shared = Shared()
    first, same = (json.loads('"Suite 1"') for _ in range(2))  # what is parsed is never the same object
    assert first is not same
    assert shared[first] is first
    assert shared[same] is first
