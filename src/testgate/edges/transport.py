"""HTTP through `requests`, in threads beside the loop: one attempt for each request, bounded in time and size."""

import asyncio
import contextlib
import io
import re
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import requests
from requests.auth import AuthBase

from testgate.edges.beside import Workers, beside
from testgate.edges.budget import Budget, Share
from testgate.edges.connections import Departure, Session
from testgate.edges.forms import FormBody
from testgate.edges.unanswered import fault_of
from testgate.errors import NEVER_LEFT, BadAnswer, GateError, Unanswered
from testgate.wire import Credential, Reply, Request

LARGEST_BODY = 100 * 1024 * 1024  # 100 000 tests in one answer are about 30 MB
_CHUNK = 1 << 16
_MOST_REDIRECTS = 3
_CONNECT_SHARE = 0.4  # of the whole time: a host with two addresses is tried at both
_LONGEST_CONNECT_SECONDS = 10.0
_SLOWEST_UPLOAD = 50_000  # bytes a second; whatever is slower isn't worth waiting for
_SLOWEST_INTAKE = 1_000_000  # bytes a second: some servers store a file before they answer
_IDEMPOTENT = frozenset({"GET", "HEAD"})
_SENDABLE = re.compile(r"[ -~\xa0-\xff]*")  # in a header; the library's own words for another value would show it
_KEY_WORDS = "the key holds characters that cannot be sent"
_KEY_REMEDY = "Check `api-key`: a line break or a sign from the page may have been copied along."


