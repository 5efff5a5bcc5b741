"""HTTP over a real connection, with every way in which an answer can fail to come."""

import asyncio
import gzip
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import testgate
from testgate.edges.transport import RequestsTransport
from testgate.errors import BadAnswer, Unanswered
from testgate.wire import Credential, Reply, Request
from tests.support.raw_server import CERTIFICATES, Conversation, RawServer, free_port, ok, says, serving

KEY = "s3cret-key"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
FOREVER = 300.0  # seconds that no test comes near to


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, no certificate authority and no home of the machine that runs the tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def send(url: str, method: str = "GET", *, seconds: float = 60.0, largest: int = 10_000, key: str = KEY) -> Reply:
    """Send one request from a fresh transport."""
    transport = RequestsTransport("testgate/1", largest_body=largest)
    return asyncio.run(transport.send(request(url, method, key=key), seconds))


def request(url: str, method: str = "GET", *, key: str = KEY) -> Request:
    """A request as an adapter says it."""
    body = {"id": 1} if method == "POST" else None
    return Request(method, url, {"page": "2"}, body, Credential("x-api-key", key))


def fault(url: str, method: str = "GET", *, seconds: float = 5.0, key: str = KEY) -> Unanswered:
    """The fault that a request ends in; its words must be fit for people, and hold no secret."""
    with pytest.raises(Unanswered) as caught:
        send(url, method, seconds=seconds, key=key)
    found = caught.value
    words = f"{found.message} {found.remedy}"
    assert found.message.startswith(f"{method} {url}")
    assert KEY not in words
    assert "pr0xy-key" not in words
    assert not re.search(r"<\w|0x[0-9a-f]+|_ssl\.c|Exception|Error\b|\w+\(|b'|[\x00-\x1f]|Max retries", words), words
    return found


def fault_of(*scripts: Callable[[Conversation], None], method: str = "GET", seconds: float = 5.0) -> Unanswered:
    """The fault that a server causes."""
    with serving(*scripts) as server:
        return fault(f"{server.url}/x", method, seconds=seconds)


def test_a_request_goes_out_as_it_was_said() -> None:
    """Method, path, query, JSON body, credential, and who asks; nothing of the library's own habits."""
    with serving(says(ok(b'{"a": 1}', "X-More: yes"))) as server:
        reply = send(f"{server.url}/api/runs", "POST")
    (heard,) = server.heard
    head, _, body = heard.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/runs?page=2 HTTP/1.1\r\n")
    assert body == b'{"id": 1}'
    lines = {line.lower() for line in head.split(b"\r\n")}
    assert {b"x-api-key: s3cret-key", b"user-agent: testgate/1", b"accept: application/json"} <= lines
    assert b"content-type: application/json" in lines
    assert (reply.status, reply.data(), reply.headers["x-more"]) == (200, {"a": 1}, "yes")


def test_any_status_is_an_answer() -> None:
    """What it means is read elsewhere."""
    for status in ("204 No Content", "404 Not Found", "503 Service Unavailable"):
        with serving(says(ok(b"", status=status))) as server:
            assert send(server.url).status == int(status[:3])


