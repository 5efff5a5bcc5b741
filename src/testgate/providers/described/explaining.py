"""What a provider file reads from saved answers, in words: how a file is written, without the platform. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from testgate.errors import Busy, GateError, Refused
from testgate.model import Counts, Origin, Page, Run, Snapshot, Status, Target, TestResult
from testgate.providers.described import items, listing
from testgate.providers.described.answers import (
    content_of,
    first_id,
    first_text,
    lenient,
    look_up,
    missing,
    refuse,
    said,
    unshown,
)
from testgate.providers.described.document import Document
from testgate.providers.described.polling import queued_of, snapshots_of
from testgate.providers.described.refs import kept_of
from testgate.providers.described.results import Paging
from testgate.providers.described.starting import started
from testgate.shapes import id_of, text_of
from testgate.text import one_line, plural
from testgate.wire import Reply, Request

_DOUBT = "doubt: "
_MOST_TESTS = 20
_RUN = "run-id"


class Saved(NamedTuple):
    """A saved answer: its file, the section that asks for it, its status, and its body."""

    file: str
    section: str
    status: int
    body: bytes

    @property
    def reply(self) -> Reply:
        """The answer as it would have come."""
        return Reply(self.status, {}, self.body, Request("the file", self.file))


class Read(NamedTuple):
    """What was read from one answer, as lines; `wrong` if the file cannot read it."""

    lines: Sequence[str]
    wrong: bool = False


def saved(file: str, body: bytes) -> Saved | None:
    """A saved answer by its file's name: `poll.json`, `poll-done.json`, `trigger.409.json`; None for other files."""
    stem, _dot, _kind = file.rpartition(".")
    name, _dot, status = stem.partition(".")
    section = name.partition("-")[0]
    if section not in _READERS or (status and not (status.isdigit() and len(status) == len("200"))):
        return None
    return Saved(file, section, int(status or 200), body)


def explain(document: Document, answers: Sequence[Saved]) -> list[Read]:
    """What the file reads from each answer, in the order in which a run asks for them."""
    ordered = sorted(answers, key=lambda each: ([*_READERS].index(each.section), each.file))
    run = Run(_RUN, Target("", "the target"))
    reads = []
    for each in ordered:
        try:
            run, lines = _READERS[each.section](document, each.reply, run)
            doubted = any(line.startswith(_DOUBT) for line in lines)
            reads.append(Read([f"{each.file}: {lines[0]}", *(f"  {line}" for line in lines[1:])], wrong=doubted))
        except Busy as busy:
            reads.append(Read([f"{each.file}: the platform is busy: {busy}; TestGate would try again"]))
        except Refused as refusal:
            certain = each.section not in {"trigger", "rerun"} or refusal.certain
            unsure = "" if certain else f", and it is not certain that nothing was started. {refusal.remedy}"
            reads.append(Read([f"{each.file}: refused: {refusal}{unsure}"], wrong=not certain))
        except GateError as fault:
            reads.append(Read([f"{each.file}: WRONG: {fault}"], wrong=True))
    return reads


def _of_trigger(document: Document, reply: Reply, run: Run) -> tuple[Run, list[str]]:
    """A run that was started."""
    found = started(reply, document, run.target, document.trigger.id)
    lines = [f"the run {each.id}{f', at {each.url}' if each.url else ''}" for each in (found, *found.others)]
    lines[0] += "" if found.origin is Origin.STARTED else ", which was there before"
    return found, [*lines, *_kept(found.ref)]


def _of_queue(document: Document, reply: Reply, run: Run) -> tuple[Run, list[str]]:
    """A run in a queue."""
    (snapshot,) = queued_of(reply, document, run)
    return run._replace(ref=snapshot.ref or run.ref), [_state(snapshot), *_kept(snapshot.ref)]


def _of_poll(document: Document, reply: Reply, run: Run) -> tuple[Run, list[str]]:
    """The state of a run, or of several."""
    poll = document.poll
    asked = run
    if run.id == _RUN and poll.id is not None and poll.rows is None:
        asked = run._replace(id=first_id([poll.id], lenient(reply))[0] or _RUN)
    found = snapshots_of(reply, document, [asked], {})
    lines = [line for snapshot in found for line in _about(snapshot, document)]
    first = next((each for each in found if asked.id in {each.run_id, _RUN}), None)
    return asked._replace(ref=first.ref or asked.ref) if first else asked, lines or ["no run"]


