"""What holds for every answer of a described platform: rules, words, texts and ids. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from testgate.errors import BadAnswer, Refused
from testgate.providers.described.expressions import Expression
from testgate.providers.described.opening import Opening
from testgate.providers.described.parts import Rule
from testgate.shapes import folded, id_of, text_of
from testgate.wire import Reply

_UNSHOWN = "(not shown: it may have a token)"
_DEEPEST = 20  # levels of lists in a message
HTTP = "_http"
"""The name under which an expression finds the status of an answer."""


def content_of(reply: Reply, document: Opening, accepts: Sequence[int] = (), *, empty: bool = False) -> Any:  # noqa: ANN401  # any JSON
    """The JSON of an answer: of a success, or of a status in `accepts`. A bare list may be empty only with `empty`.

    Raises:
        BadAnswer: it is no object and no list; also the errors of `Reply.data`.
        Refused: the answer says that it refuses.

    """
    data = lenient(reply) if reply.status in accepts else reply.data()
    if not isinstance(data, dict | list) or (data == [] and not empty):
        raise reply.bad_answer("no JSON object")
    refuse(reply, document, data)
    return {**data, HTTP: reply.status} if isinstance(data, dict) else data


def refuse(reply: Reply, document: Opening, data: object, *, status: int = 0, remedy: str = "") -> None:
    """Raise `Refused` if the answer says that it refuses: with its status, or with the one that is meant."""
    refused = document.answers.refused
    if refused is not None and refused.holds(data):
        raise Refused(
            f"{reply.request.label} was refused: {reply.quoted}", status=status or reply.status, remedy=remedy
        )


def lenient(reply: Reply) -> Any:  # noqa: ANN401  # any JSON
    """The JSON of any answer, whatever its status; an empty object if it has none."""
    try:
        return json.loads(reply.text, strict=False)
    except (ValueError, RecursionError):
        return {}


def rule_for(rules: Sequence[Rule], reply: Reply, data: object) -> Rule | None:
    """The first rule that fits the answer; None if none does."""
    return next((rule for rule in rules if _fits(rule, reply, data)), None)


def _fits(rule: Rule, reply: Reply, data: object) -> bool:
    """Whether everything that a rule says holds."""
    if not (reply.status in rule.http if rule.http else reply.successful):
        return False
    if rule.if_ is not None and not rule.if_.holds(data):
        return False
    found = [word_of(each(data)).lower() for each in rule.any or ()]
    return not rule.holds or any(rule.holds.lower() in each for each in found)


def word_of(value: object) -> str:
    """A value as a word of a table: a text, a number, `true`, `false` or `null`."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else text_of(value)


def look_up(table: Mapping[str, Any], word: str) -> Any:  # noqa: ANN401  # the table's values
    """What a table says about a word; None if nothing."""
    return table.get(folded(word))


def first_text(expressions: Sequence[Expression] | None, data: object) -> str:
    """The first text that one of the expressions finds; objects become their texts."""
    return next(filter(None, (said(each(data)) for each in expressions or ())), "")


def said(value: object, depth: int = 0) -> str:
    """A text, or the texts in an object or a list of an unpublished shape; nothing of what is nested too deeply."""
    if depth > _DEEPEST:
        return ""
    if isinstance(value, dict):
        names = ("title", "name", "action", "step", "command", "target", "message", "error", "stack")
        parts = [text_of(value.get(key)) for key in names]
        return "\n".join(dict.fromkeys(filter(None, parts))) or _as_json(value)
    if isinstance(value, list):
        return "\n".join(filter(None, (said(each, depth + 1) for each in value)))
    return str(value).lower() if isinstance(value, bool) else text_of(value)


def _as_json(value: object) -> str:
    """A value as JSON; "" if it is nested too deeply to be written."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return ""


def first_id(expressions: Sequence[Expression], data: object) -> tuple[str, object]:
    """The first usable id that one of the expressions finds, and the first value that was there."""
    found = [value for each in expressions if (value := each(data)) not in (None, "", [], {})]
    return next(filter(None, map(id_of, found)), ""), next(iter(found), None)


def url_of(value: object) -> str:
    """A page for people; "" for anything else."""
    text = text_of(value)
    return text if text.startswith(("https://", "http://")) and " " not in text else ""


def unshown(reply: Reply) -> Reply:
    """A good answer to a login, so that no message quotes it: nobody knows the token in it as a secret yet."""
    return reply._replace(redact=lambda _text: _UNSHOWN) if reply.successful else reply


def missing(reply: Reply, what: str) -> BadAnswer:
    """The error for an answer without something that the file reads from it."""
    return reply.bad_answer(f"no {what} where the provider file looks for it")
