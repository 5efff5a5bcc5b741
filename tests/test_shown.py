"""Redacted first, then cut: half a secret is one, too."""

import base64
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.redact import Redactor
from testgate.text import beginning, clean, one_line, shown, tidy
from tests.support.hostile_text import TEXTS

KEY = "s3cr3t-KEY/0123456789+ab=cdefgh"
REDACT = Redactor([KEY])
SPELLINGS = [
    KEY,
    quote(KEY, safe=""),
    base64.b64encode(KEY.encode()).decode(),
    KEY.replace("/", "\\/"),
    f"{KEY[:7]}\x1b[0m{KEY[7:]}",
    f"{KEY[:3]}\x1b]0;title\x07{KEY[3:20]}\x1b[1m{KEY[20:]}",
]


def leaks(text: str) -> list[str]:
    """Pieces of the key, of five characters or more, that are in a text."""
    return [KEY[at : at + 5] for at in range(len(KEY) - 4) if KEY[at : at + 5] in text]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("before", ["", "x" * 290, "x " * 140, " " * 20_000, "\n" * 50, "\x1b[31m" * 400, "\t\0 " * 90])
def test_at_no_limit_a_part_of_a_secret_is_shown(spelling: str, before: str) -> None:
    """Wherever the cut falls, and however much of what comes before it is dropped."""
    text = f"{before}{spelling} after"
    for limit in range(1, 360, 3):
        result = shown(text, REDACT, limit)
        assert not leaks(result)
        assert len(result) <= limit


@pytest.mark.parametrize("blanks", [" ", "  ", "\n", " \t", "\r\n", "\u2028", "\u00a0", "\x85"])
def test_a_secret_that_joined_blanks_complete(blanks: str) -> None:
    """A key with a blank in it, echoed over two lines."""
    redact = Redactor(["open sesame now"])
    assert shown(f"say open{blanks}sesame{blanks}now!", redact) == "say ***!"


@given(TEXTS, st.integers(1, 50))
def test_what_is_shown_is_one_short_clean_line(text: str, limit: int) -> None:
    """As `one_line` makes it, where there are no secrets."""
    assert shown(text, Redactor(), limit) == one_line(text, limit)
    assert shown(text, str, limit) == one_line(text, limit)


@given(TEXTS, st.text(max_size=60), st.integers(0, 60))
def test_a_secret_anywhere_is_gone(text: str, more: str, limit: int) -> None:
    """In hostile text, at any limit."""
    for spelling in SPELLINGS[:3]:
        assert not leaks(shown(f"{text}{spelling}{more}", REDACT, limit))
        assert KEY not in tidy(f"{text}{spelling}{more}", REDACT)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_text_that_is_too_long_ends_before_a_secret_that_is_cut(spelling: str) -> None:
    """Only what was certainly looked through as a whole remains."""
    for limit in range(100, 100 + 2 * len(spelling)):
        assert not leaks(beginning("." * 100 + spelling + "." * 300, REDACT, limit))
    assert beginning("a" * 1000, REDACT, 500) == "a" * (500 - REDACT.longest)
    assert beginning("a" * 500, REDACT, 500) == "a" * 500
    assert beginning("a" * 1000, Redactor(), 500) == "a" * 500


@pytest.mark.parametrize(
    "secret", ["pässwörd", "ÄÖÜß", "Ã©Ã©", "a'b\"c\\d", "naïve key", "£¥€ not latin", "\ufffd\ufffd\ufffd\ufffd"]
)
def test_secrets_that_are_not_ascii(secret: str) -> None:
    """Headers are written in one encoding and read in another; exceptions quote what they got."""
    redact = Redactor([secret])
    for encode in ("utf-8", "latin-1"):
        try:
            raw = secret.encode(encode)
        except UnicodeEncodeError:
            continue
        for echo in (base64.b64encode(raw).decode(), repr(raw)[2:-1], repr(secret)[1:-1], secret):
            assert echo not in redact(f"before {echo} after")
        for decode in ("utf-8", "latin-1"):
            echo = raw.decode(decode, errors="replace")
            if len(echo.replace("\ufffd", "")) >= 4:
                assert echo not in redact(f"before {echo} after")


@pytest.mark.parametrize("text", ["", "éé", "\ufffd\ufffd\ufffd\ufffd\ufffd", "ordinary words", "Ã", "\u200b"])
def test_ordinary_words_are_no_misread_secrets(text: str) -> None:
    """A secret that was misread down to nothing hides nothing."""
    assert Redactor(["Ã©Ã©", "ÄÖÜß"])(text) == text


def test_short_and_ordinary_texts_cost_little() -> None:
    """The names and results of a hundred thousand tests are looked at several times."""
    redact = Redactor([f"{number}-{KEY}-{'x' * number}" for number in range(20)])
    began = time.process_time()
    for number in range(100_000):
        name = f"Checkout pays with card {number}"
        assert tidy(name, redact) == clean(name) == one_line(name) == name
    assert time.process_time() - began < 5


def test_the_quick_way_leaves_nothing_out() -> None:
    """Of all the characters there are, those that are printable need no cleaning."""
    printable = "".join(sign for sign in map(chr, range(0x110000)) if sign.isprintable())
    assert clean(printable) == printable
    assert clean(f"\t{printable}") == f"\t{printable}"  # the long way
