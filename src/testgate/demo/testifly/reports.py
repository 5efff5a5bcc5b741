"""Reports of the simulated Testifly: functions of a job and of the simulated time."""

from collections import Counter

from testgate.demo.scenarios import override
from testgate.demo.testifly.jobs import PASSED, SimulatedJob
from testgate.demo.testifly.scenarios import PROJECT_ID, Test
from testgate.demo.testifly.timeline import SCHEDULED, word
from testgate.demo.timeline import Span

_ALWAYS_COUNTED = (PASSED, "Failed", "Skipped")
_STEPS = ("Open the start page", "Enter the test's data", "Verify the result")


def report_answer(job: SimulatedJob, now: float, in_project: int, project: str = PROJECT_ID) -> dict[str, object]:
    """The reply to `GET /testRun/{project}/{run}`; `in_project` is the number of tests in the project."""
    how = job.order.how
    elapsed = now - job.started - how.report_lag
    done = elapsed >= job.timeline.ended
    rows = [_row(job, position, elapsed) for position in range(len(job.order.attempts))]
    statuses = _statuses(job, elapsed)
    counts = {label: statuses[label] for label in (*_ALWAYS_COUNTED, *statuses)} | dict(how.counts if done else {})
    report: dict[str, object] = {
        "runId": job.run_id,
        "projectId": project,
        "status": "Completed" if done else "InProgress",
        "startTime": job.stamp(job.timeline.running),
        "testsInProjectCount": in_project,
        "title": job.order.title,
        "statuses": [{"label": label, "count": count} for label, count in counts.items()],
        "tests": rows[: how.listed] if done else rows,
    }
    return override(report, how.at_end if done else how.meanwhile)


def _statuses(job: SimulatedJob, elapsed: float) -> Counter[str]:
    """The number of tests with each status."""
    pairs = zip(job.order.attempts, job.timeline.spans, strict=True)
    return Counter(word(attempt.test.status, span, elapsed) for attempt, span in pairs)


def _row(job: SimulatedJob, position: int, elapsed: float) -> dict[str, object]:
    """One test."""
    test, span = job.order.attempts[position].test, job.timeline.spans[position]
    status = word(test.status, span, elapsed)
    ended, began = elapsed >= span.end, status != SCHEDULED and test.seconds is not None
    video = ended and began and test.video
    result = job.result_id(position)
    row: dict[str, object] = {
        "_id": result,
        "title": test.title,
        "status": status,
        "duration": round((test.seconds or 0.0 if ended else max(elapsed - span.begin, 0.0)) * 1000),
        "hasVideo": video,
        "videoLink": f"https://example.com/videos/{result}" if video else None,
        "startTime": job.stamp(span.begin) if began else None,
        "timeline": _steps(job, test, span, elapsed) if began else [],
    }
    if not ended:
        return row
    return override(row if test.error is None else {**row, "error": test.error}, test.fields)


def _steps(job: SimulatedJob, test: Test, span: Span, elapsed: float) -> list[object]:
    """The steps of a test that have ended: equally long, all passed but the last one, which ends as the test does."""
    if test.timeline is not None:
        return list(test.timeline) if elapsed >= span.end else []
    form = job.order.how.steps
    if form == "none":
        return []
    statuses = [PASSED] * (len(_STEPS) - 1) + [test.status]
    items: list[object] = []
    for title, status, part in zip(_STEPS, statuses, span.parts(len(_STEPS)), strict=True):
        if elapsed < part.end:
            break
        milliseconds = round((part.end - part.begin) * 1000)
        step = {"title": title, "status": status, "startTime": job.stamp(part.begin), "duration": milliseconds}
        items.append(f"{title}: {status}" if form == "strings" else step)
    return items
