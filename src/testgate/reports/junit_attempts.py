"""The elements of one case: how its attempts ended, in the form that Surefire gave reruns.

Passed after failing: no failure, and a `flaky…` element for each attempt that failed. Still failing:
the first attempt as the failure, the later ones as `rerun…` elements. In quarantine: skipped, with
everything in its text.
"""

from typing import NamedTuple

from testgate.model import Earlier, Outcome, TestResult
from testgate.reports.naming import failing_step, visible
from testgate.text import clean, cut

_LONGEST = 150_000  # characters of one case's messages in one text: readers refuse a node of 10 MB


class _Kind(NamedTuple):
    """The element that tells an outcome, its type, and what stands in for a message."""

    element: str
    type: str
    unsaid: str


# A test that was to run and did not is an error: as `skipped` it would be green in a CI that reads only this file.
_KINDS = {
    Outcome.PASSED: _Kind("", "", ""),
    Outcome.FAILED: _Kind("failure", "TestFailure", "Failed"),
    Outcome.ERROR: _Kind("error", "TestError", "Broke off before it could pass or fail"),
    Outcome.NOT_RUN: _Kind("error", "NotExecuted", "Was to run and did not"),
    Outcome.SKIPPED: _Kind("skipped", "", "Left out on purpose"),
}
_RED = frozenset({Outcome.FAILED, Outcome.ERROR})


class Entry(NamedTuple):
    """One element of a case: its tag, its type, and its text, which is never empty."""

    tag: str
    type: str
    text: str


def element_of(test: TestResult) -> str:
    """The tag of the element that readers count; "" for a pass."""
    if test.quarantined:
        return "skipped"
    return _KINDS[_attempts(test)[0].outcome].element if test.bad else _KINDS[test.outcome].element


def entries(test: TestResult) -> list[Entry]:
    """Every element of the case; the one that readers count comes first."""
    if test.outcome is Outcome.PASSED:
        return [_entry("flaky", attempt, _text(attempt)) for attempt in _attempts(test)]
    if test.outcome is Outcome.SKIPPED:
        return [Entry("skipped", "", _last_text(test))]
    attempts = _attempts(test)
    texts = [*map(_text, attempts[:-1]), _last_text(test)]
    if test.quarantined:
        return [Entry("skipped", "", _together(test.quarantine, texts))]
    first, *later = zip(attempts, texts, strict=True)
    return [_entry("", *first), *(_entry("rerun", *each) for each in later)]


def _attempts(test: TestResult) -> list[Earlier]:
    """The attempts that did not pass, the first first."""
    before = [attempt for attempt in test.earlier if attempt.outcome in _RED]
    return [*before, Earlier(test.outcome, test.message)] if test.bad else before


def _entry(prefix: str, attempt: Earlier, text: str) -> Entry:
    """An attempt's element: `failure`, `flakyFailure`, `rerunError` and so on."""
    kind = _KINDS[attempt.outcome]
    return Entry(f"{prefix}{kind.element.capitalize()}" if prefix else kind.element, kind.type, text)


def _text(attempt: Earlier) -> str:
    """What the platform told of an earlier attempt."""
    return cut(clean(attempt.message).strip(), _LONGEST) or f"{_KINDS[attempt.outcome].unsaid}."


def _last_text(test: TestResult) -> str:
    """What the platform tells of the test, the failing step at the end; never empty, for the package would drop it."""
    message = cut(clean(test.message).strip(), _LONGEST)
    if told := "\n\n".join(filter(None, (message, failing_step(test)))):
        return told
    unsaid = _KINDS[test.outcome].unsaid
    word = visible(test.word, limit=80)
    return f'{unsaid}: the platform says "{word}" and no more.' if word else f"{unsaid}."


def _together(reason: str, texts: list[str]) -> str:
    """Why the failure does not count, then what every attempt told."""
    if len(texts) > 1:
        share = _LONGEST // len(texts)
        texts = [f"Attempt {number}: {cut(text, share)}" for number, text in enumerate(texts, 1)]
    return "\n".join([f"Quarantined: {visible(reason, 'no reason given')}", *texts])
