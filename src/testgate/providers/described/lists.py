"""The requests for the tests of a run of a described platform, each with the reader of its answer."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from testgate.errors import PlatformError
from testgate.model import Page, Reported, Run
from testgate.providers.described import items, listing
from testgate.providers.described.asking import Asker
from testgate.providers.described.paging import cursor_of, scope_of
from testgate.providers.described.polling import waits_in_queue
from testgate.providers.described.templates import placeholders
from testgate.wire import Call, Reply


class Lists:
    """Asks for pages of tests. `values` is what the workflow gave, `about` what placeholders about a run stand for."""

    def __init__(self, asker: Asker, values: Mapping[str, Any], about: Callable[[Run], Mapping[str, Any]]) -> None:
        self._asker = asker
        self._document = asker.document
        self._values = values
        self._kept = frozenset(f"run.{name}" for name in asker.document.kept)
        self._about = about

    def page(self, run: Run, cursor: str | None) -> Call[Page] | None:
        """The request for a page; None while what it needs isn't known."""
        results = self._document.results
        if waits_in_queue(self._document, run):
            return None
        what = f"read the tests of run {run.id}"
        if results.kind == "items" and cursor:
            return self._item(run, cursor, what)
        ask = results.ask or self._document.poll
        scope = {**self._about(run), **scope_of(results.page, cursor), "runs": [run.id]}
        if any(
            name in self._kept and not scope.get(name) for name, _alone in placeholders([ask.path, ask.query, ask.body])
        ):
            return None
        request = self._asker.request(ask, scope, xml=results.kind == "junit")
        if results.page is not None and results.page.kind == "link" and cursor:
            origin = "/".join(request.url.split("/")[:3])
            request = request._replace(url=origin + cursor_of(cursor).words, query={})
        return Call(what, request, self._reader(run, cursor))

    def counters(self, run: Run) -> Call[Reported] | None:
        """The request for the counters in the list while the run goes on."""
        call = self.page(run, None)
        if call is None:
            return None
        return Call(call.what, call.request, partial(listing.counters_of, document=self._document), essential=False)

    def _reader(self, run: Run, cursor: str | None) -> Callable[[Reply], Page]:
        """What reads a page of this kind."""
        document = self._document
        match document.results.kind:
            case "junit":
                return partial(listing.junit_page, document=document)
            case "run":
                return partial(listing.run_as_test, document=document, run=run, values=self._values)
            case "items":
                return partial(items.items_page, document=document, run=run, values=self._values)
        known = {**self._values, **self._about(run)}
        return partial(listing.page_of, document=document, run=run, cursor=cursor, values=known)

    def _item(self, run: Run, cursor: str, what: str) -> Call[Page]:
        """The request for one item of the list, whose ids are in the cursor."""
        ask, place = self._document.results.item, items.place_of(cursor)
        if ask is None or place.item is None:
            raise PlatformError(f"there is no item {place.number} of run {run.id}")
        request = self._asker.request(ask, {**self._about(run), "item": place.item.id})
        return Call(what, request, partial(items.item_page, document=self._document, cursor=cursor))
