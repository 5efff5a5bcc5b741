"""Pages that certainly follow are asked for side by side, and read in their order."""

import asyncio

import pytest

from testgate.errors import BadAnswer
from testgate.model import Page
from testgate.runs.paging import Pages
from tests.support.simulated import SimulatedLoop, play

FIRST = Page((), next="1", ahead=("1", "2"))


class Server:
    """Answers when it is told to; `asked` are the cursors so far."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.may = asyncio.Event()
        self.dropped: list[str | None] = []

    async def ask(self, cursor: str | None) -> Page | None:
        """The first page at once, the others later; the last one is broken."""
        self.asked.append(cursor)
        if cursor is None:
            return FIRST
        try:
            await self.may.wait()
        except asyncio.CancelledError:
            self.dropped.append(cursor)
            raise
        if cursor == "2":
            raise BadAnswer("broken")
        return Page((), next="2", ahead=("2",))


def test_pages_ahead_are_asked_for_before_they_are_read() -> None:
    """Each is asked for once, and a fault waits for its turn."""

    async def test(_loop: SimulatedLoop) -> list[str | None]:
        server = Server()
        pages = Pages(server.ask)
        assert await pages.get(None) is FIRST
        await asyncio.sleep(0)
        assert server.asked == [None, "1", "2"]
        server.may.set()
        second = await pages.get("1")
        assert second is not None
        assert second.next == "2"
        with pytest.raises(BadAnswer):
            await pages.get("2")
        await pages.close()
        return server.asked

    assert play(test) == [None, "1", "2"]


def test_what_is_not_needed_any_more_is_dropped() -> None:
    """Nothing is left on its way."""

    async def test(_loop: SimulatedLoop) -> list[str | None]:
        server = Server()
        pages = Pages(server.ask)
        await pages.get(None)
        await asyncio.sleep(0)
        await pages.close()
        return server.dropped

    assert play(test) == ["1", "2"]
