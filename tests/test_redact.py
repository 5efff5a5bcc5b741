"""No encoding of a secret survives."""

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
def test_every_encoding_is_hidden(spelling: str, secret: str) -> None:
    """A server can echo the secret in any of them."""
    echoed = SPELLINGS[spelling](secret)
    for long in ("", "x" * 5_000):  # long texts are looked through in another way
        text = f"{long} before {echoed} after {long}"
        assert Redactor([secret])(text) == f"{long} before *** after {long}"


@given(SECRETS, st.text(max_size=10), st.text(max_size=10), st.sampled_from(sorted(SPELLINGS)))
def test_no_secret_survives(secret: str, before: str, after: str, spelling: str) -> None:
    """Text around a secret makes no difference, however long it is; neither do other secrets, however many."""
    assume("*" not in secret)
    echoed = SPELLINGS[spelling](secret)
    for long in ("", "\0" * 5_000):
        text = f"{long}{before}{echoed}{after}"
        for secrets in ([secret], [secret, *(f"\1{number:04}" for number in range(50))]):
            assert echoed not in Redactor(secrets)(text).replace("***", "\2")


@given(st.lists(SECRETS, max_size=5), st.text(max_size=50))
def test_text_without_secrets_is_unchanged(secrets: list[str], text: str) -> None:
    """Only secrets are replaced."""
    redact = Redactor(secrets)
    if redact(text) == text:
        assert not any(secret in text for secret in secrets)
    else:
        assert "***" in redact(text)
    assert Redactor()(text) == text


def test_the_longest_secret_is_replaced_first() -> None:
    """A secret that starts like another leaves nothing behind."""
    assert Redactor(["abcd", "abcdefgh"])("abcdefgh abcdxyz") == "*** ***xyz"


def test_short_secrets_are_not_hidden() -> None:
    """They appear in ordinary words, and hiding those would make a log unreadable."""
    assert Redactor(["", "a", "abc"])("abc a") == "abc a"


def test_each_line_of_a_secret_is_hidden() -> None:
    """A log shows the lines of a secret one by one, in every encoding."""
    redact = Redactor(["-----BEGIN-----\r\nfirst/line\n  ab\nsecond-line\n"])
    assert redact("got first/line\nand second-line, ab") == "got ***\nand ***, ab"
    assert redact(urllib.parse.quote("first/line", safe="")) == "***"


def test_repr_shows_no_secrets() -> None:
    """The redactor can be logged safely."""
    assert "secret" not in repr(Redactor(["secret-value"]))


def test_a_secret_can_contain_undecodable_bytes() -> None:
    """Environments can contain bytes that aren't UTF-8."""
    secret = b"key-\xff\xfe-x".decode(errors="surrogateescape")
    assert Redactor([secret])(f"a {secret} b") == "a *** b"


def test_a_megabyte_is_redacted_quickly() -> None:
    """The pattern never backtracks, whatever secrets and text look like."""
    secrets = ["a" * 30 + sign for sign in string.ascii_letters] + ["%25" * 10, "\\" * 20]
    redact = Redactor(secrets)
    began = time.monotonic()
    for text in ("a" * 1_000_000, "%25\\" * 250_000, "ordinary words of a log " * 40_000):
        redact(text)
    assert time.monotonic() - began < 300


def test_quoted_attributes_are_hidden() -> None:
    """The standard library quotes them in its own way."""
    secret = "a<b>&\"c'd"
    assert "a&lt;b" not in Redactor([secret])(f"x={quoteattr(secret)}")
