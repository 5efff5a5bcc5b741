"""Cookies are neither kept nor parsed, and no library speaks up on its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import testgate
from tests.support.raw_server import answers, ok, serving

TWICE = """
import asyncio, http.cookiejar, sys
from testgate.edges.transport import RequestsTransport
from testgate.wire import Request

def parsed(*given, **more):
    raise AssertionError("a cookie was parsed")

http.cookiejar.CookieJar._cookies_from_attrs_set = parsed

async def main():
    transport = RequestsTransport("testgate/1")
    for _each in range(2):
        reply = await transport.send(Request("GET", sys.argv[1]), 5)
        print(reply.status, "set-cookie" in reply.headers, "set-cookie2" in reply.headers)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    "headers",
    [
        ["Set-Cookie: session=1; Path=/"],
        ["Set-Cookie: a=b; expires=Thu, 99 Foo 99999 99:99:99 GMT"],
        ["Set-Cookie: a=b; expires=Mon, 01 Jan 1000000000000000000000 00:00:00 GMT"],
        ["Set-Cookie: a=b; max-age=" + "9" * 5000],
        ["Set-Cookie: a=b; max-age=-1e999; expires=\udcff"],
        ["set-cookie: a=1", "SET-COOKIE: b=2", "Set-Cookie2: c=3; Version=1; Port=x"],
        ["Set-Cookie: " + "a=b; " * 5000],
        ["Set-Cookie: \x01=\x7f; domain=.; path=\\"],
        ["Set-Cookie:", "Set-Cookie2:"],
        ["no colon in this line, but s3cret"],
        ["X: 1", "\tfolded: s3cret", "Set-Cookie: a=b; expires=x"],
        ["Set-Cookie: a=b; expires=x", "\tstill the cookie"],
    ],
)
def test_odd_headers_are_no_reason_to_speak(headers: list[str]) -> None:
    """A step's own log is all that it answers: not a warning or a traceback of a library, and no cookie comes back."""
    head = "\r\n".join(["HTTP/1.1 200 OK", "Content-Length: 2", *headers, "", ""])
    answer = head.encode(errors="surrogateescape") + b"{}"
    with serving(answers(answer, answer)) as server:
        done = subprocess.run(  # noqa: S603  # a program of this test
            [sys.executable, "-c", TWICE, server.url],
            env={**os.environ, "PYTHONPATH": str(Path(testgate.__file__).parents[1])},
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "200 False False\n" * 2
        assert len(server.requests) == 2
        assert b"cookie" not in server.requests[1].lower()


def test_a_cookie_of_a_redirect_is_not_kept_either() -> None:
    """Each answer of a chain is read in the same way."""
    moved = ok(b"", "Location: /new", "Set-Cookie: a=b; expires=x", status="302 Found")
    with serving(answers(moved, ok(), moved, ok())) as server:
        done = subprocess.run(  # noqa: S603  # a program of this test
            [sys.executable, "-c", TWICE, server.url],
            env={**os.environ, "PYTHONPATH": str(Path(testgate.__file__).parents[1])},
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
        assert done.stderr == ""
        assert not [heard for heard in server.requests if b"cookie" in heard.lower()]
