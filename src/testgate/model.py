"""The values that everything else speaks of. No input or output, no clock, no vendor.

Most are named tuples: they are as immutable as frozen data classes and cost a third as much to
define, which shows at start-up.
"""

from collections.abc import Iterable, Sequence
from enum import Enum, StrEnum
from typing import NamedTuple


class Conclusion(StrEnum):
    """How a step or a run ended. The value is the word that users see."""

    PASSED = "passed"
    TRIGGERED = "triggered"
    CREATED = "created"
    STOP_CONFIRMED = "stop-confirmed"
    CHECKED = "checked"
    DRY_RUN = "dry-run"
    FAILED = "failed"
    INVALID_INPUT = "invalid-input"
    PLATFORM_ERROR = "platform-error"
    TIMED_OUT = "timed-out"
    STOPPED = "stopped"
    NOTHING_RAN = "nothing-ran"
    TRIGGER_UNKNOWN = "trigger-unknown"
    REPORT_ERROR = "report-error"
    INTERNAL_ERROR = "internal-error"
    CANCELLED = "cancelled"

    @property
    def exit_code(self) -> int:
        """The process's exit code; `cancelled` by SIGTERM is 143, which only the caller knows."""
        return _EXIT_CODES[self]

    @property
    def green(self) -> bool:
        """True where what was asked for happened."""
        return self.exit_code == 0


_EXIT_CODES = {
    Conclusion.PASSED: 0,
    Conclusion.TRIGGERED: 0,
    Conclusion.CREATED: 0,
    Conclusion.STOP_CONFIRMED: 0,
    Conclusion.CHECKED: 0,
    Conclusion.DRY_RUN: 0,
    Conclusion.FAILED: 1,
    Conclusion.INVALID_INPUT: 2,
    Conclusion.PLATFORM_ERROR: 3,
    Conclusion.TIMED_OUT: 4,
    Conclusion.STOPPED: 5,
    Conclusion.NOTHING_RAN: 6,
    Conclusion.TRIGGER_UNKNOWN: 7,
    Conclusion.REPORT_ERROR: 8,
    Conclusion.INTERNAL_ERROR: 70,
    Conclusion.CANCELLED: 130,
}


class Outcome(StrEnum):
    """What became of one test."""

    PASSED = "passed"
    SKIPPED = "skipped"
    NOT_RUN = "not-run"
    ERROR = "error"
    FAILED = "failed"

    @property
    def gravity(self) -> int:
        """Larger is worse: two statements about one test are settled for the worse one."""
        return _GRAVITY[self]


_GRAVITY = {outcome: rank for rank, outcome in enumerate(Outcome)}


class Status(Enum):
    """Where a run is in its life. What came out of it is its `RunResult`."""

    QUEUED = "queued"
    RUNNING = "running"
    ENDED = "ended"


class RunResult(Enum):
    """What the platform says came out of a run that has ended."""

    PASSED = "passed"
    FAILED = "failed"
    STOPPED = "stopped"
    NOT_EXECUTED = "not executed"
    UNKNOWN = "unknown"


class Counts(NamedTuple):
    """How many tests ended in which way.

    The last two are counted once more: `flaky` tests among the passed, `quarantined` ones among
    those that did not pass.
    """

    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    not_run: int = 0
    flaky: int = 0
    quarantined: int = 0

    @property
    def total(self) -> int:
        """All tests, each once."""
        return self.passed + self.failed + self.errors + self.skipped + self.not_run

    @property
    def executed(self) -> int:
        """Tests that started: without them nothing was proven."""
        return self.passed + self.failed + self.errors

    @property
    def weighed(self) -> int:
        """The denominator of the pass rate: all tests but those left out on purpose or quarantined."""
        return self.total - self.skipped - self.quarantined

    @property
    def unsuccessful(self) -> int:
        """Tests that were to pass and did not, without those in quarantine."""
        return self.weighed - self.passed

    def __add__(self, other: object) -> "Counts":
        """The sum, field by field."""
        if not isinstance(other, Counts):
            return NotImplemented
        return Counts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Reported(NamedTuple):
    """The counters that a platform gives for a run, as far as it gives any."""

    counts: Counts
    total: int | None = None

    @property
    def counted(self) -> int:
        """How many tests the platform says that there are."""
        return max(self.total or 0, self.counts.total)


