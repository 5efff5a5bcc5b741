"""What changed since the baseline, for people: the same in every report."""

from collections.abc import Iterator, Sequence

from testgate.model import Change, TestResult
from testgate.reports.naming import counted, visible
from testgate.results import Baseline, JudgedRun

_LEAST_BUILDS = 3  # fewer say nothing about how often a test is flaky


def changes(runs: Sequence[JudgedRun]) -> Iterator[tuple[str, Sequence[str]]]:
    """The tests that were fixed, that are new, and that are gone: a heading each, and their names."""
    tests = [test for run in runs if run.report.baseline for test in run.report.tests]
    fixed = [f"{test_name(test)}: {standing(test)}" for test in tests if test.change is Change.FIXED]
    added = [test_name(test) for test in tests if test.change is Change.ADDED]
    gone = [visible(name) for run in runs for name in _gone(run.report.baseline)]
    for names, noun in ((fixed, "fixed test"), (added, "added test")):
        if names:
            yield counted(len(names), noun), names
    if gone:
        yield f"{counted(len(gone), 'test')} that {'is' if len(gone) == 1 else 'are'} gone", gone


def test_name(test: TestResult) -> str:
    """The test with its suite and machine."""
    return " / ".join(filter(None, map(visible, (test.suite, test.name, test.machine))))


def standing(test: TestResult) -> str:
    """What earlier builds make of the test: `new`, `failing since #38`, `failed since #38`; "" for nothing."""
    since_build = f" since {visible(test.past.since.label)}" if test.past and test.past.since else ""
    words = {Change.NEW: "new", Change.KNOWN: f"failing{since_build}", Change.FIXED: f"failed{since_build}"}
    return words.get(test.change, "")


def unsteady(test: TestResult) -> str:
    """How often the test was flaky: `flaky in 3 of 20 builds`; "" if too few builds are known."""
    if test.past is None or test.past.record.builds < _LEAST_BUILDS:
        return ""
    return f"flaky in {test.past.record.flaky} of {test.past.record.builds} builds"


def _gone(baseline: Baseline | None) -> Sequence[str]:
    """The names of the tests that the baseline had, and this run hasn't."""
    return baseline.gone if baseline else ()
