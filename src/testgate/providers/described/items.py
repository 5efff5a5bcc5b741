"""Reads lists whose items are asked for one by one: the ids first, and then the tests of each. Pure."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from testgate.model import Page, Run, TestResult
from testgate.providers.described.answers import content_of, missing
from testgate.providers.described.document import Document
from testgate.providers.described.listing import tests_in, told_in, without_list
from testgate.providers.described.results import Items
from testgate.providers.described.rows import Rows
from testgate.shapes import id_of, text_of
from testgate.wire import Reply

MOST_AHEAD = 50  # items that are asked for side by side: each cursor names all items


class Item(NamedTuple):
    """An item: its id, and the machine on which it ran, "" if the list doesn't say."""

    id: str
    machine: str = ""


class Place(NamedTuple):
    """Where the reading of a list is: at the item with this number, of all these."""

    number: int
    items: Sequence[Item]

    @property
    def cursor(self) -> str | None:
        """Itself as a text; None after the last item."""
        return json.dumps(self) if self.number < len(self.items) else None

    @property
    def item(self) -> Item | None:
        """The item; None after the last one."""
        return self.items[self.number] if 0 <= self.number < len(self.items) else None


def place_of(cursor: str) -> Place:
    """The place that a cursor stands for."""
    number, items = json.loads(cursor)
    return Place(number, [Item(*each) for each in items])


def items_page(reply: Reply, document: Document, run: Run, values: Mapping[str, Any] = MappingProxyType({})) -> Page:
    """The items of a list, which are asked for next, many side by side.

    Raises:
        BadAnswer: there is no list in it; also the errors of `Reply.data`.

    """
    results, item = document.results, document.results.item
    if (page := without_list(reply, results)) is not None:
        return page
    data = content_of(reply, document, empty=results.rows[0].text == "@")
    found, odd = _items(item, document, data)
    if found is None:
        raise missing(reply, "list of items")
    places = [Place(number, found) for number in range(MOST_AHEAD)]
    ahead = tuple(cursor for each in places if (cursor := each.cursor))
    told = told_in(reply, results, run, data, values)
    doubts = (*told.doubts, *(["its list of items cannot be read"] if odd else []))
    return told._replace(next=next(iter(ahead), None), doubts=doubts, ahead=ahead, certain=True)


def _items(item: Items | None, document: Document, data: object) -> tuple[list[Item] | None, bool]:
    """The items in an answer, None if it has no list; and whether something in it is none."""
    levels = document.results.rows
    if item is None or item.id is None:
        ids = levels[0](data)
        found = [Item(id_of(each)) for each in ids] if isinstance(ids, list) else None
        odd = False
    else:
        rows = Rows(levels, data)
        machine = item.machine
        found = [Item(id_of(item.id(row)), text_of(machine(row)) if machine else "") for row in rows.rows]
        found, odd = (None if rows.outer is None else found), rows.odd
    good = [each for each in found or () if each.id]
    return (None if found is None else good), odd or len(good) != len(found or ())


def item_page(reply: Reply, document: Document, cursor: str) -> Page:
    """The tests of one item."""
    place = place_of(cursor)
    following = place._replace(number=place.number + 1).cursor
    later = place._replace(number=place.number + MOST_AHEAD).cursor
    tests, odd = tests_of(reply, document, place.number)
    machine = place.item.machine if place.item else ""
    tests = [test._replace(machine=test.machine or machine) for test in tests]
    doubts = ("its list of tests cannot be read",) if odd else ()
    return Page(tests, next=following, doubts=doubts, ahead=(later,) if later else (), certain=True)


def tests_of(reply: Reply, document: Document, number: int) -> tuple[list[TestResult], bool]:
    """The tests in the answer for one item, and whether something in it is none: the answer itself, or its rows."""
    data, item = content_of(reply, document), document.results.item
    if item is None or not item.rows:
        return tests_in([data] if isinstance(data, dict) else [], document.results, f"item {number}"), False
    rows = Rows(item.rows, data)
    if rows.outer is None:
        raise missing(reply, "list of tests")
    return tests_in(rows.rows, document.results, f"item {number}"), rows.odd
