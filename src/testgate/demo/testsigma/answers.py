"""Testsigma's replies about runs and plans: functions of a run and of the simulated time.

Field names are those that the vendor documents. `reruns` is the chain of reruns of a run: its own
rerun, the rerun of that one, and so on.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Final

from testgate.demo.scenarios import override
from testgate.demo.testsigma import timeline
from testgate.demo.testsigma.runs import SimulatedRun, unfinished
from testgate.demo.testsigma.scenarios import Plan, Scenario

_MESSAGES: Final = {
    timeline.CREATED: "Run accepted",
    timeline.QUEUED: "Waiting for machines",
    timeline.IN_PROGRESS: "Run in progress",
    timeline.COMPLETED: "Run completed",
}
_STOPPED_MESSAGE: Final = "Run stopped on request"
_DETAILS: Final = {
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
_OLD_FIELDS: Final = ("abortedCount", "preRequisiteFailedCount", "isVisuallyPassed", "reRunType")
"""Missing from the vendor's samples of reruns and stops."""


def run_answer(run: SimulatedRun, now: float, reruns: Sequence[SimulatedRun] = ()) -> dict[str, object]:
    """The reply to `GET /execution_results/{id}`."""
    elapsed = now - run.started
    plan, line = run.plan, run.timeline
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
        "endTime": run.millis(line.completed) if ended else None,
        "duration": int(line.completed * 1000) if ended else None,
        "result": run_result(run, elapsed),
        "status": status,
        "message": _STOPPED_MESSAGE if elapsed >= line.stopped else _MESSAGES[status],
        "executedBy": 43,
        "buildNo": run.body.get("buildNo"),
        "environmentId": run.body.get("environmentId"),
        **{name: number for name, number in counts.items() if not name.startswith(("totalR", "totalQ"))},
        "isVisuallyPassed": None,
        "environment": None,
        "childResult": run_answer(reruns[0], now, reruns[1:]) if reruns else None,
        "reRunParentId": run.parent_id,
        "reRunType": None,
        "triggeredType": "API",
        "totalRunningCount": counts["totalRunningCount"],
        "executionDetails": _DETAILS,
        "totalQueuedCount": counts["totalQueuedCount"],
        **_consolidated(run, now, reruns),
    }
    if run.parent_id is not None:
        answer = _newer(answer)
    return override(answer, plan.at_end if ended else plan.meanwhile)


def trigger_answer(run: SimulatedRun) -> dict[str, object]:
    """The reply to `POST /execution_results`: a created run, whatever the plan's times are."""
    line = run.timeline._replace(queued=inf, running=inf, ended=inf)
    created = run._replace(timeline=line, plan=run.plan._replace(meanwhile={}))
    return override(run_answer(created, run.started), run.plan.at_start)


def stop_answer(run: SimulatedRun, now: float, reruns: Sequence[SimulatedRun] = ()) -> dict[str, object]:
    """The reply to `PUT /execution_results`.

    As in the vendor's sample, it calls the run stopped before its tests are: you have to read the
    run again to see what happened.
    """
    ended = min(now - run.started, run.timeline.completed)
    claimed = {
        "endTime": run.millis(ended),
        "duration": int(ended * 1000),
        "result": timeline.STOPPED,
        "status": timeline.COMPLETED,
        "message": _STOPPED_MESSAGE,
        "consolidatedResult": timeline.STOPPED,
        "consolidatedStatus": timeline.COMPLETED,
        "consolidatedDuration": int(ended * 1000),
    }
    return _newer({**run_answer(run, now, reruns), **claimed})


def run_result(run: SimulatedRun, elapsed: float) -> str | None:
    """The run's result; None while tests run, as the vendor does at times."""
    status = run.timeline.status(elapsed)
    if status == timeline.COMPLETED:
        return timeline.STOPPED if elapsed >= run.timeline.stopped else timeline.result(run.plan)
    return None if status == timeline.IN_PROGRESS else timeline.WAITING


def plan_answer(plan_id: int, plan: Plan) -> dict[str, object]:
    """The reply to `GET /test_plans/{id}`."""
    return {"id": plan_id, "name": plan.name, "description": None, "entityType": "EXECUTION"}


def plan_rows(scenario: Scenario) -> list[dict[str, object]]:
    """The rows of `GET /test_plans`."""
    return [plan_answer(plan_id, plan) for plan_id, plan in scenario.plans.items()]


def named_rows(names: Mapping[int, str]) -> list[dict[str, object]]:
    """The rows of a list of things that have only an id and a name."""
    return [{"id": number, "name": name, "description": None} for number, name in names.items()]


def _newer(answer: Mapping[str, object]) -> dict[str, object]:
    """The reply in the shape of the vendor's samples of reruns and stops."""
    return {
        **{name: value for name, value in answer.items() if name not in _OLD_FIELDS},
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


def _consolidated(run: SimulatedRun, now: float, reruns: Sequence[SimulatedRun]) -> dict[str, object]:
    """The fields of a run and its reruns combined; empty if the run can't have reruns."""
    last = reruns[-1] if reruns else run
    if run.plan.consolidated is not None:
        ended_at = run.timeline.completed + run.plan.consolidated
        ended = now - run.started >= ended_at
    elif reruns or run.parent_id is not None or run.whole_plan.automatic_reruns:
        ended_at = last.started - run.started + last.timeline.completed
        ended = not unfinished(last, now)
    else:
        return {}
    status = run.status(now)
    if status == timeline.COMPLETED and not ended:
        status = timeline.IN_PROGRESS
    result = (run.plan.consolidated_result or _combined_result(run, now, reruns)) if ended else timeline.WAITING
    return {
        "consolidatedResult": result,
        "consolidatedStatus": status,
        "consolidatedDuration": int(ended_at * 1000) if ended else None,
    }


def _combined_result(run: SimulatedRun, now: float, reruns: Sequence[SimulatedRun]) -> str:
    """The final result of a run and its reruns: each test counts as it ended last."""
    last = reruns[-1] if reruns else run
    if now - last.started >= last.timeline.stopped:
        return timeline.STOPPED
    if not reruns:
        return timeline.result(run.plan)
    attempts = (zip(each.selected, each.words, strict=True) for each in (run, *reruns))
    words = {selected.test: word for attempt in attempts for selected, word in attempt}
    return timeline.result_of(words.values())
