"""Whether a request may have arrived is known from our side of the socket, and from nothing else."""

import asyncio
import contextlib
import gc
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testgate.edges.connections import Abandoned, Departure
from testgate.edges.transport import RequestsTransport
from testgate.errors import BadAnswer, Unanswered
from testgate.wire import Credential, Reply, Request
from tests.support.connect_proxy import losing_answers, proxying
from tests.support.marks import full
from tests.support.raw_server import CERTIFICATES, Conversation, answers, free_port, ok, serving

KEY = "s3cret-key"
AUTHORITY = str(CERTIFICATES / "authority.pem")
METHODS = ["GET", "POST", full("PUT")]


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, certificate authority or home of the machine that runs the tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def request(url: str, method: str = "POST") -> Request:
    """A request with a body, unless it only reads."""
    return Request(method, url, body=None if method == "GET" else {"id": 1}, credential=Credential("x-api-key", KEY))


def fault(url: str, method: str = "POST", seconds: float = 5.0) -> Unanswered:
    """The fault that a request ends in."""
    transport = RequestsTransport("testgate/1", ca_file=AUTHORITY)
    with pytest.raises(Unanswered) as caught:
        asyncio.run(transport.send(request(url, method), seconds))
    return caught.value


def hear(talk: Conversation) -> None:
    """Take the request, and close the connection."""
    talk.listen()


def reset(talk: Conversation) -> None:
    """Take the request, and break the connection off."""
    talk.listen()
    talk.reset()


def silence(talk: Conversation) -> None:
    """Take the request, and say nothing."""
    talk.listen()
    talk.pause(10)


