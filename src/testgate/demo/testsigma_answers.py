"""The bodies that Testsigma answers, for a run at one moment. Pure: runs and seconds in, JSON data out.

Field names are the vendor's documented ones; ids are made up, stable within a run.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

from testgate.demo import timeline
from testgate.demo.exchange import JSON, RawReply, json_reply
from testgate.demo.scenarios import ABSENT, Plan, Test

_RESULT_IDS = 100_000  # results that one run can have
_ITERATION_IDS = 100  # iterations that one result can have
_STRANGERS_RUN = 12
_CASE_IDS = 2001
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|(.))")
_SHORT_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_MESSAGES = {
    timeline.CREATED: "Run accepted",
    timeline.QUEUED: "Waiting for machines",
    timeline.IN_PROGRESS: "Run in progress",
    timeline.COMPLETED: "Run completed",
}
_DETAILS = {
    "page_timeout": 30,
    "element_timeout": 30,
    "recovery_action": "Run_Next_Testcase",
    "on_aborted_action": "Reuse_Session",
    "screenshot_option": "FAILED_STEPS",
    "group_prerequisite_fail": "Abort",
    "test_case_prerequisite_fail": "Abort",
    "test_step_prerequisite_fail": "Run_Next_Testcase",
    "global_param_name": None,
}


class SimulatedRun(NamedTuple):
    """A run that was triggered: `body` is what the trigger sent, `started` simulated seconds.

    `epoch` is the wall clock's reading, in seconds, when the simulated clock stood at zero.
    """

    id: int
    plan_id: int
    plan: Plan
    body: Mapping[str, Any]
    started: float
    epoch: float
    line: timeline.Timeline

    def millis(self, elapsed: float) -> int:
        """The wall clock's milliseconds so many seconds after the trigger."""
        return int((self.epoch + self.started + elapsed) * 1000)

    def result_id(self, position: int) -> int:
        """The id of the result of the plan's test at this position."""
        return self.id * _RESULT_IDS + position + 1


def run_answer(run: SimulatedRun, now: float) -> dict[str, object]:
    """The run as `GET /execution_results/{id}` tells it."""
    elapsed = now - run.started
    plan, line = run.plan, run.line
    status = line.status(elapsed)
    ended = status == timeline.COMPLETED
    counts = timeline.counters(plan, line, elapsed)
    answer = {
        "id": run.id,
        "execution": None
        if status == timeline.CREATED
        else {"id": run.plan_id, "name": plan.name, "description": None},
        "executionId": run.plan_id,
        "startTime": run.millis(0),
        "endTime": run.millis(line.ended) if ended else None,
        "duration": int(line.ended * 1000) if ended else None,
        "result": _run_word(plan, status),
        "status": status,
        "message": _MESSAGES[status],
        "executedBy": 43,
        "buildNo": run.body.get("buildNo"),
        "environmentId": run.body.get("environmentId"),
        **{name: number for name, number in counts.items() if not name.startswith(("totalR", "totalQ"))},
        "isVisuallyPassed": None,
        "environment": None,
        "childResult": None,
        "reRunParentId": None,
        "reRunType": None,
        "triggeredType": "API",
        "totalRunningCount": counts["totalRunningCount"],
        "executionDetails": _DETAILS,
        "totalQueuedCount": counts["totalQueuedCount"],
        **_consolidated(run, elapsed),
    }
    return overlaid(answer, plan.at_end if ended else plan.meanwhile)


def trigger_answer(run: SimulatedRun) -> dict[str, object]:
    """The run as `POST /execution_results` answers it: just created, whatever the plan's times are."""
    line = run.line._replace(queued=inf, running=inf, ended=inf)
    created = run._replace(line=line, plan=run.plan._replace(meanwhile={}))
    return overlaid(run_answer(created, run.started), run.plan.at_start)


def overlaid(answer: Mapping[str, object], fields: Mapping[str, object]) -> dict[str, object]:
    """The answer with fields replaced, and those left out that are ABSENT."""
    return {name: value for name, value in {**answer, **fields}.items() if value is not ABSENT}


