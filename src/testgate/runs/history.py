"""What is known of one target: its attempts, what happened beside them, and which runs may still be running."""

import contextlib
from collections.abc import Callable, Iterator, Sequence

from testgate.errors import PlatformError, TriggerUnknown
from testgate.gate.attempts import settle
from testgate.model import Attempt, Conclusion, Intent, Origin, Run, RunResult, Snapshot, Target
from testgate.results import RunReport
from testgate.runs.collecting import Collected
from testgate.runs.progress import Progress


class History:
    """The history of one target, appended to as it happens; `current` is the newest attempt.

    `given` is the run that the user named, if the target wasn't started here. `sanitize` makes the
    platform's text safe. `clock` gives seconds. `recall` adds what earlier builds say to a report.
    """

    def __init__(
        self,
        begin: Target | Run,
        *,
        progress: Progress,
        sanitize: Callable[[Snapshot], Snapshot],
        clock: Callable[[], float],
        recall: Callable[[RunReport], RunReport] = lambda report: report,
    ) -> None:
        self.given = begin if isinstance(begin, Run) else None
        self.target = begin.target if isinstance(begin, Run) else begin
        self.attempts: list[Attempt] = []
        self.left_running: list[Run] = []
        self.lost: list[Intent] = []
        self.late: list[str] = []
        self.aborted: list[Run] = []
        self.retrying = False
        self._notes: list[str] = []
        self._rejected: set[str] = set()
        self._apart: set[str] = set()
        self.missing = False
        self._progress = progress
        self._sanitize = sanitize
        self._clock = clock
        self._recall = recall
        self.began = clock()

    @property
    def current(self) -> Attempt:
        """The newest attempt; there must be one."""
        return self.attempts[-1]

    @property
    def ended(self) -> bool:
        """Whether the platform said that the newest run has ended."""
        return bool(self.attempts) and self.attempts[-1].ended

    @property
    def has_verdict(self) -> bool:
        """Whether the first run has ended, with the reruns that the platform added: then there is a verdict."""
        if not self.attempts:
            return False
        last = self.attempts[0]
        for attempt in self.attempts[1:]:
            if not attempt.automatic:
                break
            last = attempt
        return last.ended and last.read and self._successor_of(last) is None and not self._rejected

    @property
    def given_up(self) -> bool:
        """Whether the platform itself gave up the run, which we had started, and it is over beyond doubt.

        An empty plan isn't: it would end in the same way again.
        """
        first = self.attempts[0] if self.attempts else None
        if first is None or first.snapshot is None or self.given is not None or self.successor is not None:
            return False
        known = bool(first.tests) or first.snapshot.reported.counted > 0
        ours = first.run.origin is Origin.STARTED
        return (
            len(self.attempts) == 1
            and first.ended
            and first.snapshot.aborted
            and not first.snapshot.doubts
            and known
            and ours
        )

    @property
    def successor(self) -> Run | None:
        """The rerun that the platform added to the newest run, if nobody watches it yet."""
        return self._successor_of(self.current) if self.attempts else None

    def reject_foreign(self) -> None:
        """Drop the newest attempt if the platform says that it isn't the rerun that we took it for.

        Raises:
            PlatformError: it was dropped.

        """
        attempt = self.current
        if attempt.snapshot is None or not attempt.snapshot.contradicts(attempt.run):
            return
        self._rejected.add(self.attempts.pop().run.id)
        raise PlatformError(
            f"run {attempt.run.ancestors[-1]} names run {attempt.run.id} as its rerun, but the platform says "
            "that this run belongs to something else; it was left alone",
            remedy="Open both runs on the platform.",
        )

    def restart_clock(self) -> None:
        """Count the duration from now."""
        self.began = self._clock()

    def keep_apart(self, runs: Sequence[Run]) -> None:
        """Don't take these runs for reruns that the platform added: they are watched for themselves."""
        self._apart |= {run.id for run in runs}

    def forget(self) -> None:
        """Drop all attempts: they are not this target's after all."""
        self.attempts.clear()

    def begin(self, run: Run, *, automatic: bool = False) -> None:
        """Append an attempt; the platform itself started an `automatic` one.

        While `retrying`, it takes the place of those before: the platform gave them up.
        """
        if self.retrying:
            self.aborted += [each.run for each in self.attempts]
            self.attempts.clear()
            self.retrying = False
        self.attempts.append(Attempt(run, automatic=automatic, read=False))

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Keep and log a new snapshot of the current run."""
        safe = self._sanitize(snapshot)
        run = self.current.run
        if not run.ancestors:  # an automatic rerun is compared with what its parent said of it
            run = run._replace(ref=snapshot.ref or run.ref, url=run.url or snapshot.url)
            if run.url != self.current.run.url:
                self._progress.paged(run)
        self.attempts[-1] = self.current._replace(run=run, snapshot=safe)
        self._progress.update(run, safe)

    def on_tests(self, found: Collected) -> None:
        """Keep the tests of the current run, and counters that came with them."""
        snapshot = found.snapshot or self.current.snapshot
        if snapshot is not None and found.reported is not None:
            snapshot = snapshot._replace(reported=found.reported)
            if snapshot.inferred and snapshot.result is RunResult.UNKNOWN:  # then the report's own word is the result
                snapshot = snapshot._replace(result=found.result or RunResult.UNKNOWN)
        self.attempts[-1] = self.current._replace(tests=found.tests, snapshot=snapshot, read=True)
        if snapshot is not None:
            snapshot = snapshot._replace(listed=found.result, doubts=(*snapshot.doubts, *found.doubts))
            self.attempts[-1] = self.current._replace(snapshot=snapshot)
        if found.filling:
            self.note(f"the platform was still writing the report of run {self.current.run.id} at the last read")

    def note(self, text: str) -> None:
        """Keep and log something that happened beside the current run."""
        self._notes.append(text)
        self._progress.note(self.current.run if self.attempts else Run("", self.target), text)

    @contextlib.contextmanager
    def keeping_lost(self) -> Iterator[None]:
        """Keep the trigger in the block if nobody knows what it did."""
        try:
            yield
        except TriggerUnknown as unknown:
            if unknown.intent is not None:
                self.lost.append(unknown.intent)
            raise

    def leave_unless_ended(self) -> None:
        """Count the current run as left running, unless it is known to have ended, or not to exist."""
        if self.attempts and not self.ended and not self.missing:
            self.left_running.append(self.current.run)

    def _successor_of(self, attempt: Attempt) -> Run | None:
        """The rerun that the platform added to a run; None if there is none, or it is an attempt already."""
        following = attempt.snapshot.successor if attempt.snapshot else None
        known = {each.run.id for each in self.attempts}
        if following is None or following.id in known | self._rejected | self._apart:
            return None
        return following._replace(ancestors=(*attempt.run.ancestors, attempt.run.id))

    def report(self, fault: Exception | None = None, halted: Conclusion | None = None) -> RunReport:
        """Everything that is known, settled over the attempts."""
        snapshot, tests = settle(self.attempts)
        report = RunReport(
            target=self.target,
            run=self.attempts[0].run if self.attempts else self.given,
            snapshot=snapshot,
            tests=tests,
            fault=fault,
            halted=halted,
            seconds=self._clock() - self.began,
            attempts=tuple(self.attempts),
            left_running=tuple(self.left_running),
            lost=tuple(self.lost),
            late=tuple(self.late),
            aborted=tuple(self.aborted),
            notes=tuple(self._notes),
        )
        return self._recall(report)
