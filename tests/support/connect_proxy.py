"""A proxy on the loopback that opens tunnels, and a server behind it that acts on requests and loses answers."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

from tests.support.raw_server import Conversation, RawServer, serving

_LONGEST_SECONDS = 20.0


class ConnectProxy:
    """Answers each CONNECT with `answer`, and relays bytes both ways if that is a success.

    It connects to the port that was asked for on the loopback, whatever the host's name. `requests`
    holds the requests for tunnels.
    """

    def __init__(self, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> None:
        self.requests: list[bytes] = []
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._socket.getsockname()[1]
        return port

    def close(self) -> None:
        """Stop listening, and close all tunnels."""
        for each in (self._socket, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        """Take connections until the end."""
        while True:
            try:
                client, _address = self._socket.accept()
            except OSError:
                return
            client.settimeout(_LONGEST_SECONDS)
            self._open.append(client)
            threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        """Open one tunnel."""
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                more = client.recv(4096)
                if not more:
                    return
                head += more
            self.requests.append(head)
            client.sendall(self._answer)
            if b" 200 " not in self._answer.partition(b"\r\n")[0]:
                return
            port = int(head.split(b" ", 2)[1].rpartition(b":")[2])
            with socket.create_connection(("127.0.0.1", port), _LONGEST_SECONDS) as server:
                self._open.append(server)
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join(_LONGEST_SECONDS)


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Pass bytes on until one side has ended."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def proxying(answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> Iterator[ConnectProxy]:
    """A proxy for one test."""
    proxy = ConnectProxy(answer)
    try:
        yield proxy
    finally:
        proxy.close()


@contextlib.contextmanager
def losing_answers(port: int, loses: Callable[[bytes], bool]) -> Iterator[RawServer]:
    """A TLS server in front of an HTTP server on the loopback that drops the answers to some requests.

    The server behind it acts on each request. For an answer that is lost, the connection is closed.
    """

    def script(talk: Conversation) -> None:
        while request := talk.listen():
            answer = _asked(port, request)
            if loses(request):
                return
            talk.say(answer)

    with serving(script, certificate="loopback.pem") as server:
        yield server


def _asked(port: int, request: bytes) -> bytes:
    """The whole answer of the server behind to one request."""
    head, _, body = request.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    with socket.create_connection(("127.0.0.1", port), _LONGEST_SECONDS) as server:
        server.sendall(b"\r\n".join([*lines, b"Connection: close", b"", body]))
        answer = b""
        while data := server.recv(65536):
            answer += data
    return answer
