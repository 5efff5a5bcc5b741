"""The result elements of one case: how its attempts ended, in the form that Maven Surefire defined for reruns.

- Passed after failing: no failure, but a `flaky…` element for each failed attempt.
- Still failing: the first attempt is the failure, later ones are `rerun…` elements.
- Quarantined, or known and tolerated: skipped, with the messages of all attempts in its text.
"""

from typing import NamedTuple

from testgate.model import Earlier, Outcome, TestResult
from testgate.reports.junit.room import LONGEST_TEXT, Caps, shortened
from testgate.reports.naming import RED, failing_step, visible
from testgate.reports.since import standing
from testgate.text import clean, cut

RED_TAGS = frozenset({"failure", "error"})  # the elements that make a reader of the file turn red


class _Form(NamedTuple):
    """How an outcome looks in the file: tag, type, and the text if the platform gave no message."""

    tag: str
    type: str
    default_text: str


# A test that did not run is an error: as `skipped` it would be green in a CI that reads only this file.
_FORMS = {
    Outcome.PASSED: _Form("", "", ""),
    Outcome.FAILED: _Form("failure", "TestFailure", "Failed"),
    Outcome.ERROR: _Form("error", "TestError", "Errored before it could pass or fail"),
    Outcome.NOT_RUN: _Form("error", "NotExecuted", "Did not run"),
    Outcome.SKIPPED: _Form("skipped", "", "Skipped"),
}


class ResultElement(NamedTuple):
    """One result element of a case, such as `failure` or `rerunError`. Its text is never empty."""

    tag: str
    type: str
    text: str


def counted_tag(test: TestResult) -> str:
    """The tag of the element that readers count; "" for a pass."""
    if test.outcome is Outcome.PASSED:  # as most tests
        return ""
    if test.bad and test.excused:
        return "skipped"
    return _FORMS[_unsuccessful(test)[0].outcome].tag if test.bad else _FORMS[test.outcome].tag


def result_elements(test: TestResult, caps: Caps) -> list[ResultElement]:
    """All result elements of the test's case; the one that readers count comes first."""
    if test.outcome is Outcome.PASSED and not test.earlier:  # as most tests
        return []
    if test.outcome is Outcome.PASSED:
        return [_element("flaky", attempt, _text(attempt, caps.other)) for attempt in _unsuccessful(test)]
    if test.outcome is Outcome.SKIPPED:
        return [ResultElement("skipped", "", _last_text(test, caps.other))]
    attempts = _unsuccessful(test)
    texts = [*(_text(attempt, caps.other) for attempt in attempts[:-1]), _last_text(test, caps.of(test))]
    if test.excused:
        return [ResultElement("skipped", "", _excused_text(test, texts))]
    first, *later = zip(attempts, texts, strict=True)
    return [_element("", *first), *(_element("rerun", *each) for each in later)]


def _unsuccessful(test: TestResult) -> list[Earlier]:
    """The attempts that did not pass, in order."""
    before = [attempt for attempt in test.earlier if attempt.outcome in RED]
    return [*before, Earlier(test.outcome, test.message)] if test.bad else before


def _element(prefix: str, attempt: Earlier, text: str) -> ResultElement:
    """The element of an attempt: `failure`, `flakyFailure`, `rerunError` and so on."""
    form = _FORMS[attempt.outcome]
    return ResultElement(f"{prefix}{form.tag.capitalize()}" if prefix else form.tag, form.type, text)


def _text(attempt: Earlier, limit: int) -> str:
    """The message of an attempt before the last."""
    return shortened(clean(attempt.message).strip(), limit) or f"{_FORMS[attempt.outcome].default_text}."


def _last_text(test: TestResult, limit: int) -> str:
    """The test's message, then its failing step; never empty."""
    message = shortened(clean(test.message).strip(), limit)
    if text := "\n\n".join(filter(None, (message, failing_step(test)))):
        return text
    default = _FORMS[test.outcome].default_text
    word = visible(test.word, limit=80)
    return f'{default}: the platform reported "{word}" without a message.' if word else f"{default}."


def _excused_text(test: TestResult, texts: list[str]) -> str:
    """Why the failure does not count, then the message of every attempt."""
    if len(texts) > 1:
        share = LONGEST_TEXT // len(texts)
        texts = [f"Attempt {number}: {cut(text, share)}" for number, text in enumerate(texts, 1)]
    quarantined = f"Quarantined: {visible(test.quarantine, 'no reason given')}"
    return "\n".join([quarantined if test.quarantine else f"Tolerated: {standing(test)}", *texts])
