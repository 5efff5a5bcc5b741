"""Connections that know from our side of the socket whether a request has begun to leave this machine.

What urllib3 or requests raise doesn't tell that: a proxy that closes the tunnel after the platform
acted on a request ends in the same exception as a proxy that refuses the tunnel.
"""

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_CONTINUE, _SWITCHING, _OK = 100, 101, 200
_MOST_INFORMATION = 100  # a server could send them without end
_SCHEMES = ("http://", "https://")  # of servers and proxies


class Abandoned(OSError):
    """Nobody waits for the request any more, so nothing more of it is sent."""


class NoAuthorities(OSError):
    """There is no file of certificate authorities where one should be."""


class Departure:
    """Whether a request has begun to leave, and whether it still may; shared by the loop and the request's thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wrote = False
        self._abandoned = False

    @property
    def wrote(self) -> bool:
        """Whether anything of the request was written, or was about to be."""
        return self._wrote

    def leave(self) -> None:
        """Note that a piece of the request is about to be written.

        Raises:
            Abandoned: it must not be.

        """
        with self._lock:
            if self._abandoned:
                raise Abandoned("nobody waits for the answer any more")
            self._wrote = True

    def abandon(self) -> bool:
        """Forbid all further writing; returns whether anything of the request was written before."""
        with self._lock:
            self._abandoned = True
            return self._wrote


class _Sending:
    """The request that is being sent on the connections of a session."""

    def __init__(self) -> None:
        self.departure = Departure()

    def leave(self) -> None:
        """Note that a piece of it is about to be written, if it still may be."""
        self.departure.leave()


class Session(requests.Session):
    """The connections of one thread.

    It follows no redirect and doesn't prepare to: that would read the body without a bound, and
    trust its target. It keeps no cookies.
    """

    def __init__(self, user_agent: str) -> None:
        super().__init__()
        self._sending = _Sending()
        self.headers["User-Agent"] = user_agent
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _Adapter(self._sending.leave)
        for scheme in _SCHEMES:
            self.mount(scheme, adapter)

    def begin(self, departure: Departure) -> None:
        """Note what leaves from now on as the departure of another request."""
        self._sending.departure = departure

    def get_redirect_target(self, _resp: requests.Response) -> None:
        """Nowhere."""


class _Answer(http.client.HTTPResponse):
    """An answer without cookies: what nobody keeps needs no parser that a server could trip.

    Answers that only inform (102, 103) are read past. The standard library knows only 100.
    """

    def _read_status(self) -> tuple[str, int, str]:
        """The first status line of an answer that is more than information."""
        for _informed in range(_MOST_INFORMATION):
            version, status, reason = super()._read_status()  # type: ignore[misc]  # begin calls it
            if not _CONTINUE <= status < _OK or status == _SWITCHING:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException("too many informational answers")

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        for name in ("Set-Cookie", "Set-Cookie2"):
            del self.headers[name]


class _Plain(HTTPConnection):
    """Calls `leave` before a piece of a request is written, but not for what makes the connection itself.

    That is the request to a proxy to open a tunnel; the TLS handshake doesn't come through `send`.
    """

    response_class = _Answer

    def __init__(self, leave: Callable[[], None], /, *arguments: Any, **more: Any) -> None:  # noqa: ANN401  # urllib3's
        super().__init__(*arguments, **more)
        self._leave = leave
        self._connecting = False

    def connect(self) -> None:
        """Connect, through a proxy if there is one."""
        self._connecting = True
        try:
            super().connect()
        finally:
            self._connecting = False

    def send(self, data: Any) -> None:  # noqa: ANN401  # as the standard library types it
        """Write, after connecting if that is still to be done."""
        if self.sock is None:
            self.connect()
        if not self._connecting:
            self._leave()
        super().send(data)


class _Secured(_Plain, HTTPSConnection):
    """The same with TLS."""


def _pool(kind: type[HTTPConnectionPool], connection: Callable[..., Any], *arguments: Any, **more: Any) -> Any:  # noqa: ANN401  # urllib3's
    """A pool of such connections."""
    pool = kind(*arguments, **more)
    pool.ConnectionCls = connection  # type: ignore[assignment]  # it's only called
    return pool


class _Adapter(HTTPAdapter):
    """Makes such connections, whether a proxy is used or not."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._pools = {
            "http": partial(_pool, HTTPConnectionPool, partial(_Plain, leave)),
            "https": partial(_pool, HTTPSConnectionPool, partial(_Secured, leave)),
        }
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:  # noqa: ANN401  # requests'
        """Make pools of our connections to servers."""
        super().init_poolmanager(*arguments, **more)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:  # noqa: ANN401  # requests'
        """Make pools of our connections to a proxy, if it is one that speaks HTTP: we don't know others from inside.

        Raises:
            InvalidProxyURL: it doesn't.

        """
        if not proxy.lower().startswith(_SCHEMES):
            raise requests.exceptions.InvalidProxyURL("only proxies that speak HTTP can be used")
        manager = super().proxy_manager_for(proxy, **more)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def cert_verify(self, *arguments: Any, **more: Any) -> None:  # noqa: ANN401  # requests'
        """Look for the file of certificate authorities.

        Raises:
            NoAuthorities: it isn't there.

        """
        with _naming(NoAuthorities):
            super().cert_verify(*arguments, **more)  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def _naming(kind: type[OSError]) -> Iterator[None]:
    """Give a nameless OSError a type of its own, so that nobody needs to read its text."""
    try:
        yield
    except OSError as error:
        raise kind(str(error)) from error
