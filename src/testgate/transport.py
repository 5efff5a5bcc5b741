"""HTTP through `requests`, each request in a daemon thread: one attempt, bounded in time and size.

A daemon thread, since a thread pool joins a request that hangs when the process wants to end.
"""

import asyncio
import contextlib
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions
from requests.auth import AuthBase

from testgate.errors import BadAnswer, GateError, Unanswered
from testgate.wire import Credential, Reply, Request

LARGEST_BODY = 100 * 1024 * 1024  # 100 000 tests in one answer are about 30 MB
_CHUNK = 1 << 16
_MOST_REDIRECTS = 3
_CONNECT_SHARE = 0.4  # of the whole time: a host with two addresses is tried at both
_LONGEST_CONNECT_SECONDS = 10.0
_IDEMPOTENT = frozenset({"GET", "HEAD"})


class _Header(AuthBase):
    """Puts the credential in at the last moment; with it `requests` reads no .netrc."""

    def __init__(self, credential: Credential | None) -> None:
        self._credential = credential

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set the header."""
        if self._credential is not None:
            prepared.headers[self._credential.header] = self._credential.value
        return prepared


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
    ) -> None:
        """Take the name to go by."""
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
        session = requests.Session()
        session.headers["User-Agent"] = self._user_agent
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return session

    def _follow(self, session: requests.Session, request: Request, until: float) -> Reply:
        """One request, and for what only reads, redirects inside the same origin."""
        url = request.url
        for _hop in range(_MOST_REDIRECTS):
            reply = self._exchange(session, request._replace(url=url), until)
            location = reply.headers.get("location")
            if request.method not in _IDEMPOTENT or not 300 <= reply.status < 400 or not location:  # noqa: PLR2004  # HTTP's redirects
                return reply
            target = urljoin(url, location)
            if _origin(target) != _origin(url):
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
            auth=_Header(request.credential),
            timeout=(min(_LONGEST_CONNECT_SECONDS, left * _CONNECT_SHARE), left),
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


def fault_of(request: Request, error: Exception) -> Unanswered:  # noqa: PLR0911  # a row a kind of fault
    """Tell from an exception of `requests` whether the request left, and whether to try again."""
    cause = _root(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Unanswered(
            f"{request.label}: the server's certificate is not trusted: {cause.verify_message or cause}",
            maybe_arrived=False,
            lasting=True,
            remedy="Check `base-url`. For a certificate authority of your own, set REQUESTS_CA_BUNDLE to its file.",
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return Unanswered(
            f"{request.label}: the proxy could not be used ({_words(cause)})",
            maybe_arrived=False,
            remedy="Check HTTPS_PROXY and NO_PROXY.",
        )
    if isinstance(cause, urllib3.exceptions.NameResolutionError):
        return Unanswered(
            f"{request.label}: the host name was not found",
            maybe_arrived=False,
            remedy="Check `base-url`, DNS and proxy.",
        )
    if isinstance(error, requests.exceptions.ConnectTimeout | urllib3.exceptions.NewConnectionError) or isinstance(
        cause, urllib3.exceptions.NewConnectionError
    ):
        return Unanswered(
            f"{request.label}: no connection ({_words(cause)})",
            maybe_arrived=False,
            remedy="Check `base-url`, and that this runner may reach it (firewall, proxy).",
        )
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema | UnicodeError):
        return Unanswered(f"{request.label}: not a usable URL", maybe_arrived=False, lasting=True)
    if isinstance(error, requests.exceptions.Timeout):
        return Unanswered(f"{request.label}: no answer in time", maybe_arrived=True)
    return Unanswered(f"{request.label}: the connection broke ({_words(cause)})", maybe_arrived=True)


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
    """The reason without addresses of objects, urllib3's way of naming its pool."""
    cause = error.__cause__ or error.__context__ or error
    return (
        getattr(cause, "strerror", None) or str(error).rsplit(">: ", 1)[-1].rsplit("): ", 1)[-1] or type(error).__name__
    )


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: what may see the key."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
