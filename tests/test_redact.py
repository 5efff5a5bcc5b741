"""No spelling of a secret survives."""

import base64
import html
import json
import re
import string
import time
import urllib.parse
from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from testgate.redact import SHORTEST_SECRET, Redactor

AWKWARD = "k%y/+=\"<&>'\\ é€😀:,_*~\t"
SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=SHORTEST_SECRET, max_size=20)
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda secret: urllib.parse.quote(secret, safe=""),
    "percent, path": urllib.parse.quote,
    "percent, form": urllib.parse.quote_plus,
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64, unpadded": lambda secret: base64.b64encode(secret.encode()).decode().rstrip("="),
    "base64, for URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON in Unicode": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "JSON of PHP": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    "JSON in JSON": lambda secret: json.dumps(json.dumps(secret)[1:-1])[1:-1],
    "XML": escape,
    "XML, attribute": lambda secret: escape(secret, {'"': "&quot;"}),
    "HTML": html.escape,
    "HTML, other habit": lambda secret: html.escape(secret).replace("&#x27;", "&#39;"),
    "lower-case percent": lambda secret: re.sub(
        "%..", lambda found: found.group().lower(), urllib.parse.quote(secret, safe="")
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    "secret", ["plain-Secret_123", AWKWARD, "pässwörd", "a/b+c==", '"quoted"', "back\\slash", "A" * 300]
)
def test_every_spelling_is_hidden(spelling: str, secret: str) -> None:
    """However a server echoes the secret, it is not in the text any more."""
    echoed = SPELLINGS[spelling](secret)
    text = f"before {echoed} after"
    assert Redactor([secret])(text) == "before *** after"


@given(SECRETS, st.text(max_size=10), st.text(max_size=10), st.sampled_from(sorted(SPELLINGS)))
def test_no_secret_survives(secret: str, before: str, after: str, spelling: str) -> None:
    """Whatever stands around it, the secret's spelling is not found in the result."""
    assume("*" not in secret)
    echoed = SPELLINGS[spelling](secret)
    assert echoed not in Redactor([secret])(f"{before}{echoed}{after}").replace("***", "\0")


@given(st.lists(SECRETS, max_size=5), st.text(max_size=50))
def test_nothing_else_is_touched(secrets: list[str], text: str) -> None:
    """Text without a secret in it stays as it is."""
    redact = Redactor(secrets)
    if redact(text) == text:
        assert not any(secret in text for secret in secrets)
    else:
        assert "***" in redact(text)
    assert Redactor()(text) == text


def test_the_longest_secret_goes_first() -> None:
    """A secret that begins like another leaves no tail behind."""
    assert Redactor(["abcd", "abcdefgh"])("abcdefgh abcdxyz") == "*** ***xyz"


def test_short_secrets_stay() -> None:
    """What is shorter than four characters stands in ordinary words; hiding it would hide the log."""
    assert Redactor(["", "a", "abc"])("abc a") == "abc a"


def test_each_line_of_a_secret_is_one() -> None:
    """Of a secret with several lines, a log shows each by itself; in every encoding."""
    redact = Redactor(["-----BEGIN-----\r\nfirst/line\n  ab\nsecond-line\n"])
    assert redact("got first/line\nand second-line, ab") == "got ***\nand ***, ab"
    assert redact(urllib.parse.quote("first/line", safe="")) == "***"


def test_it_never_shows_what_it_hides() -> None:
    """A dump of the redactor holds no secret."""
    assert "secret" not in repr(Redactor(["secret-value"]))


def test_a_secret_of_undecodable_bytes_is_no_reason_to_fail() -> None:
    """Environments hold bytes that are no UTF-8."""
    secret = b"key-\xff\xfe-x".decode(errors="surrogateescape")
    assert Redactor([secret])(f"a {secret} b") == "a *** b"


def test_a_megabyte_is_read_in_no_time() -> None:
    """The pattern is a plain alternation, whatever secrets and text look like."""
    secrets = ["a" * 30 + sign for sign in string.ascii_letters] + ["%25" * 10, "\\" * 20]
    redact = Redactor(secrets)
    began = time.monotonic()
    for text in ("a" * 1_000_000, "%25\\" * 250_000, "ordinary words of a log " * 40_000):
        redact(text)
    assert time.monotonic() - began < 300


def test_attributes_as_writers_quote_them() -> None:
    """The standard library's own quoting of attributes is covered."""
    secret = "a<b>&\"c'd"
    assert "a&lt;b" not in Redactor([secret])(f"x={quoteattr(secret)}")