class Earlier(NamedTuple):
    """How a test ended in an attempt before its last."""

    outcome: Outcome
    message: str = ""
    seconds: float | None = None
    run_id: str = ""


class TestResult(NamedTuple):
    """One test of one run, or of a run and its reruns.

    `id` is the platform's id of this result and changes with every run; `case_id`, `suite` and
    `machine` stay. `seconds` is None where the platform does not tell a duration.
    `word` is the platform's own word for the result. `earlier` are the attempts before this one,
    the first first. `quarantine` says why a failure of this test does not count; "" where it does.
    `step` tells the step that failed, where the platform gives it. `iterated` marks a
    data-driven test. `video` is the address of a recording.
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

    @property
    def key(self) -> "TestKey":
        """What stays the same from run to run."""
        return TestKey(self.case_id or self.name, self.suite, self.machine)

    @property
    def bad(self) -> bool:
        """Whether the test was to pass and did not."""
        return self.outcome in {Outcome.FAILED, Outcome.ERROR, Outcome.NOT_RUN}

    @property
    def quarantined(self) -> bool:
        """Whether it did not pass, and that does not count."""
        return self.bad and bool(self.quarantine)

    @property
    def flaky(self) -> bool:
        """Whether it failed before it passed."""
        before = {each.outcome for each in self.earlier}
        return self.outcome is Outcome.PASSED and bool(before & {Outcome.FAILED, Outcome.ERROR})


class TestKey(NamedTuple):
    """A test, whichever run it is in; two of the same key in one run are told apart by their order."""

    test: str
    suite: str
    machine: str


class Page(NamedTuple):
    """Results of tests, a page of them.

    `next` is the cursor of the page after this one, None at the end. The rows of a page that
    `refines` only add to results of the same id that are known already. `reported` are counters
    that come with the results and not with the run. `filling` marks results that the platform is
    still writing down.
    """

    tests: Sequence[TestResult]
    next: str | None = None
    refines: bool = False
    reported: Reported | None = None
    filling: bool = False


class Target(NamedTuple):
    """Something to run once on a platform: a test plan, say. `ref` is read by its provider only."""

    key: str
    name: str
    ref: str = ""


class Origin(Enum):
    """Whose run it is. Only STARTED runs are ours to stop without being asked."""

    STARTED = "started"
    ADOPTED = "adopted"  # the platform answered our start with a run that was there already
    ATTACHED = "attached"


class Run(NamedTuple):
    """A run on the platform. `url` is its page for people, empty where there is none.

    `ref` is what its provider wants to remember of it; nobody else reads it.
    """

    id: str
    target: Target
    url: str = ""
    origin: Origin = Origin.STARTED
    ref: str = ""


class Snapshot(NamedTuple):
    """A run at one moment. `word` is the platform's own word for its state or, at the end, its result.

    `odd` holds a word that no table knows: it is shown once, and the wait goes on. `name` is the
    target's name as the platform tells it. `seconds` is the run's duration at its end.
    `waits_for` is what the platform waits for before it can go on, `hint` what people can do about it.
    `successor` is the run that the platform itself started to rerun what failed in this one.
    `whole` is what the platform says came out of this run and its successors together.
    `ref` is what the provider wants kept as the run's.
    """

    run_id: str
    status: Status
    word: str = ""
    result: RunResult | None = None
    reported: Reported = Reported(Counts())
    odd: str = ""
    name: str = ""
    seconds: float | None = None
    waits_for: str = ""
    hint: str = ""
    successor: Run | None = None
    whole: RunResult | None = None
    ref: str = ""


class Attempt(NamedTuple):
    """A run that was seen to its end, or as far as it was seen. `automatic` ones the platform began itself."""

    run: Run
    snapshot: Snapshot | None = None
    tests: Sequence[TestResult] = ()
    automatic: bool = False


class TestRun(NamedTuple):
    """A test run in a test management system: a record of results, beside the run on the platform."""

    id: str
    human_id: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.human_id or self.id


class TestCase(NamedTuple):
    """A test case there, as a test run holds it."""

    id: str
    title: str = ""
    human_id: str = ""


class CasePage(NamedTuple):
    """Test cases of a test run, a page of them; `next` is the cursor of the page after this one."""

    cases: Sequence[TestCase]
    next: str | None = None


class Record(NamedTuple):
    """One result to be written down. `status_id` is the system's id for the outcome."""

    case_id: str
    status_id: str
    description: str = ""


