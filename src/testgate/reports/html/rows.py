"""The page's data block: all tests as short rows. `model.js` reads it.

Names and messages that repeat stand once: a row has their places in the lists of texts and messages, which follow the
rows. A row ends with its last value that isn't a default.
"""

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from testgate.gate.causes import cause_key
from testgate.model import Change, Earlier, Outcome, TestResult
from testgate.reports.html.escaping import data, items, shortened, web_address
from testgate.reports.naming import case_name, milliseconds, run_name, visible
from testgate.reports.since import standing, unsteady
from testgate.results import Gate, JudgedRun
from testgate.text import clean

OUTCOMES: Final[Mapping[Outcome, int]] = MappingProxyType({outcome: place for place, outcome in enumerate(Outcome)})

_SHOWN: Final = frozenset({Change.NEW, Change.KNOWN, Change.FIXED})
_SLICE = 500  # rows written at one time
_LONGEST_NAME = 300
_LONGEST_MESSAGE = 16_000
_WHOLE = 6_000_000  # characters of messages that are written whole
_BEGUN = 9_000_000  # until here, their beginnings are; after that, none
_BEGINNING = 300
_LATEST = 253_402_300_799.0  # the end of the year 9999, in epoch seconds


class Texts:
    """Every text once, with its place in the list."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._known: dict[str, int] = {}

    def place(self, text: str) -> int:
        """The place of the text as people see it, on one line."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self.exact(text if _plain(text) else visible(text))
        return found

    def exact(self, text: str) -> int:
        """The place of a text that is clean already."""
        return self._places.setdefault(text, len(self._places))

    def __iter__(self) -> Iterator[str]:
        """All texts, in the order of their places."""
        return iter(self._places)


def _plain(text: str) -> bool:
    """Whether `visible` would change nothing, which is quick to see for most names."""
    bare = text.isprintable() and len(text) <= _LONGEST_NAME
    return bare and text[:1].strip() != "" and text[-1] != " " and "  " not in text


class Messages:
    """Every message once, with the place of its cause. Very many of them are cut, or the page would not open."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._causes: dict[str, int] = {}
        self.written: list[tuple[str, int]] = []
        self._size = 0

    def place(self, message: str) -> int:
        """The place of the message; -1 for a blank one."""
        found = self._places.get(message)
        if found is None:
            text = clean(message).strip()
            found = self._places[message] = self._add(text) if text else -1
        return found

    def _add(self, text: str) -> int:
        room = _LONGEST_MESSAGE if self._size < _WHOLE else _BEGINNING if self._size < _BEGUN else 0
        shown = (
            shortened(text, room) if room else "This message is in the other reports: the page has too many of them."
        )
        self._size += len(shown)
        cause = self._causes.setdefault(cause_key(text), len(self._causes))
        self.written.append((shown, cause))
        return len(self.written) - 1


def data_block(gate: Gate) -> Iterator[str]:
    """Yield the JSON of the page in pieces."""
    texts, messages = Texts(), Messages()
    texts.exact("")
    first = _first_start(gate)
    yield f'{{"runs":{data([_run(judged) for judged in gate.runs])},"start":{data(first)},"rows":['
    separator = "\n"
    for judged in gate.runs:
        tests = judged.report.tests
        for begin in range(0, len(tests), _SLICE):
            rows = [_row(test, texts, messages, first) for test in tests[begin : begin + _SLICE]]
            yield separator + items(rows)
            separator = ",\n"
    yield '\n],"texts":['
    yield from _listed(list(texts))
    yield '],"messages":['
    yield from _listed(messages.written)
    yield "]}\n"


def _listed(values: list[Any]) -> Iterator[str]:
    """The items of a list in pieces, each on a line of its own."""
    for begin in range(0, len(values), _SLICE):
        yield f"{',' if begin else ''}\n{items(values[begin : begin + _SLICE])}"


def _run(judged: JudgedRun) -> dict[str, Any]:
    """A run, its pages, and the number of its tests."""
    later = [attempt.run for attempt in judged.report.attempts]
    pages = {run.id: web_address(run.url) for run in (*later, *([judged.report.run] if judged.report.run else []))}
    return {
        "name": run_name(judged),
        "tests": len(judged.report.tests),
        "id": visible(judged.id),
        "pages": {visible(run_id): page for run_id, page in pages.items() if page},
    }


def _first_start(gate: Gate) -> float | None:
    """When the first test started, in epoch milliseconds; None if the platform doesn't say."""
    starts = [start for judged in gate.runs for test in judged.report.tests if (start := _start(test)) is not None]
    return min(starts, default=None)


def _start(test: TestResult) -> int | None:
    """When the test started, in epoch milliseconds; None if the time is unknown or impossible."""
    started = test.started
    if started is None or not math.isfinite(started) or not 0 < started < _LATEST:
        return None
    return round(started * 1000)


def _row(test: TestResult, texts: Texts, messages: Messages, first: float | None) -> list[Any]:
    """Name, outcome, suite, machine, milliseconds, start (milliseconds after the first one; -1: unknown), the rest."""
    start = _start(test)
    row: list[Any] = [
        texts.place(test.name) or texts.exact(case_name(test)),
        OUTCOMES[test.outcome],
        texts.place(test.suite),
        texts.place(test.machine),
        milliseconds(test.seconds),
        -1 if start is None or first is None else start - first,
        _rest(test, texts, messages),
    ]
    defaults: tuple[Any, ...] = ({}, -1, 0, 0, 0)
    for default in defaults:
        if row[-1] != default:
            break
        row.pop()
    return row


def _rest(test: TestResult, texts: Texts, messages: Messages) -> dict[str, Any]:
    """What only some tests have. `t` are marks: words by which people filter."""
    found: dict[str, Any] = {}
    if test.message and (message := messages.place(test.message)) >= 0:
        found["m"] = message
    plain = test.outcome is Outcome.PASSED and not test.earlier and not test.video
    if plain and test.change not in _SHOWN:
        return found
    for key, text in (("w", test.word), ("c", test.case_id), ("s", test.step), ("q", test.quarantine)):
        if text and (place := texts.place(text)):
            found[key] = place
    if video := web_address(test.video):
        found["v"] = texts.exact(video)
    if test.iterated:
        found["i"] = 1
    if test.earlier:
        found["e"] = [_attempt(each, texts, messages) for each in test.earlier]
    if test.bad or test.flaky or test.past:
        found |= _standing(test, texts)
    return found


def _standing(test: TestResult, texts: Texts) -> dict[str, Any]:
    """How the test stands beside its attempts, the quarantine and earlier builds."""
    marks = [
        *(["flaky"] if test.flaky else []),
        *(["quarantined"] if test.quarantined else []),
        *([test.change.value] if test.change in _SHOWN else []),
        *(["tolerated"] if test.bad and test.tolerated else []),
    ]
    said = "; ".join(filter(None, (standing(test), unsteady(test) if test.flaky else "")))
    return {**({"t": marks} if marks else {}), **({"h": texts.place(said)} if said else {})}


def _attempt(attempt: Earlier, texts: Texts, messages: Messages) -> list[int]:
    """An attempt before the last: outcome, message (-1: none), milliseconds, run."""
    message = messages.place(attempt.message)
    return [OUTCOMES[attempt.outcome], message, milliseconds(attempt.seconds), texts.place(attempt.run_id)]
