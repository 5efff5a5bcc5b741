"""Messages as a workflow of Teams takes them: an adaptive card, by the public schema of version 1.4 and Teams' limits.

Only the elements that are known here are accepted; of these, only fields and values that the schema has.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

MOST_BYTES = 28 * 1024
_COLORS = {"default", "dark", "light", "accent", "good", "warning", "attention"}
_SIZES = {"default", "small", "medium", "large", "extraLarge"}
_WEIGHTS = {"default", "lighter", "bolder"}
_MACRO = re.compile(r"\{\{\s*(?:DATE|TIME)\s*\(")


def read(text: str) -> list[str]:
    """The texts of a card in order; what Teams would refuse, or what it would format, fails the test."""
    assert len(text.encode()) < MOST_BYTES
    message = json.loads(text)
    assert set(message) == {"type", "attachments"}
    assert message["type"] == "message"
    (attachment,) = message["attachments"]
    assert set(attachment) == {"contentType", "contentUrl", "content"}
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert set(card) <= {"$schema", "type", "version", "msteams", "body", "actions"}
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert card["body"]
    texts = [each for element in card["body"] for each in _ELEMENTS[element["type"]](element)]
    actions = card.get("actions", [])
    assert len(actions) <= 6
    texts += [_action(each) for each in actions]
    assert not any(_MACRO.search(each) for each in texts)
    return texts


def _rich(element: dict[str, Any]) -> Iterator[str]:
    """A paragraph of runs, which know no Markdown."""
    assert set(element) == {"type", "inlines"}
    assert element["inlines"]
    parts = []
    for run in element["inlines"]:
        assert run["type"] == "TextRun"
        assert set(run) <= {"type", "text", "color", "size", "weight", "selectAction"}
        assert run.get("color", "default") in _COLORS
        assert run.get("size", "default") in _SIZES
        assert run.get("weight", "default") in _WEIGHTS
        if "selectAction" in run:
            _action({"title": "x", **run["selectAction"]})
        assert isinstance(run["text"], str)
        parts.append(run["text"])
    yield "".join(parts)


def _facts(element: dict[str, Any]) -> Iterator[str]:
    """Facts, whose values Teams formats: so they hold nothing but numbers and units."""
    assert set(element) == {"type", "facts"}
    for fact in element["facts"]:
        assert set(fact) == {"title", "value"}
        assert re.fullmatch(r"[A-Z][a-z ]+", fact["title"])
        assert re.fullmatch(r"[0-9.\u00a0 a-z%]+", fact["value"]), fact
        yield f"{fact['title']} {fact['value']}"


_ELEMENTS = {"RichTextBlock": _rich, "FactSet": _facts}


def _action(action: dict[str, Any]) -> str:
    """A button, or a link."""
    assert set(action) == {"type", "title", "url"}
    assert action["type"] == "Action.OpenUrl"
    parts = urlsplit(action["url"])
    assert parts.scheme.lower() in {"http", "https"}
    assert parts.hostname
    assert "@" not in parts.netloc
    assert not re.search(r"\s", action["url"])
    assert action["title"]
    return str(action["title"])
