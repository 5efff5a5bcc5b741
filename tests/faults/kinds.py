"""Everything that can go wrong with one request, as data: an error of the transport, or a different answer."""

import json
import ssl
from collections.abc import Callable
from typing import NamedTuple

import requests
import urllib3.exceptions
from urllib3.connection import HTTPConnection

from testgate.demo.exchange import HTML, JSON, RawReply, page_reply
from testgate.edges.unanswered import fault_of
from testgate.errors import BadAnswer, GateError
from testgate.wire import Request

Lose = Callable[[Request], GateError]
Alter = Callable[[RawReply], RawReply]
SAME_ORIGIN = "/api/v1/moved"
OTHER_ORIGIN = "https://sign-in.example/login"


class Kind(NamedTuple):
    """One fault. With `handles`, the platform acts on the request although its answer is spoiled.

    Either `lose` creates the transport's exception, or `alter` changes the answer. `silent` is for
    answers that don't arrive before the request times out.
    """

    name: str
    words: str
    handles: bool = False
    lose: Lose | None = None
    alter: Alter | None = None
    silent: bool = False

    @property
    def limits(self) -> bool:
        """Whether it is a rate limit, which proves that the platform did nothing."""
        return self.name.startswith("429") or self.name.endswith("-limit")


def _raising(make: Callable[[], Exception], *, wrote: bool = False) -> Lose:
    """What the transport makes of an exception of its library, before or after it wrote the request."""
    return lambda request: fault_of(request, make(), wrote=wrote, redact=str)


def _caused(error: Exception, cause: Exception) -> Exception:
    """The exception with a cause, as after `raise … from …`."""
    error.__cause__ = cause
    return error


def _refused() -> Exception:
    """The connection was refused."""
    connection = HTTPConnection("platform.example")
    reason = urllib3.exceptions.NewConnectionError(connection, "Failed to establish a new connection")
    return requests.exceptions.ConnectionError(_caused(reason, ConnectionRefusedError(111, "Connection refused")))


def _reset() -> Exception:
    """The connection was reset."""
    return requests.exceptions.ConnectionError(ConnectionResetError(104, "Connection reset by peer"))


def _no_name() -> Exception:
    """DNS doesn't know the host."""
    connection = HTTPConnection("platform.example")
    failure = OSError(-2, "Name or service not known")
    return requests.exceptions.ConnectionError(
        urllib3.exceptions.NameResolutionError("platform.example", connection, failure)  # type: ignore[arg-type]  # any OSError will do
    )


def _no_proxy() -> Exception:
    """The proxy refuses the connection."""
    return requests.exceptions.ProxyError(ConnectionRefusedError(111, "Connection refused"))


def _wrong_name() -> Exception:
    """The certificate is for another host."""
    inner = ssl.SSLCertVerificationError(1, "certificate verify failed")
    inner.verify_message = "Hostname mismatch, certificate is not valid for 'platform.example'."
    return requests.exceptions.SSLError(inner)


def _too_large(request: Request) -> GateError:
    """The transport's error for a body larger than its limit, compressed or not."""
    return BadAnswer(f"{request.label} answered with more than 100 MB; it was not read")


def _cut(request: Request) -> GateError:
    """The body was shorter than announced."""
    import http.client  # beside its only use

    error = requests.exceptions.ChunkedEncodingError(http.client.IncompleteRead(b"", 10))
    return fault_of(request, error, wrote=True, redact=str)


