"""The tests of a run, and how many there are."""

from collections.abc import Sequence
from enum import Enum, StrEnum
from typing import NamedTuple


class RunResult(Enum):
    """The platform's result of a run that has ended."""

    PASSED = "passed"
    FAILED = "failed"
    STOPPED = "stopped"
    NOT_EXECUTED = "not executed"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """The outcome of one test."""

    PASSED = "passed"
    SKIPPED = "skipped"
    NOT_RUN = "not-run"
    ERROR = "error"
    FAILED = "failed"

    # That of an enumeration is slow, and tables of outcomes are asked about every test.
    __hash__ = str.__hash__

    @property
    def gravity(self) -> int:
        """Larger is worse; of two statements about one test, the worse one counts."""
        return _GRAVITY[self]


_GRAVITY = {outcome: rank for rank, outcome in enumerate(Outcome)}
_FAILURES = frozenset({Outcome.FAILED, Outcome.ERROR})
_BAD = _FAILURES | {Outcome.NOT_RUN}


class Counts(NamedTuple):
    """The number of tests by outcome.

    The last three overlap with the others: `flaky` tests are among the passed, `quarantined` and
    `tolerated` ones among those that didn't pass; no test is both.
    """

    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    not_run: int = 0
    flaky: int = 0
    quarantined: int = 0
    tolerated: int = 0

    @property
    def total(self) -> int:
        """The number of all tests."""
        return self.passed + self.failed + self.errors + self.skipped + self.not_run

    @property
    def executed(self) -> int:
        """The number of tests that ran; without any, nothing is proven."""
        return self.passed + self.failed + self.errors

    @property
    def weighed(self) -> int:
        """The denominator of the pass rate: all tests except skipped and excused ones."""
        return self.total - self.skipped - self.excused

    @property
    def unsuccessful(self) -> int:
        """The number of tests that should have passed and didn't, without excused ones."""
        return self.weighed - self.passed

    @property
    def excused(self) -> int:
        """The number of tests that didn't pass, and that doesn't count."""
        return self.quarantined + self.tolerated

    def __add__(self, other: object) -> "Counts":
        """The sum, field by field."""
        if not isinstance(other, Counts):
            return NotImplemented
        return Counts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Reported(NamedTuple):
    """The counters that a platform reports for a run, as far as it reports any."""

    counts: Counts
    total: int | None = None

    @property
    def counted(self) -> int:
        """The number of tests, according to the platform."""
        return max(self.total or 0, self.counts.total)


class Earlier(NamedTuple):
    """The result of a test in an attempt before its last; `lost` as in `TestResult`."""

    outcome: Outcome
    message: str = ""
    seconds: float | None = None
    run_id: str = ""
    lost: bool = False


class Change(StrEnum):
    """What became of a test since the baseline."""

    NEW = "new"
    KNOWN = "known"
    FIXED = "fixed"
    ADDED = "added"
    SAME = ""


class EarlierBuild(NamedTuple):
    """An earlier build of the CI: what people call it, and its page, if one is known."""

    label: str
    url: str = ""


class Record(NamedTuple):
    """How a test did in its recent builds, this one included: builds and attempts are counted apart.

    `passed`, `flaky` and `failed` builds add up to `builds`. `green_since` counts the latest builds in a row in which
    it passed at once.
    """

    builds: int = 0
    passed: int = 0
    flaky: int = 0
    failed: int = 0
    attempts: int = 0
    failed_attempts: int = 0
    green_since: int = 0


class Past(NamedTuple):
    """What earlier builds say about a test. `since` is the first of the builds in a row in which it failed."""

    change: Change = Change.SAME
    since: EarlierBuild | None = None
    record: Record = Record()


class TestResult(NamedTuple):
    """One test of one run, or of a run and its reruns.

    `id` is the platform's id of this result and changes with every run; `case_id`, `suite` and
    `machine` don't. `seconds` is None if the platform reports no duration. `word` is the platform's
    own word for the result. `earlier` holds the attempts before this one, oldest first.
    `quarantine` says why a failure of this test doesn't count; "" if it does. `step` is the step
    that failed, if known. `iterated` marks a data-driven test. `video` is the URL of a recording.
    `started` is when its last attempt started, in epoch seconds, if the platform says so.
    `past` is what earlier builds say; None if there is no history. A failure that is `tolerated`, since
    the baseline has it already, doesn't count. A `lost` one broke for lack of a machine, as the vendor's word says.
    """

    id: str
    name: str
    outcome: Outcome
    word: str = ""
    case_id: str = ""
    suite: str = ""
    machine: str = ""
    message: str = ""
    seconds: float | None = None
    earlier: tuple[Earlier, ...] = ()
    quarantine: str = ""
    step: str = ""
    iterated: bool = False
    video: str = ""
    started: float | None = None
    past: Past | None = None
    tolerated: bool = False
    lost: bool = False

    @property
    def key(self) -> "TestKey":
        """What identifies the test from run to run."""
        return TestKey(self.case_id or self.name, self.suite, self.machine)

    @property
    def bad(self) -> bool:
        """Whether the test should have passed and didn't."""
        return self.outcome in _BAD

    @property
    def quarantined(self) -> bool:
        """Whether the test didn't pass, and that doesn't count."""
        return bool(self.quarantine) and self.bad

    @property
    def excused(self) -> bool:
        """Whether a failure of this test doesn't count."""
        return self.tolerated or bool(self.quarantine)

    @property
    def change(self) -> Change:
        """What became of the test since the baseline."""
        return self.past.change if self.past else Change.SAME

    @property
    def flaky(self) -> bool:
        """Whether the test failed before it passed; a machine that got lost says nothing about the test."""
        if not self.earlier:  # as most tests
            return False
        failed = any(each.outcome in _FAILURES and not each.lost for each in self.earlier)
        return self.outcome is Outcome.PASSED and failed


class TestKey(NamedTuple):
    """A test in any run; two with the same key in one run are distinguished by their order."""

    test: str
    suite: str
    machine: str


class Page(NamedTuple):
    """One page of test results.

    `next` is the cursor of the next page, None at the end; `ahead` are those of pages that certainly
    follow, the next one included, and may be asked for side by side. Rows of a page that `refines` only add
    to results whose id is already known. `reported` are counters that come with the results instead
    of the run. `filling` marks a list that the platform is still writing, `unsettled` one with tests
    that have no result yet. `result` is what the list itself says about the run. `doubts` say what in
    it contradicts or cannot be read. A page that is `fresh` says that more follows although it has no tests.
    """

    tests: Sequence[TestResult]
    next: str | None = None
    refines: bool = False
    reported: Reported | None = None
    filling: bool = False
    unsettled: bool = False
    result: RunResult | None = None
    doubts: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    fresh: bool = False
