"""What Testifly answers: tables of its words, and the readers of each reply."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from testgate.errors import Refused
from testgate.model import Counts, Origin, Outcome, Page, Reported, Run, RunResult, Snapshot, Status, Target, TestResult
from testgate.providers.shared import not_started
from testgate.providers.words import end_of
from testgate.shapes import (
    NOT_A_NUMBER,
    folded,
    id_of,
    instant_of,
    is_id,
    line_of,
    number_of,
    rows_doubt,
    rows_in,
    rows_of,
    seconds_of,
    text_of,
    unreadable,
)
from testgate.text import one_line
from testgate.wire import Reply

AGENT = "pendingagentconnection"
# The states of a job, folded. A job in an unknown state counts as running, unless the word means an end.
JOBS: Mapping[str, tuple[Status, RunResult | None]] = MappingProxyType(
    {
        "pending": (Status.QUEUED, None),
        AGENT: (Status.QUEUED, None),
        "inprogress": (Status.RUNNING, None),
        "success": (Status.ENDED, RunResult.PASSED),
        "failed": (Status.ENDED, RunResult.FAILED),
    }
)

# The outcomes of tests, folded. An unknown one is an error, and reports show the word unchanged.
OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "passed": Outcome.PASSED,
        "success": Outcome.PASSED,
        "failed": Outcome.FAILED,
        "skipped": Outcome.SKIPPED,
        "running": Outcome.NOT_RUN,
        "inprogress": Outcome.NOT_RUN,
        "scheduled": Outcome.NOT_RUN,
        "pending": Outcome.NOT_RUN,
    }
)
# What a finished report says about itself, folded; "completed" says nothing about the outcome.
FINAL_REPORT_STATES: Mapping[str, RunResult | None] = MappingProxyType(
    {
        "completed": None,
        "success": RunResult.PASSED,
        "passed": RunResult.PASSED,
        "failed": RunResult.FAILED,
        "stopped": RunResult.STOPPED,
        "aborted": RunResult.STOPPED,
        "cancelled": RunResult.STOPPED,
    }
)
ALREADY = "AlreadyExists"
_CONFLICT = 409

_START_REMEDY = "Check `project-id`, `agent-name`, and the input that selects the tests."


def started(reply: Reply, target: Target) -> Run:
    """Return the job that a trigger started, or the one that was queued already.

    The vendor doesn't publish how it reports the latter, so `AlreadyExists` is accepted in three
    fields, with any success or 409.

    Raises:
        Refused: the platform refused, or does not say which job is queued.
        BadAnswer: the reply contains no job; also the errors of `Reply.check`.

    """
    data = _lenient(reply)
    already = any(ALREADY.lower() in text_of(data.get(key)).lower() for key in ("scheduleStatus", "error", "message"))
    if not (already and (reply.successful or reply.status == _CONFLICT)):
        try:
            reply.check()
        except Refused as refusal:
            raise not_started(target, refusal, _START_REMEDY) from refusal
    job = text_of(data.get("jobId"))
    if is_id(job):
        return Run(job, target, origin=Origin.ADOPTED if already else Origin.STARTED)
    if job:
        raise reply.bad_answer("an invalid job ID")
    if already:
        raise Refused(
            f"{target.name} is queued already, and the platform does not say as which job: {reply.quoted}",
            status=_CONFLICT,
            remedy="Run this job again when that one has finished.",
        )
    if data.get("success") is False:
        raise not_started(target, Refused(reply.quoted, status=reply.status), _START_REMEDY)
    raise reply.bad_answer("no job in it")


def snapshots_of(reply: Reply, agent: str) -> list[Snapshot]:
    """Return the states of the jobs in a reply. Jobs that the platform doesn't find are missing from it."""
    jobs = rows_in(reply, _object(reply).get("jobs"), "list of jobs")
    return [_snapshot(job, agent) for job in jobs if text_of(job.get("jobId"))]


def _snapshot(job: Mapping[str, Any], agent: str) -> Snapshot:
    """Return the state of one job."""
    word = text_of(job.get("status"))
    known, end = JOBS.get(folded(word)), end_of(word)
    status, result = known or (Status.RUNNING, None)
    if known is None and end is not None:
        status, result = Status.ENDED, end.result or RunResult.UNKNOWN
    named = f"the agent {one_line(agent, 100)}" if agent else "an agent"
    return Snapshot(
        run_id=text_of(job.get("jobId")),
        status=status,
        word=word,
        result=result,
        odd="" if known or end else word or "no status",
        inferred=known is None and end is not None,
        waits_for=f"{named} to connect" if folded(word) == AGENT else "",
        hint=f"start {named}, or find out why it cannot reach the platform" if folded(word) == AGENT else "",
        ref=id_of(job.get("testRunId")),
    )


