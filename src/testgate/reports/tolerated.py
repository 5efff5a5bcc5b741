"""The summary's lists of tests that failed and are no failures: flaky, quarantined."""

from collections.abc import Sequence

from testgate.model import Outcome, TestResult
from testgate.reports.budget import Section
from testgate.reports.markdown import block, inline
from testgate.reports.naming import case_name, completed, counted, failing_step
from testgate.reports.tests_lists import where
from testgate.results import JudgedRun
from testgate.text import clean

_MESSAGE = 1_000  # characters of a flaky test's message
_GLANCE = 160  # characters of a message's first line
_RED = frozenset({Outcome.FAILED, Outcome.ERROR})
_Found = tuple[JudgedRun, TestResult]


def flaky(found: Sequence[_Found], *, many: bool) -> Section:
    """The tests that passed only after a rerun: in which attempt, and what they said first."""
    return Section(
        f"### {counted(len(found), 'flaky test')}\n\nPassed only after a rerun.\n\n",
        (_flaky(run, test, many=many) for run, test in found),
        len(found),
        lambda missing: f"…and {counted(missing, 'more flaky test')}; all are in junit.xml.\n\n",
        tail="",
    )


def _flaky(run: JudgedRun, test: TestResult, *, many: bool) -> str:
    """One flaky test; its first failure's message is folded."""
    passed_in = f"passed in attempt {len(completed(test))}"
    title = f"🔁 <b>{inline(case_name(test))}</b>{where(run, test, many=many, also=passed_in)}"
    first = next(attempt.message for attempt in test.earlier if attempt.outcome in _RED)
    message = clean(first).strip()
    body = block(message, _MESSAGE) if message else "The platform gave no message of its failure."
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>\n\n"


def quarantined(found: Sequence[_Found], *, many: bool) -> Section:
    """The tests whose failure does not count, folded: why, and what they say."""
    return Section(
        f"<details><summary>{counted(len(found), 'quarantined test')} did not pass; that does not count</summary>\n\n",
        (_quarantined(run, test, many=many) for run, test in found),
        len(found),
        lambda missing: f"…and {counted(missing, 'more quarantined test')}; all are in junit.xml.\n\n",
        tail="\n</details>\n\n",
    )


def _quarantined(run: JudgedRun, test: TestResult, *, many: bool) -> str:
    """One quarantined test: its name, the reason, the first line of what the platform tells."""
    told = clean(test.message).strip().partition("\n")[0] or failing_step(test)
    lines = [
        f"<b>{inline(case_name(test))}</b>{where(run, test, many=many)}",
        f"Quarantined: {inline(test.quarantine)}",
        inline(told, _GLANCE),
    ]
    return f"- {'<br>'.join(filter(None, lines))}\n"
