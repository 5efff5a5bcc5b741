"""The simulator's HTTP server: loopback only, one thread per connection, no log, faults on request.

The server decides when and whether a reply is sent; an app decides what it says.
"""

import contextlib
import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

from testgate.demo.exchange import RawReply, Recorded
from testgate.demo.faults import Ages, Fault, FaultScript

HOST = "127.0.0.1"
_STOP_SECONDS = 2.0


class StartedRun(Protocol):
    """The part of a run that the server needs."""

    @property
    def started(self) -> float:
        """When it was triggered, in simulated seconds."""


R_co = TypeVar("R_co", bound=StartedRun, covariant=True)


class App(Protocol[R_co]):
    """A simulated vendor. The server makes one call at a time."""

    @property
    def base(self) -> str:
        """The path of the base URL without a trailing slash; "" for none."""

    @property
    def faults(self) -> Sequence[Fault]:
        """The faults of the scenario."""

    @property
    def date_shift_seconds(self) -> float:
        """How far the `Date` header of every reply is ahead of the wall clock."""

    @property
    def runs(self) -> Sequence[R_co]:
        """The runs that have been started, oldest first."""

    def answer(self, request: Recorded, now: float) -> RawReply:
        """The reply; `now` is in simulated seconds since the server started."""


class Simulation(NamedTuple):
    """An app to serve, and the inputs besides `base-url` that a step needs to run against it."""

    app: App[StartedRun]
    inputs: Mapping[str, str]


class Simulator(Generic[R_co]):
    """Serves an app on the loopback interface, from `start` to `stop` or as a context manager.

    `url` is the base URL. `faults` take precedence over those of the app. `speed` is the number of
    simulated seconds per second of `clock`. `port` 0 picks a free one.
    """

    def __init__(
        self,
        app: App[R_co],
        *,
        faults: Sequence[Fault] = (),
        speed: float = 1.0,
        port: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = ""
        self._app = app
        self._script = FaultScript((*faults, *app.faults))
        self._speed = speed
        self._port = port
        self._clock = clock
        self._began = 0.0
        self._lock = threading.Lock()
        self._requests: list[Recorded] = []
        self._stopping = threading.Event()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Start to listen, with the simulated clock at zero."""
        self._stopping.clear()
        self._began = self._clock()
        self._server = _Server((HOST, self._port), self._exchange, self._app.date_shift_seconds)
        self.url = f"http://{HOST}:{self._server.server_address[1]}{self._app.base}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="simulator", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port and every connection; replies still pending are dropped."""
        server, thread = self._server, self._thread
        if server is None or thread is None:
            return
        self._server = None
        self._stopping.set()
        server.shutdown()
        thread.join(_STOP_SECONDS)
        server.server_close()
        server.close_connections(_STOP_SECONDS)

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def requests(self) -> tuple[Recorded, ...]:
        """Every request so far, in order of arrival."""
        with self._lock:
            return tuple(self._requests)

    @property
    def runs(self) -> tuple[R_co, ...]:
        """The runs that have been started, oldest first."""
        with self._lock:
            return tuple(self._app.runs)

    def _exchange(self, method: str, target: str, headers: dict[str, str], raw: bytes) -> RawReply | None:
        """Record and handle a request; returns the reply, or None to drop the connection."""
        parts = urlsplit(target)
        at = self._clock()
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        request = Recorded(method, parts.path, query, headers, _json(raw), raw, at)
        with self._lock:
            self._requests.append(request)
            now = (at - self._began) * self._speed
            ages = Ages(now, now - self._app.runs[0].started if self._app.runs else None)
            fault = self._script.pick(method, self._below(parts.path), ages, parts.path)
            answer = self._answer(request, now, fault) if fault is None or fault.handles else None
        return answer if fault is None else self._spoiled(fault, answer)

    def _below(self, path: str) -> str:
        """The path relative to the base URL's, or unchanged if it isn't below it."""
        return path.removeprefix(self._app.base) if path.startswith(self._app.base + "/") else path

    def _answer(self, request: Recorded, now: float, fault: Fault | None) -> RawReply:
        """The app's reply, altered by the fault. A bug in either becomes a reply, so that the client sees it."""
        try:
            answer = self._app.answer(request, now)
            return answer if fault is None else fault.alter(answer)
        except Exception as error:  # noqa: BLE001  # whatever it is, the client must see it
            return RawReply(500, "text/plain", f"the simulator failed: {error!r}".encode())

    def _spoiled(self, fault: Fault, answer: RawReply | None) -> RawReply | None:
        """The reply that a fault lets through; None drops the connection."""
        if fault.action in {"drop", "drop-after"}:
            return None
        if answer is None or fault.action == "reply-after":
            return fault.reply
        if fault.action == "silence":
            self._stopping.wait(fault.seconds)
        return answer._replace(cut=fault.action == "cut")


_Exchange = Callable[[str, str, dict[str, str], bytes], RawReply | None]


class _Server(socketserver.ThreadingTCPServer):
    """Runs one thread per connection, and keeps track of connections so that it can close them."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], exchange: _Exchange, date_shift_seconds: float) -> None:
        self.exchange = exchange
        self.date_shift_seconds = date_shift_seconds
        self._connections: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # as in the standard library
        """Serve a connection in its own thread."""
        with self._changed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  # as in the standard library
        """Close a connection after its last request."""
        super().shutdown_request(request)
        with self._changed:
            self._connections.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # as in the standard library
        """Print nothing: clients may disconnect at any time."""

    def close_connections(self, timeout_seconds: float) -> None:
        """Close every connection and wait for the threads to release them."""
        with self._changed:
            for connection in self._connections:
                # The client may have closed it a moment ago.
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._connections, timeout_seconds)


class _Handler(BaseHTTPRequestHandler):
    """Reads the requests of one connection and sends each reply in a single write."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: _Server

    def _serve(self) -> None:
        """Handle one request."""
        try:
            length = int(self.headers.get("content-length") or 0)
        except ValueError:
            length = -1
        if length < 0 or "transfer-encoding" in self.headers:
            self._send(RawReply(411, "text/plain", b"Content-Length is required"))
            self.close_connection = True
            return
        raw = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.exchange(self.command, self.path, headers, raw)
        if reply is None:
            self.close_connection = True
        else:
            self._send(reply)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815  # the base class looks for these names

    def _send(self, reply: RawReply) -> None:
        """Send a reply."""
        self.send_response_only(reply.status)
        if "Date" not in reply.headers:
            self.send_header("Date", self.date_time_string())
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
        if reply.cut:
            self.close_connection = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The vendor's date; the base class uses it for its own replies too."""
        now = time.time() + self.server.date_shift_seconds
        return super().date_time_string(now if timestamp is None else timestamp)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the standard library's name
        """Print nothing."""


def _json(raw: bytes) -> Any:  # noqa: ANN401  # JSON is any shape
    """The bytes parsed as JSON; None if they aren't JSON."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
