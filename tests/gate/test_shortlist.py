"""The table at a terminal."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.gate.evidence import tally
from testgate.gate.shortlist import cells, fitted, shortlist
from testgate.model import Conclusion, Outcome, Target, TestResult
from testgate.results import Gate, JudgedRun, RunReport, Verdict
from tests.support.hostile_text import TEXTS

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def gate(*tests: TestResult, exit_code: int = 1) -> Gate:
    """A step with these tests."""
    verdict = Verdict(Conclusion.FAILED if exit_code else Conclusion.PASSED, "x", tally(tests))
    return Gate("t", verdict, exit_code, [JudgedRun(RunReport(Target("1", "P"), tests=tests), verdict)], seconds=12.34)


RED = gate(
    TestResult("1", "Pay by card", Outcome.FAILED, suite="Checkout", message="No button\nmore"),
    TestResult("2", "結帳", Outcome.ERROR, message="機器"),
    TestResult("3", "Order", Outcome.NOT_RUN),
    TestResult("4", "Login", Outcome.PASSED),
)


def test_the_table_of_a_failed_step() -> None:
    """Failed tests with the first line of their messages, then all numbers."""
    assert list(shortlist(RED, 80, colored=False)) == [
        "FAILED  Checkout / Pay by card No button",
        "ERROR   結帳                   機器",
        "NOT RUN Order",
        "========== 1 failed, 1 error, 1 not run, 1 passed in 12.3 s ==========".center(80, "="),
    ]


def test_a_green_step_has_one_line() -> None:
    """In green."""
    (line,) = shortlist(gate(TestResult("4", "Login", Outcome.PASSED), exit_code=0), 60, colored=True)
    assert line.startswith("\x1b[1m\x1b[32m")
    assert "1 passed in 12.3 s" in line
    assert list(shortlist(gate(), 80, colored=True)) == []


@pytest.mark.parametrize("columns", [1, 40, 79, 80, 200, 10_000])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    """Wide letters take two columns, marks on letters none."""
    tests = [TestResult(str(n), "長い" * 90, Outcome.FAILED, message="e\u0301" * 300) for n in range(30)]
    lines = list(shortlist(gate(*tests), columns, colored=False))
    assert len(lines) == 22
    assert "… and 10 more" in lines[-2]
    assert max(map(cells, lines)) <= max(40, min(columns, 160))


@given(name=TEXTS, message=TEXTS, columns=st.integers(0, 300))
def test_hostile_text_stays_in_its_line(name: str, message: str, columns: int) -> None:
    """No other line, and no command for the terminal but our own colours."""
    test = TestResult("1", name, Outcome.FAILED, message=message)
    for line in shortlist(gate(test), columns, colored=True):
        rest = STYLE.sub("", line)
        assert rest.isprintable() or not set(rest) & set("\x1b\n\r\x9b")


@given(text=st.text(max_size=40), room=st.integers(1, 30))
def test_a_text_fits(text: str, room: int) -> None:
    """In exactly as many columns."""
    assert cells(fitted(text, room)) == room
