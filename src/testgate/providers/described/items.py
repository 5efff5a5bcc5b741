"""Reads tests that a platform gives item by item: a list of ids in pages, and for each id a list in pages. Pure."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from testgate.model import Page, Run
from testgate.providers.described import listing
from testgate.providers.described.answers import content_of, missing
from testgate.providers.described.document import Document
from testgate.providers.described.paging import cursor_of, next_of
from testgate.providers.described.refs import keep
from testgate.providers.described.results import Results
from testgate.providers.described.rows import Rows
from testgate.shapes import id_of, text_of
from testgate.wire import Reply

ITEM = "_item"
_AHEAD = 20  # items that are asked for before their turn; each cursor holds the ids that are left


class Item(NamedTuple):
    """An id of the list, with what is kept of its row, and the machine on which it ran; "" if the list doesn't say."""

    id: str
    kept: Mapping[str, str] = {}
    machine: str = ""

    @property
    def row(self) -> Mapping[str, str]:
        """Itself as expressions find it."""
        return {**self.kept, "id": self.id}


class Place(NamedTuple):
    """Where the reading goes on: at the page of the first of the `items`, which has the number `at`; if none is left,
    at the page `list` of the list.
    """  # noqa: D205  # one sentence too long for a line

    list: str = ""
    at: int = 0
    items: tuple[Item, ...] = ()
    page: str = ""

    @property
    def text(self) -> str | None:
        """Itself as a cursor; None if there is nothing left."""
        return json.dumps(self) if self.items or self.list else None

    def after(self, count: int) -> "Place":
        """The same, so many items later."""
        return self._replace(at=self.at + count, items=self.items[count:], page="")


def place_of(cursor: str | None) -> Place:
    """The place that a cursor of ours stands for."""
    if not cursor:
        return Place()
    listed, at, items, page = json.loads(cursor)
    return Place(listed, at, tuple(Item(*each) for each in items), page)


def items_page(
    reply: Reply, document: Document, run: Run, listed: str | None, values: Mapping[str, Any] | None = None
) -> Page:
    """One page of the list of ids, which has no tests. Its `next` are the items, and then the next page of the list.

    Raises:
        BadAnswer: there is no list of ids in it; also the errors of `Reply.data`.

    """
    results = document.results
    if (page := listing.without_list(reply, results)) is not None:
        return page
    data = content_of(reply, document, empty=results.rows[0].text == "@")
    items, outer, odd = _items(results, data)
    if outer is None:
        raise missing(reply, "list of items")
    following = next_of(results.page, data, outer, listed, reply) or ""
    here = Place(following, cursor_of(listed).offset, tuple(items))
    ahead = (here.after(count).text for count in range(min(_AHEAD, len(items))))
    doubts = ["its list of items cannot be read"] if odd else []
    told = listing.told_in(reply, results, run, data, values or {})
    doubts = [*told.doubts, *doubts]
    return told._replace(next=here.text, ahead=tuple(filter(None, ahead)), doubts=tuple(doubts), certain=True)


def _items(results: Results, data: object) -> tuple[list[Item], int | None, bool]:
    """The items in a list of ids, or of rows that have one; its length, None if there is none; and if some are odd."""
    item = results.item
    if item is None or item.id is None:
        ids = results.rows[0](data)
        if not isinstance(ids, list):
            return [], None, True
        good = [Item(each) for each in map(id_of, ids) if each]
        return good, len(ids), len(good) != len(ids)
    rows, machine = Rows(results.rows, data), item.machine
    found = [
        Item(id_of(item.id(row)), keep({}, item.keep, row).values, text_of(machine(row)) if machine else "")
        for row in rows.rows
    ]
    good = [each for each in found if each.id]
    return good, rows.outer, rows.odd or len(good) != len(found)


def item_page(reply: Reply, document: Document, place: Place) -> Page:
    """One page of the tests of the first item of a place.

    Raises:
        BadAnswer: there is no list of tests in it; also the errors of `Reply.data`.

    """
    results, (item, *_others) = document.results, place.items
    asked = results.item
    data = content_of(reply, document)
    rows, outer, odd = [data], 1, not isinstance(data, dict)
    if asked is not None and asked.rows:
        read = Rows(asked.rows, data)
        if read.outer is None:
            raise missing(reply, "list of tests")
        rows, outer, odd = read.rows, read.outer, read.odd
    rows = [{**row, ITEM: item.row} for row in rows if isinstance(row, dict)]
    more = next_of(asked.page, data, outer, place.page, reply) if asked is not None else None
    tests = listing.tests_in(listing.joined_rows(rows, results), results, f"{item.id} {place.page}".strip())
    known = [test._replace(id=_apart(test.id, item.id), machine=test.machine or item.machine) for test in tests]
    following = place._replace(page=more) if more else place.after(1)
    ahead = place.after(_AHEAD).text if len(place.items) > _AHEAD and not place.page else None
    doubts = ("its list of tests cannot be read",) if odd else ()
    return Page(known, next=following.text, doubts=doubts, ahead=(ahead,) if ahead else (), certain=not known)


def _apart(test_id: str, item_id: str) -> str:
    """An id that no test of another item has."""
    return test_id if test_id == item_id or not id_of(test_id) else f"{test_id} {item_id}"
