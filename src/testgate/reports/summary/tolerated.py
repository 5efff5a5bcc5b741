"""The summary's lists of tests that failed but do not count as failures: flaky, quarantined and known ones."""

from collections.abc import Sequence

from testgate.model import TestResult
from testgate.reports.markdown import block, inline
from testgate.reports.naming import RED, case_name, completed, counted, failing_step
from testgate.reports.since import standing, unsteady
from testgate.reports.summary.budget import Section, left_out
from testgate.reports.summary.wording import all_tests, details, first_line
from testgate.results import JudgedRun
from testgate.text import clean

_MESSAGE = 1_000  # characters of a flaky test's message


def flaky(runs: Sequence[JudgedRun]) -> Section:
    """The tests that passed only after a rerun: in which attempt, and the message of their first failure."""
    found = [pair for pair in all_tests(runs) if pair[1].flaky]
    head = f"### {counted(len(found), 'flaky test')}\n\nPassed only after a rerun.\n\n"
    items = (_flaky(judged, test, several=len(runs) > 1) for judged, test in found)
    return Section(head, items, len(found), left_out("flaky test"), tail="")


def _flaky(judged: JudgedRun, test: TestResult, *, several: bool) -> str:
    """One flaky test, with the message of its first failure folded."""
    remark = " · ".join(filter(None, (f"passed on attempt {len(completed(test))}", unsteady(test))))
    title = f"🔁 <b>{inline(case_name(test))}</b>{details(judged, test, several=several, remark=remark)}"
    first = next(attempt.message for attempt in test.earlier if attempt.outcome in RED)
    message = clean(first).strip()
    body = block(message, _MESSAGE) if message else "The platform gave no message for the failure."
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>\n\n"


def quarantined(runs: Sequence[JudgedRun]) -> Section:
    """The quarantined tests that did not pass, folded: the reason for the quarantine, and their message."""
    found = [pair for pair in all_tests(runs) if pair[1].quarantined]
    title = f"{counted(len(found), 'quarantined test')} did not pass, which does not affect the result"
    return Section(
        f"<details><summary>{title}</summary>\n\n",
        (_quarantined(judged, test, several=len(runs) > 1) for judged, test in found),
        len(found),
        left_out("quarantined test"),
        tail="\n</details>\n\n",
    )


def tolerated(runs: Sequence[JudgedRun]) -> Section:
    """The known failures that are tolerated: since when, and their message."""
    found = [pair for pair in all_tests(runs) if pair[1].tolerated and pair[1].bad]
    return Section(
        f"<details><summary>{counted(len(found), 'known failure')}, tolerated</summary>\n\n",
        (_tolerated(judged, test, several=len(runs) > 1) for judged, test in found),
        len(found),
        left_out("known failure"),
        tail="\n</details>\n\n",
    )


def _tolerated(judged: JudgedRun, test: TestResult, *, several: bool) -> str:
    """One known failure: its name, since when it fails, and the first line of its message, else its failing step."""
    name = f"<b>{inline(case_name(test))}</b>{details(judged, test, several=several, remark=standing(test))}"
    return f"- {'<br>'.join(filter(None, (name, first_line(test.message) or first_line(failing_step(test)))))}\n"


def _quarantined(judged: JudgedRun, test: TestResult, *, several: bool) -> str:
    """One quarantined test: its name, the reason, and the first line of its message, else its failing step."""
    lines = (
        f"<b>{inline(case_name(test))}</b>{details(judged, test, several=several)}",
        f"Quarantined: {inline(test.quarantine)}",
        first_line(test.message) or first_line(failing_step(test)),
    )
    return f"- {'<br>'.join(filter(None, lines))}\n"
