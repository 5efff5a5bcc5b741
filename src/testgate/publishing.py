"""The way out, the same for success, failure, timeout, cancel, outage, bad input and a bug.

Reports first, then outputs, then the last lines of the log.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from testgate.edges.claims import FILLED, JOB
from testgate.edges.console import Console
from testgate.edges.journal import Journal
from testgate.edges.workspace import Workspace
from testgate.errors import GateError, ReportError
from testgate.gate.outputs import as_variables, outputs_of
from testgate.gate.verdict import decides
from testgate.model import Conclusion, Gate, JudgedRun, Outcome, Policy, Run, TestResult, failed_tests
from testgate.ports import Platform, Report
from testgate.text import cut, one_line, plural, tidy

MOST_PROBLEMS = 10  # of each level a step: the runner keeps no more
REPORT_FILES = ("junit.xml", "summary.md", FILLED)
_SUMMARY_MARGIN = 1024
_PROGRAMS_SECONDS = 20.0  # for the CI's agent to take what it was given
_PROGRAMS_SECONDS_CANCELLED = 3.0  # a CI kills soon after a cancel


class Places(NamedTuple):
    """Where reports go: names as the user gave them, relative to the workspace where they are."""

    folder: str = "testgate-report"
    junit: str = ""

    def named(self, filename: str) -> str:
        """The path of a report."""
        return self.junit if self.junit and filename == "junit.xml" else f"{self.folder.rstrip('/')}/{filename}"

    def scanned(self, folder: str) -> str:
        """A second place of the JUnit report, in the folder where the CI looks by itself.

        "" where it does not look, or the user chose a place.
        """
        return f"{folder}/{Path(self.folder).name}.xml" if folder and not self.junit else ""


class Publisher:
    """Writes all that a step leaves behind."""

    def __init__(  # noqa: PLR0913  # everything that a step leaves something in
        self,
        *,
        console: Console,
        journal: Journal,
        platform: Platform,
        workspace: Workspace,
        reports: Mapping[str, Callable[[], Report]],
        places: Places,
        job_summary: bool = True,
        annotations: bool = True,
    ) -> None:
        """Take the edges and what the user wants of them."""
        self._console = console
        self._journal = journal
        self._platform = platform
        self._workspace = workspace
        self._reports = reports
        self._places = places
        self._job_summary = job_summary
        self._annotations = annotations

    def finish(self, gate: Gate, policy: Policy) -> int:
        """Write everything, and return the exit code."""
        gate = without_secrets(gate, self._workspace.redact)
        self._console.end_progress()
        files = {"report-dir": self._places.folder}
        for name, load in self._reports.items():
            files[f"{name}-file"] = self._write(gate, load)
        self._journal.perform(self._platform.published({name: path for name, path in files.items() if path}))
        if self._job_summary:
            self._show_summary(gate, files["summary-file"])
        gate = self._weigh_failures(gate, policy)
        self._tell_tests(gate)
        self._hand_out(outputs_of(gate, files), gate)
        cancelled = gate.verdict.conclusion is Conclusion.CANCELLED
        self._journal.settle(_PROGRAMS_SECONDS_CANCELLED if cancelled else _PROGRAMS_SECONDS)
        late = self._weigh_failures(gate, policy)
        if late is not gate:  # it was the outputs that could not be written: who can still be told is told
            gate = late
            self._hand_out(outputs_of(gate, files), gate)
            self._journal.settle(_PROGRAMS_SECONDS_CANCELLED)
        self._journal.perform(self._platform.concluded(_level(gate), _headline(gate), _why(gate)))
        self._tell_end(gate)
        return gate.exit_code

    def _write(self, gate: Gate, load: Callable[[], Report]) -> str:
        """Write one report; its path for later steps, "" if it could not be written."""
        given = ""

        def write() -> None:
            nonlocal given
            report = load()
            given = self._places.named(report.filename)
            also = self._places.scanned(self._platform.junit_folder) if report.filename == "junit.xml" else ""
            for name in filter(None, (given, also)):
                self._workspace.write(self._workspace.place(name), report.render(gate))

        return given if self._journal.attempt(self._surely(write)) else ""

    def _surely(self, write: Callable[[], None]) -> Callable[[], None]:
        """The same, but a bug in it is told and costs that report alone, not the outputs that follow."""

        def attempt() -> None:
            try:
                write()
            except ReportError:
                raise
            except Exception as error:
                import traceback  # only for a bug

                self._console.line("".join(traceback.format_exception(error)))
                raise ReportError(
                    f"a report is missing: a bug in TestGate ({type(error).__name__})", remedy=_BUG
                ) from error

        return attempt

    def _show_summary(self, gate: Gate, path: str) -> None:
        """Show the summary on the build's page, cut to what there is room for; it lies at this path, "" if nowhere."""
        limit, shared = self._platform.summary_limit, self._platform.summary_file
        if not limit:
            return
        room = limit - (_size(Path(shared)) if shared else 0) - _SUMMARY_MARGIN

        def write() -> None:
            text = "".join(self._reports["summary"]().render(gate, limit=room))
            if text:
                self._journal.perform(self._platform.show_summary(_level(gate), text, path))

        self._journal.attempt(self._surely(write))

    def _weigh_failures(self, gate: Gate, policy: Policy) -> Gate:
        """A report that is missing makes a green step red; it never hides another conclusion."""
        failures = self._journal.failures
        if not failures or not gate.verdict.conclusion.green:
            return gate
        verdict = gate.verdict._replace(conclusion=Conclusion.REPORT_ERROR, reason=failures[0].message)
        code = Conclusion.REPORT_ERROR.exit_code if decides(Conclusion.REPORT_ERROR, policy) else 0
        return gate._replace(verdict=verdict, exit_code=code, remedy=failures[0].remedy or _DISK)

    def _hand_out(self, outputs: Mapping[str, str], gate: Gate) -> None:
        """Outputs to the CI, and into the report directory for everybody else."""
        import json  # at the end there is time

        held = {
            FILLED: json.dumps({JOB: self._platform.build.job, **as_variables(outputs)}, indent=2) + "\n",
            **self._platform.files(outputs),
        }
        for filename, text in held.items():
            self._put(self._places.named(filename), [text])
        self._journal.finish(outputs, gate.to_stop)

    def hand_out_early(self, outputs: Mapping[str, str]) -> None:
        """The first outputs into the report directory, for CIs that read them from there."""
        for filename, text in self._platform.files(outputs).items():
            self._put(self._places.named(filename), [text])

    def _put(self, given: str, chunks: Iterable[str]) -> bool:
        """Write a file of the report directory; True if it was written."""
        return self._journal.attempt(lambda: self._workspace.write(self._workspace.place(given), chunks))

    def _tell_tests(self, gate: Gate) -> None:
        """The most important problems where the CI shows problems; in any case in the log."""
        level = "error" if gate.exit_code else "warning"
        found = failed_tests(gate.runs)
        whole = not gate.verdict.conclusion.green and not (found and gate.verdict.conclusion is Conclusion.FAILED)
        if whole and self._annotations and self._platform.annotates:  # the failed tests are not what it is about
            self._problem(level, _headline(gate), _why(gate))
        shown = found[: MOST_PROBLEMS - whole]
        for run, test in shown:
            self._problem(level, _title(run, test, several=len(gate.runs) > 1), test.message or _word(test))
        if len(found) > len(shown):
            where = self._places.named("junit.xml")
            self._console.line(
                f"… and {plural(len(found) - len(shown), 'more test')} that did not pass; all are in {where}"
            )
        if gate.demo:
            self._problem("notice", "TestGate demo", "This was the embedded simulator: nothing real was tested.")

    def _problem(self, level: str, title: str, message: str) -> None:
        """An annotation, or a line of the log where the user wants none."""
        if self._annotations:
            self._journal.perform(self._platform.problem(level, title, message))
        else:
            self._console.line(f"{level}: {one_line(title)}: {one_line(message)}")

    def _tell_end(self, gate: Gate) -> None:
        """Verdict, pages, remedy, reports, exit code: what somebody woken at night reads first."""
        line = self._console.line
        line()
        line(f"{gate.verdict.conclusion.upper()}: {gate.verdict.reason}")
        for run in gate.runs:
            several = f"{cut(run.name, 60)}: {run.verdict.conclusion}  " if len(gate.runs) > 1 else ""
            if run.url:
                line(f"  {several}{run.url}")
        for note in gate.notes:
            line(f"  {note}")
        if gate.remedy:
            line(f"  What to do: {gate.remedy}")
        if gate.left_running:
            line(f"  May still be running on the platform: {', '.join(gate.left_running)}")
        if not self._journal.failures:  # each has its line above, with what to do
            line(f"  Reports: {self._places.folder}/ (summary.md, {self._places.junit or 'junit.xml'}, outputs.json)")
        tolerated = (
            " (`fail-on` leaves this conclusion out)"
            if not gate.exit_code and not gate.verdict.conclusion.green
            else ""
        )
        line(f"  Exit code: {gate.exit_code}{tolerated}")


