"""The values that all other modules use. No I/O, no clock, no vendor.

Most are named tuples: immutable like frozen dataclasses, and a third of the cost to define, which
matters at start-up.
"""

from collections.abc import Sequence
from enum import Enum, StrEnum
from typing import NamedTuple


class Conclusion(StrEnum):
    """How a step or a run ended; the value is the word that users see."""

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
        """The exit code of the process; for SIGTERM it is 143 instead, which only the caller knows."""
        return _EXIT_CODES[self]

    @property
    def green(self) -> bool:
        """Whether the requested action succeeded."""
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
    """The outcome of one test."""

    PASSED = "passed"
    SKIPPED = "skipped"
    NOT_RUN = "not-run"
    ERROR = "error"
    FAILED = "failed"

    @property
    def gravity(self) -> int:
        """Larger is worse; of two statements about one test, the worse one counts."""
        return _GRAVITY[self]


_GRAVITY = {outcome: rank for rank, outcome in enumerate(Outcome)}


class Status(Enum):
    """The state of a run; its outcome is a `RunResult`."""

    QUEUED = "queued"
    RUNNING = "running"
    ENDED = "ended"


class RunResult(Enum):
    """The platform's result of a run that has ended."""

    PASSED = "passed"
    FAILED = "failed"
    STOPPED = "stopped"
    NOT_EXECUTED = "not executed"
    UNKNOWN = "unknown"


class Counts(NamedTuple):
    """The number of tests by outcome.

    The last two overlap with the others: `flaky` tests are among the passed, `quarantined` ones
    among those that didn't pass.
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
        """The number of all tests."""
        return self.passed + self.failed + self.errors + self.skipped + self.not_run

    @property
    def executed(self) -> int:
        """The number of tests that ran; without any, nothing is proven."""
        return self.passed + self.failed + self.errors

    @property
    def weighed(self) -> int:
        """The denominator of the pass rate: all tests except skipped and quarantined ones."""
        return self.total - self.skipped - self.quarantined

    @property
    def unsuccessful(self) -> int:
        """The number of tests that should have passed and didn't, without quarantined ones."""
        return self.weighed - self.passed

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
    """The result of a test in an attempt before its last."""

    outcome: Outcome
    message: str = ""
    seconds: float | None = None
    run_id: str = ""


class TestResult(NamedTuple):
    """One test of one run, or of a run and its reruns.

    `id` is the platform's id of this result and changes with every run; `case_id`, `suite` and
    `machine` don't. `seconds` is None if the platform reports no duration. `word` is the platform's
    own word for the result. `earlier` holds the attempts before this one, oldest first.
    `quarantine` says why a failure of this test doesn't count; "" if it does. `step` is the step
    that failed, if known. `iterated` marks a data-driven test. `video` is the URL of a recording.
    `started` is when its last attempt started, in epoch seconds, if the platform says so.
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

    @property
    def key(self) -> "TestKey":
        """What identifies the test from run to run."""
        return TestKey(self.case_id or self.name, self.suite, self.machine)

    @property
    def bad(self) -> bool:
        """Whether the test should have passed and didn't."""
        return self.outcome in {Outcome.FAILED, Outcome.ERROR, Outcome.NOT_RUN}

    @property
    def quarantined(self) -> bool:
        """Whether the test didn't pass, and that doesn't count."""
        return self.bad and bool(self.quarantine)

    @property
    def flaky(self) -> bool:
        """Whether the test failed before it passed."""
        before = {each.outcome for each in self.earlier}
        return self.outcome is Outcome.PASSED and bool(before & {Outcome.FAILED, Outcome.ERROR})


class TestKey(NamedTuple):
    """A test in any run; two with the same key in one run are distinguished by their order."""

    test: str
    suite: str
    machine: str


