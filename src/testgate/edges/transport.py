"""HTTP through `requests`, each request in a daemon thread: one attempt, bounded in time and size.

A daemon thread, since a thread pool joins a request that hangs when the process wants to end.
"""

import asyncio
import contextlib
import http.client
import re
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions
from requests.auth import AuthBase

from testgate.errors import BadAnswer, GateError, Unanswered
from testgate.text import one_line
from testgate.wire import Credential, Reply, Request

LARGEST_BODY = 100 * 1024 * 1024  # 100 000 tests in one answer are about 30 MB
_CHUNK = 1 << 16
_MOST_REDIRECTS = 3
_LONGEST_REASON = 200
_CONNECT_SHARE = 0.4  # of the whole time: a host with two addresses is tried at both
_LONGEST_CONNECT_SECONDS = 10.0
_IDEMPOTENT = frozenset({"GET", "HEAD"})
_SENDABLE = re.compile(r"[ -~\xa0-\xff]*")  # in a header; the library's own words for another value would show it
_KEY_WORDS = "the key holds characters that cannot be sent"
_KEY_REMEDY = "Check `api-key`: a line break or a sign from the page may have been copied along."


class _Header(AuthBase):
    """Puts the credential in at the last moment; with it `requests` reads no .netrc."""

    def __init__(self, credential: Credential | None) -> None:
        self._credential = credential

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set the header."""
        if self._credential is not None:
            prepared.headers[self._credential.header] = self._credential.value
        return prepared


class _Session(requests.Session):
    """Follows no redirect, and does not prepare to: that would read the body without a bound, and trust its target."""

    def get_redirect_target(self, _resp: requests.Response) -> None:
        """Nowhere."""


class RequestsTransport:
    """Sends requests side by side; connections are kept and used again.

    `monotonic` gives seconds. `largest_body` is in bytes, decompressed.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        largest_body: int = LARGEST_BODY,
        ca_file: str | None = None,
    ) -> None:
        """Take the name to go by, and a file of certificate authorities in the place of the usual ones."""
        self._ca_file = ca_file
        self._user_agent = user_agent
        self._monotonic = monotonic
        self._largest_body = largest_body
        self._idle: deque[requests.Session] = deque()

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        """Send once; see `ports.Transport`. The time bounds the whole: name, connection, body."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Reply] = loop.create_future()

        def settle(reply: Reply | None, error: BaseException | None) -> None:
            if answer.done():
                return
            if error is not None:
                answer.set_exception(error)
            elif reply is not None:
                answer.set_result(reply)

        def work() -> None:
            reply, error = None, None
            try:
                reply = self._send(request, timeout_seconds)
            except BaseException as caught:  # noqa: BLE001  # carried over to the loop, where it is raised
                error = caught
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(settle, reply, error)

        threading.Thread(target=work, name=f"testgate {request.method}", daemon=True).start()
        try:
            async with asyncio.timeout(timeout_seconds):
                return await answer
        except TimeoutError:
            raise Unanswered(
                f"{request.label} got no answer within {timeout_seconds:g} s", maybe_arrived=True
            ) from None

    def _send(self, request: Request, timeout_seconds: float) -> Reply:
        """Send and read to the end, in the thread; faults become ours."""
        until = self._monotonic() + timeout_seconds
        if request.credential is not None and not _SENDABLE.fullmatch(request.credential.value):
            raise Unanswered(f"{request.label}: {_KEY_WORDS}", maybe_arrived=False, lasting=True, remedy=_KEY_REMEDY)
        session = self._session(request)
        try:
            reply = self._follow(session, request, until)
        except GateError:
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise fault_of(request, error) from error
        self._idle.append(session)
        return reply

    def _session(self, request: Request) -> requests.Session:
        """A session for this thread alone. What is not idempotent gets fresh connections.

        On a kept connection that the server closed meanwhile, nobody could tell whether the
        request arrived.
        """
        if request.method in _IDEMPOTENT:
            with contextlib.suppress(IndexError):
                return self._idle.pop()
        session = _Session()
        session.headers["User-Agent"] = self._user_agent
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return session

    def _follow(self, session: requests.Session, request: Request, until: float) -> Reply:
        """One request, and for what only reads, redirects inside the same origin."""
        url = request.url
        for _hop in range(_MOST_REDIRECTS + 1):
            reply = self._exchange(session, request._replace(url=url), until)
            location = reply.headers.get("location")
            if request.method not in _IDEMPOTENT or not 300 <= reply.status < 400 or not location:  # noqa: PLR2004  # HTTP's redirects
                return reply
            target = _same_origin(url, location)
            if not target:
                return reply
            url = target
            request = request._replace(query={})
        raise BadAnswer(f"{request.label} was redirected more than {_MOST_REDIRECTS} times")

    def _exchange(self, session: requests.Session, request: Request, until: float) -> Reply:
        """Exactly one HTTP exchange."""
        left = max(0.001, until - self._monotonic())
        response = session.request(
            request.method,
            request.url,
            params=dict(request.query) or None,
            json=request.body,
            files={name: (None, text) for name, text in request.form.items()} if request.form else None,
            auth=_Header(request.credential),
            timeout=(min(_LONGEST_CONNECT_SECONDS, left * _CONNECT_SHARE), left),
            verify=self._ca_file,
            allow_redirects=False,
            stream=True,
            headers={"Accept": "application/json"},
        )
        with response:
            body = self._read(response, request, until)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, body, request)

    def _read(self, response: requests.Response, request: Request, until: float) -> bytes:
        """The body, piece by piece, against a server that sends without end."""
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > self._largest_body:
                megabytes = self._largest_body // (1024 * 1024)
                raise BadAnswer(f"{request.label} answered with more than {megabytes} MB; it was not read")
            if self._monotonic() > until:
                raise Unanswered(f"{request.label} was still answering when its time was up", maybe_arrived=True)
        return bytes(body)


def fault_of(request: Request, error: Exception) -> Unanswered:
    """Tell from an exception of `requests` whether the request left, and whether to try again."""
    cause = _root(error)
    kind = next((kind for kind in _KINDS if kind.fits(error, cause)), None)
    if kind is None:
        return Unanswered(f"{request.label}: the connection broke ({_words(cause)})", maybe_arrived=True)
    told = f"{request.label}: {kind.words}" + (f" ({_words(cause)})" if kind.why else "")
    return Unanswered(
        told, maybe_arrived=kind.maybe_arrived, lasting=kind.lasting, remedy=kind.remedy, about=kind.about
    )


class _Kind(NamedTuple):
    """A fault that is told from others: by the exception that came, or by the innermost one.

    `why` adds that one's own words.
    """

    fits: Callable[[Exception, BaseException], bool]
    words: str
    remedy: str = ""
    maybe_arrived: bool = False
    lasting: bool = False
    why: bool = False
    about: str = "URL"


def _is_bundle(error: Exception, cause: BaseException) -> bool:
    """Whether the file of certificate authorities is missing, unreadable or none."""
    unread = isinstance(cause, FileNotFoundError | PermissionError) or "certificate bundle" in str(error)
    return unread or (isinstance(cause, ssl.SSLError) and cause.library in {"X509", "PEM"})


def _is_proxy_address(error: Exception, cause: BaseException) -> bool:
    """Whether the proxy's address itself is of no use."""
    useless = requests.exceptions.InvalidProxyURL, urllib3.exceptions.ProxySchemeUnknown
    return isinstance(error, useless) or isinstance(cause, useless) or "SOCKS" in str(error)


