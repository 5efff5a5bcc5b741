"""Text from outside becomes harmless, short and readable."""

import re
import time
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.text import clean, cut, duration, one_line, plural
from tests.support.hostile_text import TEXTS


@given(TEXTS)
def test_clean_text_is_harmless_everywhere(text: str) -> None:
    """It is valid UTF-8 and XML without control characters, and cleaning it again changes nothing."""
    cleaned = clean(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", cleaned)
    cleaned.encode()
    escaped = cleaned.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")
    assert (ET.fromstring(f"<a>{escaped}</a>").text or "") == cleaned  # noqa: S314  # made here
    assert clean(cleaned) == cleaned


@given(st.text(st.characters(categories=["L", "N", "Zs"]), max_size=40))
def test_ordinary_text_is_unchanged(text: str) -> None:
    """Letters of every language, numbers and spaces are kept."""
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
def test_control_characters_are_removed_or_replaced(given: str, shown: str) -> None:
    """Terminal sequences are removed, line ends are unified, and others are replaced."""
    assert clean(given) == shown


@given(TEXTS, st.integers(0, 50))
def test_one_line_is_one_short_line(text: str, limit: int) -> None:
    """It has no line ends and no repeated spaces, and is within the limit."""
    line = one_line(text, limit)
    assert len(line) <= max(1, limit)
    assert not re.search(r"[\r\n\t]|\s\s", line)
    assert line == line.strip()


def test_cut_text_ends_with_an_ellipsis() -> None:
    """Text within the limit is unchanged."""
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdefg", 6) == "abcde…"
    assert cut("abc", 1) == "…"


def test_nouns_follow_their_number() -> None:
    """Only one is singular."""
    assert [plural(number, "test") for number in (0, 1, 2)] == ["0 tests", "1 test", "2 tests"]


@pytest.mark.parametrize(
    ("seconds", "text"),
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
def test_durations_are_formatted_for_people(seconds: float, text: str) -> None:
    """The unit depends on the length, and is never full."""
    assert duration(seconds) == text


def test_a_large_hostile_text_is_cleaned_quickly() -> None:
    """No pattern backtracks over text from an attacker."""
    began = time.monotonic()
    for piece in ("\x1b[", "\x1b]", "\x1bP", "\x1b", "\x1b[0;", "\r", "\x9b0", " \n"):
        one_line(piece * (1_000_000 // len(piece)))
    assert time.monotonic() - began < 300
