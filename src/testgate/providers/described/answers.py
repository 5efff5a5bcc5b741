"""What holds for every answer of a described platform: rules, words, ids, amounts and counters. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from testgate.errors import BadAnswer, Refused
from testgate.model import Counts as Numbers
from testgate.model import Outcome, Reported
from testgate.providers.described.document import Document
from testgate.providers.described.expressions import Expression
from testgate.providers.described.parts import Amount, Counts, Rule
from testgate.shapes import NOT_A_NUMBER, folded, id_of, instant_of, number_of, rows_of, text_of
from testgate.wire import Reply

_LATEST = 1e15  # more is no time in any unit, and could be too large for a float
_DEEPEST = 20  # levels of lists in a message
_UNITS = {"s": 1.0, "ms": 0.001, "min": 60.0}
HTTP = "_http"
"""The name under which an expression finds the status of an answer."""


def content_of(reply: Reply, document: Document, accepts: Sequence[int] = (), *, empty: bool = False) -> Any:  # noqa: ANN401  # any JSON
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


def refuse(reply: Reply, document: Document, data: object, *, status: int = 0, remedy: str = "") -> None:
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


def seconds_of(amount: Amount | None, data: object) -> float | None:
    """A duration in seconds; None if there is none."""
    value = amount.path(data) if amount is not None else None
    if amount is None or isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value) * _UNITS[amount.unit]
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds < float("inf") else None


def moment_of(amount: Amount | None, data: object) -> float | None:
    """A time in epoch seconds: an ISO 8601 text, or a number in the given unit; None if there is none."""
    value = amount.path(data) if amount is not None else None
    if amount is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        value = value * _UNITS[amount.unit] * 1000 if abs(value) < _LATEST else None
    return instant_of(value)


def lasted(seconds: Amount | None, began: Amount | None, ended: Amount | None, data: object) -> float | None:
    """How many seconds something took: as it is told, or between two times."""
    told = seconds_of(seconds, data)
    start, end = moment_of(began, data), moment_of(ended, data)
    if told is not None or start is None or end is None:
        return told
    return max(0.0, end - start)


def reported_of(
    counts: Counts | None, data: object, outcomes: Mapping[str, tuple[Outcome, bool]]
) -> tuple[Reported | None, list[str]]:
    """The counters of an answer, and a doubt if one of them is no number; None if the file reads none."""
    if counts is None:
        return None, []
    if counts.rows is not None and counts.label is not None and counts.count is not None:
        return _labelled(counts.rows(data), counts.label, counts.count, outcomes)
    places = {name: expression for name, expression in counts if expression is not None}
    numbers = {name: number_of(expression(data)) for name, expression in places.items()}
    doubt = ["a counter is not a number"] if NOT_A_NUMBER in numbers.values() else []
    good = {name: number for name, number in numbers.items() if number is not None and number != NOT_A_NUMBER}
    total = good.pop("total", None)
    return Reported(Numbers(**good), total), doubt


def _labelled(
    rows: object, label: Expression, count: Expression, outcomes: Mapping[str, tuple[Outcome, bool]]
) -> tuple[Reported, list[str]]:
    """Counters by label; tests with an unknown label count as not run."""
    numbers = dict.fromkeys(Outcome, 0)
    doubts = []
    for row in rows_of(rows):
        outcome, _lost = look_up(outcomes, word_of(label(row))) or (Outcome.NOT_RUN, False)
        number = number_of(count(row))
        if number is None or number == NOT_A_NUMBER:
            doubts.append("a counter is not a number")
        numbers[outcome] += max(0, number or 0)
    named = {"error": "errors", "not-run": "not_run"}
    return Reported(Numbers(**{named.get(each, str(each)): number for each, number in numbers.items()})), doubts[:1]


def missing(reply: Reply, what: str) -> BadAnswer:
    """The error for an answer without something that the file reads from it."""
    return reply.bad_answer(f"no {what} where the provider file looks for it")
