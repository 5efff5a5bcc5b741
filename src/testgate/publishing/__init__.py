"""The one way out of a step: success, failure, timeout, cancel, outage, invalid inputs and a bug.

First the reports, then the outputs, then the last lines of the log.
"""

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import Protocol

from testgate.acts import Print
from testgate.edges.claims import FILLED, JOB
from testgate.edges.places import Places
from testgate.edges.signals import EXIT_CODES
from testgate.edges.step import Step
from testgate.errors import ReportError
from testgate.gate.announcing import announcements
from testgate.gate.outputs import as_variables, outputs_of
from testgate.gate.safety import without_secrets
from testgate.gate.shortlist import shortlist
from testgate.gate.verdict import decides
from testgate.model import Conclusion
from testgate.ports import CTRF, JUNIT, NOTIFY, ReportEntry
from testgate.publishing.last_lines import last_lines
from testgate.results import Gate, Policy
from testgate.text import one_line, plural

MOST_PROBLEMS = 10  # of each level per step: the GitHub runner keeps no more
SUMMARY = "summary"  # this report is also shown on the build's page
_SUMMARY_MARGIN = 1024
_PROGRAMS_SECONDS = 20.0  # for the CI's agent to take the outputs
_PROGRAMS_SECONDS_CANCELLED = 3.0  # a CI kills the step soon after a cancel
_REPORTS_SECONDS_CANCELLED = 3.0  # for all reports, without which outputs would come too late
_LOST = """  The reports are lost with this container. Keep them: docker run -v "$PWD:$PWD" -w "$PWD" …"""
_BUG = "Please report it with this log."
_DISK = "Check that the directory is writable, and that the disk is not full."


class Remember(Protocol):
    """Adds the runs of a step to the history."""

    def __call__(self, gate: Gate, *, hurried: bool) -> None:
        """Do it; `hurried` if the step was cancelled.

        Raises:
            ReportError: the history could not be written.

        """


