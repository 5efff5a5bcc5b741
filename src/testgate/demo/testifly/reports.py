"""The report of a run of the simulated Testifly, at one moment. Pure."""

from collections import Counter
from collections.abc import Mapping

from testgate.demo.testifly.jobs import PASSED, SimulatedJob
from testgate.demo.testifly.scenarios import ABSENT, PROJECT_ID, Test
from testgate.demo.testifly.times import SCHEDULED, word
from testgate.demo.testsigma.timeline import Span

_ALWAYS_COUNTED = (PASSED, "Failed", "Skipped")
_STEPS = ("Open the start page", "Enter the test's data", "Verify the result")


def report_answer(job: SimulatedJob, now: float, in_project: int, project: str = PROJECT_ID) -> dict[str, object]:
    """The report, which may be behind its job; a project of so many tests."""
    how = job.choice.how
    elapsed = now - job.started - how.report_lag
    done = elapsed >= job.line.ended
    rows = [_row(job, position, elapsed) for position in range(len(job.choice.plays))]
    words = _words(job, elapsed)
    counts = {label: words[label] for label in (*_ALWAYS_COUNTED, *words)} | dict(how.counts if done else {})
    report: dict[str, object] = {
        "runId": job.run_id,
        "projectId": project,
        "status": "Completed" if done else "InProgress",
        "startTime": job.stamp(job.line.running),
        "testsInProjectCount": in_project,
        "title": job.choice.title,
        "statuses": [{"label": label, "count": count} for label, count in counts.items()],
        "tests": rows[: how.listed] if done else rows,
    }
    return _laid_over(report, how.at_end if done else how.meanwhile)


def _words(job: SimulatedJob, elapsed: float) -> Counter[str]:
    """How many tests are where."""
    pairs = zip(job.choice.plays, job.line.spans, strict=True)
    return Counter(word(play.test.status, span, elapsed) for play, span in pairs)


def _row(job: SimulatedJob, position: int, elapsed: float) -> dict[str, object]:
    """One test as it is told."""
    test, span = job.choice.plays[position].test, job.line.spans[position]
    now = word(test.status, span, elapsed)
    ended, began = elapsed >= span.end, now != SCHEDULED and test.seconds is not None
    video = ended and began and test.video
    result = job.result_id(position)
    row: dict[str, object] = {
        "_id": result,
        "title": test.title,
        "status": now,
        "duration": round((test.seconds or 0.0 if ended else max(elapsed - span.begin, 0.0)) * 1000),
        "hasVideo": video,
        "videoLink": f"https://example.com/videos/{result}" if video else None,
        "startTime": job.stamp(span.begin) if began else None,
        "timeline": _timeline(job, test, span, elapsed) if began else [],
    }
    if not ended:
        return row
    return _laid_over(row if test.error is None else {**row, "error": test.error}, test.fields)


def _timeline(job: SimulatedJob, test: Test, span: Span, elapsed: float) -> list[object]:
    """The steps of a test that have ended; they are of equal length, and the last ends as the test does."""
    if test.timeline is not None:
        return list(test.timeline) if elapsed >= span.end else []
    kind = job.choice.how.steps
    if kind == "none":
        return []
    length = (span.end - span.begin) / len(_STEPS)
    items: list[object] = []
    for number, title in enumerate(_STEPS):
        begin = span.begin + number * length
        last = number == len(_STEPS) - 1
        if elapsed < (span.end if last else begin + length):
            break
        status = test.status if last else PASSED
        step = {"title": title, "status": status, "startTime": job.stamp(begin), "duration": round(length * 1000)}
        items.append(f"{title}: {status}" if kind == "strings" else step)
    return items


def _laid_over(data: dict[str, object], fields: Mapping[str, object]) -> dict[str, object]:
    """Data with fields changed, added, or left out."""
    return {name: value for name, value in {**data, **fields}.items() if value is not ABSENT}