def without_secrets(gate: Gate, redact: Callable[[str], str]) -> Gate:
    """The gate before its words are escaped for a page or a command: a secret that is escaped is not found there.

    The tests went the same way when they were read. `to_stop` is for the cleanup, not for people.
    """

    def told(text: str) -> str:
        return tidy(text, redact)

    def tidy_run(run: Run) -> Run:
        return run._replace(id=told(run.id), url=told(run.url), target=run.target._replace(name=told(run.target.name)))

    def tidy_judged(judged: JudgedRun) -> JudgedRun:
        report, fault = judged.report, judged.report.fault
        report = report._replace(
            target=report.target._replace(name=told(report.target.name)),
            run=tidy_run(report.run) if report.run else None,
            fault=GateError(told(str(fault)), remedy=told(getattr(fault, "remedy", ""))) if fault else None,
            attempts=[attempt._replace(run=tidy_run(attempt.run)) for attempt in report.attempts],
            left_running=[tidy_run(run) for run in report.left_running],
            notes=[told(note) for note in report.notes],
        )
        return JudgedRun(report, judged.verdict._replace(reason=told(judged.verdict.reason)))

    return gate._replace(
        title=told(gate.title),
        verdict=gate.verdict._replace(reason=told(gate.verdict.reason)),
        runs=[tidy_judged(run) for run in gate.runs],
        remedy=told(gate.remedy),
        notes=[told(note) for note in gate.notes],
        left_running=tuple(told(run) for run in gate.left_running),
        test_run=told(gate.test_run),
        build_title=told(gate.build_title),
        build_url=told(gate.build_url),
    )


