"""A plain client for the simulated Testifly."""

from typing import Any

from testgate.demo.server import Simulator
from testgate.demo.testifly.app import KEY
from testgate.demo.testifly.jobs import SimulatedJob
from testgate.demo.testifly.scenarios import FEATURE_ID, PROJECT_ID
from tests.support.testsigma_client import Answer, ask

Simulated = Simulator[SimulatedJob]


def send(sim: Simulated, method: str, path: str, body: object = None) -> Answer:
    """Send one request with the key, `path` below `/api/`."""
    return ask(sim, method, f"/api/{path}", body, {"x-api-key": KEY, "Content-Type": "application/json"})


def asked_to_start(sim: Simulated, **fields: object) -> Answer:
    """Ask for a start, of the feature unless something else is selected."""
    chosen = fields if fields.keys() - {"agentName"} else {"featureId": FEATURE_ID, **fields}
    return send(sim, "POST", f"testExecution/{PROJECT_ID}", {"action": "executeTests", **chosen})


def start(sim: Simulated, **fields: object) -> str:
    """Start a job and return its id."""
    answer = asked_to_start(sim, **fields)
    assert answer.status == 200, answer
    assert answer.data == {"success": True, "scheduleStatus": "Success", "jobId": answer.data["jobId"]}
    return str(answer.data["jobId"])


def poll(sim: Simulated, *ids: str) -> Any:  # noqa: ANN401  # JSON is any shape
    """What is told of jobs; of all without ids."""
    return send(sim, "POST", f"jobs/{PROJECT_ID}", {"jobIds": list(ids)} if ids else {}).data


def job(sim: Simulated, job_id: str) -> Any:  # noqa: ANN401  # JSON is any shape
    """One job as it is now."""
    (found,) = poll(sim, job_id)["jobs"]
    return found


def report(sim: Simulated, run_id: str) -> Any:  # noqa: ANN401  # JSON is any shape
    """The report of a run as it is now."""
    return send(sim, "GET", f"testRun/{PROJECT_ID}/{run_id}").data
