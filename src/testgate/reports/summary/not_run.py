"""The summary's list of tests that did not run."""

from collections.abc import Sequence

from testgate.model import Outcome, TestResult
from testgate.reports.markdown import inline
from testgate.reports.naming import case_name, counted
from testgate.reports.summary.budget import Section, left_out
from testgate.reports.summary.wording import where
from testgate.results import JudgedRun, failed_tests

_NAMES = 8  # names listed for one suite


def not_run(runs: Sequence[JudgedRun]) -> Section:
    """The tests that should have run but did not, folded: one line for each suite."""
    found = [pair for pair in failed_tests(runs) if pair[1].outcome is Outcome.NOT_RUN]
    groups: dict[tuple[str, ...], list[TestResult]] = {}
    for judged, test in found:
        groups.setdefault(tuple(where(judged, test, several=len(runs) > 1)), []).append(test)
    return Section(
        f"<details><summary>{counted(len(found), 'test')} did not run</summary>\n\n",
        (_group(parts, tests) for parts, tests in groups.items()),
        len(groups),
        left_out("suite", " with tests that did not run"),
        tail="\n</details>\n\n",
    )


def _group(parts: Sequence[str], tests: Sequence[TestResult]) -> str:
    """One suite's tests."""
    names = ", ".join(inline(case_name(test), 120) for test in tests[:_NAMES])
    more = f" and {counted(len(tests) - _NAMES, 'more test')}" if len(tests) > _NAMES else ""
    suite = " · ".join(map(inline, parts))
    return f"- {f'<b>{suite}</b>: ' if suite else ''}{names}{more}\n"
