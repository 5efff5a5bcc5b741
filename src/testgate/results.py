"""What becomes of runs: the report on each, its verdict, and the gate as a whole."""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from testgate.model import (
    Attempt,
    Change,
    Conclusion,
    Counts,
    EarlierBuild,
    Intent,
    Outcome,
    Run,
    Snapshot,
    Target,
    TestResult,
)


class Policy(NamedTuple):
    """The limits of the gate. The pass rate is a fraction of integers, so that it can be compared exactly."""

    min_pass_rate: tuple[int, int] | None = (100, 1)
    max_failures: int | None = None
    fail_on: frozenset[Conclusion] | None = None
    max_flaky: int | None = None


class Baseline(NamedTuple):
    """The earlier build that a run is compared with.

    `branch` is the branch that it is from, if that isn't the one of this build. `gone` are the names of tests that it
    had and this run hasn't. `expected` is the usual duration in seconds. `report_id` is that of its
    results; "" if it isn't known.
    """

    build: EarlierBuild
    branch: str = ""
    gone: Sequence[str] = ()
    expected: float | None = None
    report_id: str = ""


class Origin(NamedTuple):
    """The build of the CI that a step belongs to, as far as the CI says: which reports belong together."""

    workflow: str = ""
    run: str = ""
    attempt: int = 1
    commit: str = ""


class RunReport(NamedTuple):
    """Everything known about one target at the end, which its verdict is based on.

    `run` is None if none was started. `snapshot` and `tests` are settled over all `attempts`.
    `fault` says why something is missing; `halted` is the conclusion that ended the watch early
    (timed-out, cancelled, triggered; platform-error if the fault made us stop the run).
    `left_running` are runs that may still be running, `lost` triggers that may have started one that
    nobody found; `notes` say what else happened. `baseline` is what the tests are compared with.
    `late` are ids of runs that were given up since one of their own limits expired. A `cut` one wasn't waited for,
    since another one had made the step red: it is neither a failure nor a success.
    `aborted` are the runs before this one that the platform gave up.
    `leg` tells the run from others of the same target, where one gate holds several legs.
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
    lost: Sequence[Intent] = ()
    notes: Sequence[str] = ()
    baseline: Baseline | None = None
    late: Sequence[str] = ()
    cut: bool = False
    aborted: Sequence[Run] = ()
    leg: str = ""


class Verdict(NamedTuple):
    """A conclusion, its reason (one sentence), and the counts behind it."""

    conclusion: Conclusion
    reason: str
    counts: Counts = Counts()


class JudgedRun(NamedTuple):
    """A run's report with its verdict."""

    report: RunReport
    verdict: Verdict

    @property
    def name(self) -> str:
        """The platform's name for the target, or ours."""
        snapshot = self.report.snapshot
        return (snapshot.name if snapshot else "") or self.report.target.name

    @property
    def label(self) -> str:
        """The name, with the leg if the gate holds several."""
        return f"{self.name} ({self.report.leg})" if self.report.leg else self.name

    @property
    def id(self) -> str:
        """The run's id; "" if none was started."""
        return self.report.run.id if self.report.run else ""

    @property
    def ids(self) -> list[str]:
        """The ids of the run and its reruns, in order; those that the platform gave up come first."""
        before = (run.id for run in self.report.aborted)
        found = dict.fromkeys([*before, self.id, *(each.run.id for each in self.report.attempts)])
        return [each for each in found if each]

    @property
    def url(self) -> str:
        """The run's page for people; "" if none is known."""
        return self.report.run.url if self.report.run else ""

    @property
    def seconds(self) -> float:
        """The duration that the platform reports, reruns included, or the time that we watched."""
        snapshot = self.report.snapshot
        if snapshot is None or snapshot.seconds is None:
            return self.report.seconds
        later = [each.snapshot.seconds if each.snapshot else None for each in self.report.attempts[1:]]
        if None in later:
            return max(self.report.seconds, snapshot.seconds)
        return snapshot.seconds + sum(each for each in later if each is not None)


class Gate(NamedTuple):
    """The whole step at its end: every report and output is made from it.

    `exit_code` can be 0 for a red conclusion, if `fail-on` doesn't contain it. `notes` are sentences for people
    about the whole step, `lines` what a command has shown in the log already. `remedy` says what to do about a red
    conclusion. `left_running` are the ids of runs that may still be running, or the build number where the id isn't
    known. `to_stop` are ids of those that should be stopped, `to_find` the triggers whose runs should be looked for
    and stopped, `left` the ids of those that were left on purpose. `started_at` is epoch seconds. `test_run` is the
    id of the test run in test management. `demo` marks a run against the simulator. `build_title` and `build_url`
    lead back to the CI build, if the CI provides them; `build_job` is shared by the steps of its job. `leg` tells
    the step from others that run the same tests. `origin` is the build that it belongs to. `limits` are those that
    the verdict was formed with. `legs` are the names of the legs that were merged.
    """

    title: str
    verdict: Verdict
    exit_code: int
    runs: Sequence[JudgedRun] = ()
    remedy: str = ""
    notes: Sequence[str] = ()
    lines: Sequence[str] = ()
    left_running: Sequence[str] = ()
    to_stop: Sequence[str] = ()
    to_find: Sequence[Intent] = ()
    left: Sequence[str] = ()
    seconds: float = 0.0
    started_at: float = 0.0
    demo: bool = False
    provider: str = ""
    test_run: str = ""
    build_title: str = ""
    build_url: str = ""
    build_job: str = ""
    leg: str = ""
    origin: Origin = Origin()
    limits: Policy = Policy()
    legs: Sequence[str] = ()

    @property
    def report_id(self) -> str:
        """A UUID of this step's results: the same in every report, and another one for every other step."""
        import uuid  # only the end needs it

        facts = (*(self.build_url, self.build_job, self.title, self.leg, self.provider, self.started_at, self.seconds),)
        return str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(facts)))


def changed(runs: Iterable[JudgedRun], change: Change) -> int:
    """How many tests changed in this way since the baseline."""
    return sum(test.change is change for run in runs for test in run.report.tests)


def failed_tests(runs: Iterable[JudgedRun]) -> list[tuple[JudgedRun, TestResult]]:
    """Every test that should have passed and didn't, without excused ones; new failures and severe ones first."""
    others = [(run, test) for run in runs for test in run.report.tests if test.outcome is not Outcome.PASSED]
    found = [(run, test) for run, test in others if test.bad and not test.excused]
    return sorted(found, key=lambda pair: (pair[1].change is Change.KNOWN, -pair[1].outcome.gravity))
