"""HTTP over a real connection, with every way in which an answer can fail to arrive."""

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
from testgate.errors import NEVER_LEFT, BadAnswer, Refused, Unanswered
from testgate.wire import Credential, Reply, Request
from tests.support.raw_server import CERTIFICATES, Conversation, RawServer, answers, free_port, ok, serving

KEY = "s3cret-key"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
FOREVER = 300.0  # seconds that no test comes near to


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove proxies, certificate authorities and the home of the machine that runs the tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def send(url: str, method: str = "GET", *, seconds: float = 60.0, largest: int = 10_000, key: str = KEY) -> Reply:
    """Send one request from a fresh transport."""
    transport = RequestsTransport("testgate/1", largest_body=largest)
    return asyncio.run(transport.send(request(url, method, key=key), seconds))


def request(url: str, method: str = "GET", *, key: str = KEY) -> Request:
    """A request with a query, a body and a credential."""
    body = {"id": 1} if method == "POST" else None
    return Request(method, url, {"page": "2"}, body, Credential("x-api-key", key))


def fault(url: str, method: str = "GET", *, seconds: float = 5.0, key: str = KEY) -> Unanswered:
    """The fault of a request; its message must be readable, and contain no secret."""
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


def test_a_request_is_sent_as_given() -> None:
    """Method, path, query, JSON body, credential and user agent arrive, without additions."""
    with serving(answers(ok(b'{"a": 1}', "X-More: yes"))) as server:
        reply = send(f"{server.url}/api/runs", "POST")
    (sent,) = server.requests
    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/runs?page=2 HTTP/1.1\r\n")
    assert body == b'{"id": 1}'
    lines = {line.lower() for line in head.split(b"\r\n")}
    assert {b"x-api-key: s3cret-key", b"user-agent: testgate/1", b"accept: application/json"} <= lines
    assert b"content-type: application/json" in lines
    assert (reply.status, reply.data(), reply.headers["x-more"]) == (200, {"a": 1}, "yes")


def test_a_form_with_several_credentials_is_sent_as_given() -> None:
    """Each credential in its place, and fixed headers; a refusal names neither the key nor the form."""
    asked = Request(
        "POST",
        "",
        {"delay": "0"},
        credential=Credential("x-account", "acc-1"),
        further=(Credential("x-api-key", KEY), Credential("apiKey", f"{KEY}&b", in_query=True)),
        fields={"BROWSER": "fire fox", "PASSWORD": "p=w&"},
        private=frozenset({"PASSWORD"}),
        headers={"X-Version": "2022-11-28"},
        accept="application/xml",
    )
    with serving(answers(ok(b"", status="403 Forbidden"))) as server:
        transport = RequestsTransport("testgate/1", largest_body=10_000)
        reply = asyncio.run(transport.send(asked._replace(url=f"{server.url}/job/e2e"), 60.0))
    (sent,) = server.requests
    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /job/e2e?delay=0&apiKey=s3cret-key%26b HTTP/1.1\r\n")
    assert body == b"BROWSER=fire+fox&PASSWORD=p%3Dw%26"
    lines = {line.lower() for line in head.split(b"\r\n")}
    assert {b"x-account: acc-1", b"x-api-key: s3cret-key", b"x-version: 2022-11-28"} <= lines
    assert {b"accept: application/xml", b"content-type: application/x-www-form-urlencoded"} <= lines
    with pytest.raises(Refused) as refused:
        reply.check()
    assert KEY not in str(refused.value) + repr(reply.request.credentials)


def test_any_status_is_an_answer() -> None:
    """What it means is decided elsewhere."""
    for status in ("204 No Content", "404 Not Found", "503 Service Unavailable"):
        with serving(answers(ok(b"", status=status))) as server:
            assert send(server.url).status == int(status[:3])


