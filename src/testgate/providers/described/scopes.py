"""Which placeholders each section of a provider file may use, and what only secrets' places may hold."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from testgate.providers.described.document import Document
from testgate.providers.described.parts import Ask
from testgate.providers.described.refs import MARK
from testgate.providers.described.results import Paging
from testgate.providers.described.templates import placeholders

_RUN = ("run.id", "run.url", MARK, "it")


class Fault(NamedTuple):
    """What is wrong at a key of the file, such as `trigger.body`."""

    place: tuple[str | int, ...]
    what: str


def faults(document: Document, *, bundled: bool) -> list[Fault]:
    """What the models cannot see: placeholders that mean nothing, secrets in the open, and names of hosts."""
    found = [*_hosts(document, bundled=bundled), *_references(document), *_meanings(document), *_pages(document)]
    for place, value, known, secrets in _texts(document):
        found += _placeholder_faults(document, place, value, (known, secrets))
    return found


def _hosts(document: Document, *, bundled: bool) -> Iterator[Fault]:
    """A file of the workspace says nothing about hosts: a change could lead the key, or people, elsewhere."""
    if bundled:
        return
    named: list[tuple[tuple[str | int, ...], str]] = [(("base-url",), document.base_url), (("link",), document.link)]
    named += [((*place, "base-url"), ask.base_url) for place, ask, _known in _asks(document) if ask is not None]
    for place, value in named:
        if value:
            yield Fault(place, "is for files that ship with TestGate: a file of yours names no host. Set `base-url`")


def _references(document: Document) -> Iterator[Fault]:
    """Names of values that aren't declared."""
    for number, target in enumerate(document.targets):
        kinds = (("each", [target.each]), ("together", [target.together]), ("any", target.any))
        for kind, names in kinds:
            for name in filter(None, names):
                value = document.values.get(name)
                if value is None:
                    yield Fault(("targets", number, kind), f"names `{name}`, which is not under `values`")
                elif kind != "any" and not value.list_:
                    yield Fault(("targets", number, kind), f"names `{name}`, which is not a list: set `list = true`")
    items = {document.values[each].segments for target in document.targets if (each := target.each) in document.values}
    if len(items) > 1:
        yield Fault(("targets",), "have lists with different `segments`: `{it}` can stand for one kind of path only")
    for number, check in enumerate(document.checks):
        value = document.values.get(check.each)
        if check.each and (value is None or not value.list_):
            yield Fault(("checks", number, "each"), f"names `{check.each}`, which is no list under `values`")


def _meanings(document: Document) -> Iterator[Fault]:
    """Rules that mean what their section doesn't know."""
    sections = (
        ("trigger", document.trigger.when, ("refused", "nothing", "busy", "adopted")),
        ("poll", document.poll.when, ("waiting",)),
        ("results", document.results.when, ("filling", "none")),
    )
    for name, rules, known in sections:
        for number, rule in enumerate(rules):
            if rule.means not in known:
                yield Fault((name, "when", number, "means"), f"must be one of {', '.join(known)} in `{name}`")


def _texts(document: Document) -> Iterator[tuple[tuple[str | int, ...], object, Sequence[str], bool]]:
    """Each text or table with placeholders: its place, itself, what it may use, and whether secrets may stand in it."""
    run = _about_runs(document)
    yield ("link",), document.link, run, False
    token = ("key", *(("token",) if document.login else ()))
    yield ("auth", "headers"), document.auth.headers, token, True
    yield ("auth", "basic"), [*(document.auth.basic or ())], ("key",), True
    yield ("auth", "query"), document.auth.query, token, True
    for number, target in enumerate(document.targets):
        yield ("targets", number, "name"), target.name, ("it", "count"), False
        yield ("targets", number, "send"), target.send, ("it", "mark"), False
        yield ("targets", number, "request"), (target.request or "").partition(" ")[2], ("it",), False
    for place, ask, known in _asks(document):
        if ask is not None:
            yield from _texts_of(place, ask, known)
    if document.rerun is not None:
        failed = (*run, "mark", "failed.id", "failed.case")
        yield ("rerun", "request"), (document.rerun.request or "").partition(" ")[2], failed, False
        yield ("rerun", "query"), document.rerun.query, failed, False
        yield ("rerun", "body"), document.rerun.body, failed, True
        yield ("rerun", "send"), document.rerun.send, failed, False
    for word, waiting in document.poll.waits.items():
        yield ("poll", "waits", word, "for"), waiting.for_, (), False
        yield ("poll", "waits", word, "hint"), waiting.hint, (), False
    for number, same in enumerate(document.results.same):
        yield ("results", "same", number, "is"), same.is_, run, False


