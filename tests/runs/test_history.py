"""What is known of one target."""

import io

import pytest

from testgate.edges.console import Console
from testgate.errors import PlatformError, Refused
from testgate.model import (
    Conclusion,
    Counts,
    Origin,
    Outcome,
    Reported,
    Run,
    RunResult,
    Snapshot,
    Status,
    Target,
    TestResult,
)
from testgate.runs.collecting import Collected
from testgate.runs.history import History
from testgate.runs.progress import Progress

TARGET = Target("274", "Nightly")
RUN = Run("337", TARGET)
RUNNING = Snapshot("337", Status.RUNNING, "IN_PROGRESS")
ENDED = Snapshot("337", Status.ENDED, "SUCCESS", RunResult.PASSED, Reported(Counts(passed=1), 1))
LOGIN = TestResult("1", "Login", Outcome.PASSED)


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        """The time in seconds."""
        return self.now


def history(begin: Target | Run = TARGET, clock: Clock | None = None, stream: io.StringIO | None = None) -> History:
    """A history that shortens the words of snapshots."""
    console = Console(stream or io.StringIO(), redact=str, defuse=str, elapsed=lambda: 0.0)
    return History(
        begin,
        progress=Progress(console, lambda: 0.0, several=False),
        sanitize=lambda snapshot: snapshot._replace(word=snapshot.word[:7]),
        clock=clock or Clock(),
    )


def test_a_page_that_is_told_later_is_kept_and_logged_once() -> None:
    """A run in a queue has none; one that has a page keeps it."""
    stream = io.StringIO()
    known = history(stream=stream)
    known.begin(RUN)
    page = "https://platform.example/7"
    for snapshot in (RUNNING, RUNNING._replace(url=page), RUNNING._replace(url="https://platform.example/8"), ENDED):
        known.on_snapshot(snapshot)
    assert known.current.run.url == page
    assert stream.getvalue().count("https://") == 1
    assert f"run 337: {page}" in stream.getvalue()


def test_a_target_without_a_run_has_no_verdict() -> None:
    """Its report contains the fault and the duration."""
    clock = Clock()
    empty = history(clock=clock)
    clock.now += 5
    fault = Refused("no", status=404)
    report = empty.report(fault)
    assert (empty.ended, empty.has_verdict) == (False, False)
    assert (report.target, report.run, report.snapshot, report.tests) == (TARGET, None, None, ())
    assert (report.fault, report.seconds, report.attempts) == (fault, 5.0, ())
    empty.leave_unless_ended()
    assert empty.report().left_running == ()


def test_an_attached_run_is_reported_before_it_is_read() -> None:
    """The user named it."""
    attached = RUN._replace(origin=Origin.ATTACHED)
    found = history(attached)
    assert (found.target, found.given) == (TARGET, attached)
    assert found.report().run is attached


def test_snapshots_are_kept_in_a_safe_form() -> None:
    """The provider's own reference is passed on from one snapshot to the next."""
    found = history()
    found.begin(RUN)
    found.on_snapshot(RUNNING._replace(ref="secret-ref"))
    found.on_snapshot(RUNNING)
    assert found.current.run.ref == "secret-ref"
    assert found.current.snapshot is not None
    assert found.current.snapshot.word == "IN_PROG"
    assert not found.ended


def test_a_run_that_has_ended_keeps_its_verdict_during_our_rerun() -> None:
    """Whatever becomes of the rerun, the first run is judged."""
    found = history()
    found.begin(RUN)
    found.on_snapshot(ENDED)
    found.on_tests(Collected([LOGIN]))
    found.begin(RUN._replace(id="338"))
    assert (found.ended, found.has_verdict) == (False, True)
    assert found.report().run == RUN
    assert found.report(halted=Conclusion.TIMED_OUT).halted is Conclusion.TIMED_OUT


def test_there_is_no_verdict_before_automatic_reruns_have_ended() -> None:
    """The platform names the rerun when the first run ends."""
    child = RUN._replace(id="338", ancestors=("337",))
    found = history()
    found.begin(RUN)
    found.on_snapshot(ENDED._replace(successor=child))
    assert (found.successor, found.has_verdict) == (child, False)
    found.begin(child, automatic=True)
    assert (found.successor, found.has_verdict) == (None, False)
    found.on_snapshot(ENDED._replace(run_id="338", parent="337"))
    before = found.has_verdict  # its tests weren't read yet
    found.on_tests(Collected())
    assert (before, found.has_verdict) == (False, True)
    assert [attempt.automatic for attempt in found.attempts] == [False, True]


def test_a_rerun_that_belongs_to_another_run_is_dropped() -> None:
    """Without it, there is no verdict."""
    child = RUN._replace(id="338", ancestors=("337",))
    found = history()
    found.begin(RUN)
    found.on_snapshot(ENDED._replace(successor=child))
    found.begin(child, automatic=True)
    found.on_snapshot(ENDED._replace(run_id="338", parent="99"))
    with pytest.raises(PlatformError, match="it was left alone"):
        found.reject_foreign()
    assert (found.current.run.id, found.has_verdict) == ("337", False)
    found.reject_foreign()
    assert found.current.run.id == "337"


def test_counters_that_come_with_the_tests_replace_those_of_the_run() -> None:
    """A list that is still being written causes a note."""
    stream = io.StringIO()
    found = history(stream=stream)
    found.begin(RUN)
    found.on_snapshot(ENDED)
    counters = Reported(Counts(passed=2), 2)
    found.on_tests(Collected([LOGIN], counters, filling=True))
    report = found.report()
    assert report.snapshot is not None
    assert report.snapshot.reported == counters
    assert report.tests == [LOGIN]
    assert len(report.notes) == 1
    assert report.notes[0] in stream.getvalue()


def test_only_runs_that_have_not_ended_are_left_running() -> None:
    """The newest run counts."""
    found = history()
    found.begin(RUN)
    found.on_snapshot(RUNNING)
    found.leave_unless_ended()
    found.on_snapshot(ENDED)
    found.leave_unless_ended()
    assert found.report().left_running == (RUN,)


def test_the_duration_can_be_counted_anew() -> None:
    """The wait for a free slot doesn't count."""
    clock = Clock()
    found = history(clock=clock)
    clock.now += 60
    found.restart_clock()
    clock.now += 7
    assert found.report().seconds == 7.0