_PROXY = "Check HTTPS_PROXY (with credentials, if the proxy wants any) and NO_PROXY."
_NO_URL = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    urllib3.exceptions.LocationParseError,
    UnicodeError,
)
_KINDS = (
    _Kind(
        lambda _error, cause: isinstance(cause, ssl.SSLCertVerificationError),
        "the server's certificate is not trusted",
        "Check `base-url`. For a certificate authority of your own, give its file as `ca-file`.",
        lasting=True,
        why=True,
        about="TLS",
    ),
    _Kind(
        _is_bundle,
        "the file of trusted certificate authorities cannot be used",
        "Check `ca-file`, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE: a file in PEM format that this step can read.",
        lasting=True,
        why=True,
        about="TLS",
    ),
    _Kind(_is_proxy_address, "the proxy's address cannot be used", _PROXY, lasting=True, about="proxy"),
    _Kind(
        lambda error, _cause: isinstance(error, requests.exceptions.ProxyError),
        "the proxy could not be used",
        _PROXY,
        why=True,
        about="proxy",
    ),
    _Kind(
        lambda _error, cause: isinstance(cause, urllib3.exceptions.NameResolutionError),
        "the host name was not found",
        "Check `base-url`, DNS and proxy.",
    ),
    _Kind(
        lambda error, cause: (
            isinstance(error, requests.exceptions.ConnectTimeout)
            or isinstance(cause, urllib3.exceptions.NewConnectionError)
        ),
        "no connection",
        "Check `base-url`, and that this runner may reach it (firewall, proxy).",
        why=True,
    ),
    _Kind(
        lambda _error, cause: isinstance(cause, ssl.SSLError) and cause.reason == "WRONG_VERSION_NUMBER",
        "something answers there, but not in TLS",
        "Check the port in `base-url`, and that nothing between here and there answers in its place.",
        about="TLS",
    ),
    _Kind(
        lambda error, _cause: isinstance(error, _NO_URL),
        "not a usable URL",
        "Check `base-url`, and HTTPS_PROXY where one is set.",
        lasting=True,
    ),
    _Kind(
        lambda error, _cause: isinstance(error, requests.exceptions.Timeout), "no answer in time", maybe_arrived=True
    ),
    _Kind(
        lambda _error, cause: isinstance(cause, http.client.IncompleteRead),
        "the answer was cut short",
        maybe_arrived=True,
    ),
    _Kind(
        lambda error, _cause: isinstance(error, requests.exceptions.ContentDecodingError),
        "the answer could not be decompressed",
        maybe_arrived=True,
    ),
)


def _root(error: BaseException) -> BaseException:
    """The innermost exception that says why: through `reason`, then the arguments."""
    for _depth in range(8):
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((each for each in error.args if isinstance(each, BaseException)), None)
        if inner is None:
            return error
        error = inner
    return error


def _words(error: BaseException) -> str:
    """The reason without addresses of objects, urllib3's way of naming its pool, and marks of the TLS library."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message.rstrip(".")
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError) and not isinstance(
        error, urllib3.exceptions.NewConnectionError
    ):
        return "timed out"
    if isinstance(error, ssl.SSLError) and error.reason:
        return f"TLS: {error.reason.lower().replace('_', ' ')}"
    cause = error.__cause__ or error.__context__ or error
    said = getattr(cause, "strerror", None) or str(error).rsplit(">: ", 1)[-1].rsplit("): ", 1)[-1]
    return one_line(said, _LONGEST_REASON) or type(error).__name__


def _same_origin(url: str, location: str) -> str:
    """Where a redirect leads, if that is the same server; else ""."""
    try:
        target = urljoin(url, location)
        return target if _origin(target) == _origin(url) else ""
    except ValueError:  # no URL
        return ""


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: what may see the key."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
