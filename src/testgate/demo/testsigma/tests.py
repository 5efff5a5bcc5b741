"""What Testsigma answers about the tests of a run, at one moment. Pure; ids are made up, stable within a run."""

from collections.abc import Iterable, Sequence

from testgate.demo.testsigma import timeline
from testgate.demo.testsigma.answers import run_word
from testgate.demo.testsigma.runs import Birth, SimulatedRun, first_run
from testgate.demo.testsigma.scenarios import Plan, Test

_STRANGERS_RUN = 12
_CASE_IDS = 2001
_STOPPED_MESSAGE = "The run was stopped"


def tests_answer(run: SimulatedRun, now: float) -> dict[str, object]:
    """The run's tests as `GET /execution_results/{id}/test_case_results` tells them."""
    elapsed = now - run.started
    status = run.line.status(elapsed)
    suites = _numbered(test.suite for test in run.whole.tests)
    machines = _numbered(test.machine for test in run.whole.tests)
    rows = [
        {
            "testCaseId": case_id(run, position),
            "testCaseName": test.name,
            "testCaseResultId": run.result_id(position),
            "result": (word := timeline.word(test.word, span, elapsed, run.line.stopped)),
            "isDataDrivenCase": bool(test.iterations),
            "iterationResults": _iterations(run, position, word, ended=elapsed >= span.end),
            "testSuiteId": 300 + suites[test.suite],
            "testSuiteName": test.suite,
            "testSuiteResultId": run.id * 100 + suites[test.suite],
            "machineId": 70 + machines[test.machine],
            "machineTitle": test.machine,
            "machineResultId": run.id * 10 + machines[test.machine],
        }
        for position, (test, span) in enumerate(zip(run.plan.tests, run.line.spans, strict=True))
    ]
    return {
        "executionId": run.plan_id,
        "executionResultId": run.id,
        "result": run_word(run, elapsed),
        "status": status,
        "testCases": [] if status == timeline.CREATED else rows[: run.plan.listed],
    }


def detail_rows(run: SimulatedRun, now: float) -> list[dict[str, object]]:
    """The run's tests as `GET /test_case_results` tells them, all pages in one."""
    elapsed = now - run.started
    if run.line.status(elapsed) == timeline.CREATED:
        return []
    rows = [
        _detail(run, position, test, span, elapsed)
        for position, (test, span) in enumerate(zip(run.plan.tests, run.line.spans, strict=True))
    ]
    return rows[: run.plan.listed]


def stranger_rows(strangers: Sequence[Test]) -> list[dict[str, object]]:
    """Rows of a run that nobody asked for."""
    plan = Plan("Another plan", tuple(strangers), created=0, queued=0, running=0)
    run = first_run(Birth(_STRANGERS_RUN, {}, 0.0, 0.0), 1, plan)
    return detail_rows(run, run.line.ended)


def case_id(run: SimulatedRun, position: int) -> int:
    """A test's own id, or one that its place in the plan gives it: the same in every run."""
    own = run.plan.tests[position].case_id
    return _CASE_IDS + run.places[position].test if own is None else own


def _iterations(run: SimulatedRun, position: int, word: str, *, ended: bool) -> list[dict[str, object]]:
    """The iterations of a data-driven test; until it ends they wait with it, and are stopped with it."""
    kept = ended and word == run.plan.tests[position].word
    return [
        {
            "iterationResultId": run.iteration_id(position, number),
            "setName": iteration.name,
            "result": iteration.word if kept else word,
        }
        for number, iteration in enumerate(run.plan.tests[position].iterations)
    ]


def _detail(run: SimulatedRun, position: int, test: Test, span: timeline.Span, elapsed: float) -> dict[str, object]:
    """One test with its message and times; a stop ends those that run, and those that never will."""
    stopped = run.line.stopped
    cut = stopped < span.end
    end = min(span.end, stopped)
    begun, ended = span.begin <= min(elapsed, end), elapsed >= end
    seconds = (stopped - span.begin if begun else None) if cut else test.seconds
    message = _STOPPED_MESSAGE if cut else test.message
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


def _numbered(names: Iterable[str]) -> dict[str, int]:
    """Each name with the order of its first appearance."""
    return {name: number for number, name in enumerate(dict.fromkeys(names), 1)}
