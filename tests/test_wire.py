"""Requests, and what a reply means by its status, headers and body."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.errors import BadAnswer, PlatformError, Refused, Unavailable
from testgate.redact import Redactor
from testgate.wire import Api, Credential, Reply, Request, retry_after
from tests.support.hostile_text import TEXTS

REQUEST = Request(
    "GET", "https://platform.example/api/runs", {"page": "1"}, credential=Credential("Authorization", "Bearer s3cret")
)
LATER = "Wed, 21 Oct 2015 07:28:30 GMT"
NOW = "Wed, 21 Oct 2015 07:28:00 GMT"


def reply(status: int = 200, body: bytes = b"{}", headers: Mapping[str, str] | None = None) -> Reply:
    """Return a reply."""
    return Reply(status, {"content-type": "application/json"} if headers is None else headers, body, REQUEST)


def test_the_key_never_shows() -> None:
    """It is missing from the `repr` of requests and replies."""
    assert "s3cret" not in repr(REQUEST)
    assert "s3cret" not in repr(reply())
    assert "s3cret" not in REQUEST.label


def test_a_request_encodes_each_segment_of_its_path() -> None:
    """An ID never adds a path or query of its own."""
    api = Api("https://platform.example/api", Credential("x-api-key", "s3cret"))
    request = api.request("PUT", "runs", "../a b?c#d", "", "%2F", query={"page": "1"}, body={"stop": True})
    assert request.url == "https://platform.example/api/runs/..%2Fa%20b%3Fc%23d//%252F"
    assert (request.query, request.body, request.form) == ({"page": "1"}, {"stop": True}, None)
    assert request.credential == api.credential


def test_a_bad_answer_says_what_the_reply_contains() -> None:
    """The message has the request, the status, the content and a quote without secrets."""
    error = reply(body=b'{"message": "s3cret"}')._replace(redact=lambda text: text.replace("s3cret", "***"))
    found = error.bad_answer("no list of runs", remedy="Check it.")
    assert found.message == "GET https://platform.example/api/runs answered 200 with no list of runs: ***"
    assert found.remedy == "Check it."


@pytest.mark.parametrize("body", [b'{"a": 1}', b'\xef\xbb\xbf{"a": 1}', b' {"a": 1}\n'])
def test_data_is_the_json_of_a_success(body: bytes) -> None:
    """A byte order mark and surrounding blanks are accepted."""
    assert reply(body=body).data() == {"a": 1}
    assert reply(status=201, body=body).data() == {"a": 1}


def test_control_characters_in_strings_are_accepted() -> None:
    """Vendors send raw line breaks and tabs inside strings."""
    assert reply(body=b'{"a": "b\nc\t\x01"}').data() == {"a": "b\nc\t\x01"}


@pytest.mark.parametrize(
    "body", [b"", b"<html>Sign in</html>", b'{"a": ', b"\xff\xfe", b"[" * 100_000, b"1" * 5_000, b"nonsense"]
)
def test_a_success_that_is_not_json_is_a_bad_answer(body: bytes) -> None:
    """A sign-in page, a truncated body or a bomb raises, with a remedy."""
    with pytest.raises(BadAnswer, match="not JSON") as caught:
        reply(body=body).data()
    assert "base-url" in caught.value.remedy
    assert len(caught.value.message) < 1_000


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_a_server_that_cannot_answer_now_is_unavailable(status: int) -> None:
    """Of these statuses, only 429 proves that the request had no effect."""
    with pytest.raises(Unavailable) as caught:
        reply(status=status, headers={"retry-after": "7"}).check()
    assert caught.value.refused is (status == 429)
    assert caught.value.retry_after_seconds == 7


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 422, 300, 304, 199, 100])
def test_any_other_answer_is_a_refusal(status: int) -> None:
    """Asking again would not change it."""
    with pytest.raises(Refused, match=str(status)) as caught:
        reply(status=status).data()
    assert caught.value.credentials is (status in {401, 403})
    assert caught.value.missing is (status in {404, 410})
    assert bool(caught.value.remedy) is (status in {401, 403})


def test_a_redirect_names_its_target() -> None:
    """The key is not sent there; the remedy asks for the final address."""
    with pytest.raises(Refused, match=r"a redirect to https://elsewhere\.example/") as caught:
        reply(status=302, headers={"location": "https://elsewhere.example/" + "x" * 1_000}).check()
    assert "base-url" in caught.value.remedy
    assert len(caught.value.message) < 600


@pytest.mark.parametrize(
    ("body", "quoted"),
    [
        (b'{"error": "no such plan"}', "no such plan"),
        (b'{"error": "bad", "message": "field x", "more": 1}', "bad; field x"),
        (b'{"fieldErrors": [{"field": "id"}]}', '[{"field": "id"}]'),
        (b'{"unknown": 1}', '{"unknown": 1}'),
        (b"[1, 2]", "[1, 2]"),
        (b"plain\n  words", "plain words"),
        (b"<html><head><style>p {}</style><script>x()</script></head><h1>Bad  gateway</h1></html>", "Bad gateway"),
        (b"a < b", "a"),
        (b"\xff", "\ufffd"),
        (b"", ""),
    ],
)
def test_the_message_of_the_server(body: bytes, quoted: str) -> None:
    """It is the message of a JSON error, the text of a page, or the whole body."""
    assert reply(status=400, body=body).quoted == quoted


@given(st.one_of(st.binary(max_size=300), TEXTS.map(lambda text: text.encode(errors="replace"))))
def test_any_body_can_be_quoted(body: bytes) -> None:
    """A quote is always short, whatever the server sends."""
    for text in (body, body * 200, json.dumps({"message": body.decode(errors="replace") * 100}).encode()):
        assert len(reply(status=500, body=text).quoted) <= 301


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": " 120 "}, 120.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "9" * 400}, 999_999_999.0),
        ({"retry-after": LATER, "date": NOW}, 30.0),
        ({"retry-after": NOW, "date": LATER}, 0.0),
        ({"retry-after": LATER}, None),
        ({"retry-after": LATER, "date": "yesterday"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:30 -0000", "date": NOW}, None),
    ],
)
def test_retry_after(headers: Mapping[str, str], seconds: float | None) -> None:
    """It is in seconds, or a date by the server's own clock; anything else is ignored."""
    assert retry_after(headers) == seconds


