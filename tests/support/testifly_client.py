"""A plain client for the simulated Testifly."""

from typing import Any

from testgate.demo.server import Simulator
from testgate.demo.testifly.app import KEY
from testgate.demo.testifly.jobs import SimulatedJob
from testgate.demo.testifly.scenarios import FEATURE_ID, PROJECT_ID
from tests.support.testsigma_client import Answer, ask

Simulated = Simulator[SimulatedJob]


def send(sim: Simulated, method: str, path: str, body: object = None) -> Answer:
    """Send one request with the key; `path` is below `/api/`."""
    return ask(sim, method, f"/api/{path}", body, {"x-api-key": KEY, "Content-Type": "application/json"})


def request_start(sim: Simulated, **fields: object) -> Answer:
    """Request a start, of the feature unless another selection is given."""
    selected = fields if fields.keys() - {"agentName"} else {"featureId": FEATURE_ID, **fields}
    return send(sim, "POST", f"testExecution/{PROJECT_ID}", {"action": "executeTests", **selected})


def start(sim: Simulated, **fields: object) -> str:
    """Start a job; returns its id."""
    answer = request_start(sim, **fields)
    assert answer.status == 200, answer
    assert answer.data == {"success": True, "scheduleStatus": "Success", "jobId": answer.data["jobId"]}
    return str(answer.data["jobId"])


def poll(sim: Simulated, *ids: str) -> Any:  # noqa: ANN401  # JSON is any shape
    """The reply to a poll of jobs; without ids, of all active ones."""
    return send(sim, "POST", f"jobs/{PROJECT_ID}", {"jobIds": list(ids)} if ids else {}).data


def job(sim: Simulated, job_id: str) -> Any:  # noqa: ANN401  # JSON is any shape
    """The current state of a job."""
    (found,) = poll(sim, job_id)["jobs"]
    return found


def report(sim: Simulated, run_id: str) -> Any:  # noqa: ANN401  # JSON is any shape
    """The current report of a run."""
    return send(sim, "GET", f"testRun/{PROJECT_ID}/{run_id}").data
