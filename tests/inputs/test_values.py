"""Inputs with a single value: what each kind accepts, what it refuses, and its faults."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from testgate.inputs.values import (
    LONGEST_DURATION_SECONDS,
    Fault,
    Given,
    base_url,
    boolean,
    duration,
    identifier,
    interval,
    key,
    one_of,
    path_id,
    percent,
    text,
    whole,
    write_duration,
    write_interval,
    write_percent,
)


def given(value: str, variable: str = "INPUT_X") -> Given:
    """The text as a step gives it."""
    return Given(value, variable)


def test_repr_hides_the_given_text() -> None:
    """The text could be a secret."""
    assert "s3cret" not in repr(given("s3cret"))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("90s", 90.0),
        ("15m", 900.0),
        ("1h30m", 5400.0),
        ("1h 30m", 5400.0),
        ("500ms", 0.5),
        ("1s500ms", 1.5),
        ("2d", 172_800.0),
        ("1H", 3600.0),
        ("90 s", 90.0),
        ("30d", LONGEST_DURATION_SECONDS),
    ],
)
def test_duration_is_read_as_seconds(value: str, seconds: float) -> None:
    """Whole numbers with units add up to seconds."""
    assert duration(given(value)) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        "s",
        "0s",
        "0ms",
        "-5s",
        "+5s",
        "1.5h",
        "30m1h",
        "1 5m",
        "5 minutes",
        "31d",
        "1_0s",
        "\uff11\uff15m",
        "1e3s",
        "9" * 400 + "s",
    ],
)
def test_invalid_duration_is_refused(value: str) -> None:
    """Anything else, an empty text, and durations out of bounds are refused."""
    with pytest.raises(Fault):
        duration(given(value))


def test_duration_without_unit_is_refused_with_a_hint() -> None:
    """A plain number probably means seconds, but isn't taken as such."""
    with pytest.raises(Fault, match="needs a unit") as caught:
        duration(given("90"))
    assert caught.value.hint == "90s"


@drawn(st.integers(1, int(LONGEST_DURATION_SECONDS) * 1000))
def test_written_duration_reads_back(milliseconds: int) -> None:
    """A duration in the documents can be used as an input."""
    assert duration(given(write_duration(milliseconds / 1000))) == milliseconds / 1000


def test_interval_is_auto_or_at_least_one_second() -> None:
    """A fixed interval below one second is refused."""
    assert interval(given("Auto")) is None
    assert interval(given("1s")) == 1.0
    assert (write_interval(None), write_interval(15.0)) == ("auto", "15s")
    with pytest.raises(Fault, match="at least 1s"):
        interval(given("999ms"))


@pytest.mark.parametrize(
    ("value", "fraction"),
    [
        ("95", (95, 1)),
        ("95%", (95, 1)),
        ("95 %", (95, 1)),
        ("99.5%", (199, 2)),
        ("99.5", (199, 2)),
        ("0.5%", (1, 2)),
        ("0", (0, 1)),
        ("1", (1, 1)),
        ("100.0", (100, 1)),
        ("33.333333%", (33_333_333, 1_000_000)),
    ],
)
def test_percent_is_an_exact_fraction(value: str, fraction: tuple[int, int]) -> None:
    """No binary fraction loses precision."""
    assert percent(given(value)) == fraction


@pytest.mark.parametrize(("value", "meant"), [("0.95", "95"), ("0.955", "95.5"), ("1.0", "100"), ("0.0", "0")])
def test_fraction_of_one_is_refused_with_a_hint(value: str, meant: str) -> None:
    """A fraction of 1 is a mistake that would switch off the gate."""
    with pytest.raises(Fault, match="not a fraction of 1") as caught:
        percent(given(value))
    assert caught.value.hint == meant


@pytest.mark.parametrize(
    "value", ["", "101", "100.1%", "-1", "95,5", "abc", "\uff19\uff15", "1e2", "95%%", ".5", "5.", "1234"]
)
def test_invalid_percentage_is_refused(value: str) -> None:
    """Anything but a number from 0 to 100 is refused."""
    with pytest.raises(Fault, match="from 0 to 100"):
        percent(given(value))


@drawn(st.integers(0, 100_000_000))
def test_written_percent_reads_back(millionths: int) -> None:
    """A percentage in the documents can be used as an input."""
    wanted = percent(given(f"{millionths // 10**6}.{millionths % 10**6:06}%"))
    assert percent(given(write_percent(wanted) + "%")) == wanted


def test_boolean_is_read_in_any_case() -> None:
    """`true` and `false` can be written in any case."""
    assert boolean(given("TRUE")) is True
    assert boolean(given("False")) is False


@pytest.mark.parametrize(("value", "meant"), [("yes", "true"), ("1", "true"), ("Off", "false"), ("maybe", "")])
def test_boolean_refuses_other_words(value: str, meant: str) -> None:
    """Other words are refused, with a hint if their meaning is clear."""
    with pytest.raises(Fault, match="true or false") as caught:
        boolean(given(value))
    assert caught.value.hint == meant


def test_whole_number_within_bounds() -> None:
    """The bounds themselves are accepted."""
    assert whole(1, 1000).read(given("1")) == 1
    assert whole(1, 1000).read(given("1000")) == 1000
    assert whole(0).read(given("007")) == 7


@pytest.mark.parametrize("value", ["0", "1001", "\uff11\uff12", "1_000", "+5", "-5", "1.0", "5 6", "", "²", "9" * 5000])
def test_invalid_whole_number_is_refused(value: str) -> None:
    """Only the digits 0 to 9 are accepted, and only within the bounds."""
    with pytest.raises(Fault):
        whole(1, 1000).read(given(value))


