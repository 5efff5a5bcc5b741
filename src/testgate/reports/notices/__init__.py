"""Messages for the incoming webhooks of chats. Each is one JSON object, so that a next step is one `curl`."""

import json
from collections.abc import Callable, Iterator
from typing import Any

MOST_ENTRIES = 10  # of a list

Make = Callable[[int], dict[str, Any] | None]


def fitting(make: Make, most_bytes: int, limit: int | None) -> Iterator[str]:
    """The text of the message with as many entries in its lists as fit.

    `make` builds it with so many at most, or returns None if that is too much for one of its parts; with none at all,
    it always fits.
    """
    room = min(most_bytes, limit or most_bytes)
    text = ""
    for number in range(MOST_ENTRIES, -1, -1):
        message = make(number)
        if message is None:
            continue
        text = json.dumps(message, ensure_ascii=False, indent=2) + "\n"
        if len(text.encode("utf-8", errors="replace")) <= room:
            break
    yield text