INFORMATION = (
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 102 Processing\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\nSet-Cookie: a=b\r\n\r\n",
    b"HTTP/1.1 199 Hm\r\n\r\n",
)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("before", [*INFORMATION, b"".join(INFORMATION * 3)])
def test_informational_answers_are_read_past(method: str, before: bytes) -> None:
    """Any number of them can come before the answer, in one piece with it or much earlier."""
    with serving(answers(before + ok(b'{"a": 1}'))) as server:
        assert send(server.url, method).data() == {"a": 1}

    def slowly(talk: Conversation) -> None:
        talk.listen()
        talk.say(before)
        talk.pause(0.05)
        talk.say(ok(b'{"a": 1}'))

    with serving(slowly) as server:
        assert send(server.url, method).data() == {"a": 1}


def test_informational_answers_without_end_are_no_answer() -> None:
    """The request may have had an effect."""
    with serving(answers(INFORMATION[1] * 1_000 + ok())) as server:
        assert fault(server.url, "POST").maybe_arrived


def test_a_connection_that_becomes_something_else_is_an_odd_answer() -> None:
    """101 is no information, and nobody asked for it: whether the request had an effect is unknown."""
    with serving(answers(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")) as server:
        reply = send(server.url, "POST")
    with pytest.raises(Refused) as caught:
        reply.check()
    assert not caught.value.certain


def test_compressed_and_chunked_bodies_are_read() -> None:
    """The body is the same as if it were sent plainly."""
    with serving(answers(ok(gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip"), b"")) as server:
        assert send(server.url).data() == {"a": 1}
    with serving(answers(CHUNKED + b'3\r\n{"a\r\n5\r\n": 1}\r\n0\r\n\r\n')) as server:
        assert send(server.url).data() == {"a": 1}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_connection_is_certain(method: str) -> None:
    """The request certainly never left."""
    found = fault(f"http://127.0.0.1:{free_port()}/x", method)
    assert (found.maybe_arrived, found.lasting) == (False, False)
    assert "no connection (Connection refused)" in found.message
    assert "base-url" in found.remedy


def test_a_connection_that_is_not_accepted_times_out() -> None:
    """The request certainly never left."""
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
    """It is unknown whether the request arrived."""

    def reset(conversation: Conversation) -> None:
        conversation.listen()
        conversation.reset()

    def close(conversation: Conversation) -> None:
        conversation.listen()

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
def test_a_broken_answer_leaves_the_effect_unknown(answer: bytes) -> None:
    """The request may have had its effect."""
    found = fault_of(answers(answer), method="POST")
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
    """The limit applies to plain, compressed and chunked bodies, and to redirects."""
    with serving(answers(answer)) as server, pytest.raises(BadAnswer, match="it was not read"):
        send(server.url)


def test_a_redirect_on_the_same_server_is_followed() -> None:
    """A request that only reads is sent to the new location, with the key."""
    with serving(answers(ok(b"", "Location: /new?a=1", status="301 Moved"), ok(b'{"a": 1}'))) as server:
        assert send(f"{server.url}/old").data() == {"a": 1}
    assert server.requests[1].startswith(b"GET /new?a=1 HTTP/1.1\r\n")
    assert KEY.encode() in server.requests[1]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_trigger_is_never_redirected(status: str) -> None:
    """It is sent once, and the redirect is the answer."""
    with serving(answers(ok(b"", "Location: /new", status=status), ok())) as server:
        assert send(server.url, "POST").status == int(status[:3])
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_key_goes_to_no_other_server(method: str) -> None:
    """A redirect to another port, host or scheme is not followed."""
    with serving(answers(ok())) as other:
        elsewhere = [other.url, f"http://localhost:{other.port}", "//127.0.0.1:1", f"https://127.0.0.1:{other.port}"]
        for location in [*elsewhere, "http://[::1", "http://127.0.0.1:99999999/", "ftp://x", "javascript:alert(1)"]:
            with serving(answers(ok(b"", f"Location: {location}", status="302 Found"), ok())) as server:
                assert send(server.url, method).status == 302
                assert len(server.requests) == 1
    assert other.calls == 0


def test_a_circle_of_redirects_ends() -> None:
    """After three redirects, the fourth one is an error."""
    again = answers(*[ok(b"", "Location: /again", status="302 Found")] * 10)
    with serving(again) as server, pytest.raises(BadAnswer, match="redirected more than 3 times"):
        send(server.url)
    assert len(server.requests) == 4


def test_credentials_in_netrc_are_not_used(tmp_path: Path) -> None:
    """The credential of the request is sent instead."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password netrc-key\n", encoding="utf-8")
    with serving(answers(ok())) as server:
        send(server.url)
        transport = RequestsTransport("testgate/1")
        asyncio.run(transport.send(Request("GET", server.url), 5))
    assert KEY.encode() in server.requests[0]
    for sent in server.requests:
        assert b"authorization" not in sent.lower()


def replies(*requests: Request) -> list[Reply]:
    """Send requests one after the other from one transport."""
    transport = RequestsTransport("testgate/1")

    async def main() -> list[Reply]:
        return [await transport.send(each, 5) for each in requests]

    return asyncio.run(main())


def test_cookies_are_not_kept() -> None:
    """An answer doesn't affect the next request."""
    with serving(answers(ok(b"{}", "Set-Cookie: session=1; Path=/"), ok())) as server:
        replies(request(server.url), request(server.url))
    assert b"cookie" not in server.requests[1].lower()


def test_connections_of_reads_are_reused() -> None:
    """A poll needs no new connection."""
    with serving(answers(*[ok()] * 5)) as server:
        replies(*[request(server.url)] * 5)
        assert server.calls == 1


def test_a_trigger_gets_a_new_connection() -> None:
    """On a kept connection that the server just closed, it would be unknown whether it arrived."""
    with serving(answers(*[ok()] * 5)) as server:
        get, post = request(server.url), request(server.url, "POST")
        replies(get, post, post)
        assert server.calls == 3


def test_a_kept_connection_that_was_closed_is_replaced() -> None:
    """The server can close connections at any time."""
    with serving(answers(ok(b"{}", "Connection: close")), answers(ok())) as server:
        assert [reply.status for reply in replies(request(server.url), request(server.url))] == [200, 200]


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
    with serving(answers(ok(b'{"a": 1}')), certificate="loopback.pem") as server:
        yield server


def test_a_certificate_of_an_unknown_authority_is_refused(secured: RawServer) -> None:
    """Another attempt would not help, and the remedy says what to set."""
    found = fault(f"{secured.url}/x", "POST")
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "certificate is not trusted (unable to get local issuer certificate)" in found.message
    assert "`ca-file`" in found.remedy
    assert not secured.requests


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_usual_variables_can_name_an_authority(
    secured: RawServer, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """The certificate is accepted then."""
    monkeypatch.setenv(variable, str(CERTIFICATES / "authority.pem"))
    assert send(secured.url).data() == {"a": 1}


def test_a_certificate_for_another_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trusted authority is not enough."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATES / "authority.pem"))
    with serving(answers(ok()), certificate="elsewhere.pem") as server:
        found = fault(server.url)
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "not valid for '127.0.0.1'" in found.message
    assert not server.requests


@pytest.mark.parametrize("bundle", ["/missing/authority.pem", __file__])
def test_an_invalid_file_of_authorities_is_reported(
    secured: RawServer, monkeypatch: pytest.MonkeyPatch, bundle: str
) -> None:
    """It may be missing, or not contain certificates."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    found = fault(secured.url)
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "file of trusted certificate authorities cannot be used" in found.message
    assert "REQUESTS_CA_BUNDLE" in found.remedy


def test_https_to_an_http_server_is_reported() -> None:
    """Nothing was sent, and the message says what to check."""

    def plain(conversation: Conversation) -> None:
        conversation.say(ok(b"", status="400 Bad Request"))
        conversation.pause(0.5)

    with serving(plain) as server:
        found = fault(f"https://127.0.0.1:{server.port}/x", "POST")
    assert not found.maybe_arrived
    assert "not in TLS" in found.message


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_down_is_reported(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """The request never left, and the proxy's credentials are not shown."""
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://me:pr0xy-key@127.0.0.1:{free_port()}")
    found = fault(f"{scheme}://platform.example/x", "POST")
    assert not found.maybe_arrived
    assert "the proxy could not be used (Connection refused)" in found.message
    assert "HTTPS_PROXY" in found.remedy


def test_a_proxy_that_wants_credentials_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy doesn't get the key."""
    with serving(answers(ok(b"", status="407 Proxy Authentication Required"))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        found = fault("https://platform.example/x", "POST")
    assert not found.maybe_arrived
    assert "407" in found.message
    assert "credentials" in found.remedy
    assert KEY.encode() not in b"".join(proxy.requests)


@pytest.mark.parametrize("proxy", ["nonsense://x", "http://", "socks5://127.0.0.1:1"])
def test_an_invalid_proxy_address_is_reported(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """Another attempt would not help."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    found = fault("https://platform.example/x")
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "HTTPS_PROXY" in found.remedy


def test_an_unknown_host_is_reported() -> None:
    """The request never left."""
    found = fault("https://no-such-host.invalid/x", "POST", seconds=20)
    assert (found.maybe_arrived, found.lasting) == (False, False)
    assert "host name was not found" in found.message


@pytest.mark.parametrize(
    "url", ["http://[::1/", "http:///x", "platform", f"http://{'a' * 70}.example/", "http://a b/", "http://a:99999/"]
)
def test_an_invalid_url_is_reported(url: str) -> None:
    """Another attempt would not help."""
    found = fault(url)
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "base-url" in found.remedy


@pytest.mark.parametrize(
    "key", ["s3cret-key\n", "s3cret-key\r\nX-Evil: 1", "s3cret-key€", "\ts3cret-key", "s3cret-key\0"]
)
def test_a_key_that_cannot_be_sent_is_reported(key: str) -> None:
    """The input is named, the key is not shown, and no header is added."""
    with serving(answers(ok())) as server:
        found = fault(server.url, key=key)
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "api-key" in found.remedy
    assert not server.requests


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
def test_a_hanging_request_does_not_keep_the_process_alive(script: Callable[[Conversation], None]) -> None:
    """Once nobody waits for it, the process ends silently."""
    with serving(script) as server:
        done = subprocess.run(  # noqa: S603  # a program of this test
            [sys.executable, "-c", HANGING, server.url],
            env={**os.environ, "PYTHONPATH": str(Path(testgate.__file__).parents[1])},
            capture_output=True,
            check=False,
            timeout=FOREVER,
        )
    assert (done.returncode, done.stdout, done.stderr) == (7, b"", b"")


def test_a_late_answer_to_a_cancelled_request_is_ignored() -> None:
    """The loop is not disturbed."""

    def late(conversation: Conversation) -> None:
        conversation.listen()
        conversation.pause(0.2)
        conversation.say(ok())

    async def main(url: str) -> None:
        task = asyncio.ensure_future(RequestsTransport("testgate/1").send(request(url), 5))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.3)

    with serving(late) as server:
        asyncio.run(main(server.url))
    assert len(server.requests) == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_cancelled_request_says_whether_it_left(scheme: str, method: str) -> None:
    """With TLS, nobody answers the handshake, so nothing of the request was written; without, all of it was."""

    async def main(url: str, accept: Callable[[], socket.socket]) -> tuple[object, ...]:
        transport = RequestsTransport("testgate/1")
        task = asyncio.create_task(transport.send(request(url, method), FOREVER))
        connection = await asyncio.to_thread(accept)
        with connection:
            await asyncio.to_thread(connection.recv, 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
        assert type(caught.value) is asyncio.CancelledError  # what asyncio's timeouts look for
        return caught.value.args

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/x"
        arguments = asyncio.run(main(url, lambda: silent.accept()[0]))
    assert (NEVER_LEFT in arguments) is (scheme == "https")


def test_a_timeout_around_a_request_that_never_left_stays_one() -> None:
    """Whoever limits the time gets a TimeoutError."""

    async def main(url: str) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await RequestsTransport("testgate/1").send(request(url), FOREVER)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        asyncio.run(main(f"https://127.0.0.1:{silent.getsockname()[1]}/x"))
