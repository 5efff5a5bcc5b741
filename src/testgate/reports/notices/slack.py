"""A message for an incoming webhook of Slack, in its blocks.

Slack documents the limits, and three signs to escape: `&`, `<` and `>`. Mentions, links and dates begin with `<`, so
no text from outside can contain one; `verbatim` keeps Slack from looking for names and addresses by itself. It has no
escapes for what formats text: where such a sign could, one that looks alike stands for it.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from testgate.reports.notices import fitting
from testgate.reports.notices.content import Entry, Notice, notice
from testgate.results import Gate

LONGEST_HEADER = 150
LONGEST_TEXT = 3_000
_MOST_BYTES = 30_000
_GAP = "\u200b"
_BAR = "\u00a6"
_SIGNS = re.compile(r"[&<>*~`]|(?<![^\W_])_|_(?![^\W_])|:(?=[\w+'-]+:)")
_LOOKALIKES = str.maketrans("<>", "\u2039\u203a")  # in plain text, which may be unescaped or not
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "\u2217", "~": "\u223c", "`": "'", "_": "\uff3f"}


class Slack:
    """Implements `ports.Report`."""

    def render(self, gate: Gate, *, limit: int | None = None) -> Iterator[str]:
        """Yield the message."""
        return fitting(lambda most: _message(notice(gate, most)), _MOST_BYTES, limit)


def escape(text: str) -> str:
    """The text without any meaning for Slack; it must be on one line, and not at the beginning of one."""
    return _SIGNS.sub(lambda found: _ESCAPED.get(found.group(), f"{found.group()}{_GAP}"), text)


def _message(said: Notice) -> dict[str, Any] | None:
    """The message; None if a list is too long. `text` is what notifications show, and what people hear."""
    heading = _cut(said.heading.translate(_LOOKALIKES), LONGEST_HEADER)
    lists = [
        [f"• {_entry(run)}" for run in said.runs],
        [*(f"• {_entry(test)}" for test in said.failures), *([said.rest] if said.rest else [])],
    ]
    if any(_units("\n".join(lines)) > LONGEST_TEXT for lines in lists):
        return None
    small = [f"{name} {value}" for name, value in said.facts]
    small += [_link(name, url) for name, url in said.ways]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": heading, "emoji": False}},
        *_section(_joined([_sentence(label, text) for label, text in said.sentences], "\n")),
        *_section("\n".join(lists[0])),
        *_section("\n".join(lists[1])),
        *([{"type": "context", "elements": [_mrkdwn(_joined(small, "  ·  "))]}] if small else []),
    ]
    return {"text": escape(heading), "blocks": blocks}


def _sentence(label: str, text: str) -> str:
    """A sentence with its label, which keeps the text from the beginning of the line."""
    return f"*{escape(label)}:* {escape(text)}" if label else f"{_GAP}{escape(text)}"


def _entry(entry: Entry) -> str:
    """A line of a list."""
    linked = _link(entry.name, entry.address) if entry.address else f"*{escape(entry.name)}*"
    return f"{linked} — {escape(entry.more)}" if entry.more else linked


def _link(name: str, url: str) -> str:
    """The name as a link; a bar would end the address."""
    return f"<{url.replace('&', '&amp;')}|{escape(name).replace('|', _BAR)}>"


def _section(text: str) -> list[dict[str, Any]]:
    """A block with this text; none if there is no text."""
    return [{"type": "section", "text": _mrkdwn(text)}] if text else []


def _joined(parts: Sequence[str], between: str) -> str:
    """The parts, without those for which there is no room: half a part could be half a link."""
    kept: list[str] = []
    room = LONGEST_TEXT
    for part in parts:
        needed = _units(part) + len(between)
        if needed <= room:
            kept.append(part)
            room -= needed
    return between.join(kept)


def _mrkdwn(text: str) -> dict[str, Any]:
    """A text that Slack formats."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _cut(text: str, most: int) -> str:
    """At most so many UTF-16 units of the text: nobody documents what Slack counts."""
    while _units(text) > most:
        text = f"{text[:-2].rstrip('…')}…"
    return text


def _units(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text.encode("utf-16-le", errors="replace")) // 2
