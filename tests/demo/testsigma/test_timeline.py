"""The progress of a Testsigma run over time."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.demo.testsigma import timeline
from testgate.demo.testsigma.scenarios import Plan, Test
from testgate.demo.timeline import Span

WORDS = ("SUCCESS", "FAILURE", "ABORTED", "STOPPED", "NOT_EXECUTED", "PRE_REQUISITE_FAILURE", "PURPLE")

plans = st.builds(
    Plan,
    tests=st.lists(
        st.builds(
            Test,
            name=st.just("t"),
            word=st.sampled_from(WORDS),
            seconds=st.none() | st.floats(0, 100),
            machine=st.sampled_from("AB"),
        ),
        max_size=6,
    ).map(tuple),
    created=st.floats(0, 2),
    queued=st.floats(0, 2),
    running=st.none() | st.floats(0, 100),
)


def test_machines_run_in_parallel() -> None:
    """The tests of one machine run in sequence, those of different machines in parallel."""
    plan = Plan(
        tests=(Test("a", seconds=2, machine="A"), Test("b", seconds=3, machine="B"), Test("c", seconds=4, machine="A")),
        created=1,
        queued=1,
    )
    line = timeline.lay_out(plan)
    assert line.spans == (Span(2, 4), Span(2, 5), Span(4, 8))
    assert line.ended == 8


def test_running_time_stretches_the_tests() -> None:
    """If the plan sets a running time, its tests are stretched in proportion."""
    line = timeline.lay_out(Plan(tests=(Test("a", seconds=1), Test("b", seconds=3)), created=0, queued=0, running=40))
    assert line.spans == (Span(0, 10), Span(10, 40))


def test_stretching_survives_the_shortest_tests() -> None:
    """Stretching the shortest possible test doesn't overflow, and tests without length stay at the start."""
    plan = Plan(tests=(Test("a", seconds=None), Test("b", seconds=5e-324)), created=0, queued=0, running=1)
    assert timeline.lay_out(plan).spans == (Span(0, 0), Span(0, 1))


def test_statuses_in_order() -> None:
    """A run is created, queued, in progress and completed at the times of its plan."""
    line = timeline.lay_out(Plan(tests=(Test("a", seconds=2),), created=1, queued=1))
    assert [line.status(at) for at in (0, 0.9, 1, 1.9, 2, 3.9, 4, 99)] == [
        "STATUS_CREATED",
        "STATUS_CREATED",
        "STATUS_QUEUED",
        "STATUS_QUEUED",
        "STATUS_IN_PROGRESS",
        "STATUS_IN_PROGRESS",
        "STATUS_COMPLETED",
        "STATUS_COMPLETED",
    ]


def test_endless_plan_never_completes() -> None:
    """A run with an infinite running time stays in progress after all its tests are done."""
    plan = Plan(tests=(Test("a", seconds=2),), running=inf)
    line = timeline.lay_out(plan)
    assert line.status(1e9) == "STATUS_IN_PROGRESS"
    assert timeline.counters(plan, line, 1e9)["passedCount"] == 1


def test_counters_over_time() -> None:
    """Counters are zero at first, then count queued, running and finished tests."""
    plan = Plan(tests=(Test("a", seconds=2), Test("b", "FAILURE", seconds=2), Test("c")), created=1, queued=1)
    line = timeline.lay_out(plan)
    names = ("totalCount", "passedCount", "failedCount", "queuedCount", "totalRunningCount")
    seen = [tuple(timeline.counters(plan, line, at)[name] for name in names) for at in (0, 1, 2, 4, 7)]
    assert seen == [(0, 0, 0, 0, 0), (3, 0, 0, 3, 0), (3, 0, 0, 2, 1), (3, 1, 0, 1, 1), (3, 2, 1, 0, 0)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "NOT_EXECUTED"),
        (("SUCCESS",), "PASSED"),
        (("SUCCESS", "FAILURE", "STOPPED"), "FAILED"),
        (("SUCCESS", "ABORTED"), "FAILED"),
        (("SUCCESS", "STOPPED"), "STOPPED"),
        (("NOT_EXECUTED",), "NOT_EXECUTED"),
    ],
)
def test_result_follows_from_tests(words: tuple[str, ...], expected: str) -> None:
    """If the plan sets no result, it follows from the tests."""
    assert timeline.result(Plan(tests=tuple(Test("t", word) for word in words))) == expected


def test_result_of_the_plan_wins() -> None:
    """A result that the plan sets applies even if the tests contradict it."""
    assert timeline.result(Plan(tests=(Test("t", "FAILURE"),), result="PASSED")) == "PASSED"


def test_stop_completes_the_run() -> None:
    """A stop completes the run: finished tests keep their results, and all others are stopped."""
    plan = Plan(tests=(Test("a", seconds=2), Test("b", seconds=2), Test("c")), created=1, queued=1)
    line = timeline.lay_out(plan)._replace(stopped=5)
    names = ("totalCount", "passedCount", "stoppedCount", "queuedCount", "totalRunningCount")
    seen = [tuple(timeline.counters(plan, line, at)[name] for name in names) for at in (4.9, 5, 99)]
    assert seen == [(3, 1, 0, 1, 1), (3, 1, 2, 0, 0), (3, 1, 2, 0, 0)]
    assert [line.status(at) for at in (4.9, 5)] == ["STATUS_IN_PROGRESS", "STATUS_COMPLETED"]


def test_stop_of_a_created_run() -> None:
    """Stopping a run that is only created completes it with all tests stopped."""
    plan = Plan(tests=(Test("a"),), created=1)
    line = timeline.lay_out(plan)._replace(stopped=0.5)
    assert line.status(0.5) == "STATUS_COMPLETED"
    assert timeline.counters(plan, line, 0.5)["stoppedCount"] == 1


@pytest.mark.parametrize("stopped", [*range(13), inf])
def test_every_test_is_counted_once(stopped: float) -> None:
    """Whenever a run is stopped and read, each test is counted exactly once, and none is waiting at the end."""
    tests = tuple(Test("t", word, seconds=2, machine="AB"[number % 2]) for number, word in enumerate(WORDS[:-1]))
    plan = Plan(tests=(*tests, Test("none", seconds=None)), created=2, queued=2)
    line = timeline.lay_out(plan)._replace(stopped=stopped)
    for at in range(15):
        counts = timeline.counters(plan, line, at)
        places = sum(counts[name] for name in {*timeline.COUNTERS.values(), "totalRunningCount"})
        assert places == counts["totalCount"] == (0 if line.status(at) == "STATUS_CREATED" else 7)
        assert at < line.completed or counts["queuedCount"] == counts["totalRunningCount"] == 0


@given(plans)
def test_completed_run_has_no_waiting_test(plan: Plan) -> None:
    """At the end of any run every test has its final result, and none is queued or running."""
    line = timeline.lay_out(plan)
    assert line.status(line.ended) == "STATUS_COMPLETED"
    counts = timeline.counters(plan, line, line.ended)
    known = sum(test.word in timeline.COUNTERS for test in plan.tests)
    assert counts["queuedCount"] == counts["totalRunningCount"] == 0
    assert sum(counts[name] for name in set(timeline.COUNTERS.values())) == known
    assert counts["totalCount"] == len(plan.tests)
