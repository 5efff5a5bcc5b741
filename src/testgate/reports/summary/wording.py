"""Tests in words: the parts that several sections of the summary share."""

from collections.abc import Iterable, Iterator

from testgate.model import Outcome, TestResult
from testgate.reports.markdown import inline
from testgate.reports.naming import place, run_name, shown_duration
from testgate.results import JudgedRun
from testgate.text import clean

_FIRST_LINE = 160  # characters of a message's first line

FoundTest = tuple[JudgedRun, TestResult]
"""A test with the run that it belongs to."""


def all_tests(runs: Iterable[JudgedRun]) -> Iterator[FoundTest]:
    """Every test of the runs."""
    return ((judged, test) for judged in runs for test in judged.report.tests)


def where(judged: JudgedRun, test: TestResult, *, several: bool) -> list[str]:
    """The test's suite and machine, and its run if there are several."""
    return [*place(test), *([run_name(judged)] if several else [])]


def details(judged: JudgedRun, test: TestResult, *, several: bool, remark: str = "") -> str:
    """Everything that follows the test's name on its line: where it ran, a remark, and how long it took."""
    parts = [*map(inline, where(judged, test, several=several))]
    word = "error" if test.outcome is Outcome.ERROR else ""
    parts += filter(None, (word, inline(remark), shown_duration(test.seconds)))
    return f" — {' · '.join(parts)}" if parts else ""


def first_line(message: str) -> str:
    """The first line of a message."""
    return inline(clean(message).strip().partition("\n")[0], _FIRST_LINE)
