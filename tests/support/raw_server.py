"""A loopback server that sends exactly the bytes of a script, including broken answers."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

CERTIFICATES = Path(__file__).parent / "certificates"


class Conversation:
    """One connection, as a script uses it. `over` ends every pause."""

    def __init__(self, connection: socket.socket, over: threading.Event, requests: list[bytes]) -> None:
        self._connection = connection
        self._over = over
        self._requests = requests

    def listen(self) -> bytes:
        """Read one request with its body; empty if the client has closed the connection."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self._connection.recv(65536)
            if not more:
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        while len(body) < _length(head):
            body += self._connection.recv(65536)
        request = head + b"\r\n\r\n" + body
        self._requests.append(request)
        return request

    def hear(self, number: int) -> None:
        """Read at least so many bytes, and leave the rest unread."""
        while number > 0:
            number -= len(self._connection.recv(65536)) or number

    def say(self, data: bytes) -> None:
        """Send bytes."""
        self._connection.sendall(data)

    def pause(self, seconds: float) -> None:
        """Stay silent, but not beyond the end of the test."""
        self._over.wait(seconds)

    def reset(self) -> None:
        """Reset the connection, like a crash."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()


Script = Callable[[Conversation], None]


class RawServer:
    """Runs one script per connection, and repeats the last one.

    `requests` contains the bytes of every request; `calls` counts connections.
    """

    def __init__(self, scripts: Sequence[Script], certificate: str = "") -> None:
        """Start listening; with a certificate, use TLS."""
        self.requests: list[bytes] = []
        self.calls = 0
        self._scripts = scripts
        self._over = threading.Event()
        self._tls: ssl.SSLContext | None = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(CERTIFICATES / certificate)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        """The port of the server."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """The URL of the server, without a path."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def stop_listening(self) -> None:
        """Refuse new connections; open ones continue."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def close(self) -> None:
        """End every pause, and stop listening."""
        self._over.set()
        self.stop_listening()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        """Accept connections until the server is closed."""
        while not self._over.is_set():
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            script = self._scripts[min(self.calls, len(self._scripts) - 1)]
            self.calls += 1
            self._connections.append(connection)
            thread = threading.Thread(target=self._talk, args=(connection, script), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket, script: Script) -> None:
        """Play a script; a client that goes away ends it."""
        connection.settimeout(300)
        with contextlib.suppress(OSError), connection:
            if self._tls is None:
                script(Conversation(connection, self._over, self.requests))
                return
            with self._tls.wrap_socket(connection, server_side=True) as secured:
                script(Conversation(secured, self._over, self.requests))


@contextlib.contextmanager
def serving(*scripts: Script, certificate: str = "") -> Iterator[RawServer]:
    """A server for one test."""
    server = RawServer(scripts, certificate)
    try:
        yield server
    finally:
        server.close()


def answers(*answers: bytes) -> Script:
    """A script that reads a request for each of these answers, and then closes the connection."""

    def script(talk: Conversation) -> None:
        for answer in answers:
            if not talk.listen():
                return
            talk.say(answer)

    return script


def ok(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    """A complete answer with its length."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _length(head: bytes) -> int:
    """The length of the body, according to the headers."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
