"""Reads one test of a report."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from testgate.model import Change, Earlier, EarlierBuild, Outcome, Past, TestResult
from testgate.shapes import field_of, rows_of, text_of
from testgate.text import cut, one_line, shown, tidy

_LONGEST_NAME: Final = 300
_LONGEST_MESSAGE: Final = 16_000
_MOST_ATTEMPTS: Final = 50
_LATEST: Final = 253_402_300_799_000  # the end of the year 9999, in epoch milliseconds


def test_of(row: Mapping[str, Any], redact: Callable[[str], str]) -> TestResult:
    """The test, with every text cleaned and free of secrets; ValueError, TypeError or KeyError if it is damaged."""

    def safe(value: object) -> str:
        return shown(text_of(value), redact, _LONGEST_NAME)

    def message(value: object) -> str:
        return cut(tidy(text_of(value), redact).strip(), _LONGEST_MESSAGE)

    extra, insights = row["extra"], field_of(row.get("insights"), "extra")
    steps, videos = rows_of(row.get("steps")), rows_of(row.get("attachments"))
    case_id = safe(extra.get("case-id"))
    return TestResult(
        id=safe(extra.get("result-id")),
        name=safe(row["name"]) or f"(unnamed test {case_id})",
        outcome=Outcome(extra["outcome"]),
        word=safe(row.get("rawStatus")),
        case_id=case_id,
        suite=safe(extra.get("suite")),
        machine=safe(extra.get("machine")),
        message=message(row.get("message")),
        seconds=_seconds(row.get("duration")),
        earlier=tuple(_earlier(each, message) for each in rows_of(row.get("retryAttempts"))[:_MOST_ATTEMPTS]),
        quarantine=safe(extra.get("quarantine")),
        step=safe(steps[0].get("name")) if steps else "",
        video=next(
            (page for each in videos if (page := safe(each.get("path"))).startswith(("https://", "http://"))), ""
        ),
        started=_moment(row.get("start")),
        past=_past(insights, safe) if isinstance(insights, dict) else None,
        tolerated=field_of(insights, "tolerated") is True,
    )


def _earlier(attempt: Mapping[str, Any], message: Callable[[object], str]) -> Earlier:
    """An attempt before the last."""
    extra = attempt["extra"]
    outcome, run = Outcome(extra["outcome"]), one_line(message(extra.get("run-id")), _LONGEST_NAME)
    return Earlier(outcome, message(attempt.get("message")), _seconds(attempt.get("duration")), run)


def _past(insights: Mapping[str, Any], safe: Callable[[object], str]) -> Past:
    """What the leg's own history said."""
    since = safe(insights.get("since"))
    return Past(Change(text_of(insights.get("change"))), EarlierBuild(since) if since else None)


def _seconds(milliseconds: object) -> float | None:
    """A duration; None if there is none."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    return milliseconds / 1000 if math.isfinite(milliseconds) and milliseconds > 0 else None


def _moment(milliseconds: object) -> float | None:
    """A time in epoch seconds; None if there is none."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int) or not 0 < milliseconds < _LATEST:
        return None
    return milliseconds / 1000
