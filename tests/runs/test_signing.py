"""The login of a platform: before the first request, once, and again when its token is refused."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from testgate.errors import NEVER_LEFT, BadAnswer, Refused, Unanswered
from testgate.runs.signing import SignedIn
from testgate.wire import TOKEN, Call, Credential, Reply, Request
from tests.support.simulated import Answer, FakeTransport, SimulatedLoop, answer, dropped, page, play

LOGIN = Request("POST", "https://platform.example/token", fields={"secret": "x"}, private=frozenset({"secret"}))
READ = Request("GET", "https://platform.example/runs", credential=Credential("Authorization", f"Bearer {TOKEN}"))
START = READ._replace(method="POST")


class Platform:
    """Gives tokens `t1`, `t2` …, and accepts only the newest one; `logins` answer differently."""

    def __init__(self, *logins: Callable[[Request], Answer]) -> None:
        self.logins = [*logins]
        self.given = 0
        self.valid = ""
        self.seen: list[str] = []

    def __call__(self, request: Request, _now: float) -> Answer:
        """Answer one request."""
        if request.url.endswith("/token"):
            if self.logins:
                return self.logins.pop(0)(request)
            self.given += 1
            self.valid = f"t{self.given}"
            return answer(request, {"token": self.valid})
        (credential,) = request.credentials
        self.seen.append(credential.value)
        return answer(request, {}, 200 if credential.value == f"Bearer {self.valid}" else 401)


def read_token(reply: Reply) -> str:
    """Read the token."""
    token = reply.data().get("token")
    if not token:
        raise reply.bad_answer("no token")
    return str(token)


def signed(platform: Platform, learned: list[str], latency: float = 0.1) -> SignedIn:
    """Return what logs in."""
    return SignedIn(FakeTransport(platform, latency), Call("log in", LOGIN, read_token), str, learned.append)


def sent(platform: Platform, *requests: Request, together: bool = False) -> tuple[Sequence[int], Sequence[str]]:
    """Send requests: the statuses of their answers, and the tokens that were learned."""
    learned: list[str] = []

    async def main(_loop: SimulatedLoop) -> Sequence[int]:
        transport = signed(platform, learned)
        if together:
            replies = await asyncio.gather(*(transport.send(each, 30.0) for each in requests))
        else:
            replies = [await transport.send(each, 30.0) for each in requests]
        assert all(TOKEN in reply.request.credentials[0].value for reply in replies if reply.request.credential)
        return [reply.status for reply in replies]

    return play(main), learned


@pytest.mark.parametrize("together", [False, True])
def test_the_token_is_asked_for_once(together: bool) -> None:
    """Also by requests that begin at the same time; it becomes a secret."""
    platform = Platform()
    statuses, learned = sent(platform, READ, START, READ, together=together)
    assert (statuses, platform.given, learned) == ([200, 200, 200], 1, ["t1"])


def test_a_request_without_a_token_needs_no_login() -> None:
    """A file can have both."""
    platform = Platform()

    async def main(_loop: SimulatedLoop) -> Reply:
        return await signed(platform, []).send(LOGIN, 30.0)

    play(main)
    assert platform.given == 1


def test_a_token_that_has_expired_is_replaced() -> None:
    """The request that was refused is sent once more, and only once."""
    platform = Platform()

    async def main(_loop: SimulatedLoop) -> Sequence[int]:
        transport = signed(platform, [])
        first = await transport.send(READ, 30.0)
        platform.valid = "t2"
        platform.given = 1
        second = await transport.send(START, 30.0)
        return [first.status, second.status]

    assert play(main) == [200, 200]
    assert platform.seen == ["Bearer t1", "Bearer t1", "Bearer t2"]


def test_a_refusal_that_stays_is_passed_on() -> None:
    """A new token helps only once."""
    platform = Platform(*([lambda request: answer(request, {"token": "wrong"})] * 3))
    statuses, _learned = sent(platform, READ)
    assert (statuses, platform.seen) == ([401], ["Bearer wrong"] * 2)


@pytest.mark.parametrize(
    ("login", "error"),
    [
        (dropped, Unanswered),
        (lambda request: page(request, 503), Unanswered),
        (lambda request: answer(request, {"error": "busy"}, 429), Unanswered),
        (lambda request: page(request, 200), Unanswered),
        (lambda request: answer(request, {"token": ""}), Unanswered),
        (lambda request: answer(request, {"error": "wrong secret"}, 401), Refused),
        (lambda request: answer(request, {"error": "no"}, 400), Refused),
    ],
)
def test_a_trigger_whose_login_fails_never_left(login: Callable[[Request], Any], error: type[Exception]) -> None:
    """So it can be sent again, or the refusal is certain."""
    platform = Platform(login)
    with pytest.raises(error) as caught:
        sent(platform, START)
    assert platform.seen == []
    assert not isinstance(caught.value, Unanswered) or not caught.value.maybe_arrived
    assert not isinstance(caught.value, BadAnswer)


def test_a_cancel_during_the_login_says_that_nothing_left() -> None:
    """Whoever is cancelled learns that no run was started."""
    platform = Platform()

    async def main(_loop: SimulatedLoop) -> tuple[Any, ...]:
        task = asyncio.create_task(signed(platform, [], latency=5.0).send(START, 30.0))
        await asyncio.sleep(1.0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError as cancelled:
            return cancelled.args
        raise AssertionError("it was not cancelled")

    assert play(main) == (NEVER_LEFT,)
