"""What Testsigma answers about a run as a whole, at one moment. Pure: runs and seconds in, JSON data out.

Field names are the vendor's documented ones. A `chain` holds the reruns of a run: its own rerun,
the rerun of that one, and so on.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Final

from testgate.demo.testsigma import timeline
from testgate.demo.testsigma.runs import SimulatedRun as SimulatedRun
from testgate.demo.testsigma.runs import unfinished
from testgate.demo.testsigma.scenarios import ABSENT

_MESSAGES = {
    timeline.CREATED: "Run accepted",
    timeline.QUEUED: "Waiting for machines",
    timeline.IN_PROGRESS: "Run in progress",
    timeline.COMPLETED: "Run completed",
}
_STOPPED_MESSAGE: Final = "Run stopped on request"
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
_OLDER = ("abortedCount", "preRequisiteFailedCount", "isVisuallyPassed", "reRunType")
"""What the samples of reruns and stops do not have any more."""


def run_answer(run: SimulatedRun, now: float, chain: Sequence[SimulatedRun] = ()) -> dict[str, object]:
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
        "endTime": run.millis(line.over) if ended else None,
        "duration": int(line.over * 1000) if ended else None,
        "result": run_word(run, elapsed),
        "status": status,
        "message": _STOPPED_MESSAGE if elapsed >= line.stopped else _MESSAGES[status],
        "executedBy": 43,
        "buildNo": run.body.get("buildNo"),
        "environmentId": run.body.get("environmentId"),
        **{name: number for name, number in counts.items() if not name.startswith(("totalR", "totalQ"))},
        "isVisuallyPassed": None,
        "environment": None,
        "childResult": run_answer(chain[0], now, chain[1:]) if chain else None,
        "reRunParentId": run.parent_id,
        "reRunType": None,
        "triggeredType": "API",
        "totalRunningCount": counts["totalRunningCount"],
        "executionDetails": _DETAILS,
        "totalQueuedCount": counts["totalQueuedCount"],
        **_consolidated(run, now, chain),
    }
    if run.parent_id is not None:
        answer = _newer(answer)
    return overlaid(answer, plan.at_end if ended else plan.meanwhile)


def trigger_answer(run: SimulatedRun) -> dict[str, object]:
    """The run as `POST /execution_results` answers it: just created, whatever the plan's times are."""
    line = run.line._replace(queued=inf, running=inf, ended=inf)
    created = run._replace(line=line, plan=run.plan._replace(meanwhile={}))
    return overlaid(run_answer(created, run.started), run.plan.at_start)


def stop_answer(run: SimulatedRun, now: float, chain: Sequence[SimulatedRun] = ()) -> dict[str, object]:
    """The run as `PUT /execution_results` answers it.

    As in the vendor's sample it is called stopped before its tests are: only a read tells what became of it.
    """
    over = min(now - run.started, run.line.over)
    told = {
        "endTime": run.millis(over),
        "duration": int(over * 1000),
        "result": timeline.STOPPED,
        "status": timeline.COMPLETED,
        "message": _STOPPED_MESSAGE,
        "consolidatedResult": timeline.STOPPED,
        "consolidatedStatus": timeline.COMPLETED,
        "consolidatedDuration": int(over * 1000),
    }
    return _newer({**run_answer(run, now, chain), **told})


def overlaid(answer: Mapping[str, object], fields: Mapping[str, object]) -> dict[str, object]:
    """The answer with fields replaced, and those left out that are ABSENT."""
    return {name: value for name, value in {**answer, **fields}.items() if value is not ABSENT}


def run_word(run: SimulatedRun, elapsed: float) -> str | None:
    """The run's result word: none while tests run, as the vendor has it at times."""
    status = run.line.status(elapsed)
    if status == timeline.COMPLETED:
        return timeline.STOPPED if elapsed >= run.line.stopped else timeline.result(run.plan)
    return None if status == timeline.IN_PROGRESS else timeline.WAITING


def _newer(answer: Mapping[str, object]) -> dict[str, object]:
    """The answer in the shape of the samples for reruns and stops."""
    return {
        **{name: value for name, value in answer.items() if name not in _OLDER},
        "runningCount": answer["totalRunningCount"],
        "visualTestResult": None,
        "mobileInspectionId": None,
        "environmentResultsDTO": None,
        "executionResultConfig": None,
        "isReRunEnabled": False,
        "resultType": "ORIGINAL",
        "runTestCasesInParallel": False,
        "runTestSuitesInParallel": False,
        "scheduledId": None,
        "testPlanHookResults": None,
    }


def _consolidated(run: SimulatedRun, now: float, chain: Sequence[SimulatedRun]) -> dict[str, object]:
    """The fields of a run and its reruns together; nothing for a run that cannot have any."""
    last = chain[-1] if chain else run
    if run.plan.consolidated is not None:
        over_at = run.line.over + run.plan.consolidated
        over = now - run.started >= over_at
    elif chain or run.parent_id is not None or run.whole.automatic_reruns:
        over_at = last.started - run.started + last.line.over
        over = not unfinished(last, now)
    else:
        return {}
    status = run.status(now)
    if status == timeline.COMPLETED and not over:
        status = timeline.IN_PROGRESS
    return {
        "consolidatedResult": run.plan.consolidated_result or _merged(run, now, chain) if over else timeline.WAITING,
        "consolidatedStatus": status,
        "consolidatedDuration": int(over_at * 1000) if over else None,
    }


def _merged(run: SimulatedRun, now: float, chain: Sequence[SimulatedRun]) -> str:
    """What a run and its reruns make together at their end: each test counts as it ended last."""
    last = chain[-1] if chain else run
    if now - last.started >= last.line.stopped:
        return timeline.STOPPED
    if not chain:
        return timeline.result(run.plan)
    words = {place.test: word for each in (run, *chain) for place, word in zip(each.places, each.words, strict=True)}
    return timeline.result_of(words.values())
