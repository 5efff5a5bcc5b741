"""The endpoints that the gate asks, and the situation in which each is asked."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from testgate.demo.scenarios import Plan, Scenario, Test, one_plan

_GREEN = Plan(tests=(Test("Login", suite="Sign-in"), Test("Logout", suite="Sign-in")), running=20.0)
_RED = Plan(tests=(Test("Login"), Test("Pay", word="FAILURE", message="Pay button missing")), running=20.0)
_ENDLESS = Plan(tests=(Test("Login"), Test("Logout")), running=float("inf"))


class Endpoint(NamedTuple):
    """One endpoint. `lost_trigger` has the trigger's answer lost, so that its run must be looked for."""

    name: str
    title: str
    method: str
    pattern: str
    plan: Plan = _GREEN
    lost_trigger: bool = False
    timeout_seconds: int = 3600

    def matches(self, method: str, url: str) -> bool:
        """Whether a request goes to this endpoint."""
        return method == self.method and re.fullmatch(self.pattern, urlsplit(url).path) is not None

    @property
    def scenario(self) -> Scenario:
        """What the platform plays."""
        return one_plan(self.plan)


_API = r"/api/v1"
TRIGGER = Endpoint("trigger", "Start a run: `POST /execution_results`", "POST", rf"{_API}/execution_results")
POLL = Endpoint("poll", "Read the run: `GET /execution_results/{id}`", "GET", rf"{_API}/execution_results/\d+")
ENDPOINTS = (
    TRIGGER,
    POLL,
    Endpoint(
        "tests",
        "Read the list of tests: `GET /execution_results/{id}/test_case_results`",
        "GET",
        rf"{_API}/execution_results/\d+/test_case_results",
    ),
    Endpoint("messages", "Read messages and durations: `GET /test_case_results`", "GET", rf"{_API}/test_case_results"),
    Endpoint(
        "steps",
        "Read the steps of a failed test: `GET …/step_results`",
        "GET",
        r"/api/v2/test_runs/\d+/test_case_results/\d+/step_results",
        plan=_RED,
    ),
    Endpoint(
        "find",
        "Look for a run whose start was not answered: `GET /executions/{plan}/test_plan_results`",
        "GET",
        rf"{_API}/executions/\d+/test_plan_results",
        lost_trigger=True,
    ),
    Endpoint(
        "stop",
        "Stop a run at the end of its time: `PUT /execution_results/{id}`",
        "PUT",
        rf"{_API}/execution_results/\d+",
        plan=_ENDLESS,
        timeout_seconds=60,
    ),
)
