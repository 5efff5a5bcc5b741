"""Writes results down in a test management system: a record, not the gate. What fails here is a warning."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from testgate.errors import BadAnswer, GateError, Refused, Unanswered, Unavailable
from testgate.model import JudgedRun, Outcome, Record, TestCase, TestResult, TestRun
from testgate.ports import TestManagement
from testgate.runs.engine import Engine, Halted
from testgate.text import cut, one_line, plural
from testgate.wire import Call

T = TypeVar("T")

PATIENCE_SECONDS = 60.0  # without a good answer: the verdict is known, and a record is not worth ten minutes
BEGIN_SECONDS = 30.0  # a record must not keep the tests from starting
LAST_SECONDS = 2.0  # beyond the time to close of a step that was cut short
PAUSE_SECONDS = 0.125  # between two calls: about ten a second is the limit
MOST_PAGES = 200
LONGEST_DESCRIPTION = 2_000
MOST_NAMES = 5
_MAYBE_CREATED = "a test run may have been created, but nothing is recorded in it"
MOST_REFUSALS = 10  # single results that are refused: beyond it all may be


@dataclass
class Recorder:
    """One test run, from its creation to its end. `notes` and `warnings` are for people."""

    management: TestManagement
    engine: Engine
    title: str
    started_at: float
    origin: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    closes: bool = True
    redact: Callable[[str], str] = str
    test_run: TestRun | None = None
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    async def create(self, patience: float = float("inf")) -> TestRun:
        """Create the test run; `patience` is how many seconds without an answer are enough.

        Raises:
            PlatformError: it was refused, or nobody knows whether it was created.

        """
        self.test_run = await self.engine.until_halted(
            self.engine.ask(self.management.create(self.title, self.started_at, self.origin), patience=patience)
        )
        return self.test_run

    async def begin(self) -> None:
        """Create the test run before the tests start; when that fails, they start all the same."""
        try:
            async with asyncio.timeout(BEGIN_SECONDS):
                await self.create(patience=BEGIN_SECONDS - 1.0)  # sooner, so that the reason can be told
        except TimeoutError:
            self._warn(_MAYBE_CREATED, "the system did not answer in time")
        except GateError as fault:
            maybe = isinstance(fault, (Unanswered, Unavailable, BadAnswer))
            certain = not maybe or (isinstance(fault, Unanswered) and not fault.maybe_arrived)
            self._warn("no test run was created" if certain else _MAYBE_CREATED, fault)

    async def finish(self, runs: Sequence[JudgedRun]) -> None:
        """Record what is known, and close; in what is left of the time where the step was cut short."""
        if self.test_run is None:
            return
        try:
            async with self.engine.closing(more=LAST_SECONDS) if self.engine.halted else contextlib.nullcontext():
                await self._record(self.test_run, runs)
                if self.closes:
                    await self._ask(self.management.close(self.test_run))
        except TimeoutError:
            self._warn(f"test run {self.test_run.name} is not complete", "there was no time left")
        except GateError as fault:
            self._warn(f"test run {self.test_run.name} is not complete", fault)
        except Halted as halt:
            self._warn(f"test run {self.test_run.name} is not complete", halt)

    async def _record(self, test_run: TestRun, runs: Sequence[JudgedRun]) -> None:
        """All results, in as few calls as the system takes."""
        statuses = await self._ask(self.management.statuses())
        cases = await self._cases(test_run)
        found, unmatched = matched(runs, cases, self.mapping)
        records = [
            Record(case, statuses[outcome], self._described(tests))
            for case, tests in found.items()
            if (outcome := worst(tests).value) in statuses
        ]
        calls = 0
        for start in range(0, len(records), self.management.record_batch):
            calls += await self._send(test_run, records[start : start + self.management.record_batch])
        self.notes.append(
            f"Recorded {plural(len(records), 'result')} in test run {test_run.name} ({plural(calls, 'call')})."
        )
        if len(found) > len(records):
            self._warn(f"{plural(len(found) - len(records), 'result')} not recorded", "there is no status for them")
        if unmatched:
            names = ", ".join(one_line(test.name, 60) for test in unmatched[:MOST_NAMES])
            more = ", …" if len(unmatched) > MOST_NAMES else ""
            self.notes.append(f"No test case in test management for {plural(len(unmatched), 'test')}: {names}{more}")

    async def _send(self, test_run: TestRun, records: Sequence[Record]) -> int:
        """Send some results; a part that is refused is halved, down to the case that is told. Returns the calls."""
        try:
            await self._ask(self.management.record(test_run, records))
        except Refused as refusal:
            if refusal.credentials or len(self.warnings) >= MOST_REFUSALS:
                raise
            if len(records) == 1:
                self._warn(f"the result of test case {records[0].case_id} was not recorded", refusal)
                return 1
            half = len(records) // 2
            return 1 + await self._send(test_run, records[:half]) + await self._send(test_run, records[half:])
        return 1

    async def _cases(self, test_run: TestRun) -> list[TestCase]:
        """Every case of the test run."""
        cases: list[TestCase] = []
        cursor: str | None = None
        for _page in range(MOST_PAGES):
            page = await self._ask(self.management.cases(test_run, cursor))
            cases += page.cases
            if page.next is None or page.next == cursor or not page.cases:
                break
            cursor = page.next
        return cases

    async def _ask(self, call: Call[T]) -> T:
        """One call after the other, paced; it goes on while the step closes down."""
        await asyncio.sleep(PAUSE_SECONDS)
        return await self.engine.ask(call, closing=self.engine.halted is not None, patience=PATIENCE_SECONDS)

    def _described(self, tests: Sequence[tuple[JudgedRun, TestResult]]) -> str:
        """Message and link of each automated test behind a case."""
        parts = []
        for run, test in tests:
            where = " / ".join(filter(None, (test.suite, test.name, test.machine)))
            parts.append("\n".join(filter(None, (where, test.message, test.step, run.url))))
        return cut(self.redact("\n\n".join(parts)), LONGEST_DESCRIPTION)

    def _warn(self, what: str, why: object) -> None:
        """A warning is not the gate's concern."""
        self.warnings.append(f"Test management: {what}: {why}")


Found = dict[str, list[tuple[JudgedRun, TestResult]]]


def matched(
    runs: Sequence[JudgedRun], cases: Sequence[TestCase], mapping: Mapping[str, str]
) -> tuple[Found, list[TestResult]]:
    """Which test case each automated test is: by the user's map, else by an equal id or title."""
    known: dict[str, str] = {}
    for case in cases:
        for name in (case.id, case.human_id, " ".join(case.title.split()).casefold()):
            known.setdefault(name, case.id)
    known.pop("", None)
    found: Found = {}
    unmatched: list[TestResult] = []
    for run in runs:
        for test in run.report.tests:
            own = mapping.get(test.case_id) or mapping.get(test.name)
            case_id = own or known.get(test.case_id) or known.get(" ".join(test.name.split()).casefold())
            if case_id:
                found.setdefault(case_id, []).append((run, test))
            else:
                unmatched.append(test)
    return found, unmatched


def worst(tests: Sequence[tuple[JudgedRun, TestResult]]) -> Outcome:
    """The gravest outcome of the tests behind one case."""
    return max((test.outcome for _run, test in tests), key=lambda outcome: outcome.gravity)