def page_of(reply: Reply, report: str = "", project: str = "") -> Page:
    """Return the tests and counters of a report, which may still be filling after the job has ended.

    `report` and `project` are the IDs that were asked for: a report that names others is not ours.
    """
    data = _object(reply)
    rows = rows_in(reply, data.get("tests"), "list of tests")
    tests = [_test(row, number) for number, row in enumerate(rows)]
    state = folded(text_of(data.get("status")))
    named = (("run", "runId", report), ("project", "projectId", project))
    doubts = [
        f"its report is that of another {what}, {one_line(reply.redact(found), 100)}"
        for what, key, ours in named
        if ours and (found := text_of(data.get(key))) not in {"", ours}
    ]
    numbers = [number_of(row.get("count")) for row in rows_of(data.get("statuses"))]
    unread = any(number in {None, NOT_A_NUMBER} for number in numbers)
    return Page(
        tests,
        reported=_reported(data),
        filling=state not in FINAL_REPORT_STATES,
        result=FINAL_REPORT_STATES.get(state),
        doubts=(
            *doubts,
            *(["a count in its report is not a number"] if unread else []),
            *unreadable(data, "status", "runId", "projectId"),
            *rows_doubt(data.get("tests"), "list of tests"),
            *rows_doubt(data.get("statuses"), "statuses"),
        ),
    )


def reported_of(reply: Reply) -> Reported:
    """Return the counters of a report, complete or not."""
    return _reported(_object(reply))


def _reported(data: Mapping[str, Any]) -> Reported:
    """Return the counters by their labels; tests with an unknown label count as not run."""
    numbers = dict.fromkeys(Outcome, 0)
    for row in rows_of(data.get("statuses")):
        outcome = OUTCOMES.get(folded(text_of(row.get("label"))), Outcome.NOT_RUN)
        numbers[outcome] += max(0, number_of(row.get("count")) or 0)
    return Reported(
        Counts(
            passed=numbers[Outcome.PASSED],
            failed=numbers[Outcome.FAILED],
            skipped=numbers[Outcome.SKIPPED],
            not_run=numbers[Outcome.NOT_RUN],
        )
    )


def accepted(reply: Reply) -> str:
    """Report that the platform accepts key and project."""
    _object(reply)
    return "the platform accepts them"


def _test(row: Mapping[str, Any], number: int) -> TestResult:
    """Return one test. Its title identifies it, because IDs change with every run."""
    word = text_of(row.get("status"))
    outcome = OUTCOMES.get(folded(word), Outcome.ERROR) if word else Outcome.NOT_RUN
    return TestResult(
        id=id_of(row.get("_id")) or f"row {number}",
        name=text_of(row.get("title")),
        outcome=outcome,
        word=word,
        message=_said(row.get("error")),
        seconds=seconds_of(row.get("duration")),  # a guess: the samples look like milliseconds
        step=_last_step(row.get("timeline")) if outcome in {Outcome.FAILED, Outcome.ERROR} else "",
        video=text_of(row.get("videoLink")) if row.get("hasVideo") is not False else "",
        started=instant_of(row.get("startTime")),
    )


def _last_step(timeline: object) -> str:
    """Return the step that failed, or else the last one. The vendor doesn't publish the shape of an item."""
    items = timeline if isinstance(timeline, list) else []
    failed = [each for each in rows_of(timeline) if text_of(each.get("status")).lower() == "failed"]
    chosen = (failed or items)[-1:]
    return line_of(_said(chosen[0])) if chosen else ""


def _said(value: object) -> str:
    """Return a text, or the texts in an object."""
    if isinstance(value, dict):
        parts = [text_of(value.get(key)) for key in ("title", "name", "action", "step", "message", "error", "stack")]
        return "\n".join(dict.fromkeys(filter(None, parts))) or json.dumps(value, ensure_ascii=False)
    return text_of(value)


def _object(reply: Reply) -> Mapping[str, Any]:
    """Return the JSON object in a successful reply.

    Raises:
        BadAnswer: the reply isn't a JSON object.
        Refused: the object reports no success; also the errors of `Reply.data`.

    """
    data = reply.data()
    if not isinstance(data, dict):
        raise reply.bad_answer("no JSON object")
    if data.get("success") is False:
        raise Refused(f"{reply.request.label} was refused: {reply.quoted}", status=reply.status)
    return data


def _lenient(reply: Reply) -> Mapping[str, Any]:
    """Return the JSON object in any reply, or an empty one."""
    try:
        data = json.loads(reply.text, strict=False)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
