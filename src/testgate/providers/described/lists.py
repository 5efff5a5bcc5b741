"""The requests for the tests of a run of a described platform, each with the reader of its answer."""

from collections.abc import Callable
from functools import partial

from testgate.model import Page, Reported, Run
from testgate.providers.described import items, listing
from testgate.providers.described.asking import Asker
from testgate.providers.described.document import Document
from testgate.providers.described.naming import Naming
from testgate.providers.described.paging import cursor_of, scope_of
from testgate.providers.described.polling import waits_in_queue
from testgate.providers.described.results import Items, Paging
from testgate.providers.described.templates import placeholders
from testgate.wire import Call, Reply, Request


class Lists:
    """Asks for pages of tests."""

    def __init__(self, asker: Asker, document: Document, naming: Naming) -> None:
        self._asker = asker
        self._document = document
        self._naming = naming
        self._kept = frozenset(f"run.{name}" for name in document.kept)

    def page(self, run: Run, cursor: str | None) -> Call[Page] | None:
        """The request for a page; None while what it needs isn't known."""
        results = self._document.results
        if waits_in_queue(self._document, run):
            return None
        what = f"read the tests of run {run.id}"
        place = items.place_of(cursor) if results.kind == "items" else items.Place(cursor or "")
        if place.items and results.item is not None:
            return self._item(run, results.item, place)
        listed = place.list
        ask = results.ask or self._document.poll
        scope = {**self._naming.about(run), **scope_of(results.page, listed), "runs": [run.id]}
        if any(
            name in self._kept and not scope.get(name) for name, _alone in placeholders([ask.path, ask.query, ask.body])
        ):
            return None
        request = self._asker.request(ask, scope, xml=results.kind == "junit")
        return Call(what, _turned(request, results.page, listed), self._reader(run, listed or None))

    def counters(self, run: Run) -> Call[Reported] | None:
        """The request for the counters in the list while the run goes on."""
        call = self.page(run, None)
        if call is None:
            return None
        return Call(call.what, call.request, partial(listing.counters_of, document=self._document), essential=False)

    def _reader(self, run: Run, cursor: str | None) -> Callable[[Reply], Page]:
        """What reads a page of this kind."""
        document = self._document
        known = {**self._naming.values, **self._naming.about(run)}
        match document.results.kind:
            case "junit":
                return partial(listing.junit_page, document=document)
            case "run":
                return partial(listing.run_as_test, document=document, run=run, values=self._naming.values)
            case "items":
                return partial(items.items_page, document=document, run=run, listed=cursor, values=known)
        return partial(listing.page_of, document=document, run=run, cursor=cursor, values=known)

    def _item(self, run: Run, ask: Items, place: items.Place) -> Call[Page]:
        """The request for a page of one item of the list."""
        item = place.items[0]
        kept = {f"item.{name}": value for name, value in item.kept.items()}
        scope = {**self._naming.about(run), **scope_of(ask.page, place.page), "item": item.id, **kept}
        request = _turned(self._asker.request(ask, scope), ask.page, place.page)
        what = f"read the tests of run {run.id}, item {item.id}"
        return Call(what, request, partial(items.item_page, document=self._document, place=place))


def _turned(request: Request, paging: Paging | None, cursor: str) -> Request:
    """The request for a page that a link leads to, on the same server."""
    if paging is None or paging.kind != "link" or not cursor:
        return request
    origin = "/".join(request.url.split("/")[:3])
    return request._replace(url=origin + cursor_of(cursor).words, query={})
