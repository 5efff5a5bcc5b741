"""Many large answers at once stay in bounds together."""

import asyncio
import gzip
import threading
import time

import pytest

from testgate.edges.budget import IN_FLIGHT, SMALL, Budget, Share
from testgate.edges.transport import LARGEST_BODY, RequestsTransport
from testgate.errors import BadAnswer, Unanswered
from testgate.wire import Reply, Request
from tests.support.raw_server import Conversation, answers, ok, serving

MEGABYTE = 1 << 20


class Watched(Budget):
    """A budget that remembers the most that was held."""

    most = 0

    def take(self, size: int) -> bool:
        """Hold more bytes."""
        taken = super().take(size)
        self.most = max(self.most, self.held)
        return taken


def ask(url: str, number: int, transport: RequestsTransport, seconds: float = 20.0) -> list[Reply | BaseException]:
    """So many requests at once; their replies and faults."""

    async def main() -> list[Reply | BaseException]:
        sent = (transport.send(Request("GET", url), seconds) for _each in range(number))
        return await asyncio.gather(*sent, return_exceptions=True)

    return asyncio.run(main())


def wait_until_held(budget: Budget, size: int) -> None:
    """Wait until so much has been read."""
    until = time.monotonic() + 10
    while budget.held < size and time.monotonic() < until:
        time.sleep(0.02)
    assert budget.held >= size


def bomb(size: int) -> bytes:
    """An answer that unfolds to so many bytes."""
    return ok(gzip.compress(b" " * size, 1), "Content-Encoding: gzip")


def test_the_bound_leaves_room_for_the_largest_answer() -> None:
    """Alone, an answer may be as large as any."""
    assert IN_FLIGHT >= LARGEST_BODY


def test_bombs_at_once_stay_in_the_budget() -> None:
    """Ten answers that unfold to 20 MB each: some are refused, and never more is held than is allowed."""
    budget = Watched(50 * MEGABYTE)
    with serving(answers(bomb(20 * MEGABYTE))) as server:
        results = ask(server.url, 10, RequestsTransport("testgate/1", budget=budget))
    refused = [each for each in results if isinstance(each, BadAnswer)]
    assert all(isinstance(each, Reply | BadAnswer) for each in results)
    assert all("beside other large answers" in str(each) for each in refused)
    assert budget.most <= 50 * MEGABYTE
    assert budget.held == 0


@pytest.mark.parametrize("chunked", [True, False])
def test_answers_that_are_held_back_count(chunked: bool) -> None:
    """Four servers that stop in the middle of 3 MB: a fifth answer doesn't fit, and a small one does."""
    budget = Watched(10 * MEGABYTE)
    head = (
        b"HTTP/1.1 200 OK\r\n"
        + (b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 9999999")
        + b"\r\n\r\n"
    )
    piece = b"%x\r\n" % (3 * MEGABYTE) + b" " * (3 * MEGABYTE) if chunked else b" " * (3 * MEGABYTE)

    def hold_back(talk: Conversation) -> None:
        talk.listen()
        talk.say(head + piece)
        talk.pause(10)

    async def main(large: str, small: str) -> None:
        transport = RequestsTransport("testgate/1", budget=budget)
        waiting = [asyncio.ensure_future(transport.send(Request("GET", large), 10)) for _each in range(3)]
        await asyncio.to_thread(wait_until_held, budget, 3 * (3 * MEGABYTE - SMALL - 65536))
        with pytest.raises(BadAnswer, match="beside other large answers"):
            await transport.send(Request("GET", large), 10)
        assert (await transport.send(Request("POST", small), 10)).status == 200
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert budget.held == 0

    with serving(hold_back) as large, serving(answers(ok(b" " * 60_000))) as small:
        asyncio.run(main(large.url, small.url))
    assert budget.most <= 10 * MEGABYTE


def test_who_does_not_wait_holds_nothing() -> None:
    """When the time is up, the room is free at once, and the thread that still reads stops."""
    budget = Watched(50 * MEGABYTE)
    stopped = threading.Event()

    def flood(talk: Conversation) -> None:
        talk.listen()
        talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
        try:
            for _each in range(300):
                talk.say(b" " * 100_000)
                talk.pause(0.01)
        finally:
            stopped.set()

    with serving(flood) as server:
        (result,) = ask(server.url, 1, RequestsTransport("testgate/1", budget=budget), 0.3)
        assert isinstance(result, Unanswered)
        assert (budget.held, budget.most > 0) == (0, True)
        assert stopped.wait(5)
        time.sleep(0.05)
        assert budget.held == 0


@pytest.mark.parametrize(
    "answer",
    [
        bomb(3 * MEGABYTE),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b" " * MEGABYTE,
        ok(gzip.compress(b" " * MEGABYTE)[:-400], "Content-Encoding: gzip"),
        ok(b" " * MEGABYTE + b"x", "Location: //elsewhere", status="302 Found"),
        ok(b" " * (11 * MEGABYTE)),
    ],
)
def test_nothing_is_held_after_the_answer(answer: bytes) -> None:
    """Good or bad, read to its end or not."""
    budget = Watched(10 * MEGABYTE)
    with serving(answers(answer)) as server:
        ask(server.url, 3, RequestsTransport("testgate/1", budget=budget))
    assert (budget.held, 0 < budget.most <= 10 * MEGABYTE) == (0, True)


def test_a_redirect_does_not_count_beside_what_it_leads_to() -> None:
    """Its body is gone when the next one comes."""
    budget = Watched(3 * MEGABYTE)
    moved = ok(b" " * (2 * MEGABYTE), "Location: /new", status="302 Found")
    with serving(answers(moved, moved, moved, ok(b" " * (2 * MEGABYTE)))) as server:
        (reply,) = ask(server.url, 1, RequestsTransport("testgate/1", budget=budget))
    assert isinstance(reply, Reply)
    assert len(reply.body) == 2 * MEGABYTE
    assert budget.held == 0


def test_a_share_counts_what_is_not_small() -> None:
    """The first part is free; after the close, nothing fits any more."""
    budget = Budget(100)
    share = Share(budget)
    assert share.hold(SMALL)
    assert share.hold(60)
    assert not Share(budget).hold(SMALL + 41)
    assert Share(budget).hold(SMALL)
    assert budget.held == 60
    share.close()
    share.close()
    assert budget.held == 0
    assert not share.hold(1)
    assert budget.held == 0


def test_a_budget_is_exact_with_many_threads() -> None:
    """Whoever takes and gives at the same time, the sum is right."""
    budget = Watched(1000)

    def play() -> None:
        for _again in range(300):
            share = Share(budget)
            share.hold(SMALL)
            share.hold(150)
            share.close()

    threads = [threading.Thread(target=play) for _each in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert budget.held == 0
    assert budget.most <= 1000
