"""Checks of request bodies: new test runs, changes of their status, and results."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from testgate.demo.exchange import json_object
from testgate.demo.management.replies import invalid

RUN_STATUSES = ("ACTIVE", "CLOSED")

_FILTER_KEYS = {"field", "operator", "values"}
_REQUIRED_IN_RESULTS = {"test_case_id", "test_run_status_id"}
_OPTIONAL_IN_RESULTS = ("user_id", "description")
_MILLISECONDS = 10**11  # as seconds, this is beyond the year 5000


def creation_body(body: object, project: str) -> dict[str, Any]:
    """The body of a new test run: the documented keys and types, and no others.

    Raises:
        Refusal: anything is wrong; the refusal lists it all.

    """
    fields = _object(body)
    wrong = [f"{name} is required" for name in ("title", "selection_type") if name not in fields]
    wrong += _wrong_fields(fields)
    if fields.get("project_id", project) != project:
        wrong.append("project_id is not that of the path")
    if wrong:
        raise invalid(*wrong)
    return fields


def new_status(body: object) -> str:
    """The status that a change of a test run asks for; nothing else is known to be changeable.

    Raises:
        Refusal: it asks for anything else.

    """
    fields = _object(body)
    if fields.keys() != {"status"}:
        raise invalid("status is required, and nothing else is allowed")
    if wrong := _wrong_fields(fields):
        raise invalid(*wrong)
    return str(fields["status"])


def result_rows(form: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """The results in the form's only field, `data`.

    Raises:
        Refusal: there is anything else in the form or in a result.

    """
    if form.keys() != {"data"}:
        raise invalid("the form must have data, and nothing else")
    try:
        data = json.loads(form["data"])
    except (ValueError, RecursionError):
        raise invalid("data is not JSON") from None
    rows = data["test_run_cases"] if isinstance(data, dict) and data.keys() == {"test_run_cases"} else None
    if not isinstance(rows, list) or not rows:
        raise invalid("data must hold test_run_cases, a list that is not empty, and nothing else")
    if wrong := [f"test_run_cases[{place}] is not a result" for place, row in enumerate(rows) if not _is_result(row)]:
        raise invalid(*wrong)
    ids = [row["test_case_id"] for row in rows]
    if len(set(ids)) < len(ids):
        raise invalid("a test_case_id occurs twice")
    return rows


def _object(body: object) -> dict[str, Any]:
    """The body, which must be a JSON object."""
    return json_object(body, invalid("the body must be a JSON object"))


def _wrong_fields(fields: Mapping[str, Any]) -> list[str]:
    """The problems of the fields that are given."""
    wrong = [f"{name} is unknown" for name in fields if name not in _CHECKS]
    return wrong + [rule for name, (is_right, rule) in _CHECKS.items() if name in fields and not is_right(fields[name])]


def _is_result(row: object) -> bool:
    """Whether a row has the keys and types of a result."""
    if not isinstance(row, dict) or not _REQUIRED_IN_RESULTS <= row.keys() <= {
        *_REQUIRED_IN_RESULTS,
        *_OPTIONAL_IN_RESULTS,
    }:
        return False
    status = row["test_run_status_id"]
    texts = [row["test_case_id"], *(row[name] for name in _OPTIONAL_IN_RESULTS if name in row)]
    return all(isinstance(each, str) for each in texts) and type(status) in {str, int}


def _text(value: object) -> bool:
    """Whether the value is text."""
    return isinstance(value, str)


def _filled(value: object) -> bool:
    """Whether the value is text that is more than blanks."""
    return isinstance(value, str) and bool(value.strip())


def _texts(value: object) -> bool:
    """Whether the value is a list of texts that are more than blanks."""
    return isinstance(value, list) and all(map(_filled, value))


def _seconds(value: object) -> bool:
    """Whether the value is a time in epoch seconds, and not in milliseconds."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MILLISECONDS


def _filters(value: object) -> bool:
    """Whether the value is a selection by ids."""
    return isinstance(value, list) and all(
        isinstance(each, dict)
        and each.keys() == _FILTER_KEYS
        and (each["field"], each["operator"]) == ("id", "IN")
        and _texts(each["values"])
        and bool(each["values"])
        for each in value
    )


_CHECKS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "title": (_filled, "title must be a text that is not empty"),
    "description": (_text, "description must be a text"),
    "status": (lambda value: value in RUN_STATUSES, f"status must be one of {', '.join(RUN_STATUSES)}"),
    "project_id": (_filled, "project_id must be an id"),
    "human_id": (_filled, "human_id must be a text that is not empty"),
    "selection_type": (lambda value: value == "STATIC", "selection_type must be STATIC"),
    "static_selection_filters": (
        _filters,
        'static_selection_filters must be a list of {"field": "id", "operator": "IN", "values": [ids]}',
    ),
    "start_date": (_seconds, "start_date must be in epoch seconds"),
    "end_date": (_seconds, "end_date must be in epoch seconds"),
    "assignee_id": (_filled, "assignee_id must be an id"),
    "label_names": (_texts, "label_names must be a list of texts"),
    "environment_ids": (_texts, "environment_ids must be a list of ids"),
}
"""By key of a new test run: whether a value is right, and the rule."""
