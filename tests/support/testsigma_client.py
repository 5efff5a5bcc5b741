"""A plain client for the simulated Testsigma, and a clock that tests control."""

import http.client
import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from testgate.demo.server import Simulator
from testgate.demo.testsigma.app import KEY


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        """Start at a time other than zero, as monotonic clocks do."""
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


class Answer(NamedTuple):
    """A reply as the client received it."""

    status: int
    content_type: str
    raw: bytes
    headers: Mapping[str, str] = {}

    @property
    def data(self) -> Any:  # noqa: ANN401  # JSON is any shape
        """The body as JSON; unescaped control characters are allowed."""
        return json.loads(self.raw, strict=False)


def ask(
    simulator: Simulator[Any],
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request and read the whole reply; `path` is below the base URL, or starts with `/api/v2/`."""
    base = urlsplit(simulator.url)
    connection = http.client.HTTPConnection(base.netloc, timeout=10)
    sent = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"} if headers is None else headers
    try:
        payload = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        target = path if path.startswith("/api/v2/") else base.path + path
        connection.request(method, target, payload, dict(sent))
        response = connection.getresponse()
        received = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, received.get("content-type", ""), response.read(), received)
    finally:
        connection.close()


def trigger(simulator: Simulator[Any], **fields: object) -> Any:  # noqa: ANN401  # JSON is any shape
    """Start a run of plan 274; returns the run in the reply."""
    answer = ask(simulator, "POST", "/execution_results", {"executionId": 274, **fields})
    assert answer.status == 200, answer
    return answer.data


def read(simulator: Simulator[Any], run: int) -> Any:  # noqa: ANN401  # JSON is any shape
    """The current state of a run."""
    return ask(simulator, "GET", f"/execution_results/{run}").data


def rows(simulator: Simulator[Any], run: int) -> Any:  # noqa: ANN401  # JSON is any shape
    """The current state of a run's tests."""
    return ask(simulator, "GET", f"/execution_results/{run}/test_case_results").data["testCases"]


def rerun(simulator: Simulator[Any], kind: object = "ONLY_FAILED_TESTS", run: object = 337, **fields: object) -> Answer:
    """Ask for the rerun of a run of plan 274."""
    body = {"executionId": 274, "executionResultId": run, "isReRun": True, "reRunType": kind, **fields}
    return ask(simulator, "POST", "/execution_results", body)


def stop(simulator: Simulator[Any], run: int) -> Answer:
    """Stop one run."""
    return ask(simulator, "PUT", f"/execution_results/{run}", {"canStopAll": False, "result": "STOPPED"})
