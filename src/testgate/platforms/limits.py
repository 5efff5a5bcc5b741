"""Shortens outputs to what a CI accepts, so that each stays readable."""

import json
import re

from testgate.text import cut

JSON_LISTS = frozenset({"failed-tests", "runs"})
_STATE_LISTS = frozenset({"intents", "to-stop", "left"})  # state for the cleanup; its `runs` has the name of an output
ID_LISTS = frozenset({"run-ids", "left-running"})
_BETWEEN_ITEMS = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")


def shortened(name: str, value: str, limit: int) -> str:
    """The value of this output in at most `limit` characters: whole items of a list, or the beginning of a text."""
    if len(value) <= limit:
        return value
    if name in JSON_LISTS | _STATE_LISTS:
        return shorter_list(value, limit)
    return shorter_ids(value, limit) if name in ID_LISTS else cut(value, limit)


def shorter_list(text: str, limit: int) -> str:
    """The first items of a JSON list in at most `limit` characters, spelled as before; `[]` for anything else."""
    if not _is_list(text):
        return "[]"
    if len(text) <= limit:
        return text
    decoder = json.JSONDecoder()
    kept: list[str] = []
    room = limit - len("[]")
    position = text.index("[") + 1
    while (start := _after_gap(text, position)) < len(text) and text[start] != "]":
        _item, position = decoder.raw_decode(text, start)
        room -= position - start + (len(", ") if kept else 0)
        if room < 0:
            break
        kept.append(text[start:position])
    return f"[{', '.join(kept)}]"


def shorter_ids(text: str, limit: int) -> str:
    """The first ids of a comma-separated list in at most `limit` characters; half an id would be another run's."""
    return text if len(text) <= limit else text[: limit + 1].rpartition(",")[0]


def in_bytes(text: str, limit: int) -> str:
    """The beginning of the text in at most `limit` bytes of UTF-8; no character is split."""
    return text.encode()[:limit].decode(errors="ignore")


def _is_list(text: str) -> bool:
    """Return True if the text is a JSON list."""
    try:
        return isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        return False


def _after_gap(text: str, position: int) -> int:
    """The position where the next item begins, or the list ends."""
    gap = _BETWEEN_ITEMS.match(text, position)
    return gap.end() if gap else position
