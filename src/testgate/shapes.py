"""Values from a reply's JSON, whatever its shape: vendors send null, and types that they don't document."""

import math
import re
from collections.abc import Iterator
from typing import Any

from testgate.wire import Reply

_EXACT = 2.0**53  # a float holds every whole number up to here
_LATEST = 253_402_300_799.0  # the end of the year 9999, in epoch seconds
_JOINS = re.compile(r"[\s_-]+")
_COUNT = re.compile(r"[0-9]{1,12}(?:\.0{1,12})?")
_LONGEST_ID = 100
_ID = re.compile(rf"[A-Za-z0-9_.:~-]{{1,{_LONGEST_ID}}}")


def text_of(value: object) -> str:
    """Return a string or whole number as text, and "" for anything else. `337.0` is the whole number 337."""
    if isinstance(value, str):  # as most values are
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def line_of(value: object) -> str:
    """Return a string or whole number on one line, uncut: secrets are looked for first, and then it is cut."""
    return " ".join(text_of(value).split())


def seconds_of(milliseconds: object) -> float | None:
    """Convert milliseconds to seconds; None for anything that isn't a duration."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    try:
        seconds = float(milliseconds) / 1000
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def instant_of(value: object) -> float | None:
    """Return epoch seconds for epoch milliseconds or an ISO 8601 time with a zone; None for anything else."""
    if value is None:
        return None
    if not isinstance(value, str):
        seconds = seconds_of(value)
        return seconds if seconds is not None and 0 < seconds < _LATEST else None
    from datetime import datetime  # the start of a run needs no times

    try:
        moment = datetime.fromisoformat(value[:40])
        seconds = moment.timestamp() if moment.tzinfo else 0.0
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < _LATEST else None


def count_of(value: object) -> int | None:
    """Return a whole number from 0 up; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


NOT_A_NUMBER = -1


def number_of(value: object) -> int | None:
    """Return a count, read generously: `1`, `1.0`, `"1"` and `"1.0"` are 1.

    None if there is none (null or ""); `NOT_A_NUMBER` if there is something that is no whole number from 0 up.
    """
    if value is None or value == "":
        return None
    text = str(value).strip() if isinstance(value, int | float | str) and not isinstance(value, bool) else ""
    return int(text.partition(".")[0]) if _COUNT.fullmatch(text) else NOT_A_NUMBER


def id_of(value: object) -> str:
    """Return an ID that is safe in a URL, a log and a list: ASCII, at most 100 characters, not only dots.

    "" for anything else.
    """
    text = text_of(value)
    return text if is_id(text) else ""


def more_follows(data: object, rows: int, page: int, *, unsaid: bool) -> bool:
    """Whether another page follows the one with this number, from 0, that has this many rows.

    Servers say it in several ways, and some give fewer rows than were asked for. `unsaid` is the answer if nothing
    says it.
    """
    if not rows:
        return False
    inner = field_of(data, "data")
    said = {**(inner if isinstance(inner, dict) else {}), **(data if isinstance(data, dict) else {})}
    pages, size, elements = (number_of(said.get(name)) for name in ("totalPages", "size", "totalElements"))
    votes = []
    if pages is not None and pages != NOT_A_NUMBER:
        votes.append(page + 1 < pages)
    if isinstance(said.get("last"), bool):
        votes.append(not said["last"])
    if elements is not None and elements != NOT_A_NUMBER and (page == 0 or (size or 0) > 0):
        votes.append(page * (size or 0) + rows < elements)
    return any(votes) if votes else unsaid


def is_id(text: str) -> bool:
    """Whether a text is an ID as `id_of` accepts it."""
    if text.isalnum() and text.isascii():  # as most
        return len(text) <= _LONGEST_ID
    return bool(_ID.fullmatch(text)) and bool(text.strip("."))


def is_odd(value: object) -> bool:
    """Whether there is something where a word or an ID should be, and it is neither."""
    return value not in (None, "", [], {}) and not text_of(value)


def unreadable(value: object, *keys: str) -> list[str]:
    """The fields of a JSON object that hold something else than a word or an ID, as doubts."""
    return [f"its {key} cannot be read" for key in keys if is_odd(field_of(value, key))]


def rows_doubt(value: object, name: str) -> list[str]:
    """A doubt if there is something in a list, or instead of one, that is no object."""
    odd = value is not None and (not isinstance(value, list) or not all(isinstance(row, dict) for row in value))
    return [f"its {name} cannot be read"] if odd else []


def field_of(value: object, *path: str) -> object:
    """Follow a path of keys through nested JSON objects; None where it ends early."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def rows_of(value: object) -> list[dict[str, Any]]:
    """Return the objects in a JSON list; an empty list if it isn't one."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def rows_in(reply: Reply, value: object, name: str) -> list[dict[str, Any]]:
    """Return the objects in a JSON list that the reply must contain.

    Raises:
        BadAnswer: `value` isn't a list; `name` says which one, as in "list of tests".

    """
    if not isinstance(value, list):
        raise reply.bad_answer(f"no {name}")
    return rows_of(value)


def used_up(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows in their order, and take each off the list.

    The memory of a row that was read is free for what is made of the next ones: a list can have 100 000 rows.
    """
    rows.reverse()
    while rows:
        yield rows.pop()


class Shared(dict[str, str]):
    """One text for all that are equal: `shared[text]`. Suites, machines, words and messages repeat in a list."""

    def __missing__(self, text: str) -> str:
        """Keep the first one."""
        self[text] = text
        return text


def folded(word: str) -> str:
    """Return a word in lower case, without spaces, hyphens and underscores, to look it up in a table."""
    if word.isalnum():  # as most words are
        return word.lower()
    return _JOINS.sub("", word).lower()