def _about(snapshot: Snapshot, document: Document) -> Iterator[str]:
    """What a poll says about a run."""
    yield f"run {snapshot.run_id} {_state(snapshot)}"
    if snapshot.reported.counted:
        yield f"counters: {_counts(snapshot.reported.counts, snapshot.reported.total)}"
    if snapshot.odd:
        yield f"the word {one_line(snapshot.odd, 60)!r} is in no list of `poll.states`"
    if snapshot.waits_for:
        yield f"it waits for {snapshot.waits_for}"
    if document.poll.counts is not None and not snapshot.reported.counted:
        yield "note: `poll.counts` finds no number"
    yield from (f"{_DOUBT}{doubt}" for doubt in snapshot.doubts)
    yield from _kept(snapshot.ref)


def _state(snapshot: Snapshot) -> str:
    """The state in words."""
    word = f" (the word is {one_line(snapshot.word, 60)!r})" if snapshot.word else ""
    if snapshot.status is not Status.ENDED:
        return f"is {snapshot.status.value}{word}"
    result = snapshot.result.value if snapshot.result else "unknown"
    result = "aborted, given up by the platform" if snapshot.aborted else result
    seconds = f", after {snapshot.seconds:g} s" if snapshot.seconds is not None else ""
    return f"has ended: {result}{word}{seconds}"


def _of_results(document: Document, reply: Reply, run: Run) -> tuple[Run, list[str]]:
    """A page of tests."""
    readers: Mapping[str, Callable[[], Page]] = {
        "json": lambda: listing.page_of(reply, document, run, None),
        "junit": lambda: listing.junit_page(reply, document),
        "run": lambda: listing.run_as_test(reply, document, run, {}),
        "items": lambda: items.items_page(reply, document, run, None),
    }
    page = readers[document.results.kind]()
    more = items.place_of(page.next).list if document.results.kind == "items" else page.next
    rows = len(items.place_of(page.next).items) if document.results.kind == "items" else len(page.tests)
    tests = [*_about_tests(page.tests, document), *_full(document.results.page, rows, more or "", "results")]
    return run, [*_summary(page, document), *tests, *_doubts(page)]


def _full(paging: Paging | None, rows: int, more: str, where: str) -> Iterator[str]:
    """What a full page without a next one may mean: without counters, nothing else would show what is missing."""
    if paging is not None and paging.next is not None and not more and rows >= paging.size:
        yield f"note: the page is full, and `{where}.page.next` finds nothing: does more follow? `{paging.next.text}`"


def _summary(page: Page, document: Document) -> Iterator[str]:
    """What a page says as a whole."""
    place = items.place_of(page.next) if document.results.kind == "items" else items.Place(page.next or "")
    what = plural(len(place.items), "item") if document.results.kind == "items" else plural(len(page.tests), "test")
    more = "; more pages follow" if place.list else ""
    yield f"{what}{'; the list is still being written' if page.filling else more}"
    for item in place.items[:1]:
        yield f"the first item is {item.id}: its answer is read from item.json"
        yield from (f"kept: {name} = {one_line(value, 100)}" for name, value in item.kept.items())
    if page.reported is not None and page.reported.counted:
        yield f"counters: {_counts(page.reported.counts, page.reported.total)}"


def _doubts(page: Page) -> Iterator[str]:
    """What speaks against a page."""
    yield from (f"{_DOUBT}{doubt}" for doubt in page.doubts)


def _about_tests(tests: Sequence[TestResult], document: Document) -> Iterator[str]:
    """Some tests, a line each, and what the file seems to miss in them."""
    yield from _tests(tests)
    place = document.results.test
    if place is None or not tests:
        return
    nameless = sum(not test.name or test.name == test.case_id for test in tests)
    if nameless:
        yield f"note: {nameless} of {len(tests)} have no name at `{place.name.text}`"
    if wordless := sum(not test.word for test in tests):
        yield f"note: {wordless} of {len(tests)} have no result at `{place.status.text}`, so they did not run"
    if document.results.outcomes is not None:
        known = document.results.outcomes.table()
        odd = dict.fromkeys(test.word for test in tests if test.word and look_up(known, test.word) is None)
        yield from (f"note: the word {one_line(each, 60)!r} is in no list of `results.outcomes`" for each in odd)
    if place.suite is not None and not any(test.suite for test in tests):
        yield f"note: none has a suite at `{place.suite.text}`"
    if place.machine is not None and not any(test.machine for test in tests):
        yield f"note: none has a machine at `{place.machine.text}`"
    again = len(tests) - len({test.id for test in tests})
    if again:
        yield f"note: {again} of {len(tests)} have the `id` of another one, so they are taken for the same test"


