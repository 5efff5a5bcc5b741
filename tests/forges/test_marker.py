"""The first line of a comment: whose it is, and what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.model import Conclusion
from testgate.ports import Build
from testgate.publishing.marker import Marker, marker_of, read
from testgate.results import Gate
from tests.reports.samples import TESTS, gate, judged

RED = gate(Conclusion.FAILED, "3 failed", judged(Conclusion.FAILED, "3 failed", TESTS))
BUILD = Build(workflow="Test gate", job_name="e2e", run="4711", attempt=2)
HASHES = st.text("0123456789abcdef", min_size=32, max_size=32)


@pytest.mark.parametrize("html", [True, False])
@given(key=HASHES, says=HASHES, run=st.just("") | st.integers(0, 10**17).map(str), attempt=st.integers(1, 9999))
def test_it_is_read_as_it_was_written(key: str, says: str, run: str, attempt: int, *, html: bool) -> None:
    """Also after a forge has changed the line ends."""
    marker = Marker(key, says, run, attempt)
    for end in ("\n\ntext", "\r\n\r\ntext", ""):
        assert read(marker.line(html=html) + end) == marker


@pytest.mark.parametrize("html", [True, False])
@given(text=st.text())
def test_names_cannot_end_the_line(text: str, *, html: bool) -> None:
    """Whoever opens a pull request may name workflow, job and leg."""
    build = BUILD._replace(workflow=text, job_name=text, run=text)
    line = marker_of(RED._replace(leg=text), build).line(html=html)
    assert "\n" not in line
    assert line.count("-->" if html else ")") == 1
    assert read(line)


@pytest.mark.parametrize(
    "other",
    [
        (RED, BUILD._replace(workflow="Nightly")),
        (RED, BUILD._replace(job_name="e2e2")),
        (RED._replace(leg="chrome"), BUILD),
        (RED, BUILD._replace(workflow="Test gatee", job_name="2e")),
    ],
)
def test_workflow_job_and_leg_are_the_key(other: tuple[Gate, Build]) -> None:
    """Nothing else is."""
    mine = marker_of(RED, BUILD)
    assert marker_of(*other).key != mine.key
    later = marker_of(RED._replace(title="x", seconds=1.0), BUILD._replace(run="4712", branch="b", change="3"))
    assert later.key == mine.key


def test_what_it_says_is_the_conclusion_and_the_failures() -> None:
    """Not how long it took, nor the run's id or the order of tests."""
    mine = marker_of(RED, BUILD).says
    turned = tuple(test._replace(id=f"9{test.id}", seconds=1.0, message="other") for test in reversed(TESTS))
    assert marker_of(gate(Conclusion.FAILED, "other words", judged(Conclusion.FAILED, "", turned)), BUILD).says == mine
    assert marker_of(gate(Conclusion.STOPPED, "", judged(Conclusion.FAILED, "", TESTS)), BUILD).says != mine
    fewer = tuple(test for test in TESTS if test.name != "Pay by invoice")
    assert marker_of(gate(Conclusion.FAILED, "", judged(Conclusion.FAILED, "", fewer)), BUILD).says != mine
    elsewhere = gate(Conclusion.FAILED, "", judged(Conclusion.FAILED, "", TESTS, plan=275))
    assert marker_of(elsewhere, BUILD).says != mine


@pytest.mark.parametrize(
    "body",
    [
        "",
        "text",
        "<!-- testgate key=abc says=def build=1.1 -->",
        f"<!-- testgate key={'a' * 32} says={'b' * 32} build=1 -->",
        f"<!-- testgate key={'a' * 32} says={'b' * 32} build=1.1 -->text",
        f"> <!-- testgate key={'a' * 32} says={'b' * 32} build=1.1 -->",
        f"<!-- testgate key={'a' * 32} says={'b' * 32} build={'9' * 40}.1 -->",
        f"<!-- testgate key={'A' * 32} says={'b' * 32} build=1.1 -->",
    ],
)
def test_anything_else_is_no_marker(body: str) -> None:
    """Only the whole line counts, at the start."""
    assert read(body) is None


def test_builds_without_numbers_have_no_order() -> None:
    """Then the last writer wins."""
    assert not Marker("", "", "", 5).is_newer_than(Marker("", "", "3", 1))
    assert not Marker("", "", "5", 1).is_newer_than(Marker("", "", "", 1))
    assert Marker("", "", "10", 1).is_newer_than(Marker("", "", "9", 4))
