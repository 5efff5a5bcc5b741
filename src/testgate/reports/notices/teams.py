"""A message for a webhook of Microsoft Teams: an adaptive card in the envelope that its workflows expect.

Texts from outside are only in `TextRun`s, which know no Markdown, and in titles of buttons, which don't either. What
both know are dates, such as `{{DATE(…)}}`, so braces are kept apart.
"""

from collections.abc import Iterator
from typing import Any

from testgate.reports.notices import fitting
from testgate.reports.notices.content import Entry, Notice, notice
from testgate.results import Gate

_MOST_BYTES = 27_000  # Teams refuses messages of more than 28 KB
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
_CARD = "application/vnd.microsoft.card.adaptive"
_COLORS = {"good": "good", "warning": "warning", "bad": "attention"}


class Teams:
    """Implements `ports.Report`."""

    def render(self, gate: Gate, *, limit: int | None = None) -> Iterator[str]:
        """Yield the message."""
        return fitting(lambda most: _message(notice(gate, most)), _MOST_BYTES, limit)


def plain(text: str) -> str:
    """The text without any meaning for a card."""
    return text.replace("{", "{\u200b")


def _message(said: Notice) -> dict[str, Any]:
    """The message."""
    card = {
        "$schema": _SCHEMA,
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": [*_body(said)],
    }
    if said.ways:
        card["actions"] = [{"type": "Action.OpenUrl", "title": plain(name), "url": url} for name, url in said.ways]
    return {"type": "message", "attachments": [{"contentType": _CARD, "contentUrl": None, "content": card}]}


def _body(said: Notice) -> Iterator[dict[str, Any]]:
    """What the card shows, from top to bottom."""
    yield _texts(_run(said.heading, weight="bolder", size="large", color=_COLORS[said.mood]))
    for label, text in said.sentences:
        yield _texts(*([_run(f"{label}: ", weight="bolder")] if label else []), _run(text))
    for entry in (*said.runs, *said.failures):
        yield _texts(*_entry(entry))
    if said.rest:
        yield _texts(_run(said.rest))
    if said.facts:
        yield {"type": "FactSet", "facts": [{"title": name, "value": value} for name, value in said.facts]}


def _entry(entry: Entry) -> Iterator[dict[str, Any]]:
    """A line of a list."""
    yield _run("• ")
    linked = {"selectAction": {"type": "Action.OpenUrl", "url": entry.address}} if entry.address else {}
    yield _run(entry.name, weight="bolder", **linked)
    if entry.more:
        yield _run(f" — {entry.more}")


def _texts(*runs: dict[str, Any]) -> dict[str, Any]:
    """A paragraph."""
    return {"type": "RichTextBlock", "inlines": [*runs]}


def _run(text: str, **style: object) -> dict[str, Any]:
    """A piece of text that isn't formatted by its signs."""
    return {"type": "TextRun", "text": plain(text), **style}