class _Credentials(AuthBase):
    """Puts the credentials in at the last moment; with them `requests` reads no .netrc."""

    def __init__(self, credentials: Sequence[Credential]) -> None:
        self._credentials = credentials

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set the headers, and complete the query."""
        for each in self._credentials:
            if each.in_query:
                prepared.prepare_url(prepared.url, {each.header: each.value})
            else:
                prepared.headers[each.header] = each.value
        return prepared


class _Flight(NamedTuple):
    """One request on its way: whether it has left, what its answer holds of the budget, and its last moment.

    `until` is on the monotonic clock. `silence` is how many seconds the server may be silent. `form` is the body of a
    request with a file.
    """

    request: Request
    departure: Departure
    share: Share
    until: float
    silence: float
    form: FormBody | None = None

    @property
    def incomplete(self) -> bool:
        """Whether the server can't have acted on it, since the end of its body hasn't left."""
        return self.form is not None and not self.form.complete

    def abandon(self) -> bool:
        """Send nothing more of it; returns whether the server may have acted on it."""
        return self.departure.abandon() and not self.incomplete


class RequestsTransport:
    """Sends requests side by side; connections are kept and used again.

    `monotonic` gives seconds. `largest_body` is in bytes, decompressed; `budget` bounds all answers that
    are being read. `ca_file` holds certificate authorities to use instead of the usual ones. `redact`
    hides secrets in the words of the libraries.
    """

    def __init__(  # noqa: PLR0913  # each has a default
        self,
        user_agent: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        largest_body: int = LARGEST_BODY,
        budget: Budget | None = None,
        ca_file: str | None = None,
        redact: Callable[[str], str] = str,
    ) -> None:
        self._user_agent = user_agent
        self._monotonic = monotonic
        self._largest_body = largest_body
        self._budget = budget or Budget()
        self._ca_file = ca_file
        self._redact = redact
        self._idle: deque[Session] = deque()
        self._workers = Workers()

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        """Send once; see `ports.Transport`. The time bounds the whole: name, connection, body. A file gets more.

        Whoever stops waiting also stops the request: if it hasn't left by then, it never does.
        """
        size = request.file.size if request.file else 0
        silence = timeout_seconds + size / _SLOWEST_INTAKE
        seconds = silence + size / _SLOWEST_UPLOAD
        form = FormBody(request.file, request) if request.file else None
        until = self._monotonic() + seconds
        flight = _Flight(request, Departure(), Share(self._budget), until, silence, form)
        try:
            async with asyncio.timeout(seconds):
                return await beside(partial(self._send, flight), self._workers)
        except TimeoutError:
            arrived = flight.abandon()
            raise Unanswered(f"{request.label} got no answer within {seconds:g} s", maybe_arrived=arrived) from None
        except asyncio.CancelledError:
            if flight.abandon():
                raise
            # Of the same type: anything else would hide from asyncio that the caller was cancelled.
            raise asyncio.CancelledError(NEVER_LEFT) from None
        except RuntimeError as error:  # a container may limit threads; whatever goes wrong in one is a fault already
            raise Unanswered(f"{request.label}: the system has no thread to spare", maybe_arrived=False) from error
        finally:
            flight.departure.abandon()
            flight.share.close()

    def _send(self, flight: _Flight) -> Reply:
        """Send and read to the end, in the thread; faults become ours."""
        request = flight.request
        if not all(_SENDABLE.fullmatch(each.value) for each in request.credentials if not each.in_query):
            raise Unanswered(f"{request.label}: {_KEY_WORDS}", maybe_arrived=False, lasting=True, remedy=_KEY_REMEDY)
        session = self._session(request)
        session.begin(flight.departure)
        try:
            reply = self._follow(session, flight)
        except Exception as error:  # whatever a hostile answer makes a library do, a run must not be lost
            session.close()
            if isinstance(error, GateError):
                raise
            raise self._fault(flight, error) from error
        self._idle.append(session)
        return reply

    def _fault(self, flight: _Flight, error: Exception) -> Unanswered:
        """What an exception of the libraries means for the request."""
        request, form = flight.request, flight.form
        if form is not None and form.broken is not None:
            return Unanswered(
                f"{request.label} was not sent as a whole: {form.broken}",
                maybe_arrived=False,
                lasting=True,
                remedy="Upload a file that no other program writes to any more.",
            )
        fault = fault_of(request, error, wrote=flight.departure.wrote, redact=self._redact)
        if form is None or not fault.maybe_arrived or form.complete:
            return fault
        message = f"{fault.message}, after {form.sent} of {len(form)} bytes"
        return Unanswered(message, maybe_arrived=False, remedy=fault.remedy, about=fault.about)

    def _session(self, request: Request) -> Session:
        """A session for this thread alone. What is not idempotent gets fresh connections.

        On a kept connection that the server closed meanwhile, nobody could tell whether the
        request arrived.
        """
        if request.method in _IDEMPOTENT:
            with contextlib.suppress(IndexError):
                return self._idle.pop()
        return Session(self._user_agent)

    def _follow(self, session: Session, flight: _Flight) -> Reply:
        """One request, and if it only reads, redirects on the same server."""
        request = flight.request
        for _hop in range(_MOST_REDIRECTS + 1):
            reply = self._exchange(session, flight, request)
            location = reply.headers.get("location")
            if request.method not in _IDEMPOTENT or not 300 <= reply.status < 400 or not location:  # noqa: PLR2004  # HTTP's redirects
                return reply
            from testgate.edges.redirects import same_origin  # few platforms redirect

            target = same_origin(request.url, location)
            if not target:
                return reply
            request = request._replace(url=target, query={})
            flight.share.drop()
        raise BadAnswer(f"{flight.request.label} was redirected more than {_MOST_REDIRECTS} times")

    def _exchange(self, session: Session, flight: _Flight, request: Request) -> Reply:
        """Exactly one HTTP exchange."""
        left = max(0.001, flight.until - self._monotonic())
        form, fields = flight.form, request.form if flight.form is None else None
        response = session.request(
            request.method,
            request.url,
            params=dict(request.query) or None,
            json=request.body,
            data=dict(request.fields) if request.fields is not None else form,  # a form is sent piece by piece
            files={name: (None, text) for name, text in fields.items()} if fields else None,
            auth=_Credentials(request.credentials),
            timeout=(min(_LONGEST_CONNECT_SECONDS, left * _CONNECT_SHARE), min(left, flight.silence)),
            verify=self._ca_file,
            allow_redirects=False,
            stream=True,
            headers={
                "Accept": request.accept,
                **request.headers,
                **({"Content-Type": form.content_type} if form else {}),
            },
        )
        with response:
            body = self._read(response, flight)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, body, request)

    def _read(self, response: requests.Response, flight: _Flight) -> bytes:
        """The body, piece by piece, against a server that sends without end."""
        label, body = flight.request.label, io.BytesIO()
        for chunk in response.iter_content(_CHUNK):
            if body.tell() + len(chunk) > self._largest_body:
                megabytes = self._largest_body // (1024 * 1024)
                raise BadAnswer(f"{label} answered with more than {megabytes} MB; it was not read")
            if not flight.share.hold(len(chunk)):
                raise BadAnswer(f"{label} answered with too much to be read beside other large answers")
            body.write(chunk)
            if self._monotonic() > flight.until:
                raise Unanswered(f"{label} was still answering when its time was up", maybe_arrived=True)
        return body.getvalue()
