"""How a list of a described platform goes on. Pure.

The end of a list is never taken from a page that is shorter than was asked for: servers cap the size. A page ends the
list if it is empty, if it has fewer rows than the page before, or if the answer says so.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from testgate.providers.described.results import Paging
from testgate.shapes import NOT_A_NUMBER, is_odd, number_of, text_of
from testgate.wire import Reply

_MOST_PAGES = 10_000
_LONGEST_CURSOR = 4000


class Cursor(NamedTuple):
    """Where a list goes on: the number of the page from 0, the rows before it, those of the last page, and the
    platform's own words for it.
    """  # noqa: D205  # one sentence too long for a line

    page: int = 0
    offset: int = 0
    rows: int = 0
    words: str = ""

    @property
    def text(self) -> str:
        """Itself as a text."""
        return f"{self.page}:{self.offset}:{self.rows}:{self.words}"


def cursor_of(text: str | None) -> Cursor:
    """The cursor that a text stands for."""
    if not text:
        return Cursor()
    page, offset, rows, words = text.split(":", 3)
    return Cursor(int(page), int(offset), int(rows), words)


def scope_of(paging: Paging | None, text: str | None) -> Mapping[str, Any]:
    """What the placeholders of a page stand for."""
    if paging is None:
        return {}
    here = cursor_of(text)
    return {
        "page.size": paging.size,
        "page.number": here.page + paging.first,
        "page.offset": here.offset,
        "page.cursor": here.words,
    }


def next_of(paging: Paging | None, data: object, rows: int, text: str | None, reply: Reply) -> str | None:
    """The cursor of the page after this one, which has so many rows; None at the end.

    Raises:
        BadAnswer: the list goes on, but nobody can say where. What was read so far must not pass for all of it.

    """
    here = cursor_of(text)
    if paging is None:
        return None
    there = Cursor(here.page + 1, here.offset + rows, rows)
    if paging.next is not None:
        words = _words(paging.next(data), reply)
        if words and paging.kind == "link":
            words = _same_server(words, reply)
        if words and words == here.words and rows:
            raise reply.bad_answer("the way to a next page that is the way to this one")
        return _limited(there._replace(words=words), reply) if words != here.words and words else None
    if not rows or (paging.last is not None and paging.last.holds(data)):
        return None
    told = _told(paging, data, there)
    if told is not None:
        return _limited(there, reply) if told else None
    return None if here.page and rows < here.rows else _limited(there, reply)


def _words(found: object, reply: Reply) -> str:
    """The cursor or link in an answer; "" at the end of the list."""
    words = text_of(found)
    if len(words) > _LONGEST_CURSOR or (is_odd(found) and found is not False):
        raise reply.bad_answer("a cursor that is none where the provider file looks for it")
    return words


def _limited(there: Cursor, reply: Reply) -> str:
    """The cursor as a text, unless the list goes on for ever."""
    if there.page > _MOST_PAGES:
        raise reply.bad_answer(f"a list of more than {_MOST_PAGES} pages")
    return there.text


def _told(paging: Paging, data: object, there: Cursor) -> bool | None:
    """Whether there is more, as far as the answer has a number for it."""
    for place, seen in ((paging.total, there.offset), (paging.pages, there.page)):
        number = number_of(place(data)) if place is not None else None
        if number is not None and number != NOT_A_NUMBER:
            return seen < number
    return None


def _same_server(link: str, reply: Reply) -> str:
    """The path and query of a link to the server that gave it.

    Raises:
        BadAnswer: it leads elsewhere.

    """
    ours, theirs = urlsplit(reply.request.url), urlsplit(link)
    elsewhere = bool(theirs.netloc) and (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc)
    odd = not theirs.path.startswith("/") or theirs.path.startswith("//") or "/.." in theirs.path or "\\" in link
    if elsewhere or odd:
        raise reply.bad_answer("a link to a next page on another server")
    return theirs.path + (f"?{theirs.query}" if theirs.query else "")