def _tests(tests: Sequence[TestResult]) -> Iterator[str]:
    """Some tests, a line each."""
    for test in tests[:_MOST_TESTS]:
        seconds = f" ({test.seconds:g} s)" if test.seconds is not None else ""
        attempts = f" [attempt {len(test.earlier) + 1}]" if test.earlier else ""
        attempts += f" on {one_line(test.machine, 40)}" if test.machine else ""
        message = f": {one_line(test.message or test.step, 100)}" if test.message or test.step else ""
        yield f"{test.outcome:<8} {one_line(test.name, 80) or '(no name)'}{seconds}{attempts}{message}"
    if len(tests) > _MOST_TESTS:
        yield f"… and {len(tests) - _MOST_TESTS} more"


def _of_item(document: Document, reply: Reply, run: Run) -> tuple[Run, list[str]]:
    """The tests of one item."""
    kept = document.results.item.keep if document.results.item else {}
    item = items.Item("item-id", dict.fromkeys(kept, "kept"))
    page = items.item_page(reply, document, items.Place(items=(item,)))
    more = "; more pages follow" if page.next else ""
    paging = document.results.item.page if document.results.item else None
    full = _full(paging, len(page.tests), page.next or "", "results.item")
    about = [*_about_tests(page.tests, document), *full, *_doubts(page)]
    return run, [f"{plural(len(page.tests), 'test')}{more}", *about]


def _of_find(document: Document, reply: Reply, run: Run) -> tuple[Run, list[str]]:
    """A list of runs, each with its mark."""
    find = document.find
    rows = find.rows(content_of(reply, document)) if find else None
    if find is None or not isinstance(rows, list):
        raise missing(reply, "list of runs")
    found = [(id_of(find.id(row)), text_of(find.mark(row))) for row in rows]
    lines = [f"run {each or '(no id)'} with the mark {one_line(mark, 60)!r}" for each, mark in found[:_MOST_TESTS]]
    return run, [plural(len(rows), "run"), *lines]


def _of_text(document: Document, reply: Reply, run: Run) -> tuple[Run, list[str]]:
    """The step in which a test failed."""
    text = first_text(document.details.text, content_of(reply, document)) if document.details else ""
    return run, [f"the step {one_line(text, 200)!r}" if text else "no step"]


def _of_login(document: Document, reply: Reply, run: Run) -> tuple[Run, list[str]]:
    """A token, which is not shown."""
    data = unshown(reply).data()
    refuse(reply, document, data)
    found = said(document.login.token(data)) if document.login else ""
    if not found:
        raise missing(unshown(reply), "token")
    return run, [f"a token of {len(found)} characters"]


def _kept(ref: str) -> list[str]:
    """What is kept with a run."""
    return [f"kept: {name} = {one_line(value, 100)}" for name, value in kept_of(ref).items()]


def _counts(counts: Counts, total: int | None) -> str:
    """Counters in words."""
    numbers = (
        ("passed", counts.passed),
        ("failed", counts.failed),
        ("errors", counts.errors),
        ("skipped", counts.skipped),
        ("not run", counts.not_run),
    )
    parts = ", ".join(f"{number} {name}" for name, number in numbers if number)
    return f"{parts or 'none'}{f', {total} in all' if total is not None else ''}"


_READERS: Mapping[str, Callable[[Document, Reply, Run], tuple[Run, list[str]]]] = {
    "login": _of_login,
    "trigger": _of_trigger,
    "rerun": _of_trigger,
    "find": _of_find,
    "queue": _of_queue,
    "poll": _of_poll,
    "results": _of_results,
    "item": _of_item,
    "details": _of_text,
}
SECTIONS = tuple(_READERS)
"""The sections whose answers are read: the names of their files begin with these words."""
