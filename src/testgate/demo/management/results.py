"""Results as a call records them: what they must be, and what becomes of the test run. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from testgate.demo.management.replies import invalid
from testgate.demo.management.runs import Result, SimulatedTestRun
from testgate.demo.management.scenarios import Case, Scenario

_REQUIRED = {"test_case_id", "test_run_status_id"}
_OPTIONAL = ("user_id", "description")


def result_rows(texts: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """The rows in the form's only part.

    Raises:
        Refusal: it is something else.

    """
    if texts.keys() != {"data"}:
        raise invalid("the form must have data, and nothing else")
    try:
        data = json.loads(texts["data"])
    except (ValueError, RecursionError):
        raise invalid("data is no JSON") from None
    rows = data["test_run_cases"] if isinstance(data, dict) and data.keys() == {"test_run_cases"} else None
    if not isinstance(rows, list) or not rows:
        raise invalid("data must be test_run_cases, a list that is not empty, and nothing else")
    if wrong := [f"test_run_cases[{place}] is no result" for place, row in enumerate(rows) if not _is_result(row)]:
        raise invalid(*wrong)
    ids = [row["test_case_id"] for row in rows]
    if len(set(ids)) < len(ids):
        raise invalid("a test_case_id stands twice")
    return rows


def recorded(run: SimulatedTestRun, rows: Sequence[Mapping[str, Any]], scenario: Scenario, at: int) -> SimulatedTestRun:
    """The test run with these results; all of them are looked at before one counts.

    Raises:
        Refusal: the test run is closed, there are too many, or one is of an unknown case or status.

    """
    limits = scenario.limits
    if run.status == "CLOSED":
        raise invalid("the test run is closed")
    if limits.cases_per_call is not None and len(rows) > limits.cases_per_call:
        raise invalid(f"test_run_cases has more than {limits.cases_per_call} items", status=limits.call_status)
    cases = _with_added(run, rows, scenario)
    known = {case.id for case in cases}
    strays = [row["test_case_id"] for row in rows if row["test_case_id"] not in known]
    if strays and scenario.strays != "skipped":
        raise invalid(*(f"test case {each} is not in the test run" for each in strays))
    results = {row["test_case_id"]: row for row in rows if row["test_case_id"] in known}
    found = {case_id: _result(row, scenario) for case_id, row in results.items()}
    return run._replace(cases=cases, results={**run.results, **found}, updated_at=at)


def _with_added(run: SimulatedTestRun, rows: Sequence[Mapping[str, Any]], scenario: Scenario) -> tuple[Case, ...]:
    """The test run's cases, and those of the project that a result adds where this is so."""
    if scenario.strays != "added":
        return run.cases
    there = {case.id for case in run.cases}
    wanted = {row["test_case_id"] for row in rows} - there
    return (*run.cases, *(case for case in scenario.cases if case.id in wanted))


def _result(row: Mapping[str, Any], scenario: Scenario) -> Result:
    """The result that a row tells."""
    for status in scenario.statuses:
        if str(status.id) == str(row["test_run_status_id"]):
            return Result(status, row.get("user_id"), row.get("description"))
    raise invalid(f"test_run_status_id {row['test_run_status_id']} is unknown")


def _is_result(row: object) -> bool:
    """Whether a row has the keys and types of a result."""
    if not isinstance(row, dict) or not _REQUIRED <= row.keys() <= {*_REQUIRED, *_OPTIONAL}:
        return False
    status = row["test_run_status_id"]
    texts = [row["test_case_id"], *(row[name] for name in _OPTIONAL if name in row)]
    return all(isinstance(each, str) for each in texts) and type(status) in {str, int}
