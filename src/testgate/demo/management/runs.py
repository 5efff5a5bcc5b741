"""Test runs of the simulated Testsigma Test Management. Pure: a test run is its data."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from testgate.demo.management.scenarios import UNTESTED, Case, Scenario, Status, made_id


class Result(NamedTuple):
    """What was recorded for one case."""

    status: Status
    user_id: str | None = None
    description: str | None = None


class SimulatedTestRun(NamedTuple):
    """A test run: `body` is what its creation sent, `results` what was recorded, by the ids of cases.

    `started` is simulated seconds; `created_at` and `updated_at` are epoch seconds.
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
        """The names of the statuses that were recorded, by the cases' titles."""
        return {case.title: self.results[case.id].status.name for case in self.cases if case.id in self.results}


def new_run(scenario: Scenario, body: Mapping[str, Any], number: int, now: float, epoch: float) -> SimulatedTestRun:
    """A test run with the cases that the body selects; ids that are no case's select nothing."""
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


def run_answer(run: SimulatedTestRun, project: str) -> dict[str, object]:
    """A test run as it is told."""
    told = {name: run.body.get(name) for name in ("start_date", "end_date", "assignee_id")}
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
        **told,
        **lists,
    }


def case_rows(run: SimulatedTestRun, statuses: Sequence[Status]) -> list[dict[str, object]]:
    """The cases of a test run with what was recorded; the reference tells no more of a row than `test_case`."""
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
    """The cases that pass every filter; none without a filter."""
    return tuple(case for case in cases if filters and all(case.id in each["values"] for each in filters))