class Policy(NamedTuple):
    """The limits of the gate. The pass rate is a fraction of integers: it is compared exactly."""

    min_pass_rate: tuple[int, int] | None = (100, 1)
    max_failures: int | None = None
    fail_on: frozenset[Conclusion] | None = None
    max_flaky: int | None = None


class RunReport(NamedTuple):
    """All that is known of one target at the end: the material of its verdict.

    `run` is None where none was started. `snapshot` and `tests` are settled over all `attempts`.
    `fault` tells why something is missing; `halted` is the conclusion that cut the watch short
    (timed-out, cancelled, triggered; platform-error where the fault made us stop the run).
    `left_running` are runs that may still go on; `notes` say what else happened to the run.
    """

    target: Target
    run: Run | None = None
    snapshot: Snapshot | None = None
    tests: Sequence[TestResult] = ()
    fault: Exception | None = None
    halted: Conclusion | None = None
    seconds: float = 0.0
    attempts: Sequence[Attempt] = ()
    left_running: Sequence[Run] = ()
    notes: Sequence[str] = ()


class Verdict(NamedTuple):
    """A conclusion, why (one sentence), and the counts that it rests on."""

    conclusion: Conclusion
    reason: str
    counts: Counts = Counts()


class JudgedRun(NamedTuple):
    """A run's report with its verdict."""

    report: RunReport
    verdict: Verdict

    @property
    def name(self) -> str:
        """What people call it: the platform's name for it, else ours."""
        snapshot = self.report.snapshot
        return (snapshot.name if snapshot else "") or self.report.target.name

    @property
    def id(self) -> str:
        """The run's id; empty where none was started."""
        return self.report.run.id if self.report.run else ""

    @property
    def url(self) -> str:
        """The run's page for people; empty where none is known."""
        return self.report.run.url if self.report.run else ""

    @property
    def seconds(self) -> float:
        """The platform's duration where it tells one, else the time that we watched."""
        snapshot = self.report.snapshot
        if snapshot is not None and snapshot.seconds is not None:
            return snapshot.seconds
        return self.report.seconds


class Gate(NamedTuple):
    """The whole step at its end: what every report and output is made from.

    `exit_code` may be 0 for a red conclusion that `fail-on` leaves out. `notes` are sentences
    for people about the step as a whole. `remedy` says what to do about a red conclusion.
    `left_running` are the ids of runs that may go on, `to_stop` those of them that should not.
    `started_at` is epoch seconds. `test_run` is the id of the record in test management. `demo`
    marks a run against the simulator. `build_title` and `build_url` lead back to the build in CI,
    where the CI tells of it.
    """

    title: str
    verdict: Verdict
    exit_code: int
    runs: Sequence[JudgedRun] = ()
    remedy: str = ""
    notes: Sequence[str] = ()
    left_running: Sequence[str] = ()
    to_stop: Sequence[str] = ()
    seconds: float = 0.0
    started_at: float = 0.0
    demo: bool = False
    provider: str = ""
    test_run: str = ""
    build_title: str = ""
    build_url: str = ""


def failed_tests(runs: Iterable[JudgedRun]) -> list[tuple[JudgedRun, TestResult]]:
    """Every test that was to pass and did not, without quarantined ones; the gravest first, else in the given order."""
    found = [(run, test) for run in runs for test in run.report.tests if test.bad and not test.quarantine]
    return sorted(found, key=lambda pair: -pair[1].outcome.gravity)
