"""Reads the results of a run's tests, page by page, and makes their text safe and small."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from testgate.errors import GateError
from testgate.gate.evidence import weigh
from testgate.model import Page, Reported, Run, RunResult, Snapshot, TestResult, has_ended
from testgate.ports import Provider
from testgate.runs.cleaning import LONGEST_NAME, LONGEST_WORD, Cleaner
from testgate.runs.engine import Engine
from testgate.runs.paging import Pages
from testgate.runs.stopping import read

ALL_MESSAGES = 32_000_000  # characters; beyond this, messages are reduced to one line
REREAD_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0)  # a run can end before its results are complete
LONGEST_FOR_COUNTERS = 2.0  # of these, if only counters are missing
_SUSPICIOUS_PAGES = 2  # pages in a row that say nothing new: the platform ignores the filter, or repeats itself
_ROWS_AT_ONCE = 1_000


class Collected(NamedTuple):
    """The tests of a run as far as they were read; `reported` are counters that came with them.

    `filling`: the platform is still writing the results. `unsettled`: some tests have none yet. `snapshot`
    is what the run itself said last, if that was asked again.
    """

    tests: Sequence[TestResult] = ()
    reported: Reported | None = None
    filling: bool = False
    unsettled: bool = False
    result: RunResult | None = None
    doubts: tuple[str, ...] = ()
    snapshot: Snapshot | None = None

    def not_yet(self, snapshot: Snapshot) -> float:
        """For how many seconds a pause may be, to see whether more is told: 0 if everything is there.

        What says of itself that it is incomplete is worth the longest wait. Counters that are missing beside tests
        may never come.
        """
        reported = self.reported or snapshot.reported
        empty = not self.tests and reported.total is None
        untold = snapshot.result is RunResult.UNKNOWN and not (snapshot.inferred and self.result)
        short = weigh(reported, self.tests).missing > 0
        if self.filling or self.unsettled or short or untold or (empty and not reported.counted):
            return float("inf")
        return LONGEST_FOR_COUNTERS if not reported.counted else 0.0


class _Reading:
    """What was read of a list so far. `cleaner` makes its tests safe, and small too where there are too many."""

    def __init__(self, cleaner: Cleaner) -> None:
        self._cleaner = cleaner
        self._known: dict[str, TestResult] = {}
        self._refined: set[str] = set()
        self._characters = 0
        self._found = Collected()

    @property
    def refined(self) -> bool:
        """Whether every test has its details, so that no further page can add any."""
        return len(self._refined) == len(self._known)

    @property
    def size(self) -> int:
        """A number that grows with every row that says something new."""
        return len(self._known) + len(self._refined)

    def note(self, page: Page) -> None:
        """Keep what a page says about the whole list."""
        found = self._found
        self._found = found._replace(
            reported=page.reported or found.reported,
            filling=found.filling or page.filling,
            unsettled=found.unsettled or page.unsettled,
            result=page.result or found.result,
            doubts=(*found.doubts, *page.doubts),
        )

    def add(self, rows: Sequence[TestResult], *, refines: bool) -> None:
        """Add rows; those that only refine are ignored unless their test is known."""
        plain = self._cleaner.plain(rows, named=not refines)
        for row in rows:
            known = self._known.get(row.id)
            if refines and known is None:
                continue
            test = self._cleaner.test(row, self._characters < ALL_MESSAGES, plain=plain)
            self._known[row.id] = refine(known, test) if known else test
            self._characters += len(test.message) + 1
            if refines:
                self._refined.add(row.id)

    def collected(self, label: Callable[[TestResult], TestResult]) -> Collected:
        """The whole list."""
        return self._found._replace(tests=[label(test) for test in self._known.values()])


class Collector:
    """Reads results. `redact` sees every text from the platform first.

    `on_missing` is called if details can't be read. `label` adds the quarantine to a test.
    """

    def __init__(
        self,
        provider: Provider,
        engine: Engine,
        redact: Callable[[str], str],
        on_missing: Callable[[Run, GateError], None],
        label: Callable[[TestResult], TestResult] = lambda test: test,
    ) -> None:
        self._provider = provider
        self._engine = engine
        self._cleaner = Cleaner(redact)
        self._on_missing = on_missing
        self._listed: dict[str, _Reading] = {}  # runs whose tests were all read, though not all details
        self._label = label

    async def collect(self, run: Run, snapshot: Snapshot | None, *, closing: bool = False) -> Collected:
        """All results of the run; read again a few times while they are incomplete.

        Raises:
            PlatformError: the list itself could not be read.

        """
        listed = self._listed.get(run.id)
        if closing and listed is not None:  # a step that must end has no time to read all of it once more
            return _doubted(listed.collected(self._label))
        found = await self._read(run, closing=closing)
        if closing or snapshot is None:
            return _doubted(found)
        for pause in REREAD_SECONDS:
            if pause > found.not_yet(snapshot):
                break
            await asyncio.sleep(pause)
            snapshot = await self._again(run, snapshot)
            found = (await self._read(run, closing=closing))._replace(snapshot=snapshot)
        self._listed.pop(run.id, None)
        return _doubted(found)

    async def _again(self, run: Run, snapshot: Snapshot) -> Snapshot:
        """What the run says of itself now: its result and counters may come later than its end, too."""
        newer = await read(self._provider, self._engine, run)
        return self.sanitized(newer) if newer is not None and has_ended(newer) else snapshot

    def sanitized(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with its text cleaned, cut and free of secrets."""
        return snapshot._replace(
            word=self._cleaner.short(snapshot.word, LONGEST_WORD),
            odd=self._cleaner.short(snapshot.odd, LONGEST_WORD),
            name=self._cleaner.short(snapshot.name, LONGEST_NAME),
        )

    async def _read(self, run: Run, *, closing: bool) -> Collected:
        """Read every page, joining rows by the result's id."""
        reading = _Reading(self._cleaner)
        pages = Pages(partial(self._ask, run, closing=closing))
        try:
            await self._read_into(reading, run, pages)
        finally:
            await pages.close()
        return reading.collected(self._label)

    async def _read_into(self, reading: _Reading, run: Run, pages: Pages) -> None:
        """Read until there are no more pages, or nothing new in them."""
        cursor: str | None = None
        useless = 0
        while useless < _SUSPICIOUS_PAGES:
            page = await self._page(run, cursor, pages)
            if page is None:
                break
            before = reading.size
            reading.note(page)
            for start in range(0, len(page.tests), _ROWS_AT_ONCE):
                reading.add(page.tests[start : start + _ROWS_AT_ONCE], refines=page.refines)
                await asyncio.sleep(0)  # a huge list must not hold up signals and the deadline
            useless = 0 if reading.size > before or page.certain else useless + 1
            cursor = page.next
            if cursor is None or (page.refines and reading.refined):
                break
            following = self._provider.results(run, cursor)
            if following is not None and not following.essential:
                self._listed[run.id] = reading

    async def _ask(self, run: Run, cursor: str | None, *, closing: bool) -> Page | None:
        """Ask for one page; None if there is nothing to ask for."""
        call = self._provider.results(run, cursor)
        if call is None:
            return None
        return await self._engine.ask(call, closing=closing, seen=call.essential)

    async def _page(self, run: Run, cursor: str | None, pages: Pages) -> Page | None:
        """One page; None if there is none, or if only details were refused."""
        try:
            return await pages.get(cursor)
        except GateError as fault:
            call = self._provider.results(run, cursor)
            if call is None or call.essential:
                raise
            self._on_missing(run, fault)
            return None


def _doubted(found: Collected) -> Collected:
    """What was read, with a doubt if it is not all: with a doubt, nothing is proven green."""
    if not found.filling:
        return found
    return found._replace(doubts=(*found.doubts, "the platform had not finished writing its tests"))


def refine(known: TestResult, more: TestResult) -> TestResult:
    """Combine two rows about one result: gaps are filled, and the more severe outcome wins."""
    graver = more if more.outcome.gravity > known.outcome.gravity and more.word else known
    return known._replace(
        outcome=graver.outcome,
        word=graver.word,
        lost=graver.lost,
        message="\n".join(dict.fromkeys(filter(None, (more.message, known.message))))
        if known.message
        else more.message,
        seconds=more.seconds if more.seconds is not None else known.seconds,
        started=more.started if more.started is not None else known.started,
    )
