"""A plain client for the simulated Testsigma Test Management."""

import json
from collections.abc import Mapping
from typing import Any

import requests

from testgate.demo.management.app import KEY, Management
from testgate.demo.management.runs import SimulatedTestRun
from testgate.demo.management.scenarios import PROJECT_ID, Case, Limits, Scenario, Status, cases_titled
from testgate.demo.server import Simulator
from tests.support.testsigma_client import Answer, Clock, ask

Simulated = Simulator[SimulatedTestRun]

CASES = cases_titled("Log in", "Pay by card", "Cancel an order")
SCENARIO = Scenario(CASES, limits=Limits(per_second=1000))
RUNS = f"/projects/{PROJECT_ID}/test_runs"
PASSED, FAILED = SCENARIO.statuses[:2]


def simulate(scenario: Scenario = SCENARIO, clock: Clock | None = None) -> Simulated:
    """A simulator of a scenario."""
    return Simulator(Management(scenario), clock=clock or Clock())


def send(sim: Simulated, method: str, path: str, body: object = None) -> Answer:
    """Send one request with the key; `path` is below the base URL."""
    return ask(sim, method, path, body, {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"})


def selecting(*cases: Case) -> list[dict[str, object]]:
    """The filters that select these cases."""
    return [{"field": "id", "operator": "IN", "values": [case.id for case in cases]}]


def request_creation(sim: Simulated, **fields: object) -> Answer:
    """Request a test run, of all cases unless another selection is given."""
    body = {"title": "Nightly", "selection_type": "STATIC", "static_selection_filters": selecting(*CASES)}
    return send(sim, "POST", RUNS, {**body, **fields})


def create(sim: Simulated, **fields: object) -> str:
    """Create a test run; returns its id."""
    answer = request_creation(sim, **fields)
    assert answer.status == 200, answer
    return str(answer.data["data"]["test_run"]["id"])


def row(case: Case | str, status: Status = PASSED, **fields: object) -> dict[str, object]:
    """One result."""
    case_id = case if isinstance(case, str) else case.id
    return {"test_case_id": case_id, "test_run_status_id": status.id, **fields}


def record(sim: Simulated, run: str, *rows: Mapping[str, object]) -> Answer:
    """Record results, in a form that a real client library encodes."""
    return send_form(sim, run, {"data": (None, json.dumps({"test_run_cases": rows}))})


def send_form(sim: Simulated, run: str, form: Any) -> Answer:  # noqa: ANN401  # whatever the client library takes
    """Send any form instead of results."""
    made = requests.Request("PUT", sim.url, files=form).prepare()
    assert isinstance(made.body, bytes)
    return send_raw(sim, run, made.body, made.headers["Content-Type"])


def send_raw(sim: Simulated, run: str, body: bytes, kind: str) -> Answer:
    """Send any bytes instead of results."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": kind}
    return ask(sim, "PUT", f"{RUNS}/{run}/test_cases", body, headers)


def details(answer: Answer) -> Any:  # noqa: ANN401  # JSON is any shape
    """The problems that a long refusal lists."""
    errors = answer.data["errors"]
    assert answer.data["message"]
    assert (errors["code"], bool(errors["message"])) == (answer.status, True)
    return errors["details"]
