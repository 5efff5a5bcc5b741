"""Records results in a test management system. This never affects the verdict: failures here are warnings."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from testgate.errors import BadAnswer, GateError, Refused, Unanswered, Unavailable
from testgate.model import Outcome, TestResult
from testgate.ports import Record, TestCase, TestManagement, TestRun
from testgate.results import JudgedRun
from testgate.runs.engine import Engine
from testgate.runs.halt import Halted
from testgate.text import cut, one_line, plural
from testgate.wire import Call

T = TypeVar("T")

PATIENCE_SECONDS = 60.0  # without a good answer: the verdict is known, and a record isn't worth ten minutes
BEGIN_SECONDS = 30.0  # a record must not keep the tests from starting
LAST_SECONDS = 2.0  # on top of the time to close of a step that ends early
PAUSE_SECONDS = 0.125  # between two calls: the limit is about ten per second
MOST_PAGES = 200
LONGEST_DESCRIPTION = 2_000
MOST_NAMES = 5
_MAYBE_CREATED = "a test run may have been created, but no results will be recorded in it"
MOST_REFUSALS = 10  # of single results: after that many, all of them may be refused


@dataclass(eq=False, repr=False)
class Recorder:
    """Records the results of a step in one test run. `notes` and `warnings` are for people."""

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
        """Create the test run; give up after `patience` seconds without an answer.

        Raises:
            PlatformError: it was refused, or it is unknown whether it was created.

        """
        self.test_run = await self.engine.halt.until(
            self.engine.ask(self.management.create(self.title, self.started_at, self.origin), patience=patience)
        )
        return self.test_run

    async def begin(self) -> None:
        """Create the test run before the tests start; if that fails, they start anyway."""
        try:
            async with asyncio.timeout(BEGIN_SECONDS):
                await self.create(patience=BEGIN_SECONDS - 1.0)  # earlier, so that the reason can be reported
        except TimeoutError:
            self._warn(_MAYBE_CREATED, "the system did not answer in time")
        except GateError as fault:
            maybe = isinstance(fault, (Unanswered, Unavailable, BadAnswer))
            certain = not maybe or (isinstance(fault, Unanswered) and not fault.maybe_arrived)
            self._warn("no test run was created" if certain else _MAYBE_CREATED, fault)

    async def finish(self, runs: Sequence[JudgedRun]) -> None:
        """Record what is known and close the test run; if the step ends early, in the time that is left."""
        if self.test_run is None:
            return
        try:
            async with (
                self.engine.halt.closing(more=LAST_SECONDS) if self.engine.halt.reason else contextlib.nullcontext()
            ):
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
        """Record all results in as few calls as possible."""
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
            self._warn(
                f"{plural(len(found) - len(records), 'result')} not recorded", "the project has no status for them"
            )
        if unmatched:
            names = ", ".join(one_line(test.name, 60) for test in unmatched[:MOST_NAMES])
            more = ", …" if len(unmatched) > MOST_NAMES else ""
            self.notes.append(
                f"No matching test case in test management for {plural(len(unmatched), 'test')}: {names}{more}"
            )

    async def _send(self, test_run: TestRun, records: Sequence[Record]) -> int:
        """Send results, halving a batch that is refused down to single cases. Returns the number of calls."""
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
        """All cases of the test run."""
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
        """Make one call after a pause; also while the step closes down."""
        await asyncio.sleep(PAUSE_SECONDS)
        return await self.engine.ask(call, closing=self.engine.halt.reason is not None, patience=PATIENCE_SECONDS)

    def _described(self, tests: Sequence[tuple[JudgedRun, TestResult]]) -> str:
        """The message and link of each automated test that belongs to a case."""
        parts = []
        for run, test in tests:
            where = " / ".join(filter(None, (test.suite, test.name, test.machine)))
            parts.append("\n".join(filter(None, (where, test.message, test.step, run.url))))
        return cut(self.redact("\n\n".join(parts)), LONGEST_DESCRIPTION)

    def _warn(self, what: str, why: object) -> None:
        """Warn people; the verdict isn't affected."""
        self.warnings.append(f"Test management: {what}: {why}")


Found = dict[str, list[tuple[JudgedRun, TestResult]]]


def matched(
    runs: Sequence[JudgedRun], cases: Sequence[TestCase], mapping: Mapping[str, str]
) -> tuple[Found, list[TestResult]]:
    """The test case of each automated test: from the user's map, or by an equal id or title."""
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
    """The most severe outcome of the tests that belong to one case."""
    return max((test.outcome for _run, test in tests), key=lambda outcome: outcome.gravity)
