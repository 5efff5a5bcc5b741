"""Asks for the pages of a list in their order. Those that are known to follow are asked for side by side."""

import asyncio
from collections.abc import Awaitable, Callable

from testgate.model import Page


class Pages:
    """The pages of one list. `ask` asks for the one with a cursor; None if there is nothing to ask for.

    Leave it with `close`, which drops what was asked for and isn't needed.
    """

    def __init__(self, ask: Callable[[str | None], Awaitable[Page | None]]) -> None:
        self._ask = ask
        self._asked: dict[str | None, asyncio.Future[Page | None]] = {}

    async def get(self, cursor: str | None) -> Page | None:
        """The page, once it is there; whatever went wrong with it is raised here, and not before."""
        asked = self._asked.pop(cursor, None)
        page = await (self._ask(cursor) if asked is None else asked)
        for each in page.ahead if page else ():
            if each not in self._asked:
                self._asked[each] = asyncio.ensure_future(self._ask(each))
        return page

    async def close(self) -> None:
        """Drop what is still being asked for."""
        for each in self._asked.values():
            each.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)
