"""The key goes to no other server: a redirect is followed only if one strict grammar answers that it is the same."""

import asyncio
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.edges.redirects import same_origin
from testgate.edges.transport import RequestsTransport
from testgate.wire import Credential, Reply, Request
from tests.support.raw_server import answers, ok, serving

OURS = "https://api.example:8443/api/v1/runs?page=2"
KEY = "s3cret-key"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/new", "https://api.example:8443/new"),
        ("/", "https://api.example:8443/"),
        ("/a/b/?q=1&r=%20", "https://api.example:8443/a/b/?q=1&r=%20"),
        ("/a@b:c;d=1,2", "https://api.example:8443/a@b:c;d=1,2"),
        ("/a.b/..c/...", "https://api.example:8443/a.b/..c/..."),
        ("/a?next=https://other.example//x", "https://api.example:8443/a?next=https://other.example//x"),
        ("https://api.example:8443/new", "https://api.example:8443/new"),
        ("HTTPS://API.example:08443/new", "https://api.example:8443/new"),
    ],
)
def test_a_redirect_on_the_same_server(location: str, target: str) -> None:
    """It leads to the path that was given, on the server that was asked."""
    assert same_origin(OURS, location) == target


@pytest.mark.parametrize(
    ("ours", "location"),
    [
        ("http://127.0.0.1/x", "http://127.0.0.1:80/y"),
        ("https://h/x", "https://h:443/y"),
        ("https://h:443", "https://H/y"),
        ("http://[::1]:80/x", "http://[::1]/y"),
    ],
)
def test_the_usual_port_may_be_left_out(ours: str, location: str) -> None:
    """On either side."""
    assert same_origin(ours, location).endswith("/y")


ELSEWHERE = [
    "http://EVIL:1\\@api.example:8443/x",
    "https://EVIL:8443\\@api.example:8443/x",
    "https://api.example:8443\\@EVIL/x",
    "https://api.example:8443@EVIL/x",
    "https://user@api.example:8443/x",
    "https://@api.example:8443/x",
    "https://api.example:8443:80/x",
    "https://api.example:/x",
    "https://api.example:8443",
    "https://api.example:8443?x",
    "https://api.example:8443#x",
    "https://api.example:8443.EVIL/x",
    "https://api.example.:8443/x",
    "https://api.example%2e:8443/x",
    "https://api%2eexample:8443/x",
    "https://api.example:+8443/x",
    "https://api.example:\uff18\uff14\uff14\uff13/x",
    "https://\uff41pi.example:8443/x",
    "https://api.example:443/x",
    "https://api.example/x",
    "http://api.example:8443/x",
    "ftp://api.example:8443/x",
    "https:api.example:8443/x",
    "https:/api.example:8443/x",
    "https:///api.example:8443/x",
    "https:\\\\api.example:8443/x",
    "h\u017fttps://api.example:8443/x",
    "//api.example:8443/x",
    "//EVIL/x",
    "///EVIL/x",
    "/\\EVIL/x",
    "\\\\EVIL/x",
    "/a//EVIL/x",
    "/a/../x",
    "/./x",
    "/..",
    "/a/.",
    "/%2e%2e/x",
    "/%2E./x?y",
    "/a\\b",
    "/a b",
    "/a\tb",
    " /a",
    "/a ",
    "\t/a",
    "/a\r\n",
    "/a\n",
    "/a\0b",
    "/a\x7fb",
    "/ä",
    "/a#b",
    "/a%",
    "/a%zz",
    '/a"b',
    "/a<b>",
    "/a[b]",
    "/a|b",
    "/a^b",
    "/a`b",
    "/a{b}",
    "a/b",
    "a",
    "?a",
    "#a",
    ".",
    "",
    "javascript:alert(1)",
    "data:,x",
    "/a, /b",
    "/" + "a" * 9000,
]


@pytest.mark.parametrize("location", ELSEWHERE)
def test_whatever_is_unusual_is_refused(location: str) -> None:
    """Another server, or a form that parsers disagree about: also in an address that looks like ours."""
    assert same_origin(OURS, location) == ""


@pytest.mark.parametrize("ours", ["https://user@api.example/x", "https://api.example\\x", "api.example/x", ""])
def test_without_an_origin_of_our_own_nothing_is_followed(ours: str) -> None:
    """An address that isn't understood is compared with nothing."""
    assert same_origin(ours, "/x") == ""


@given(st.text(st.sampled_from(string.printable + "ä\u017f\u2028\\@:/?#%"), max_size=40))
def test_a_target_is_always_on_our_server(location: str) -> None:
    """Whatever comes, the result begins with our origin and a single slash, and holds nothing odd."""
    target = same_origin(OURS, location)
    if target:
        path = target.removeprefix("https://api.example:8443")
        assert path.startswith("/")
        assert not path.startswith("//")
        assert target.isascii()
        assert not set(target) & set('\\ \t\r\n#"<>')


def get(url: str) -> Reply:
    """Read something with the key."""
    return asyncio.run(
        RequestsTransport("testgate/1").send(Request("GET", url, {"p": "1"}, None, Credential("k", KEY)), 5)
    )


@pytest.mark.parametrize(
    "form",
    [
        "http://127.0.0.1:{evil}\\@127.0.0.1:{port}/x",
        "http://127.0.0.1:{evil}/\\@127.0.0.1:{port}/x",
        "http://127.0.0.1:{port}@127.0.0.1:{evil}/x",
        "http://127.0.0.1:{port}\\@127.0.0.1:{evil}/x",
        "//127.0.0.1:{evil}/x",
        "/\\127.0.0.1:{evil}/x",
        "\\\\127.0.0.1:{evil}/x",
        "http:\\\\127.0.0.1:{evil}/x",
        "http://127.0.0.1:{evil}#@127.0.0.1:{port}/x",
        "http://127.0.0.1:{evil}?@127.0.0.1:{port}/x",
        "http://localhost:{port}/x",
        "http://127.0.0.1:{evil}/x",
    ],
)
def test_the_key_stays_here(form: str) -> None:
    """Over a socket: the other server hears nothing, and the redirect is the answer."""
    with serving(answers(ok())) as evil:
        seen: list[int] = []

        def redirect() -> bytes:
            location = form.format(evil=evil.port, port=seen[0])
            return ok(b"", f"Location: {location}", status="302 Found")

        with serving(lambda talk: (talk.listen(), talk.say(redirect()), None)[-1]) as server:  # type: ignore[func-returns-value]
            seen.append(server.port)
            assert get(f"{server.url}/x").status == 302
            assert len(server.requests) == 1
        assert evil.calls == 0


def test_a_redirect_is_followed_with_the_key_and_without_the_old_query() -> None:
    """On the same server, to exactly what was said."""
    with serving(answers(ok(b"", "Location: /new/place?x=%41&y=1", status="308 Moved"), ok(b'{"a": 1}'))) as server:
        assert get(f"{server.url}/old").data() == {"a": 1}
        assert server.requests[1].startswith(b"GET /new/place?x=")
        assert KEY.encode() in server.requests[1]
        assert b"p=1" not in server.requests[1]
