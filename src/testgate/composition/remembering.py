"""What a step knows of earlier builds: the history file is read when it is first needed, and written at the end."""

from collections.abc import Sequence
from functools import cached_property

from testgate.composition.ready import Ready
from testgate.edges.seals import Seal
from testgate.edges.shared import SharedFile
from testgate.errors import ReportError
from testgate.history.comparing import Current
from testgate.history.file import ForeignFileError, NewerFormatError, read, written
from testgate.history.model import BuildRecord, History, Part
from testgate.history.recalling import Recollection
from testgate.model import Target, TestResult
from testgate.results import Gate, RunReport
from testgate.runs.attempts import EarlierAttempt
from testgate.text import plural

_HELD_SECONDS = 20.0  # how long another step may change the file before this one gives up
_HELD_SECONDS_CANCELLED = 1.0


class Memory:
    """The past of one step. `warnings` are sentences for people about the file."""

    def __init__(self, ready: Ready, given: str) -> None:
        step = ready.foundation.step
        self._ready = ready
        self._given = given
        self._file = SharedFile(step.workspace, given, sleep=step.world.sleep, monotonic=step.world.monotonic)
        self._newer = False
        key = ready.options.api_key
        self._seal = Seal(key.reveal() if key else "")
        self._recalled: dict[Target, tuple[Sequence[TestResult] | None, bool, RunReport]] = {}
        self.warnings: list[str] = []

    @cached_property
    def past(self) -> Recollection:
        """The past as the file told it when the step began."""
        options = self._ready.options
        build = self._ready.foundation.step.platform.build
        return Recollection(
            self._read(),
            Current(self._record(), build.target, build.base),
            provider="demo" if options.demo else options.provider,
            leg=options.leg,
            tolerates=options.tolerate_known_failures,
            job=build.job,
            job_name=build.job_name,
        )

    def recall(self, report: RunReport) -> RunReport:
        """The report with its baseline, and each test with its past; the same tests are compared once."""
        whole = self.past.is_whole(report)
        tests, was_whole, found = self._recalled.get(report.target, (None, False, report))
        if tests is not report.tests or was_whole is not whole:
            found = self.past.recall(report)
            self._recalled[report.target] = report.tests, whole, found
        return report._replace(tests=found.tests, baseline=found.baseline)

    def expected(self, target: Target) -> float | None:
        """How many seconds the target usually takes; None if no earlier build tells."""
        return self.past.expected(target)

    def earlier(self, target: Target) -> EarlierAttempt | None:
        """What an earlier attempt of this job began; None in the first one. Only what our key sealed is believed."""
        build = self._ready.foundation.step.platform.build
        found = self.past.earlier(target)
        if found is None:
            return EarlierAttempt(problem="nothing is known of an earlier attempt") if build.attempt > 1 else None
        record, part = found
        name = f"attempt {record.attempt}" if record.attempt < build.attempt else "an earlier attempt"
        if not self._seal.holds(part.seal, *self._facts(target, part)):
            return EarlierAttempt(problem=f"what is known of {name} was written with another key or for other inputs")
        runs = [self._ready.provider.resumed(target, run) for run in part.runs]
        return EarlierAttempt(runs, f"{name} of this job", part.whole)

    def _sealed(self, target: Target, part: Part) -> Part:
        """What is kept of a run, with the seal of this step."""
        return part._replace(seal=self._seal.of(*self._facts(target, part)))

    def _facts(self, target: Target, part: Part) -> tuple[object, ...]:
        """What a seal is about: also what the run was asked to do, since the jobs of a matrix can share all names."""
        request = self._ready.provider.trigger(target, "").request
        asked = [request.url, request.body]
        return [*self.past.line(target)], asked, [*part.runs], part.whole, part.job, part.job_name

    def _record(self) -> BuildRecord:
        """This build. One that no CI describes is like no other."""
        step = self._ready.foundation.step
        build = step.platform.build
        return BuildRecord(
            workflow=build.workflow,
            run=build.run or step.world.token(),
            attempt=build.attempt,
            number=build.number,
            url=build.url,
            series=build.series,
            commit=build.commit,
            at=max(0.0, step.began_at),
        )

    def _read(self) -> History:
        """The history in the file; an empty one if there is none that can be used."""
        try:
            return read(self._file.read())
        except FileNotFoundError:
            return History()
        except NewerFormatError as error:
            self._newer = True
            self._warn(f"{error}; it is neither used nor changed. Update TestGate, or use another file")
        except ForeignFileError as error:
            self._warn(f"{error}; this step has no baseline, and sets the file aside at its end")
        except UnicodeError:
            self._warn("is not UTF-8 text; this step has no baseline, and sets the file aside at its end")
        except OSError as error:
            self._warn(f"cannot be read: {error.strerror}; this step has no baseline")
        return History()

    def _warn(self, clause: str) -> None:
        """Tell it in the log at once, and on the page of the build at the end."""
        self.warnings.append(f"history-file: {self._given} {clause}")
        self._ready.foundation.step.console.event(f"warning: {self.warnings[-1]}")

    def notes(self, gate: Gate) -> list[str]:
        """What people should know about the comparison."""
        runs = [run for run in gate.runs if run.report.tests]
        options = self._ready.options
        without = [run for run in runs if run.report.baseline is None]
        notes = list(self.warnings)
        if without and not self.warnings:
            which = "" if len(without) == len(gate.runs) else f" for {plural(len(without), 'run')}"
            notes.append(
                f"There is no earlier build to compare with yet{which}: later ones are compared with this one."
            )
        if without and options.tolerate_known_failures:
            notes.append("`tolerate-known-failures` had no effect without an earlier build: every failure counts.")
        return notes

    def save(self, gate: Gate, *, hurried: bool) -> None:
        """Add this build to the file as it is now. A failure costs later builds their baseline, and no verdict.

        Raises:
            ReportError: it could not be written.

        """
        past = self.past
        if self._newer or not any(run.ids for run in gate.runs):
            return
        with self._file.held(_HELD_SECONDS_CANCELLED if hurried else _HELD_SECONDS):
            self._file.write(written(past.added_to(self._latest(), gate, self._sealed)))

    def _latest(self) -> History:
        """The history as another step may have left it meanwhile. What cannot be used is set aside.

        Raises:
            ReportError: it could not be set aside, or a newer version has written it.

        """
        try:
            return read(self._file.read())
        except FileNotFoundError:
            return History()
        except NewerFormatError as error:
            raise ReportError(f"{self._given} {error}") from error
        except (ForeignFileError, UnicodeError, OSError):
            aside = self._file.set_aside()
            self._ready.foundation.step.console.line(f"history-file: {self._given} was renamed to {aside}")
            return History()
