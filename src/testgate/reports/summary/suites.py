"""The summary's table of suites."""

from collections.abc import Iterator, Sequence

from testgate.gate.evidence import tally
from testgate.model import Counts, TestResult
from testgate.reports.markdown import inline
from testgate.reports.naming import counted, number, run_name, visible
from testgate.reports.summary.budget import Section
from testgate.results import JudgedRun

_MOST = 50  # rows


def suites(runs: Sequence[JudgedRun]) -> Section:
    """One row per suite, those with the most failures first; empty unless there are several suites, and one failed."""
    several = len(runs) > 1
    found: dict[tuple[int, str], list[TestResult]] = {}
    names: dict[tuple[int, str], str] = {}
    for place, judged in enumerate(runs):
        for test in judged.report.tests:
            key = (place, test.suite)
            if key not in found:
                found[key] = []
                parts = (run_name(judged) if several else "", visible(test.suite, "(no suite)"))
                names[key] = " · ".join(map(inline, filter(None, parts)))
            found[key].append(test)
    rows = [(names[key], tally(tests)) for key, tests in found.items()]
    rows.sort(key=lambda row: -_bad(row[1]))
    worth_it = len(rows) > 1 and any(_bad(counts) for _name, counts in rows)
    return Section(
        f"<details><summary>{counted(len(rows), 'suite')}</summary>\n\n"
        "| Suite | Passed | Failed | Errors | Not run | Skipped |\n| :-- | --: | --: | --: | --: | --: |\n",
        _rows(rows[:_MOST]),
        len(rows) if worth_it else 0,
        lambda missing: f"…and {counted(missing, 'more suite')}.\n\n",
        tail="\n</details>\n\n",
    )


def _bad(counts: Counts) -> int:
    """How many tests of a suite should have passed and didn't."""
    return counts.failed + counts.errors + counts.not_run


def _rows(rows: Sequence[tuple[str, Counts]]) -> Iterator[str]:
    """The rows."""
    for name, counts in rows:
        numbers = (counts.passed, counts.failed, counts.errors, counts.not_run, counts.skipped)
        yield f"| {name} | {' | '.join(number(each) if each else '' for each in numbers)} |\n"
