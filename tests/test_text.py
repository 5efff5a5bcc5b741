"""Text from outside is made harmless, short and readable."""

import re
import time
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.text import clean, cut, duration, one_line, plural
from tests.support.hostile_text import TEXTS


@given(TEXTS)
def test_cleaned_text_is_harmless_anywhere(text: str) -> None:
    """It encodes as UTF-8, is XML, holds no control but tab and line feed, and is clean already."""
    cleaned = clean(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", cleaned)
    cleaned.encode()
    escaped = cleaned.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")
    assert (ET.fromstring(f"<a>{escaped}</a>").text or "") == cleaned  # noqa: S314  # made here
    assert clean(cleaned) == cleaned


@given(st.text(st.characters(categories=["L", "N", "Zs"]), max_size=40))
def test_ordinary_text_is_left_alone(text: str) -> None:
    """Letters of every language, numbers and blanks stay."""
    assert clean(text) == text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a\r\nb\rc\u2028d\u2029e\x85f", "a\nb\nc\nd\ne\nf"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x1b\\", "link"),
        ("\x1bPdata\x1b\\after", "after"),
        ("\x1b\x1b[31mx", "x"),
        ("\x9b31mx", "x"),
        ("\x1b[31", "31"),
        ("a\0b", "a\ufffdb"),
        ("\ud83d", "\ufffd"),
        ("abc\u202efed", "abc\ufffdfed"),
        ("tab\tstays", "tab\tstays"),
        ("", ""),
    ],
)
def test_what_becomes_of_controls(given: str, shown: str) -> None:
    """Sequences for a terminal vanish whole, other controls are shown, line ends become one kind."""
    assert clean(given) == shown


@given(TEXTS, st.integers(0, 50))
def test_one_line_is_one_short_line(text: str, limit: int) -> None:
    """No line ends, no runs of blanks, no blanks around, never longer than asked for."""
    line = one_line(text, limit)
    assert len(line) <= max(1, limit)
    assert not re.search(r"[\r\n\t]|\s\s", line)
    assert line == line.strip()


def test_cut_text_says_so() -> None:
    """An ellipsis takes the last place; what fits stays whole."""
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdefg", 6) == "abcde…"
    assert cut("abc", 1) == "…"


def test_numbers_and_nouns() -> None:
    """One is singular, all else is plural."""
    assert [plural(number, "test") for number in (0, 1, 2)] == ["0 tests", "1 test", "2 tests"]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "0.0 s"),
        (8.44, "8.4 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (60.0, "1 min 00 s"),
        (125.9, "2 min 05 s"),
        (3599.9, "59 min 59 s"),
        (3600.0, "1 h 00 min"),
        (7325.0, "2 h 02 min"),
    ],
)
def test_durations_for_people(seconds: float, told: str) -> None:
    """The unit grows with the duration, and no unit shows a full one of the next."""
    assert duration(seconds) == told


def test_a_large_hostile_text_is_cleaned_in_no_time() -> None:
    """No pattern goes back and forth over what an attacker chose."""
    began = time.monotonic()
    for piece in ("\x1b[", "\x1b]", "\x1bP", "\x1b", "\x1b[0;", "\r", "\x9b0", " \n"):
        one_line(piece * (1_000_000 // len(piece)))
    assert time.monotonic() - began < 300