@given(TEXTS, TEXTS, st.integers(), st.integers())
def test_any_retry_after_is_accepted(text: str, other: str, year: int, offset: int) -> None:
    """Whatever the headers say, the result is a number of seconds or None."""
    for value in (text, f"Wed, 21 Oct {year} 07:28:30 {offset:+05d}", f"Wed, 21 Oct 2015 {offset}:28:30 GMT"):
        for date in (other, NOW):
            seconds = retry_after({"retry-after": value, "date": date})
            assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    "before", ["", " " * 20_000, " " * 19_990, "x" * 280, "<b>" * 6_700, '{"error": "' + " " * 300]
)
@pytest.mark.parametrize("status", [400, 500, 200])
def test_a_secret_is_hidden_before_anything_is_cut(before: str, status: int) -> None:
    """However much the server sends in front of it, no part of the key is quoted."""
    key = "a-key-of-33-characters-0123456789"
    body = f"{before}{key} and more".encode()
    got = Reply(status, {}, body, Request("GET", "https://p.example/x"), Redactor([key]))
    with pytest.raises(PlatformError) as caught:
        got.data()
    assert not any(key[:length] in str(caught.value) for length in range(8, len(key) + 1))


def test_a_refusal_names_the_inputs_that_it_depends_on() -> None:
    """Test management has a key and an address of its own."""
    credential = Credential("Authorization", "Bearer x", "test-management-api-key", "test-management-url")
    request = Request("GET", "https://p.example/x", credential=credential)
    with pytest.raises(Refused) as refused:
        Reply(401, {}, b"no", request).check()
    assert refused.value.remedy.startswith("Check `test-management-api-key`")
    with pytest.raises(BadAnswer) as bad:
        Reply(200, {}, b"<html>", request).data()
    assert bad.value.remedy.startswith("Check `test-management-url`")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_no_content(encoding: str) -> None:
    """It also tells the encoding."""
    body = '{"message": "größer"}'.encode(encoding)
    assert reply(200, body).data() == {"message": "größer"}
    assert reply(400, body).words == "größer"


@pytest.mark.parametrize(
    ("status", "body", "headers", "limited"),
    [
        (403, b"{}", {"retry-after": "5"}, True),
        (400, b"{}", {"retry-after": "5"}, True),
        (409, b"{}", {"retry-after": "5"}, False),
        (422, b"{}", {"retry-after": "5"}, False),
        (403, b"{}", {"retry-after": " "}, False),
        (401, b"{}", {"retry-after": "5"}, False),
        (404, b"{}", {"retry-after": "5"}, False),
        (403, b'{"error": "API rate limit exceeded for this key"}', {}, True),
        (403, b'{"message": "Too Many Requests"}', {}, True),
        (400, b"Request was throttled. Expected available in 5 seconds.", {}, True),
        (403, b'{"error": "Forbidden"}', {}, False),
        (400, b'{"error": "executionId is required"}', {}, False),
        (404, b'{"error": "Test plan Rate limit checks not found"}', {}, False),
    ],
)
def test_a_rate_limit_can_have_another_status(
    status: int, body: bytes, headers: Mapping[str, str], limited: bool
) -> None:
    """It is waited out like 429, and proves that nothing happened."""
    with pytest.raises((Unavailable, Refused)) as caught:
        reply(status, body, headers).check()
    assert isinstance(caught.value, Unavailable) is limited
    if isinstance(caught.value, Unavailable):
        assert caught.value.refused
        assert caught.value.retry_after_seconds == (5.0 if headers else None)


def test_a_label_has_no_query() -> None:
    """A platform can repeat a secret in the link to its next page."""
    assert (
        Request("GET", "https://platform.example/runs?key=secret&page=2").label == "GET https://platform.example/runs"
    )
