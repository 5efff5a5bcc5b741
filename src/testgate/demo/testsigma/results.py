"""Testsigma's replies about the tests of a run and their steps: functions of a run and of the simulated time.

Ids are made up, and stable within a run.
"""

import html
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from testgate.demo.testsigma import timeline
from testgate.demo.testsigma.answers import run_result
from testgate.demo.testsigma.runs import SimulatedRun, Start, first_run
from testgate.demo.testsigma.scenarios import Plan, Test
from testgate.demo.timeline import Span

_STRANGERS_RUN = 12
_CASE_IDS = 2001
_STEP_IDS = 100
_STOPPED_MESSAGE = "The run was stopped"

_FIRST_ACTIONS = ("Open the start page", "Wait until the page has loaded", "Enter the test's data")
_LAST_ACTION = "Verify the result"
_LONGEST_ACTION = 100
_ERRORS = {"FAILURE": (1042, "ASSERTION"), "FAILED": (1042, "ASSERTION"), "ABORTED": (1500, "SESSION")}
_OTHER_ERROR = (1900, "OTHER")
_NEVER_BEGAN = frozenset({"NOT_EXECUTED", timeline.WAITING})


def tests_answer(run: SimulatedRun, now: float) -> dict[str, object]:
    """The reply to `GET /execution_results/{id}/test_case_results`."""
    elapsed = now - run.started
    status = run.timeline.status(elapsed)
    suites = _numbered(test.suite for test in run.whole_plan.tests)
    machines = _numbered(test.machine for test in run.whole_plan.tests)
    rows = [
        {
            "testCaseId": case_id(run, position),
            "testCaseName": test.name,
            "testCaseResultId": run.result_id(position),
            "result": (word := timeline.word(test.word, span, elapsed, run.timeline.stopped)),
            "isDataDrivenCase": bool(test.iterations),
            "iterationResults": _iterations(run, position, word, ended=elapsed >= span.end),
            "testSuiteId": 300 + suites[test.suite],
            "testSuiteName": test.suite,
            "testSuiteResultId": run.id * 100 + suites[test.suite],
            "machineId": 70 + machines[test.machine],
            "machineTitle": test.machine,
            "machineResultId": run.id * 10 + machines[test.machine],
        }
        for position, (test, span) in enumerate(zip(run.plan.tests, run.timeline.spans, strict=True))
    ]
    return {
        "executionId": run.plan_id,
        "executionResultId": run.id,
        "result": run_result(run, elapsed),
        "status": status,
        "testCases": [] if status == timeline.CREATED else rows[: run.plan.listed],
    }


def detail_rows(run: SimulatedRun, now: float) -> list[dict[str, object]]:
    """The run's rows of `GET /test_case_results`."""
    elapsed = now - run.started
    if run.timeline.status(elapsed) == timeline.CREATED:
        return []
    rows = [
        _detail(run, position, test, span, elapsed)
        for position, (test, span) in enumerate(zip(run.plan.tests, run.timeline.spans, strict=True))
    ]
    return rows[: run.plan.listed]


def stranger_rows(strangers: Sequence[Test]) -> list[dict[str, object]]:
    """Rows of a run that nobody asked for."""
    plan = Plan("Another plan", tuple(strangers), created=0, queued=0, running=0)
    run = first_run(Start(_STRANGERS_RUN, {}, 0.0, 0.0), 1, plan)
    return detail_rows(run, run.timeline.ended)


def step_rows(run: SimulatedRun, position: int, now: float) -> list[dict[str, object]]:
    """The rows of the second API version's step results: the steps of a test that have ended."""
    until = min(now - run.started, run.timeline.stopped)
    steps = _steps(run.plan.tests[position], run.timeline.spans[position])
    return [_step_row(run, position, step) for step in steps if step.span.end <= until]


def case_id(run: SimulatedRun, position: int) -> int:
    """A test's own id, or one derived from its position in the plan: the same in every run."""
    own = run.plan.tests[position].case_id
    return _CASE_IDS + run.selected[position].test if own is None else own


def failing_action(test: Test) -> str:
    """The action of a test's failing step: its own text, or the first line of the message without markup."""
    line = html.unescape(re.sub(r"<[^>]*>", "", test.message or "")).strip().partition("\n")[0].strip()
    return test.step or line[:_LONGEST_ACTION] or _LAST_ACTION


def _iterations(run: SimulatedRun, position: int, word: str, *, ended: bool) -> list[dict[str, object]]:
    """The iterations of a data-driven test. Until it ends they wait with it, and they are stopped with it."""
    final = ended and word == run.plan.tests[position].word
    return [
        {
            "iterationResultId": run.iteration_id(position, number),
            "setName": iteration.name,
            "result": iteration.word if final else word,
        }
        for number, iteration in enumerate(run.plan.tests[position].iterations)
    ]


def _detail(run: SimulatedRun, position: int, test: Test, span: Span, elapsed: float) -> dict[str, object]:
    """One test with its message and times. A stop ends the tests that are running, and those still to run."""
    stopped = run.timeline.stopped
    cut_off = stopped < span.end
    end = min(span.end, stopped)
    begun, ended = span.begin <= min(elapsed, end), elapsed >= end
    seconds = (stopped - span.begin if begun else None) if cut_off else test.seconds
    message = _STOPPED_MESSAGE if cut_off else test.message
    return {
        "id": run.result_id(position),
        "executionResultId": run.id,
        "testCaseId": case_id(run, position),
        "result": timeline.word(test.word, span, elapsed, stopped),
        "status": timeline.COMPLETED if ended else (timeline.IN_PROGRESS if begun else timeline.QUEUED),
        "message": message if ended else None,
        "startTime": run.millis(span.begin) if begun else None,
        "endTime": run.millis(end) if ended and begun else None,
        "duration": int(seconds * 1000) if ended and seconds is not None else None,
        "iteration": None,
        "isStepGroup": False,
        "isDataDriven": bool(test.iterations),
    }


class _Step(NamedTuple):
    """One step of a test that has ended."""

    number: int
    action: str
    word: str
    span: Span


def _steps(test: Test, span: Span) -> list[_Step]:
    """A test's steps: equally long, all passed but the last one, which ends as the test does."""
    if test.word in _NEVER_BEGAN:
        return []
    actions = [*_FIRST_ACTIONS, _LAST_ACTION if test.word in timeline.PASSING else failing_action(test)]
    words = ["SUCCESS"] * len(_FIRST_ACTIONS) + [test.word]
    parts = span.parts(len(actions))
    return [_Step(number, *each) for number, each in enumerate(zip(actions, words, parts, strict=True))]


def _step_row(run: SimulatedRun, position: int, step: _Step) -> dict[str, object]:
    """One step."""
    failed = step.word not in timeline.PASSING
    code, kind = _ERRORS.get(step.word, _OTHER_ERROR) if failed else (None, None)
    begin, end = (run.millis(moment) for moment in step.span)
    return {
        "stepId": case_id(run, position) * _STEP_IDS + step.number + 1,
        "action": step.action,
        "message": run.plan.tests[position].message if failed else None,
        "errorCode": code,
        "errorType": kind,
        "result": step.word,
        "startTime": begin,
        "endTime": end,
        "duration": end - begin,
    }


def _numbered(names: Iterable[str]) -> dict[str, int]:
    """Each name with its place in the order of first appearance, from 1."""
    return {name: number for number, name in enumerate(dict.fromkeys(names), 1)}
