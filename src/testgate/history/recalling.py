"""Puts a run beside what earlier builds said about it, and makes what later builds will read of it. Pure."""

from collections.abc import Callable
from typing import NamedTuple

from testgate.gate.evidence import weigh
from testgate.history.comparing import Compared, Current, compare, expected_seconds
from testgate.history.keeping import LineResult, added
from testgate.history.model import BuildRecord, History, Key, Line, LineHistory, Part
from testgate.model import Change, Outcome, RunResult, Target, TestResult, has_ended
from testgate.results import Baseline, Gate, JudgedRun, RunReport
from testgate.text import one_line

_JUDGED = frozenset({RunResult.PASSED, RunResult.FAILED})


class Recollection(NamedTuple):
    """The past as this step sees it. `provider` and `leg` are part of each test's identity.

    With `tolerates`, a failure that the baseline has already doesn't count. A `partial` step runs only some tests of
    its targets. `job` is what the steps of this job have in common, `job_name` what the job is called in each build.
    """

    history: History
    current: Current
    provider: str = ""
    leg: str = ""
    tolerates: bool = False
    partial: bool = False
    job: str = ""
    job_name: str = ""

    def line(self, target: Target) -> Line:
        """What identifies the target from build to build."""
        return Line(self.provider, target.key, target.environment, self.leg)

    def expected(self, target: Target) -> float | None:
        """How many seconds the target usually takes; None if no earlier build tells."""
        return expected_seconds(self.history, self.current, self.line(target))

    def earlier(self, target: Target) -> tuple[BuildRecord, Part] | None:
        """What the newest other attempt of this job says about the target; None if nothing is known of one."""
        parts = self.history.lines.get(self.line(target), LineHistory()).parts
        for number in sorted(parts, reverse=True):
            build, part = self.history.builds[number], parts[number]
            here = build.same_build(self.current.record) and build.commit == self.current.record.commit
            if here and part.job_name == self.job_name and part.job != self.job and part.runs:
                return build, part
        return None

    def recall(self, report: RunReport) -> RunReport:
        """The report with its baseline, and each test with its past."""
        line = self.line(report.target)
        found = compare(self.history, self.current, line, report.tests, whole=self.is_whole(report))
        tests = [
            test._replace(past=past, tolerated=self._tolerates(test, past.change))
            for test, past in zip(report.tests, found.pasts, strict=True)
        ]
        return report._replace(tests=tests, baseline=self._baseline(found, line))

    def is_whole(self, report: RunReport) -> bool:
        """Whether the run came to its end with all its tests, so that later builds can be compared with it."""
        if self.partial or report.halted or report.fault or not has_ended(report.snapshot) or report.snapshot is None:
            return False
        if report.snapshot.result not in _JUDGED or report.snapshot.doubts:
            return False
        evidence = weigh(report.snapshot.reported, report.tests)
        return not (evidence.missing or evidence.nothing_executed or evidence.contradiction)

    def added_to(self, history: History, gate: Gate, seal: Callable[[Target, Part], Part]) -> History:
        """The history with the results of this step; `seal` adds a seal to what is kept of a run."""
        found = {
            self.line(run.report.target): LineResult(run.report.tests, seal(run.report.target, self._facts(run, gate)))
            for run in gate.runs
            if run.ids
        }
        return added(history, self.current.record, found, self.current.target)

    def _facts(self, run: JudgedRun, gate: Gate) -> Part:
        """What is kept of a run besides its tests."""
        return Part(
            whole=self.is_whole(run.report),
            seconds=run.seconds,
            runs=run.ids,
            report=gate.report_id,
            job=self.job,
            job_name=self.job_name,
        )

    def _tolerates(self, test: TestResult, change: Change) -> bool:
        """Whether a failure of the test is known and doesn't count for that reason; a quarantine has its own."""
        failed = test.outcome in {Outcome.FAILED, Outcome.ERROR}
        return self.tolerates and failed and change is Change.KNOWN and not test.quarantine

    def _baseline(self, found: Compared, line: Line) -> Baseline | None:
        """The baseline for people."""
        if found.baseline is None:
            return None
        known = self.history.lines.get(line, LineHistory())
        other = found.baseline.series if found.baseline.series != self.current.record.series else ""
        gone = [_shown(key, known) for key in found.gone]
        return Baseline(found.baseline.shown, one_line(other), gone, found.expected, found.report)


def _shown(key: Key, known: LineHistory) -> str:
    """What people call a test that is no longer there."""
    name = known.names.get(known.tests[key], key.test)
    return " / ".join(one_line(part) for part in (key.suite, name, key.machine) if part)