@dataclass(eq=False, repr=False)
class Publisher:
    """Writes everything that a step leaves behind. `reports` are all reports by name.

    `remember` adds the step's runs to the history of its tests; None if there is none. `comment` writes the comment on
    the pull request, and returns a level ("" for the log alone) and a sentence about it; None if none is wanted.
    """

    step: Step
    reports: Mapping[str, ReportEntry]
    places: Places
    job_summary: bool = True
    annotations: bool = True
    remember: "Remember | None" = None
    comment: Callable[[Gate], tuple[str, str]] | None = None
    _writes_until: float = float("inf")

    def publish(self, gate: Gate, policy: Policy) -> int:
        """Write everything, and return the exit code."""
        step = self.step
        gate = without_secrets(gate, step.redact)
        step.console.end_progress()
        heard = step.world.signals.first
        self._writes_until = step.world.monotonic() + _REPORTS_SECONDS_CANCELLED if heard else float("inf")
        files = {f"{name}-file": self._write(gate, name, heard) for name in self.reports}
        written, gate = gate, self._cancelled_since(gate, heard)
        published = {"report-dir": self.places.folder, **{name: path for name, path in files.items() if path}}
        step.journal.perform(step.platform.published(published))
        if self.job_summary and step.world.signals.first is heard:
            self._show_summary(gate, files[f"{SUMMARY}-file"])
        gate = self._with_failures(gate, policy)
        self._announce_tests(gate)
        gate = self._hand_out_all(gate, files, policy)
        self._correct(written, gate)
        self._remember(gate)
        self._comment(gate)
        concluded = step.platform.concluded(_level(gate), _headline(gate), _explanation(gate))
        step.journal.perform(concluded, decorates=True)
        self._log_end(gate)
        return gate.exit_code

    def hand_out_first(self, outputs: Mapping[str, str]) -> None:
        """Write the first outputs to the report directory, for CIs that read them from there."""
        for filename, text in self.step.platform.files(outputs).items():
            self._put(filename, text)

    def _cancelled_since(self, gate: Gate, heard: Signals | None) -> Gate:
        """The gate, cancelled if a signal came while the reports were written."""
        signal = self.step.world.signals.first
        if signal is None or signal is heard:
            return gate
        reason = f"cancelled by {signal.name} while reports were written; {gate.verdict.reason}"
        verdict = gate.verdict._replace(conclusion=Conclusion.CANCELLED, reason=reason)
        return gate._replace(verdict=verdict, exit_code=EXIT_CODES[signal])

    def _until_signal(self, chunks: Iterable[str], heard: Signals | None) -> Iterator[str]:
        """The text of a report; a CI that has sent a signal doesn't wait for a huge one.

        Raises:
            ReportError: a signal came meanwhile, or so long ago that the CI is about to kill the step.

        """
        for chunk in chunks:
            if self.step.world.monotonic() > self._writes_until:
                raise ReportError("the step was cancelled, and there is no time to write a report of this size")
            if self.step.world.signals.first is not heard:
                raise ReportError("the step was cancelled while its reports were written")
            yield chunk

    def _write(self, gate: Gate, name: str, heard: Signals | None) -> str:
        """Write one report; returns its path for later steps, or ""."""
        entry, workspace = self.reports[name], self.step.workspace
        path = self.places.path(entry.filename)
        copy = self.places.copy(entry.filename, self.step.platform.junit_folder) if name == JUNIT else ""
        with self.step.journal.attempt() as attempt, _bugs_as_failures(self.step):
            report = entry.load()
            for each in filter(None, (path, copy)):
                workspace.write(workspace.place(each), self._until_signal(report.render(gate), heard))
        return path if attempt.succeeded else ""

    def _correct(self, written: Gate, gate: Gate) -> None:
        """Write again what others take the verdict from, a merge or a chat, if that got worse meanwhile."""
        if written.verdict == gate.verdict:
            return
        self._writes_until = min(self._writes_until, self.step.world.monotonic() + _REPORTS_SECONDS_CANCELLED)
        for name in (each for each in (NOTIFY, CTRF) if each in self.reports):
            with contextlib.suppress(ReportError):  # what says less than is known must not stay
                self.step.workspace.discard(self.step.workspace.place(self.places.path(self.reports[name].filename)))
            self._write(gate, name, self.step.world.signals.first)

    def _show_summary(self, gate: Gate, path: str) -> None:
        """Show the summary on the build's page, cut to the space there; the whole one is at `path`, if not ""."""
        platform = self.step.platform
        limit, shared = platform.summary_limit, platform.summary_file
        if not limit:
            return
        room = limit - (_size(Path(shared)) if shared else 0) - _SUMMARY_MARGIN
        with self.step.journal.attempt(), _bugs_as_failures(self.step):
            text = "".join(self.reports[SUMMARY].load().render(gate, limit=room))
            if text:
                self.step.journal.perform(platform.show_summary(_level(gate), text, path), decorates=True)

    def _with_failures(self, gate: Gate, policy: Policy) -> Gate:
        """A missing report makes a green step red; it never hides another conclusion."""
        failures = self.step.journal.failures
        if not failures or not gate.verdict.conclusion.green:
            return gate
        verdict = gate.verdict._replace(conclusion=Conclusion.REPORT_ERROR, reason=failures[0].message)
        code = Conclusion.REPORT_ERROR.exit_code if decides(Conclusion.REPORT_ERROR, policy) else 0
        return gate._replace(verdict=verdict, exit_code=code, remedy=failures[0].remedy or _DISK)

    def _hand_out_all(self, gate: Gate, files: Mapping[str, str], policy: Policy) -> Gate:
        """Hand out all outputs, and correct them if handing them out failed; returns the gate as it was handed out."""
        self._hand_out(gate, files)
        cancelled = gate.verdict.conclusion is Conclusion.CANCELLED
        self.step.journal.settle(_PROGRAMS_SECONDS_CANCELLED if cancelled else _PROGRAMS_SECONDS)
        corrected = self._with_failures(gate, policy)
        if corrected is not gate:
            self._hand_out(corrected, files)
            self.step.journal.settle(_PROGRAMS_SECONDS_CANCELLED)
        return corrected

    def _hand_out(self, gate: Gate, files: Mapping[str, str]) -> None:
        """Outputs for the CI, and in the report directory for everybody else."""
        outputs = outputs_of(gate, self.places.folder, files)
        job = self.step.platform.build.job
        self._put(FILLED, json.dumps({JOB: job, **as_variables(outputs)}, indent=2) + "\n")
        self.hand_out_first(outputs)
        self.step.journal.finish(outputs, gate.to_stop, to_find=gate.to_find, left=gate.left)

    def _put(self, filename: str, text: str) -> None:
        """Write a file of the report directory."""
        workspace = self.step.workspace
        with self.step.journal.attempt():
            workspace.write(workspace.place(self.places.path(filename)), [text])

    def _remember(self, gate: Gate) -> None:
        """Add the runs to the history; without that, later builds are compared with an older one."""
        if self.remember is None:
            return
        try:
            with _bugs_as_failures(self.step):
                self.remember(gate, hurried=self.step.world.signals.first is not None)
        except ReportError as error:
            self._announce("warning", "History", f"This build is missing in the history: {error}")

    def _comment(self, gate: Gate) -> None:
        """Write the comment on the pull request. It affects nothing else."""
        if self.comment is None:
            return
        try:
            with _bugs_as_failures(self.step):
                level, said = self.comment(gate)
        except ReportError as error:
            level, said = "warning", str(error)
        if level:
            self._announce(level, "Comment", said)
        else:
            self.step.console.line(said)

    def _announce_tests(self, gate: Gate) -> None:
        """Announce the most important problems: as annotations if the CI has them, and always in the log."""
        # Where pages show annotations, the verdict comes first; the log ends with it anyway.
        whole = not gate.verdict.conclusion.green and self.annotations and self.step.platform.annotates
        if whole:
            self._announce("error" if gate.exit_code else "warning", _headline(gate), _explanation(gate))
        found = announcements(gate, MOST_PROBLEMS - whole)
        for each in found.shown:
            self._announce(*each)
        if found.left_out:
            where = self.places.path(self.reports[JUNIT].filename)
            rest = plural(found.left_out, "more test")
            self.step.console.line(f"… and {rest} that did not pass; see {where} for all of them")
        if gate.demo:
            self._announce("notice", "TestGate demo", "This was the embedded simulator: nothing real was tested.")

    def _announce(self, level: str, title: str, message: str) -> None:
        """An annotation, or a line of the log if the user wants no annotations."""
        if self.annotations:
            self.step.journal.perform(self.step.platform.problem(level, title, message))
        else:
            self.step.console.line(f"{level}: {one_line(title)}: {one_line(message)}")

    def _list_at_terminal(self, gate: Gate) -> None:
        """Show people at a terminal the failed tests once more; a CI's log has them above."""
        world = self.step.world
        columns = world.columns()
        if columns:
            colored = not world.environ.get("NO_COLOR") and world.environ.get("TERM") != "dumb"
            self.step.journal.perform([Print(each) for each in shortlist(gate, columns, colored=colored)])

    def _log_end(self, gate: Gate) -> None:
        """End the log."""
        names = [self.places.moved.get(entry.filename, entry.filename) for entry in self.reports.values()]
        written = f"{self.places.folder}/ ({', '.join([*names, FILLED])})"
        # Each report that failed has a line above, with its remedy.
        for line in last_lines(gate, "" if self.step.journal.failures else written):
            self.step.console.line(line)
        if self.step.platform.for_people and self.step.world.ends_with_container():
            self.step.console.line(_LOST)
        self._list_at_terminal(gate)


@contextlib.contextmanager
def _bugs_as_failures(step: Step) -> Iterator[None]:
    """Let a bug cost only one report, and not the outputs that follow.

    Raises:
        ReportError: there was a bug.

    """
    try:
        yield
    except ReportError:
        raise
    except Exception as error:
        step.log_bug(error)
        raise ReportError(
            f"a report is missing because of a bug in TestGate ({type(error).__name__})", remedy=_BUG
        ) from error


def _level(gate: Gate) -> str:
    """The severity of the step's end: error if it is red, warning if `fail-on` doesn't contain the conclusion."""
    if gate.exit_code:
        return "error"
    return "success" if gate.verdict.conclusion.green else "warning"


def _headline(gate: Gate) -> str:
    """The step's end in two words."""
    return f"TestGate: {gate.verdict.conclusion}"


def _explanation(gate: Gate) -> str:
    """The reason, the notes of a step without runs, and the remedy."""
    notes = [] if gate.runs else gate.notes
    return "\n".join(filter(None, (gate.verdict.reason, *notes, gate.remedy)))


def _size(path: Path) -> int:
    """The size of a file in bytes; 0 if there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