def tests_answer(run: SimulatedRun, now: float) -> dict[str, object]:
    """The run's tests as `GET /execution_results/{id}/test_case_results` tells them."""
    elapsed = now - run.started
    status = run.line.status(elapsed)
    suites = _numbered(test.suite for test in run.plan.tests)
    machines = _numbered(test.machine for test in run.plan.tests)
    rows = [
        {
            "testCaseId": case_id(test, position),
            "testCaseName": test.name,
            "testCaseResultId": run.result_id(position),
            "result": timeline.word(test.word, span, elapsed),
            "isDataDrivenCase": bool(test.iterations),
            "iterationResults": _iterations(run, position, test, ended=elapsed >= span.end),
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
        "result": _run_word(run.plan, status),
        "status": status,
        "testCases": [] if status == timeline.CREATED else rows[: run.plan.listed],
    }


def detail_rows(run: SimulatedRun, now: float) -> list[dict[str, object]]:
    """The run's tests as `GET /test_case_results` tells them, all pages in one."""
    elapsed = now - run.started
    if elapsed < run.line.queued:
        return []
    rows = [
        _detail(run, position, test, span, elapsed)
        for position, (test, span) in enumerate(zip(run.plan.tests, run.line.spans, strict=True))
    ]
    return rows[: run.plan.listed]


def stranger_rows(strangers: Sequence[Test]) -> list[dict[str, object]]:
    """Rows of a run that nobody asked for."""
    plan = Plan("Another plan", tuple(strangers), created=0, queued=0, running=0)
    run = SimulatedRun(_STRANGERS_RUN, 1, plan, {}, 0.0, 0.0, timeline.lay_out(plan))
    return detail_rows(run, run.line.ended)


def page_answer(rows: Sequence[Mapping[str, object]], page: int, size: int) -> RawReply:
    """One page of rows. Control characters in strings stand as they are, which is no valid JSON."""
    content = rows[page * size : (page + 1) * size]
    pages = -(-len(rows) // size)
    data = {
        "content": content,
        "totalElements": len(rows),
        "totalPages": pages,
        "number": page,
        "size": size,
        "numberOfElements": len(content),
        "first": page == 0,
        "last": page + 1 >= pages,
        "empty": not content,
    }
    return RawReply(200, JSON, _ESCAPE.sub(_raw_control, json.dumps(data)).encode())


def not_found(what: str) -> RawReply:
    """The answer for something that does not exist."""
    return json_reply({"error": f"{what} not found", "code": "0", "fieldErrors": [], "objectErrors": []}, 404)


def invalid(error: str, field: str, millis: int, status: int) -> RawReply:
    """The answer for a request that cannot be understood."""
    faults = [{"field": field, "message": error}] if field else []
    data = {"timeStamp": millis, "error": error, "code": "1001", "fieldErrors": faults, "objectErrors": []}
    return json_reply(data, status)


def case_id(test: Test, position: int) -> int:
    """The test's own id, or one that its place in the plan gives it: the same in every run."""
    return _CASE_IDS + position if test.case_id is None else test.case_id


def _run_word(plan: Plan, status: str) -> str | None:
    """The run's result word: none while tests run, as the vendor has it at times."""
    if status == timeline.COMPLETED:
        return timeline.result(plan)
    return None if status == timeline.IN_PROGRESS else timeline.WAITING


def _consolidated(run: SimulatedRun, elapsed: float) -> dict[str, object]:
    """The fields of a plan that reruns by itself; nothing for others."""
    if run.plan.consolidated is None:
        return {}
    over_at = run.line.ended + run.plan.consolidated
    over = elapsed >= over_at
    status = run.line.status(elapsed)
    if status == timeline.COMPLETED and not over:
        status = timeline.IN_PROGRESS
    word = run.plan.consolidated_result or timeline.result(run.plan)
    return {
        "consolidatedResult": word if over else timeline.WAITING,
        "consolidatedStatus": status,
        "consolidatedDuration": int(over_at * 1000) if over else None,
    }


def _iterations(run: SimulatedRun, position: int, test: Test, *, ended: bool) -> list[dict[str, object]]:
    """The iterations of a data-driven test."""
    first = run.result_id(position) * _ITERATION_IDS
    return [
        {
            "iterationResultId": first + number,
            "setName": iteration.name,
            "result": iteration.word if ended else timeline.WAITING,
        }
        for number, iteration in enumerate(test.iterations, 1)
    ]


def _detail(run: SimulatedRun, position: int, test: Test, span: timeline.Span, elapsed: float) -> dict[str, object]:
    """One test with its message and times."""
    begun, ended = elapsed >= span.begin, elapsed >= span.end
    return {
        "id": run.result_id(position),
        "executionResultId": run.id,
        "testCaseId": case_id(test, position),
        "result": timeline.word(test.word, span, elapsed),
        "status": timeline.COMPLETED if ended else (timeline.IN_PROGRESS if begun else timeline.QUEUED),
        "message": test.message if ended else None,
        "startTime": run.millis(span.begin) if begun else None,
        "endTime": run.millis(span.end) if ended else None,
        "duration": int(test.seconds * 1000) if ended and test.seconds is not None else None,
        "iteration": None,
        "isStepGroup": False,
        "isDataDriven": bool(test.iterations),
    }


def _numbered(names: Iterable[str]) -> dict[str, int]:
    """Each name with the order of its first appearance."""
    return {name: number for number, name in enumerate(dict.fromkeys(names), 1)}


def _raw_control(escape: re.Match[str]) -> str:
    """An escaped control character as itself; every other escape as it is."""
    code, short = escape.groups()
    if code is None:
        return _SHORT_ESCAPES.get(short, escape[0])
    return chr(int(code, 16)) if int(code, 16) < ord(" ") else str(escape[0])
