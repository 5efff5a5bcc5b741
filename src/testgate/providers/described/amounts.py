"""Durations, times and counters in the answers of a described platform. Pure."""

from collections.abc import Mapping

from testgate.model import Counts as Numbers
from testgate.model import Outcome, Reported
from testgate.providers.described.answers import look_up, word_of
from testgate.providers.described.expressions import Expression
from testgate.providers.described.readings import Amount, Counts
from testgate.shapes import NOT_A_NUMBER, instant_of, number_of, rows_of

_LATEST = 1e15  # more is no time in any unit, and could be too large for a float
_UNITS = {"s": 1.0, "ms": 0.001, "min": 60.0}


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
    places = {name: expression for name, expression in vars(counts).items() if expression is not None}
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