def test_identifier_is_a_positive_number() -> None:
    """Ids are numbers that fit into 63 bits."""
    assert identifier(given("274")) == 274
    assert identifier(given(str(2**63 - 1))) == 2**63 - 1


@pytest.mark.parametrize("value", ["0", "-1", "plan-3", "27 4", str(2**63), "٣", "9" * 5000])
def test_invalid_identifier_is_refused(value: str) -> None:
    """Zero, words, other digits and too large numbers are refused."""
    with pytest.raises(Fault, match="positive whole number"):
        identifier(given(value))


@pytest.mark.parametrize("value", ["274", "6650f1c2", "a.b_c:d~e-f"])
def test_path_id_is_kept(value: str) -> None:
    """It can be a part of a URL without being encoded."""
    assert path_id(given(value)) == value


@pytest.mark.parametrize("value", ["", ".", "..", "a/b", "a b", "a?b", "a#b", "%2e%2e", "ü", "a\nb"])
def test_path_id_that_could_lead_elsewhere_is_refused(value: str) -> None:
    """It must not change the path of a request."""
    with pytest.raises(Fault, match="must be an id"):
        path_id(given(value))


def test_choice_is_returned_in_its_own_spelling() -> None:
    """The case matters to the code, but not to users."""
    assert one_of("ALL_TESTS", "ONLY_FAILED_TESTS").read(given("all_tests")) == "ALL_TESTS"


def test_unknown_choice_lists_all_and_suggests_the_closest() -> None:
    """The user doesn't have to look up the words."""
    with pytest.raises(Fault, match="must be one of passing, failing, empty") as caught:
        one_of("passing", "failing", "empty").read(given("Pasing"))
    assert caught.value.hint == "passing"


def test_only_choice_is_named() -> None:
    """With a single word, the message doesn't say "one of"."""
    with pytest.raises(Fault, match=r"must be run$") as caught:
        one_of("run").read(given("stop"))
    assert caught.value.hint == ""


def test_text_of_any_script_is_accepted() -> None:
    """Text is kept unchanged."""
    assert text(given("Prüfung № 1, 測試")) == "Prüfung № 1, 測試"


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\x00b", "\x1b[31mred", "a\udc80", "a\u202eb", "a\u2028b"])
def test_text_refuses_control_characters(value: str) -> None:
    """Text that could forge lines, be hidden or not be encoded as UTF-8 is refused."""
    with pytest.raises(Fault, match="one line of UTF-8"):
        text(given(value))


def test_key_does_not_show() -> None:
    """A key is kept unchanged, and its repr doesn't show it."""
    secret = key(given("eyJhbGciOi.J9_x-y+/="))
    assert secret.reveal() == "eyJhbGciOi.J9_x-y+/="
    assert "eyJ" not in repr(secret)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("Bearer s3cret", "the key alone"),
        ("s3cret\r\nX-Evil: 1", "without spaces"),
        ("s3cret key", "without spaces"),
        ("s3crét", "printable ASCII"),
        ("s3cret\udcff", "printable ASCII"),
        ("$(S3CRET_KEY)", "did not replace"),
        ("${{ secrets.S3CRET }}", "did not replace"),
        ("${S3CRET}", "did not replace"),
        ("%S3CRET%", "did not replace"),
    ],
)
def test_invalid_key_is_refused_without_showing_it(value: str, message: str) -> None:
    """Keys that can't be sent in a header, and placeholders, are refused."""
    with pytest.raises(Fault, match=message) as caught:
        key(given(value))
    assert "3cr" not in str(caught.value).lower()


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("https://app.example.com/api/v1/", "https://app.example.com/api/v1"),
        ("HTTPS://app.example.com//", "https://app.example.com"),
        ("https://10.0.0.8:8443/x", "https://10.0.0.8:8443/x"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"),
        ("http://127.8.9.10", "http://127.8.9.10"),
        ("http://[::1]:65535", "http://[::1]:65535"),
    ],
)
def test_base_url_loses_its_trailing_slash(value: str, url: str) -> None:
    """Any host can be used with https, and this machine with http."""
    assert base_url(given(value)) == url


@pytest.mark.parametrize(
    "value",
    [
        "app.example.com",
        "ftp://app.example.com",
        "http://app.example.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://127.1",
        "http://0.0.0.0",
        "http://[::1%25eth0]",
        "https://",
        "https:///path",
        "https://:443",
        "https://a..b",
        "https://host:",
        "https://host:0",
        "https://host:65536",
        "https://host:https",
        "https://[::1",
        "https://host/a b",
        "https://host\\@evil.example",
        "https://hôst.example",
        "https://host/\n",
        "https://ho%73t/",
        "https://host/\udc80",
    ],
)
def test_invalid_base_url_is_refused(value: str) -> None:
    """URLs that could send the key elsewhere, or unencrypted, are refused."""
    with pytest.raises(Fault, match="must"):
        base_url(given(value))


@pytest.mark.parametrize(
    "value",
    [
        "https://user:s3cret@host/",
        "http://s3cret@host",
        "https://host/?key=s3cret",
        "https://host/#s3cret",
        "s3cret@host",
        "https://ho st?s3cret",
    ],
)
def test_base_url_with_credentials_is_not_shown(value: str) -> None:
    """Credentials are neither accepted nor shown."""
    with pytest.raises(Fault) as caught:
        base_url(given(value))
    assert caught.value.shown == ""


@drawn(
    st.sampled_from([duration, interval, percent, boolean, identifier, path_id, text, key, base_url]),
    st.text(st.characters(codec=None), max_size=60) | st.from_regex(r"https?://[\[\]@:/?#%.a-z0-9]{0,20}"),
)
def test_any_text_is_read_or_a_fault(read: Callable[[Given], object], value: str) -> None:
    """No text makes a kind raise anything but a fault."""
    with suppress(Fault):
        read(given(value))
