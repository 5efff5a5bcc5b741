"""What the JSON bodies of test runs must be: the documented keys and types, and no others."""

from collections.abc import Callable, Mapping
from typing import Any

from testgate.demo.management.replies import invalid

RUN_STATUSES = ("ACTIVE", "CLOSED")

_FILTER_KEYS = {"field", "operator", "values"}
_MILLISECONDS = 10**11  # as seconds, this is beyond the year 5000


def json_object(body: object) -> dict[str, Any]:
    """A body that is a JSON object.

    Raises:
        Refusal: it is not.

    """
    if not isinstance(body, dict):
        raise invalid("the body must be a JSON object")
    return body


def check_creation(body: Mapping[str, Any], project: str) -> None:
    """Accept only the documented body of a new test run.

    Raises:
        Refusal: it is another; each key that is wrong is told.

    """
    wrong = [f"{name} is required" for name in ("title", "selection_type") if name not in body]
    wrong += _wrong_keys(body)
    if body.get("project_id", project) != project:
        wrong.append("project_id is not that of the path")
    if wrong:
        raise invalid(*wrong)


def new_status(body: Mapping[str, Any]) -> str:
    """The status that a change of a test run asks for; nothing else is known to be changed.

    Raises:
        Refusal: it asks for something else.

    """
    if body.keys() != {"status"}:
        raise invalid("status must be given, and nothing else")
    if body["status"] not in RUN_STATUSES:
        raise invalid(_CHECKS["status"][1])
    return str(body["status"])


def _wrong_keys(body: Mapping[str, Any]) -> list[str]:
    """What is wrong with the keys that are given."""
    wrong = [f"{name} is unknown" for name in body if name not in _CHECKS]
    return wrong + [needs for name, (is_right, needs) in _CHECKS.items() if name in body and not is_right(body[name])]


def _text(value: object) -> bool:
    """Whether it is text."""
    return isinstance(value, str)


def _said(value: object) -> bool:
    """Whether it is text that says something."""
    return isinstance(value, str) and bool(value.strip())


def _texts(value: object) -> bool:
    """Whether it is a list of texts."""
    return isinstance(value, list) and all(map(_said, value))


def _seconds(value: object) -> bool:
    """Whether it is a time in epoch seconds, and not in milliseconds."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MILLISECONDS


def _filters(value: object) -> bool:
    """Whether it is a selection by ids."""
    return isinstance(value, list) and all(
        isinstance(each, dict)
        and each.keys() == _FILTER_KEYS
        and (each["field"], each["operator"]) == ("id", "IN")
        and _texts(each["values"])
        and bool(each["values"])
        for each in value
    )


_CHECKS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "title": (_said, "title must be a text that is not empty"),
    "description": (_text, "description must be a text"),
    "status": (lambda value: value in RUN_STATUSES, f"status must be one of {', '.join(RUN_STATUSES)}"),
    "project_id": (_said, "project_id must be an id"),
    "human_id": (_said, "human_id must be a text that is not empty"),
    "selection_type": (lambda value: value == "STATIC", "selection_type must be STATIC"),
    "static_selection_filters": (
        _filters,
        'static_selection_filters must be a list of {"field": "id", "operator": "IN", "values": [ids]}',
    ),
    "start_date": (_seconds, "start_date must be in epoch seconds"),
    "end_date": (_seconds, "end_date must be in epoch seconds"),
    "assignee_id": (_said, "assignee_id must be an id"),
    "label_names": (_texts, "label_names must be a list of texts"),
    "environment_ids": (_texts, "environment_ids must be a list of ids"),
}
"""By key of a new test run: whether a value is right, and what it must be."""