class Page(NamedTuple):
    """One page of test results.

    `next` is the cursor of the next page, None at the end. Rows of a page that `refines` only add
    to results whose id is already known. `reported` are counters that come with the results instead
    of the run. `filling` marks a list that the platform is still writing, `unsettled` one with tests
    that have no result yet. `result` is what the list itself says about the run. `doubts` say what in
    it contradicts or cannot be read.
    """

    tests: Sequence[TestResult]
    next: str | None = None
    refines: bool = False
    reported: Reported | None = None
    filling: bool = False
    unsettled: bool = False
    result: RunResult | None = None
    doubts: tuple[str, ...] = ()


class Target(NamedTuple):
    """Something to run once on a platform, such as a test plan. Only its provider reads `ref`.

    `environment` is the one that the user chose to run it in: in another one, its tests are others.
    """

    key: str
    name: str
    ref: str = ""
    environment: str = ""


class Intent(NamedTuple):
    """A trigger that may have started a run, and got no answer. `target` is the key of its target, `mark` is ours.

    `build_no` is the build number that the run carries on the platform; "" if it carries none.
    """

    target: str
    mark: str
    build_no: str = ""


class Origin(Enum):
    """Who started a run. Only STARTED runs may be stopped without the user asking for it."""

    STARTED = "started"
    ADOPTED = "adopted"  # the platform answered our trigger with a run that already existed
    ATTACHED = "attached"


class Run(NamedTuple):
    """A run on the platform. `url` is its page for people, "" if there is none.

    `ref` is whatever its provider wants to remember about it; nobody else reads it. `ancestors` are
    the ids of the runs that it is a rerun of, if the platform itself started it: it is stopped only
    if its own snapshot names one of them.
    """

    id: str
    target: Target
    url: str = ""
    origin: Origin = Origin.STARTED
    ref: str = ""
    ancestors: tuple[str, ...] = ()


class Snapshot(NamedTuple):
    """A run at one moment. `word` is the platform's own word for its state or, at the end, its result.

    `odd` is a word that no table knows: it is logged once, and the wait continues. `name` is the
    target's name on the platform. `seconds` is the run's duration, at its end. `waits_for` is what
    the platform waits for before it can continue, `hint` what people can do about it. `successor` is
    the run that the platform itself started to rerun failed tests of this one. `whole` is the
    platform's result of this run and its successors together. `listed` is what the list of tests
    says about the run. `doubts` say what contradicts or cannot be read: with a doubt, nothing is
    proven green. `parent` is the id of the run that this one is a rerun of, if the platform says so.
    `ref` replaces the run's `ref`. `inferred` marks an end that only the meaning of an undocumented
    word shows: green then needs every witness.
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
    listed: RunResult | None = None
    doubts: tuple[str, ...] = ()
    parent: str = ""
    ref: str = ""
    inferred: bool = False

    def confirms(self, run: Run) -> bool:
        """Whether the platform itself says that this is the rerun that we take it for."""
        return not run.ancestors or (self.parent in run.ancestors and self.ref == run.ref)

    def contradicts(self, run: Run) -> bool:
        """Whether the platform says that this run belongs to another plan, or reruns another run."""
        other_parent = bool(self.parent) and self.parent not in run.ancestors
        other_plan = bool(self.ref) and bool(run.ref) and self.ref != run.ref
        return bool(run.ancestors) and (other_parent or other_plan)


class Attempt(NamedTuple):
    """A run as far as it was watched. The platform itself started an `automatic` one.

    `read` is False until its list of tests was read: an unread list is not an empty one.
    """

    run: Run
    snapshot: Snapshot | None = None
    tests: Sequence[TestResult] = ()
    automatic: bool = False
    read: bool = True

    @property
    def ended(self) -> bool:
        """Whether the platform said that the run has ended."""
        return has_ended(self.snapshot)


def has_ended(snapshot: Snapshot | None) -> bool:
    """Whether this is the snapshot of a run that has ended."""
    return snapshot is not None and snapshot.status is Status.ENDED