def _of_page(page: Paging | None) -> Sequence[str]:
    """What a request for a page may use: nothing if the file doesn't say how the list goes on."""
    return ("page.number", "page.size", "page.offset", "page.cursor") if page is not None else ()


def _pages(document: Document) -> Iterator[Fault]:
    """A list that goes on, and a request that doesn't say where: it would give the first page again and again."""
    results = document.results
    for place, page, ask in (
        (("results", "page"), results.page, results.ask),
        (("results", "item", "page"), results.item.page if results.item else None, results.item),
    ):
        if page is None or ask is None or page.kind == "link":
            continue
        needed = {"page": "page.number", "offset": "page.offset", "cursor": "page.cursor"}[page.kind]
        carried = {str(name) for each in (ask.path, ask.query, ask.body) for name, _ in placeholders(each)}
        if not carried & {"page.number", "page.offset", "page.cursor"}:
            optional = "?" if page.kind == "cursor" else ""
            example = f'query = {{ {page.kind} = "{{{needed}{optional}}}" }}'
            yield Fault(place, f"says that the list goes on, and its request does not say where. Example: {example}")


def _about_runs(document: Document) -> Sequence[str]:
    """What a request about a run may use."""
    return (*_RUN, *(f"run.{name}" for name in document.kept))


def _asks(document: Document) -> list[tuple[tuple[str | int, ...], Ask | None, Sequence[str]]]:
    """Each request: its place, itself, and what it may use."""
    run = _about_runs(document)
    results = document.results
    item = (*run, "item", *(f"item.{name}" for name in (results.item.keep if results.item else ())))
    return [
        (("login",), document.login, ("key",)),
        (("trigger",), document.trigger, ("it", "mark", "target.send")),
        (("queue",), document.queue, run),
        (("queue", "stop"), document.queue.stop if document.queue else None, run),
        (("poll",), document.poll, (*run, "runs")),
        (("results",), results.ask, (*run, *_of_page(results.page))),
        (("results", "item"), results.item, (*item, *_of_page(results.item.page if results.item else None))),
        (("stop",), document.stop, run),
        (("find",), document.find, ("it", "mark")),
        (("details",), document.details, (*run, "test.id", "test.case")),
        *((("checks", number), check, ("it",)) for number, check in enumerate(document.checks)),
    ]


def _texts_of(
    place: tuple[str | int, ...], ask: Ask, known: Sequence[str]
) -> Iterator[tuple[tuple[str | int, ...], object, Sequence[str], bool]]:
    """The texts of a request. Only what it carries may hold a secret: its path and query stand in logs."""
    shown = [name for name in known if name != "key"]
    yield (*place, "request"), ask.path, shown, False
    yield (*place, "query"), ask.query, shown, False
    yield (*place, "body"), ask.body, known, True
    yield (*place, "form"), ask.form, known, True


def _placeholder_faults(
    document: Document, place: tuple[str | int, ...], value: object, may: tuple[Sequence[str], bool]
) -> Iterator[Fault]:
    """What is wrong with the placeholders of one text or table."""
    known, secrets = may
    for name, alone in placeholders(value):
        about = document.values.get(name.removeprefix("value.")) if name.startswith("value.") else None
        if about is None and name not in known:
            yield Fault(place, f"uses `{{{name}}}`, which means nothing here. {_instead(document, known, name)}")
        elif about is not None and about.secret and not secrets:
            yield Fault(place, f"shows the secret `{{{name}}}`: secrets stand only in `auth`, `body` and `form`")
        elif about is not None and (about.list_ or about.map) and not alone and not _joins(place):
            yield Fault(place, f"has `{{{name}}}`, which is a list or a map, inside a text: let it stand alone")


def _joins(place: tuple[str | int, ...]) -> bool:
    """Whether a list is joined by commas there."""
    return place[-1] in {"query", "form"}


def _instead(document: Document, known: Sequence[str], wrong: str) -> str:
    """What was probably meant, or could stand there."""
    from difflib import get_close_matches  # needed only if something is misspelled

    names = [*known, *(f"value.{name}" for name in document.values)]
    if near := get_close_matches(wrong, names, n=1, cutoff=0.75):
        return f"Did you mean `{{{near[0]}}}`?"
    return f"Example: {{{names[0]}}}" if names else "Nothing can stand there"


def uses(document: Document, name: str) -> bool:
    """Whether the requests of the file use this placeholder."""
    return any(name == each for _place, value, _known, _secrets in _texts(document) for each, _ in placeholders(value))
