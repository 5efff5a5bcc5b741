"""A platform that gives a token for the key: asked for once, hidden, and asked for again when it is refused."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from testgate.errors import BadAnswer, Unanswered
from testgate.providers.described.asking import Asker
from testgate.providers.described.given import read
from testgate.providers.described.loading import load
from testgate.providers.described.provider import Described
from testgate.runs.signing import SignedIn
from testgate.wire import Reply, Request
from tests.support.simulated import Answer, FakeTransport, SimulatedLoop, answer, page, play

FILE = """
format = 1
name = "Kestrel"
[login]
request = "POST /oauth/token"
headers = { Authorization = "Basic a2l0OmtpdA==" }
form = { grant_type = "password", username = "{value.user}", password = "{key}" }
token = "access_token"
[auth]
headers = { Authorization = "Bearer {token}" }
[values.user]
about = "The user."
example = "ci"
required = true
[values.job]
list = true
about = "The jobs."
example = "e2e"
[[targets]]
each = "job"
name = "Job {it}"
[trigger]
request = "POST /jobs/{it}"
id = "id"
[poll]
request = "GET /runs/{run.id}"
status = "status"
states = { passed = ["ok"] }
[results]
kind = "run"
[[checks]]
name = "key"
request = "GET /me"
"""
KEY = "key-0123456789"


def provider() -> Described:
    """The provider of the file."""
    document = load(FILE, "kestrel.toml")
    given, problems = read(document, {"user": "ci", "job": "e2e"}, {})
    assert problems == []
    return Described(Asker(document, "https://platform.example", KEY, given))


class Server:
    """Gives the tokens t-1, t-2, …, and accepts the newest, once it has been used `uses` times no more."""

    def __init__(self, uses: int = 1_000) -> None:
        self.given = 0
        self._left = 0
        self._uses = uses

    def __call__(self, request: Request, _now: float) -> Answer:
        """Answer one request."""
        if request.url.endswith("/oauth/token"):
            assert request.fields == {"grant_type": "password", "username": "ci", "password": KEY}
            assert request.headers == {"Authorization": "Basic a2l0OmtpdA=="}
            assert request.credentials == ()
            assert KEY not in repr(request.private)
            self.given, self._left = self.given + 1, self._uses
            return answer(request, {"access_token": f"t-{self.given}", "expires_in": 60})
        (credential,) = request.credentials
        if credential.value != f"Bearer t-{self.given}" or not self._left:
            return answer(request, {"error": "invalid_token"}, 401)
        self._left -= 1
        return answer(request, {"id": "r-1", "status": "ok"})


def signed(server: Any, calls: int) -> tuple[Sequence[Reply], FakeTransport, list[str]]:  # noqa: ANN401  # any handler
    """Ask for a run so many times, side by side; the replies, what was sent, and the tokens to hide."""
    one = provider()
    login, call = one.login(), one.poll([one.resumed(one.targets()[0], "r-1")])
    assert login is not None
    transport, learned = FakeTransport(server), list[str]()

    async def main(_loop: SimulatedLoop) -> Sequence[Reply]:
        signing = SignedIn(transport, login, str, learned.append)
        return await asyncio.gather(*(signing.send(call.request, 30.0) for _each in range(calls)))

    return play(main), transport, learned


def test_one_login_serves_all_requests() -> None:
    """Those that are sent at the same time wait for it."""
    server = Server()
    replies, transport, learned = signed(server, 5)
    assert [reply.status for reply in replies] == [200] * 5
    assert (transport.count("POST", "/oauth/token"), learned) == (1, ["t-1"])
    assert all("t-1" not in repr(reply.request) for reply in replies)


def test_a_token_that_expired_is_replaced() -> None:
    """The request that was refused is sent once more."""
    server = Server(uses=1)
    replies, _transport, learned = signed(server, 2)
    assert sorted(reply.status for reply in replies) == [200, 200]
    assert learned == ["t-1", "t-2"]


@pytest.mark.parametrize("token", ["", None, "two words", "line\nbreak", "h\u00e4"])
def test_an_answer_without_a_token_is_a_bad_one(token: str | None) -> None:
    """Nothing is sent with it."""
    with pytest.raises(Unanswered, match="the login failed") as failed:
        signed(lambda request, _now: answer(request, {"access_token": token}), 1)
    assert not failed.value.maybe_arrived
    assert isinstance(failed.value.__cause__, BadAnswer)


@pytest.mark.parametrize(
    "body", [{"accessToken": "t-unknown"}, {"access_token": "t-unknown is two words"}, "t-unknown"]
)
def test_a_token_at_another_place_is_not_shown(body: str | dict[str, str]) -> None:
    """Nobody knows yet that it is a secret, so nothing else would hide it."""
    with pytest.raises(Unanswered, match="not shown: it may have a token") as failed:
        signed(lambda request, _now: page(request, 200, body) if isinstance(body, str) else answer(request, body), 1)
    assert "t-unknown" not in str(failed.value)


def test_the_key_is_in_the_login_only() -> None:
    """And hidden there."""
    one = provider()
    login = one.login()
    assert login is not None
    assert login.request.private >= {"password"}
    assert not one.poll([one.resumed(one.targets()[0], "r-1")]).request.private
