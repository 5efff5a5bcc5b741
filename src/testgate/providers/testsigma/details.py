"""What Testsigma says about single tests: messages, durations, and the step in which one failed."""

import re
from collections.abc import Mapping
from typing import Any

from testgate.model import Page, Run, TestResult
from testgate.providers.testsigma.answers import PAGE_SIZE, cursor_of, failed_row, unwrapped
from testgate.providers.testsigma.words import Meanings
from testgate.shapes import (
    Shared,
    field_of,
    id_of,
    instant_of,
    line_of,
    more_follows,
    number_of,
    rows_in,
    rows_of,
    seconds_of,
    text_of,
)
from testgate.wire import Reply

_AHEAD = 4  # pages that are asked for side by side
_TOO_LARGE = 400

# The tags that the platform formats its messages with. Any other tag may be what the message is about.
_MARKUP = re.compile(r"</?(?:b|i|u|em|strong|font|span|code|p|br)(?:\s[^<>]{0,300})?/?>", re.IGNORECASE)


def details_of(reply: Reply, run: Run, page: int, size: int = PAGE_SIZE) -> Page:
    """Return a page of messages and durations.

    Rows of other runs are dropped, because the platform is said to ignore the filter at times.
    """
    if reply.status == _TOO_LARGE and size != PAGE_SIZE and page == 0:
        return Page((), next=cursor_of(0, PAGE_SIZE), refines=True)
    data = reply.data()
    rows = rows_in(reply, unwrapped(data), "page of results")
    meanings, shared, ours = Meanings(), Shared(), {"", run.id}
    tests = [_detailed(row, meanings, shared) for row in rows if text_of(row.get("executionResultId")) in ours]
    more = more_follows(data, len(rows), page, unsaid=True)
    known = number_of(field_of(data, "totalPages")) or 0
    ahead = tuple(cursor_of(each, size) for each in range(page + 1, min(page + 1 + _AHEAD, known)))
    return Page(tests, next=cursor_of(page + 1, size) if more else None, refines=True, ahead=ahead)


def _detailed(row: Mapping[str, Any], meanings: Meanings, shared: Shared) -> TestResult:
    """Return what one row adds to the list of tests."""
    word = text_of(row.get("result"))
    meaning = meanings[word]
    return TestResult(
        id=id_of(row.get("id")),
        name="",
        outcome=meaning.outcome,
        word=shared[word],
        message=shared[_readable(text_of(row.get("message")))],
        seconds=seconds_of(row.get("duration")),
        lost=meaning.lost,
        started=instant_of(row.get("startTime")),
    )


def failing_step(reply: Reply, known: str = "") -> str:
    """Return action, message and error code of the first failed step, without a message that is `known` already."""
    for row in filter(failed_row, rows_of(unwrapped(reply.data()))):
        parts = [text_of(row.get("action")), _readable(text_of(row.get("message"))), text_of(row.get("errorCode"))]
        action, message, code = (line_of(reply.redact(part)) for part in parts)
        new = "" if message in line_of(known) else message
        return ": ".join(filter(None, (action, new))) + (f" [{code}]" if code else "")
    return ""


def _readable(message: str) -> str:
    """Return a message without its HTML formatting; line breaks stay."""
    if "<" not in message or not _MARKUP.search(message):
        return message
    import html  # needed only where the platform formats

    broken = re.sub(r"(?i)<br\s*/?>|</p>", "\n", message)
    return html.unescape(_MARKUP.sub("", broken))
