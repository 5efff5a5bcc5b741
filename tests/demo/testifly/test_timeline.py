"""The progress of a Testifly job over time."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from testgate.demo.testifly.scenarios import How, Test
from testgate.demo.testifly.timeline import lay_out, word
from testgate.demo.timeline import Span

tests = st.lists(
    st.builds(Test, title=st.just("t"), seconds=st.none() | st.floats(0, 100)),
    max_size=6,
).map(tuple)
hows = st.builds(How, pending=st.floats(0, 2), agent=st.floats(0, 2), running=st.none() | st.floats(0, 100))
TWO = (Test("a", seconds=1), Test("b", seconds=3))


def test_tests_run_in_sequence() -> None:
    """Tests run one after another after the queue; a test that never begins takes no time."""
    line = lay_out((*TWO[:1], Test("never", seconds=None), *TWO[1:]), How(pending=2), agent=False)
    assert line.spans == (Span(2, 3), Span(3, 3), Span(3, 6))
    assert (line.running, line.ended) == (2, 6)


def test_running_time_stretches_the_tests() -> None:
    """If a running time is set, tests are stretched in proportion, even the shortest possible one."""
    assert lay_out(TWO, How(pending=0, running=40), agent=False).spans == (Span(0, 10), Span(10, 40))
    tiny = lay_out((Test("a", seconds=5e-324),), How(pending=0, running=1), agent=False)
    assert tiny.spans == (Span(0, 1),)


def test_endless_job_never_ends() -> None:
    """A job with an infinite running time stays in progress after its tests are done."""
    line = lay_out(TWO, How(pending=0, running=inf), agent=False)
    assert (line.spans[-1].end, line.phase(1e9)) == (4, "InProgress")


def test_phases_with_and_without_an_agent() -> None:
    """A job waits for its agent between queue and run; one without an agent only with `agent_always`."""
    how = How(pending=1, agent=1)
    moments = (0, 0.9, 1, 1.9, 2, 5.9, 6)
    waiting = ["Pending", "Pending", *["PendingAgentConnection"] * 2, "InProgress", "InProgress", "Ended"]
    straight = ["Pending", "Pending", *["InProgress"] * 3, "Ended", "Ended"]
    assert [lay_out(TWO, how, agent=True).phase(at) for at in moments] == waiting
    assert [lay_out(TWO, how._replace(agent_always=True), agent=False).phase(at) for at in moments] == waiting
    assert [lay_out(TWO, how, agent=False).phase(at) for at in moments] == straight


def test_last_change() -> None:
    """A job changes when its status does, and when its run id is reported."""
    line = lay_out(TWO, How(pending=1, agent=1, run_after=0.5), agent=True)
    assert [line.changed(at) for at in (0.5, 1.5, 2.2, 2.7, 99)] == [0, 1, 2, 2.5, 6]


def test_status_of_a_test() -> None:
    """A test is scheduled, then running, then has its final status."""
    assert [word("Failed", Span(1, 2), at) for at in (0.9, 1, 1.9, 2)] == ["Scheduled", "Running", "Running", "Failed"]


@given(tests, hows, st.booleans())
def test_ended_job_has_no_waiting_test(listed: tuple[Test, ...], how: How, agent: bool) -> None:
    """Every test of any job begins after the job starts to run, and ends before it does."""
    line = lay_out(listed, how, agent=agent)
    assert line.phase(line.ended) == "Ended"
    assert all(line.running <= span.begin <= span.end <= line.ended for span in line.spans)