_BUG = "Please report it with this log."
_DISK = "Check that the directory can be written to, and that the disk is not full."


def _title(run: JudgedRun, test: TestResult, *, several: bool) -> str:
    """What failed, and where."""
    where = " / ".join(filter(None, (run.name if several else "", test.suite, test.name)))
    return f"{where} ({test.machine})" if test.machine else where


def _word(test: TestResult) -> str:
    """What to say of a test without a message."""
    if test.outcome is Outcome.NOT_RUN:
        return f"was to run and did not ({test.word or 'no result'})"
    return f"the platform gives no message, only the result {test.word}"


def _level(gate: Gate) -> str:
    """How grave the step's end is: error where it is red, warning where `fail-on` leaves it out."""
    if gate.exit_code:
        return "error"
    return "success" if gate.verdict.conclusion.green else "warning"


def _headline(gate: Gate) -> str:
    """The step's end in two words."""
    return f"TestGate: {gate.verdict.conclusion}"


def _why(gate: Gate) -> str:
    """Reason, what else is to be said of a step without runs, and remedy."""
    notes = [] if gate.runs else gate.notes
    return "\n".join(filter(None, (gate.verdict.reason, *notes, gate.remedy)))


def _size(path: Path) -> int:
    """The bytes that a file holds already."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