BROKEN = {
    "closed": hear,
    "reset": reset,
    "silent": silence,
    "a status line that names SOCKS": answers(b"HTTP/1.1 SOCKS\r\n\r\n"),
    "a status line that speaks of a missing bundle": answers(b"Could not find a TLS CA certificate bundle\r\n\r\n"),
    "a status line that speaks of a proxy": answers(b"ProxyError: Cannot connect to proxy. Connection refused\r\n\r\n"),
    "a status line of TLS": answers(b"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed\r\n\r\n"),
    "a status line that speaks of a name": answers(b"NameResolutionError: Failed to resolve\r\n\r\n"),
    "a status that is no number": answers(b"HTTP/1.1 2OO OK\r\n\r\n"),
    "a line without end": answers(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n"),
    "headers without end": answers(b"HTTP/1.1 200 OK\r\n" + b"X: SOCKS\r\n" * 200 + b"\r\n"),
    "two lengths": answers(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"),
    "a body that is cut short": answers(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nSOCKS"),
    "chunks that are none": answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nSOCKS\r\nabc"),
    "a body that isn't compressed": answers(ok(b"SOCKS", "Content-Encoding: gzip")),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("how", BROKEN)
def test_a_fault_after_the_request_was_written(how: str, method: str) -> None:
    """Whatever the server does or says, the request may have arrived, and trying again may help."""
    with serving(BROKEN[how]) as server:
        found = fault(f"{server.url}/x", method, seconds=2.0)
        assert len(server.requests) == 1
    assert (found.maybe_arrived, found.lasting) == (True, False)
    assert not found.remedy
    assert "proxy" not in found.message.partition("(")[0]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("how", BROKEN)
def test_a_fault_after_the_request_was_written_through_a_tunnel(
    how: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same behind a proxy and TLS: that the proxy closes the tunnel doesn't mean that it was never open."""
    with serving(BROKEN[how], certificate="loopback.pem") as server, proxying() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        found = fault(f"{server.url}/x", method, seconds=1.5)
        assert len(server.requests) == len(proxy.requests) == 1
    assert (found.maybe_arrived, found.lasting) == (True, False)
    assert not found.remedy


@pytest.mark.parametrize("how", ["closed", "reset", "silent", "a status line that names SOCKS"])
def test_a_fault_of_a_proxy_that_got_the_request_itself(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without TLS, a proxy is sent the request: it may have passed it on."""
    with serving(BROKEN[how]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        found = fault("http://platform.example/x", seconds=2.0)
        assert len(proxy.requests) == 1
    assert (found.maybe_arrived, found.lasting) == (True, False)


REFUSALS = {
    "403": b"HTTP/1.1 403 Forbidden\r\n\r\n",
    "407": b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
    "429": b"HTTP/1.1 429 Too Many Requests\r\n\r\n",
    "502 that names SOCKS": b"HTTP/1.1 502 SOCKS certificate bundle\r\n\r\n",
    "not HTTP": b"SOCKS\r\n\r\n",
    "nothing": b"",
    "a line without end": b"HTTP/1.1 200 " + b"a" * 70_000,
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("answer", REFUSALS)
def test_a_proxy_that_opens_no_tunnel(answer: str, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """CONNECT isn't the request: nothing of that has left, and another attempt may help."""
    with serving(answers(ok()), certificate="loopback.pem") as server, proxying(REFUSALS[answer]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        found = fault(f"{server.url}/x", method)
        assert not server.requests
        assert KEY.encode() not in b"".join(proxy.requests)
    assert (found.maybe_arrived, found.lasting) == (False, False)


def shake_hands_badly(talk: Conversation) -> None:
    """Speak no TLS."""
    talk.say(b"HTTP/1.1 400 SOCKS\r\n\r\n")
    talk.pause(0.5)


def hang_up(talk: Conversation) -> None:
    """Close the connection at once."""
    talk.pause(0.05)


@pytest.mark.parametrize("script", [shake_hands_badly, hang_up, Conversation.reset])
@pytest.mark.parametrize("tunnel", [True, False])
def test_a_handshake_that_fails(
    script: Callable[[Conversation], None], tunnel: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without TLS there is no request, with a proxy and without."""
    with serving(script) as server, proxying() as proxy:
        if tunnel:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        found = fault(f"https://127.0.0.1:{server.port}/x")
    assert (found.maybe_arrived, found.lasting) == (False, False)


def test_a_handshake_that_never_ends() -> None:
    """The time ends it, and the request hasn't left."""
    with serving(lambda talk: talk.pause(5)) as server:
        found = fault(f"https://127.0.0.1:{server.port}/x", seconds=0.5)
    assert (found.maybe_arrived, found.lasting) == (False, False)


def test_a_certificate_that_is_not_trusted_behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one fault on the way that another attempt can't fix is recognised through a tunnel, too."""
    with serving(answers(ok()), certificate="elsewhere.pem") as server, proxying() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        found = fault(f"{server.url}/x")
        assert not server.requests
    assert (found.maybe_arrived, found.lasting, found.about) == (False, True, "TLS")


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "socks5h://u:p@127.0.0.1:1", "socks4://h", "nonsense://x"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_does_not_speak_http(proxy: str, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused by its address, whether or not a library for it is installed."""
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy)
    found = fault(f"{scheme}://127.0.0.1:{free_port()}/x")
    assert (found.maybe_arrived, found.lasting, found.about) == (False, True, "proxy")
    assert "the proxy's address cannot be used" in found.message


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_answer_that_makes_a_library_fail_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug there must not lose a run: it is reported as a broken connection after the request was written."""

    def trip(*_given: object) -> None:
        raise KeyError("SOCKS")

    monkeypatch.setattr("requests.adapters.get_encoding_from_headers", trip)
    with serving(answers(ok())) as server:
        found = fault(f"{server.url}/x")
    assert (found.maybe_arrived, found.lasting) == (True, False)
    del found
    gc.collect()  # the library dropped its socket without closing it


@contextlib.contextmanager
def late_names(monkeypatch: pytest.MonkeyPatch, may_answer: threading.Event) -> Iterator[None]:
    """A name server that answers when it may."""
    ask = socket.getaddrinfo

    def slow(*given: object, **more: object) -> object:
        may_answer.wait(5)
        return ask(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    yield
    may_answer.set()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("ended_by", ["time", "cancel"])
def test_a_request_that_nobody_waits_for_never_leaves(
    ended_by: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the wait ends before the connection is there, that is certain, and it stays so."""
    may_answer = threading.Event()

    async def main(url: str) -> None:
        transport = RequestsTransport("testgate/1", ca_file=AUTHORITY)
        task = asyncio.ensure_future(transport.send(request(url), 0.3 if ended_by == "time" else 5))
        await asyncio.sleep(0.1)
        if ended_by == "cancel":
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            with pytest.raises(Unanswered) as caught:
                await task
            assert not caught.value.maybe_arrived
        may_answer.set()
        await asyncio.sleep(0.4)

    certificate = "loopback.pem" if scheme == "https" else ""
    with serving(answers(ok()), certificate=certificate) as server, late_names(monkeypatch, may_answer):
        asyncio.run(main(f"{server.url}/x"))
        assert not server.requests


def test_a_request_that_has_left_is_not_forgotten() -> None:
    """When the time ends after the request was written, it may have arrived."""
    with serving(silence) as server:
        assert fault(f"{server.url}/x", seconds=0.3).maybe_arrived


def test_only_one_of_leaving_and_abandoning_wins() -> None:
    """Whatever the order of loop and thread: a request that was told as not sent isn't sent."""
    for _again in range(300):
        departure = Departure()
        left: list[bool] = []

        def leave(departure: Departure = departure, left: list[bool] = left) -> None:
            with contextlib.suppress(Abandoned):
                departure.leave()
                left.append(True)

        thread = threading.Thread(target=leave)
        thread.start()
        wrote = departure.abandon()
        thread.join()
        assert bool(left) is wrote is departure.wrote
        with pytest.raises(Abandoned):
            departure.leave()


def test_a_kept_connection_serves_the_next_request_only() -> None:
    """What an earlier request on the connection did says nothing of a later one."""

    async def main(url: str) -> list[Reply]:
        transport = RequestsTransport("testgate/1")
        replies = [await transport.send(request(url, method), 5) for method in ("POST", "GET", "GET")]
        with pytest.raises(Unanswered) as caught:
            await transport.send(request(f"http://127.0.0.1:{free_port()}/x", "GET"), 5)
        assert not caught.value.maybe_arrived
        return replies

    with serving(answers(ok(), ok(), ok())) as server:
        assert [reply.status for reply in asyncio.run(main(server.url))] == [200] * 3
        assert server.calls == 1


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_what_is_not_idempotent_is_never_redirected(method: str, status: str) -> None:
    """Not on the same server either: the answer is the redirect."""
    with serving(answers(ok(b"", "Location: /new", status=status), ok())) as server:
        reply = asyncio.run(RequestsTransport("testgate/1").send(request(f"{server.url}/x", method), 5))
        assert reply.status == int(status[:3])
        assert len(server.requests) == 1


def test_an_answer_that_is_lost_behind_a_proxy_is_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """The transport sends once: the server behind the tunnel acted, and nothing is sent again."""
    with (
        serving(answers(ok())) as behind,
        losing_answers(behind.port, lambda _request: True) as front,
        proxying() as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert fault(f"{front.url}/x").maybe_arrived
        time.sleep(0.1)
        assert len(behind.requests) == 1


def test_without_a_thread_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may limit threads: that is certain, and another attempt may help."""
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith("testgate"):
            raise RuntimeError("can't start new thread")
        start(thread)

    with serving(answers(ok())) as server:
        monkeypatch.setattr(threading.Thread, "start", refuse)
        found = fault(f"{server.url}/x")
        assert not server.requests
    assert (found.maybe_arrived, found.lasting) == (False, False)


def test_a_large_answer_is_an_answer() -> None:
    """It came, so it isn't told as a broken connection; the trigger is looked for, not sent again."""
    with serving(answers(ok(b"0" * 20_000))) as server, pytest.raises(BadAnswer):
        asyncio.run(RequestsTransport("testgate/1", largest_body=10_000).send(request(server.url), 5))
