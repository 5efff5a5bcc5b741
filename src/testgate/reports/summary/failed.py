"""The failed tests of the summary: with their messages, then by name, then only their number."""

import itertools
from collections.abc import Sequence

from testgate.gate.causes import by_cause
from testgate.model import Change, Outcome, TestResult
from testgate.reports.markdown import block, inline, link, web_address
from testgate.reports.naming import case_name, counted, failed_attempts, failing_step, number
from testgate.reports.since import standing
from testgate.reports.summary.budget import Filled, Section, fill, left_out, size
from testgate.reports.summary.wording import FoundTest, all_tests, details, first_line
from testgate.results import JudgedRun, changed, failed_tests
from testgate.text import clean

_MESSAGE = 4_000  # characters of a test's message
_ALIKE = 3  # so many tests with one cause are one line
_NAMES = 100  # of tests with one cause that are shown
_ATTEMPTS = 10  # earlier attempts of a test that are shown


def failed(runs: Sequence[JudgedRun], room: int) -> Filled:
    """The failed tests, the most serious first. Two thirds of the room are for tests with messages."""
    found = [pair for pair in failed_tests(runs) if pair[1].outcome is not Outcome.NOT_RUN]
    several = len(runs) > 1
    heading = _heading(runs)
    folds = [*_folds(found, known=False), *_folds(found, known=True)]
    whole = fill(_with_messages(heading, folds, several=several), room * 2 // 3)
    hidden = [pair for group in folds[whole.shown :] for pair in group]
    rest = fill(_by_name(hidden, several=several, first=not whole.shown), room - size(whole.text))
    return Filled(whole.text + rest.text, whole.shown + rest.shown, rest.silent)


def _folds(found: Sequence[FoundTest], *, known: bool) -> list[list[FoundTest]]:
    """Known or other failures in groups: tests that fail alike, the largest group first, then each other test alone."""
    groups = by_cause([pair for pair in found if (pair[1].change is Change.KNOWN) is known])
    alike = sorted((group for group in groups if len(group) >= _ALIKE), key=len, reverse=True)
    return [*alike, *([pair] for group in groups if len(group) < _ALIKE for pair in group)]


def _with_messages(heading: str, folds: Sequence[Sequence[FoundTest]], *, several: bool) -> Section:
    """The failed tests with their messages folded; `_by_name` shows those that don't fit here."""
    items = (
        _alike(group, several=several) if len(group) > 1 else _failure(*group[0], several=several) for group in folds
    )
    return Section(heading, items, len(folds), lambda _missing: "", tail="")


def _heading(runs: Sequence[JudgedRun]) -> str:
    """`2 failed tests, 1 errored, 1 of them new`: the numbers of the verdict's reason."""
    tests = [test for _run, test in all_tests(runs) if test.outcome is not Outcome.PASSED]
    failed_ones = sum(test.outcome is Outcome.FAILED for test in tests)
    errors = sum(test.outcome is Outcome.ERROR for test in tests)
    quarantined = sum(test.quarantined and test.outcome is not Outcome.NOT_RUN for test in tests)
    parts = [counted(failed_ones, "failed test")] if failed_ones else []
    if errors:
        parts.append(f"{number(errors)} errored" if failed_ones else counted(errors, "errored test"))
    if quarantined:
        parts.append(f"{number(quarantined)} of them quarantined")
    if tolerated := sum(test.tolerated and test.bad for test in tests):
        parts.append(f"{number(tolerated)} {'' if quarantined else 'of them '}tolerated")
    if fresh := changed(runs, Change.NEW):
        of_them = "all " if fresh == failed_ones + errors > 1 else f"{number(fresh)} of them "
        parts.append(f"{'' if failed_ones + errors == 1 else of_them}new")
    return f"### {', '.join(parts)}\n\n"


def _alike(group: Sequence[FoundTest], *, several: bool) -> str:
    """Tests with one cause: the message of the first, and all their names."""
    _judged, first = group[0]
    title = f"❌ <b>{counted(len(group), 'test')}</b> — {first_line(first.message)}"
    lines = (f"- {inline(case_name(test))}{_details(judged, test, several=several)}\n" for judged, test in group)
    names = "".join(itertools.islice(lines, _NAMES))
    more = f"- …and {counted(len(group) - _NAMES, 'more test')} with this cause\n" if len(group) > _NAMES else ""
    body = block(clean(first.message).strip(), _MESSAGE)
    return f"<details><summary>{title}</summary>\n\n{body}\n\n{names}{more}\n</details>\n\n"


def _by_name(found: Sequence[FoundTest], *, several: bool, first: bool) -> Section:
    """The names of the failed tests whose messages don't fit."""
    title = counted(len(found), "failed test" if first else "more failed test")
    return Section(
        f"<details><summary>{title}, by name; see the JUnit report for their messages</summary>\n\n",
        (f"- {inline(case_name(test))}{_details(judged, test, several=several)}\n" for judged, test in found),
        len(found),
        left_out("failed test"),
        tail="\n</details>\n\n",
    )


def _failure(judged: JudgedRun, test: TestResult, *, several: bool) -> str:
    """One failed test, folded. The message's first line and the failing step are visible without unfolding."""
    message, step = clean(test.message).strip(), failing_step(test)
    text = "\n\n".join(filter(None, (message, step)))
    body = block(text, _MESSAGE) if text else _no_message(test)
    name = f"❌ <b>{inline(case_name(test))}</b>{_details(judged, test, several=several)}"
    title = "<br>&emsp;".join(filter(None, (name, first_line(message), inline(step))))
    video = f"{link('Video', test.video)}\n\n" if web_address(test.video) else ""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n{_earlier_messages(test)}{video}</details>\n\n"


def _details(judged: JudgedRun, test: TestResult, *, several: bool) -> str:
    """Where the test failed, in how many attempts, and how long it took."""
    remark = " · ".join(filter(None, (standing(test), failed_attempts(test))))
    return details(judged, test, several=several, remark=remark)


def _no_message(test: TestResult) -> str:
    """A stand-in for a missing message, with the platform's own word for the result if there is one."""
    if not test.word.strip():
        return "The platform gave no message."
    return f"The platform reported {inline(test.word, 80)} without a message."


def _earlier_messages(test: TestResult) -> str:
    """The messages of earlier attempts that differ from the last one's."""
    last = first_line(test.message)
    messages = [(number, first_line(attempt.message)) for number, attempt in enumerate(test.earlier, 1)]
    lines = [
        f"- Attempt {number}: {message}\n" for number, message in messages[:_ATTEMPTS] if message not in {"", last}
    ]
    return f"Earlier attempts:\n\n{''.join(lines)}\n" if lines else ""