def test_a_compressed_body_is_read() -> None:
    """In pieces, too."""
    with serving(says(ok(gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip"), b"")) as server:
        assert send(server.url).data() == {"a": 1}
    with serving(says(CHUNKED + b'3\r\n{"a\r\n5\r\n": 1}\r\n0\r\n\r\n')) as server:
        assert send(server.url).data() == {"a": 1}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_listens(method: str) -> None:
    """A refused connection is certain: the request never left."""
    found = fault(f"http://127.0.0.1:{free_port()}/x", method)
    assert (found.maybe_arrived, found.lasting) == (False, False)
    assert "no connection (Connection refused)" in found.message
    assert "base-url" in found.remedy


def test_a_connection_that_is_not_accepted() -> None:
    """A full queue, or a wall that drops packets: the request never left."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _each in range(4)]
        try:
            for each in waiting:
                each.setblocking(False)
                each.connect_ex(address)
            found = fault(f"http://127.0.0.1:{address[1]}/x", "POST", seconds=0.5)
        finally:
            for each in waiting:
                each.close()
    assert not found.maybe_arrived
    assert "no connection" in found.message


def test_a_connection_that_breaks_after_the_request() -> None:
    """Reset, or closed without a word: whether it arrived is not known."""

    def reset(talk: Conversation) -> None:
        talk.listen()
        talk.reset()

    def close(talk: Conversation) -> None:
        talk.listen()

    for script, words in ((reset, "Connection reset by peer"), (close, "Remote end closed connection")):
        for method in ("GET", "POST"):
            found = fault_of(script, method=method)
            assert (found.maybe_arrived, found.lasting) == (True, False)
            assert words in found.message


def silence(talk: Conversation) -> None:
    """Read the request and never answer."""
    talk.listen()
    talk.pause(FOREVER)


def drip(talk: Conversation) -> None:
    """Send an endless body, a byte at a time."""
    talk.listen()
    talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        talk.say(b"x")
        talk.pause(0.05)


def slow_head(talk: Conversation) -> None:
    """Send an endless header, a byte at a time."""
    talk.listen()
    talk.say(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        talk.say(b"y")
        talk.pause(0.05)


@pytest.mark.parametrize("script", [silence, drip, slow_head])
def test_the_time_bounds_the_whole(script: Callable[[Conversation], None]) -> None:
    """A request ends although its server never does."""
    found = fault_of(script, method="POST", seconds=0.4)
    assert (found.maybe_arrived, found.lasting) == (True, False)
    assert re.search("no answer (within 0.4 s|in time)|still answering when its time was up", found.message)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
        CHUNKED + b"zz\r\nabc",
        CHUNKED + b"5\r\nab",
        CHUNKED + b"2\r\n{}\r\n",
        ok(b"not gzip", "Content-Encoding: gzip"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 200 + b"\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"\x00\x1b[31m\x02\r\n\r\n",
        b"HTTP/1.1 2",
        b"",
    ],
)
def test_an_answer_that_is_broken_off_or_none(answer: bytes) -> None:
    """It was an answer of a kind: the request may have had its effect."""
    found = fault_of(says(answer), method="POST")
    assert (found.maybe_arrived, found.lasting) == (True, False)


@pytest.mark.parametrize(
    "answer",
    [
        ok(b"0" * 20_000),
        ok(gzip.compress(b"0" * 50_000_000), "Content-Encoding: gzip"),
        CHUNKED + b"fffffff\r\n" + b"0" * 100_000,
        ok(b"0" * 20_000, "Location: /elsewhere", status="302 Found"),
    ],
)
def test_an_answer_that_is_too_large_is_not_read(answer: bytes) -> None:
    """Not in one piece, not compressed, not in pieces, not as a redirect."""
    with serving(says(answer)) as server, pytest.raises(BadAnswer, match="it was not read"):
        send(server.url)


def test_a_redirect_on_the_same_server_is_followed() -> None:
    """By a request that only reads, with the key, and to where it leads."""
    with serving(says(ok(b"", "Location: /new?a=1", status="301 Moved"), ok(b'{"a": 1}'))) as server:
        assert send(f"{server.url}/old").data() == {"a": 1}
    assert server.heard[1].startswith(b"GET /new?a=1 HTTP/1.1\r\n")
    assert KEY.encode() in server.heard[1]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_trigger_is_never_redirected(status: str) -> None:
    """It is sent once, and the answer is told."""
    with serving(says(ok(b"", "Location: /new", status=status), ok())) as server:
        assert send(server.url, "POST").status == int(status[:3])
    assert len(server.heard) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_key_goes_to_no_other_server(method: str) -> None:
    """A redirect to another port, host or scheme is an answer and is not followed."""
    with serving(says(ok())) as other:
        elsewhere = [other.url, f"http://localhost:{other.port}", "//127.0.0.1:1", f"https://127.0.0.1:{other.port}"]
        for location in [*elsewhere, "http://[::1", "http://127.0.0.1:99999999/", "ftp://x", "javascript:alert(1)"]:
            with serving(says(ok(b"", f"Location: {location}", status="302 Found"), ok())) as server:
                assert send(server.url, method).status == 302
                assert len(server.heard) == 1
    assert other.calls == 0


def test_a_circle_of_redirects_ends() -> None:
    """Three are followed; the fourth is an answer that leads nowhere."""
    again = says(*[ok(b"", "Location: /again", status="302 Found")] * 10)
    with serving(again) as server, pytest.raises(BadAnswer, match="redirected more than 3 times"):
        send(server.url)
    assert len(server.heard) == 4


def test_no_file_of_the_home_changes_the_key(tmp_path: Path) -> None:
    """What stands in .netrc for the host is not sent."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password netrc-key\n", encoding="utf-8")
    with serving(says(ok())) as server:
        send(server.url)
        transport = RequestsTransport("testgate/1")
        asyncio.run(transport.send(Request("GET", server.url), 5))
    assert KEY.encode() in server.heard[0]
    for heard in server.heard:
        assert b"authorization" not in heard.lower()


def talk(*requests: Request) -> list[Reply]:
    """Send requests one after the other from one transport."""
    transport = RequestsTransport("testgate/1")

    async def main() -> list[Reply]:
        return [await transport.send(each, 5) for each in requests]

    return asyncio.run(main())


def test_cookies_are_not_kept() -> None:
    """No answer has an effect on the next request."""
    with serving(says(ok(b"{}", "Set-Cookie: session=1; Path=/"), ok())) as server:
        talk(request(server.url), request(server.url))
    assert b"cookie" not in server.heard[1].lower()


def test_connections_of_reading_requests_are_used_again() -> None:
    """A poll costs no new connection."""
    with serving(says(*[ok()] * 5)) as server:
        talk(*[request(server.url)] * 5)
        assert server.calls == 1


def test_a_trigger_gets_a_fresh_connection() -> None:
    """On a kept one that the server just closed nobody could tell whether it arrived."""
    with serving(says(*[ok()] * 5)) as server:
        get, post = request(server.url), request(server.url, "POST")
        talk(get, post, post)
        assert server.calls == 3


def test_a_kept_connection_that_was_closed_is_replaced() -> None:
    """The server may close what it does not need."""
    with serving(says(ok(b"{}", "Connection: close")), says(ok())) as server:
        assert [reply.status for reply in talk(request(server.url), request(server.url))] == [200, 200]


def test_requests_go_side_by_side() -> None:
    """No answer comes before all ten requests have arrived."""
    arrived = threading.Barrier(10)

    def slow(conversation: Conversation) -> None:
        conversation.listen()
        arrived.wait(FOREVER)
        conversation.say(ok())

    async def main(url: str) -> list[Reply]:
        transport = RequestsTransport("testgate/1")
        return await asyncio.gather(*(transport.send(request(url), FOREVER) for _each in range(10)))

    with serving(slow) as server:
        assert len(asyncio.run(main(server.url))) == 10


@pytest.fixture
def secured() -> Iterator[RawServer]:
    """A server with a certificate of the tests' own authority."""
    with serving(says(ok(b'{"a": 1}')), certificate="loopback.pem") as server:
        yield server


def test_a_certificate_of_an_unknown_authority(secured: RawServer) -> None:
    """It is told at once, with what to set; trying again would not help."""
    found = fault(f"{secured.url}/x", "POST")
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "certificate is not trusted (unable to get local issuer certificate)" in found.message
    assert "`ca-file`" in found.remedy
    assert not secured.heard


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_an_authority_of_ones_own(secured: RawServer, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """The usual variables are honoured."""
    monkeypatch.setenv(variable, str(CERTIFICATES / "authority.pem"))
    assert send(secured.url).data() == {"a": 1}


def test_a_certificate_for_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trusted authority does not make another's certificate good."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATES / "authority.pem"))
    with serving(says(ok()), certificate="elsewhere.pem") as server:
        found = fault(server.url)
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "not valid for '127.0.0.1'" in found.message
    assert not server.heard


@pytest.mark.parametrize("bundle", ["/missing/authority.pem", __file__])
def test_a_useless_file_of_authorities(secured: RawServer, monkeypatch: pytest.MonkeyPatch, bundle: str) -> None:
    """A file that is not there, or is no such file, is told as that."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    found = fault(secured.url)
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "file of trusted certificate authorities cannot be used" in found.message
    assert "REQUESTS_CA_BUNDLE" in found.remedy


def test_https_to_a_server_that_speaks_http() -> None:
    """The port is wrong: nothing was sent, and the words say what to check."""

    def plain(talk: Conversation) -> None:
        talk.say(ok(b"", status="400 Bad Request"))
        talk.pause(0.5)

    with serving(plain) as server:
        found = fault(f"https://127.0.0.1:{server.port}/x", "POST")
    assert not found.maybe_arrived
    assert "not in TLS" in found.message


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_down(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """The request never left, and the proxy is named as the cause; its credentials are not shown."""
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://me:pr0xy-key@127.0.0.1:{free_port()}")
    found = fault(f"{scheme}://platform.example/x", "POST")
    assert not found.maybe_arrived
    assert "the proxy could not be used (Connection refused)" in found.message
    assert "HTTPS_PROXY" in found.remedy


def test_a_proxy_that_wants_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its refusal is told, and the key does not reach it."""
    with serving(says(ok(b"", status="407 Proxy Authentication Required"))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        found = fault("https://platform.example/x", "POST")
    assert not found.maybe_arrived
    assert "407" in found.message
    assert "credentials" in found.remedy
    assert KEY.encode() not in b"".join(proxy.heard)


@pytest.mark.parametrize("proxy", ["nonsense://x", "http://", "socks5://127.0.0.1:1"])
def test_an_address_of_a_proxy_that_is_none(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """Another attempt cannot mend it."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    found = fault("https://platform.example/x")
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "HTTPS_PROXY" in found.remedy


def test_a_host_without_an_address() -> None:
    """The request never left."""
    found = fault("https://no-such-host.invalid/x", "POST", seconds=20)
    assert (found.maybe_arrived, found.lasting) == (False, False)
    assert "host name was not found" in found.message


@pytest.mark.parametrize(
    "url", ["http://[::1/", "http:///x", "platform", f"http://{'a' * 70}.example/", "http://a b/", "http://a:99999/"]
)
def test_a_url_that_is_none(url: str) -> None:
    """It is told at once; trying again would not help."""
    found = fault(url)
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "base-url" in found.remedy


@pytest.mark.parametrize(
    "key", ["s3cret-key\n", "s3cret-key\r\nX-Evil: 1", "s3cret-key€", "\ts3cret-key", "s3cret-key\0"]
)
def test_a_key_that_cannot_be_sent(key: str) -> None:
    """It is told by its input, never shown, and no header is smuggled in."""
    with serving(says(ok())) as server:
        found = fault(server.url, key=key)
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "api-key" in found.remedy
    assert not server.heard


HANGING = """
import asyncio, sys
from testgate.errors import Unanswered
from testgate.edges.transport import RequestsTransport
from testgate.wire import Request
try:
    asyncio.run(RequestsTransport("testgate/1").send(Request("GET", sys.argv[1]), 0.3))
except Unanswered:
    sys.exit(7)
"""


@pytest.mark.parametrize("script", [silence, drip])
def test_a_request_that_hangs_does_not_keep_the_process(script: Callable[[Conversation], None]) -> None:
    """Once nobody waits for it, the process ends, and says nothing of it."""
    with serving(script) as server:
        done = subprocess.run(  # noqa: S603  # a program of this test
            [sys.executable, "-c", HANGING, server.url],
            env={**os.environ, "PYTHONPATH": str(Path(testgate.__file__).parents[1])},
            capture_output=True,
            check=False,
            timeout=FOREVER,
        )
    assert (done.returncode, done.stdout, done.stderr) == (7, b"", b"")


def test_who_does_not_wait_is_left_alone() -> None:
    """A wait that was dropped leaves the loop in peace when the answer comes late."""

    def late(talk: Conversation) -> None:
        talk.listen()
        talk.pause(0.2)
        talk.say(ok())

    async def main(url: str) -> None:
        task = asyncio.ensure_future(RequestsTransport("testgate/1").send(request(url), 5))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.3)

    with serving(late) as server:
        asyncio.run(main(server.url))
    assert len(server.heard) == 1
