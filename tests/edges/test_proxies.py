"""Credentials of a proxy are secrets like the key."""

import asyncio
import base64
from pathlib import Path
from urllib.parse import quote

import pytest

from testgate.composition.foundation import lay_foundation
from testgate.edges.proxies import proxy_secrets
from testgate.edges.signals import Signals
from testgate.edges.transport import RequestsTransport
from testgate.edges.world import World
from testgate.errors import Unanswered
from testgate.redact import Redactor
from testgate.wire import Request
from tests.support.raw_server import Conversation, serving

VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy", "all_proxy", "Ftp_Proxy"]
PASSWORD = "p@ss/w0rd:ü%"
CODED = quote(PASSWORD, safe="")


def spellings(user: str, password: str) -> list[str]:
    """How a proxy may echo what it was sent, in an answer or in words."""
    pair = f"{user}:{password}"
    return [
        password,
        quote(password, safe=""),
        base64.b64encode(pair.encode()).decode(),
        base64.b64encode(pair.encode("latin-1")).decode(),
        base64.b64encode(pair.encode()).decode().rstrip("="),
        base64.b64encode(password.encode()).decode(),
        f"Basic {base64.b64encode(pair.encode('latin-1')).decode()}",
    ]


@pytest.mark.parametrize(
    "variable", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy", "all_proxy", "Http_Proxy"]
)
@pytest.mark.parametrize("form", ["http://me:{}@proxy.example:3128", "me:{}@proxy.example", "socks5h://me:{}@[::1]:1/"])
def test_whatever_names_a_proxy(variable: str, form: str) -> None:
    """In any case of letters, with any scheme or none: no spelling of the password is shown."""
    redact = Redactor(proxy_secrets({variable: form.format(CODED), "OTHER": "http://you:plain@example"}))
    for echo in spellings("me", PASSWORD):
        assert redact(f"before {echo} after") in {"before *** after", "before Basic *** after"}
    assert redact("plain") == "plain"


@pytest.mark.parametrize(
    ("url", "secret", "shown"),
    [
        ("http://me:pa/ss@proxy.example", "pa/ss", "proxy.example"),
        ("http://me:pa@ss#w?d@proxy.example", "pa@ss#w?d", "proxy.example"),
        ("http://tok3n-of-mine@proxy.example", "tok3n-of-mine", "proxy.example"),
        ("http://tok3n-of-mine:@proxy.example", base64.b64encode(b"tok3n-of-mine:").decode(), "proxy.example"),
        ("http://:only-a-password@proxy.example", "only-a-password", "proxy.example"),
        ("http://m%65:pw%2Bpw@proxy.example", base64.b64encode(b"me:pw+pw").decode(), "proxy.example"),
        ("  http://me:pass-word@proxy.example\n", "pass-word", "proxy.example"),
        ("//me:pass-word@proxy.example", "pass-word", "proxy.example"),
        ("http://me:abc@proxy.example", base64.b64encode(b"me:abc").decode(), "proxy.example"),
        ("http://proxy.example:3128", "", "proxy.example:3128"),
        ("", "", "me"),
    ],
)
def test_odd_forms(url: str, secret: str, shown: str) -> None:
    """A password that isn't encoded, a token in the place of the user, a part that is missing; the host stays."""
    redact = Redactor(proxy_secrets({"HTTPS_PROXY": url}))
    assert not secret or secret not in redact(f"x {secret} x")
    assert redact(f"x {shown} x") == f"x {shown} x"


def test_hosts_without_a_proxy_are_no_secrets() -> None:
    """A list of names, and what isn't about proxies at all."""
    assert proxy_secrets({"NO_PROXY": "localhost,.example", "PROXY": "http://me:pw@h", "PATH": "/bin"}) == []


@pytest.mark.parametrize("where", ["reason", "status line", "long status line"])
@pytest.mark.parametrize("number", range(7))
def test_an_echo_of_a_proxy_is_not_shown(
    where: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the environment to the words of a fault: a 407 answers what it was sent, whole or at the limit."""
    echo = spellings("me", PASSWORD)[number]
    answer = {
        "reason": f"HTTP/1.1 407 wanted: {echo} you see\r\n\r\n",
        "status line": f"{echo}\r\n\r\n",
        "long status line": f"HTTP/1.1 407 {'x' * (188 - len(echo) // 2)}{echo}{'y' * 300}\r\n\r\n",
    }[where]

    def refuse(talk: Conversation) -> None:
        talk.listen()
        talk.say(answer.encode("latin-1"))

    with serving(refuse) as proxy, (tmp_path / "log").open("w", encoding="utf-8") as log:
        url = f"http://me:{CODED}@127.0.0.1:{proxy.port}"
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("HTTPS_PROXY", url)
        step = lay_foundation(World({"HTTPS_PROXY": url, "GITHUB_ACTIONS": "true"}, log, tmp_path, Signals())).step
        transport = RequestsTransport("testgate/1", redact=step.redact)
        with pytest.raises(Unanswered) as caught:
            asyncio.run(transport.send(Request("POST", "https://platform.example/x", body={}), 5))
    words = str(caught.value)
    assert ("the proxy could not be used" in words) == (where != "status line")
    pieces = {echo[start : start + 6] for start in range(len(echo) - 5)} - {"Basic "}
    assert not [piece for piece in pieces if piece in words]
    assert len(words) < 400


def test_the_ci_is_told_to_hide_them(tmp_path: Path) -> None:
    """They are masked as the key is, before anything else."""
    environ = {
        "GITHUB_ACTIONS": "true",
        "https_proxy": f"http://me:{CODED}@proxy.example",
        "INPUT_API-KEY": "some-key-1234",
    }
    with (tmp_path / "log").open("w+", encoding="utf-8") as log:
        step = lay_foundation(World(environ, log, tmp_path, Signals())).step
        step.journal.mask(step.secrets)
        log.seek(0)
        masked = log.read()
    assert "::add-mask::some-key-1234" in masked
    assert f"::add-mask::{PASSWORD.replace('%', '%25')}" in masked
    assert f"::add-mask::me:{PASSWORD.replace('%', '%25')}" in masked
