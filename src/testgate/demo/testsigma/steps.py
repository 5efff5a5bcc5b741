"""The steps of one test, as Testsigma's second API version tells them. Pure."""

import html
import re
from typing import NamedTuple

from testgate.demo.testsigma import timeline
from testgate.demo.testsigma.runs import SimulatedRun
from testgate.demo.testsigma.scenarios import Test
from testgate.demo.testsigma.tests import case_id

_OPENING = ("Open the start page", "Wait until the page has loaded", "Enter the test's data")
_STEP_IDS = 100
_ERRORS = {"FAILURE": (1042, "ASSERTION"), "FAILED": (1042, "ASSERTION"), "ABORTED": (1500, "SESSION")}
_OTHER_ERROR = (1900, "OTHER")
_NEVER_BEGAN = frozenset({"NOT_EXECUTED", timeline.WAITING})
_LONGEST_ACTION = 100


class _Step(NamedTuple):
    """One step of a test that has ended."""

    number: int
    action: str
    word: str
    span: timeline.Span


def step_rows(run: SimulatedRun, position: int, now: float) -> list[dict[str, object]]:
    """The steps of the run's test at this position, as far as they have ended."""
    until = min(now - run.started, run.line.stopped)
    steps = _steps(run.plan.tests[position], run.line.spans[position])
    return [_row(run, position, step) for step in steps if step.span.end <= until]


def failing_action(test: Test) -> str:
    """What the failing step of a test was to do: its own text, or the message's first line without tags."""
    line = html.unescape(re.sub(r"<[^>]*>", "", test.message or "")).strip().partition("\n")[0].strip()
    return test.step or line[:_LONGEST_ACTION] or "Verify the result"


def _steps(test: Test, span: timeline.Span) -> list[_Step]:
    """A test's steps, of equal length; the last ends as the test does."""
    if test.word in _NEVER_BEGAN:
        return []
    actions = [*_OPENING, "Verify the result" if test.word in timeline.PASSING else failing_action(test)]
    length = (span.end - span.begin) / len(actions)
    moments = [span.begin + number * length for number in range(len(actions))] + [span.end]
    words = ["SUCCESS"] * len(_OPENING) + [test.word]
    return [
        _Step(number, action, words[number], timeline.Span(moments[number], moments[number + 1]))
        for number, action in enumerate(actions)
    ]


def _row(run: SimulatedRun, position: int, step: _Step) -> dict[str, object]:
    """One step as it is told."""
    wrong = step.word not in timeline.PASSING
    code, kind = _ERRORS.get(step.word, _OTHER_ERROR) if wrong else (None, None)
    begin, end = (run.millis(moment) for moment in step.span)
    return {
        "stepId": case_id(run, position) * _STEP_IDS + step.number + 1,
        "action": step.action,
        "message": run.plan.tests[position].message if wrong else None,
        "errorCode": code,
        "errorType": kind,
        "result": step.word,
        "startTime": begin,
        "endTime": end,
        "duration": end - begin,
    }
