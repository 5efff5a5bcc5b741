"""Test runs of the simulated Testsigma Test Management.

Test runs are immutable; every change makes a new value.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from testgate.demo.exchange import first_of
from testgate.demo.management.replies import invalid
from testgate.demo.management.scenarios import UNTESTED, Case, Scenario, Status, made_id


class Result(NamedTuple):
    """The result recorded for one case."""

    status: Status
    user_id: str | None = None
    description: str | None = None


class SimulatedTestRun(NamedTuple):
    """A test run: `body` is what created it, `results` are the recorded ones by case id.

    `started` is in simulated seconds; `created_at` and `updated_at` are epoch seconds.
    """

    id: str
    human_id: str
    body: Mapping[str, Any]
    cases: tuple[Case, ...]
    started: float
    created_at: int
    updated_at: int
    status: str = "ACTIVE"
    results: Mapping[str, Result] = {}

    @property
    def outcomes(self) -> dict[str, str]:
        """The names of the recorded statuses, by case title."""
        return {case.title: self.results[case.id].status.name for case in self.cases if case.id in self.results}


def new_run(scenario: Scenario, body: Mapping[str, Any], number: int, now: float, epoch: float) -> SimulatedTestRun:
    """A test run with the cases that the body selects; unknown ids select nothing."""
    at = int(epoch + now)
    return SimulatedTestRun(
        made_id(f"test run {number} of {epoch}"),
        f"{scenario.prefix}-R-{number}",
        body,
        _selected(scenario.cases, body.get("static_selection_filters", [])),
        now,
        at,
        at,
        body.get("status", "ACTIVE"),
    )


def with_results(
    run: SimulatedTestRun, rows: Sequence[Mapping[str, Any]], scenario: Scenario, at: int
) -> SimulatedTestRun:
    """The test run with these results recorded; either all of them count, or none.

    Raises:
        Refusal: the test run is closed, there are too many results, or a case or status is unknown.

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
    results = {row["test_case_id"]: _result(row, scenario) for row in rows if row["test_case_id"] in known}
    return run._replace(cases=cases, results={**run.results, **results}, updated_at=at)


def run_answer(run: SimulatedTestRun, project: str) -> dict[str, object]:
    """A test run as the vendor documents it."""
    singles = {name: run.body.get(name) for name in ("start_date", "end_date", "assignee_id")}
    lists = {name: run.body.get(name, []) for name in ("label_names", "environment_ids")}
    return {
        "id": run.id,
        "human_id": run.human_id,
        "created_at": run.created_at,
        "updated_at": run.updated_at,
        "title": run.body["title"],
        "description": run.body.get("description", ""),
        "status": run.status,
        "project_id": project,
        "selection_type": run.body["selection_type"],
        **singles,
        **lists,
    }


def case_rows(run: SimulatedTestRun, statuses: Sequence[Status]) -> list[dict[str, object]]:
    """The cases of a test run with their results. Of these fields, the vendor documents only `test_case`."""
    untested = next((each for each in statuses if each.name == UNTESTED), Status("", UNTESTED))
    return [_case_row(run, case, run.results.get(case.id, Result(untested))) for case in run.cases]


def _case_row(run: SimulatedTestRun, case: Case, result: Result) -> dict[str, object]:
    """One case in a test run."""
    return {
        "id": made_id(f"case {case.id} in {run.id}"),
        "test_case": case._asdict(),
        "test_run_status_id": result.status.id,
        "test_run_status": result.status._asdict(),
        "user_id": result.user_id,
        "description": result.description,
    }


def _selected(cases: Sequence[Case], filters: Sequence[Mapping[str, Any]]) -> tuple[Case, ...]:
    """The cases that pass every filter; none if there is no filter."""
    return tuple(case for case in cases if filters and all(case.id in each["values"] for each in filters))


def _with_added(run: SimulatedTestRun, rows: Sequence[Mapping[str, Any]], scenario: Scenario) -> tuple[Case, ...]:
    """The test run's cases, and those of the project that the results add, if the scenario allows it."""
    if scenario.strays != "added":
        return run.cases
    present = {case.id for case in run.cases}
    wanted = {row["test_case_id"] for row in rows} - present
    return (*run.cases, *(case for case in scenario.cases if case.id in wanted))


def _result(row: Mapping[str, Any], scenario: Scenario) -> Result:
    """The result in a row."""
    status_id = row["test_run_status_id"]
    matching = (status for status in scenario.statuses if str(status.id) == str(status_id))
    status = first_of(matching, invalid(f"test_run_status_id {status_id} is unknown"))
    return Result(status, row.get("user_id"), row.get("description"))