def _answers(status: int, body: str = "", content_type: str = JSON, **headers: str) -> Alter:
    """Always this answer, whatever the platform's own answer is."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _answer: RawReply(status, content_type, body.encode(), named)


def _error(status: int, word: str) -> Kind:
    """A refusal in the format of the platform."""
    return Kind(str(status), f"{status} {word}", alter=_answers(status, f'{{"error": "{word}"}}'))


def _throttled(name: str, words: str, **headers: str) -> Kind:
    """429, with or without a Retry-After."""
    return Kind(name, f"429 {words}", alter=_answers(429, '{"error": "Too Many Requests"}', **headers))


def _limited(status: int, word: str, **headers: str) -> Kind:
    """A rate limit under another status."""
    body = f'{{"error": "{word}"}}'
    words = f"{status} with Retry-After" if headers else f"{status} that says {word!r}"
    return Kind(f"{status}-limit", words, alter=_answers(status, body, **headers))


def _with_floats(answer: RawReply) -> RawReply:
    """Write whole numbers as floats."""
    data = json.loads(answer.body, parse_int=float, strict=False)
    return answer._replace(body=json.dumps(data).encode())


def _page(status: int, title: str) -> Kind:
    """An HTML page of a load balancer."""
    return Kind(str(status), f"{status} with an HTML page", alter=lambda _answer: page_reply(status, title))


NOON = "Sun, 22 Nov 2026 12:00:00 GMT"
SOON = "Sun, 22 Nov 2026 12:00:03 GMT"

KINDS = (
    Kind("refused", "connection refused", lose=_raising(_refused)),
    Kind("reset-before", "connection reset before the platform acts", lose=_raising(_reset, wrote=True)),
    Kind("reset-after", "connection reset after the platform acted", handles=True, lose=_raising(_reset, wrote=True)),
    Kind("silence", "silence, longer than `request-timeout`", handles=True, silent=True),
    _error(401, "Unauthorized"),
    _error(403, "Forbidden"),
    _error(404, "Not Found"),
    _error(409, "Conflict"),
    _error(422, "Unprocessable"),
    _error(499, "Client Closed Request"),
    _limited(400, "Rate limit exceeded"),
    _limited(403, "Forbidden", Retry_After="3"),
    _throttled("429-seconds", "with Retry-After in seconds", Retry_After="3"),
    _throttled("429-date", "with Retry-After as a date", Retry_After=SOON, Date=NOON),
    _throttled("429-bare", "without Retry-After"),
    _throttled("429-absurd", "with an absurd Retry-After", Retry_After="99999999999999999999"),
    _throttled("429-nonsense", "with a Retry-After that is nonsense", Retry_After="-5 moons"),
    _error(500, "Internal Server Error"),
    _page(502, "Bad Gateway"),
    _page(503, "Service Unavailable"),
    _error(504, "Gateway Timeout"),
    Kind("truncated", "a body that is cut short", handles=True, lose=_cut),
    Kind(
        "wrong-type",
        "the right JSON under a wrong content type",
        handles=True,
        alter=lambda answer: answer._replace(content_type="text/plain"),
    ),
    Kind(
        "wrong-shape",
        "JSON of a wrong shape",
        handles=True,
        alter=lambda answer: answer._replace(status=200, body=b'{"unexpected": [1, null]}'),
    ),
    Kind(
        "byte-order",
        "JSON after a byte order mark",
        handles=True,
        alter=lambda answer: answer._replace(body=b"\xef\xbb\xbf" + answer.body),
    ),
    Kind("floats", "whole numbers written as floats", handles=True, alter=_with_floats),
    Kind("sign-in", "an HTML sign-in page with 200", alter=lambda _answer: page_reply(200, "Sign in")),
    Kind("redirect-same", "a redirect to the same origin", alter=_answers(302, "", HTML, Location=SAME_ORIGIN)),
    Kind("redirect-other", "a redirect to another origin", alter=_answers(302, "", HTML, Location=OTHER_ORIGIN)),
    Kind("huge", "a body of more than 100 MB", handles=True, lose=_too_large),
    Kind("drip", "a body that drips", handles=True, silent=True),
    Kind("gzip-bomb", "a gzip bomb", handles=True, lose=_too_large),
    Kind("dns", "the host name is gone from DNS", lose=_raising(_no_name)),
    Kind("proxy", "the proxy refuses the connection", lose=_raising(_no_proxy)),
    Kind("tls-name", "a certificate for another name", lose=_raising(_wrong_name)),
)
BY_NAME = {kind.name: kind for kind in KINDS}
NOT_ARRIVED = frozenset({"refused", "dns", "proxy", "tls-name"})
