"""A simulated Testsigma to run steps against, and the inputs of an ordinary step."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testgate.demo.exchange import Recorded
from testgate.demo.server import Simulator
from testgate.demo.testsigma.app import Testsigma
from testgate.demo.testsigma.runs import SimulatedRun
from testgate.demo.testsigma.scenarios import Plan, Scenario, Test
from tests.support.step import KEY, Left, run

Vendor = Simulator[SimulatedRun]
QUICK = 5.0
GREEN = Plan(tests=(Test("Login", suite="Sign-in"), Test("Logout", suite="Sign-in")), running=2.0)
RED = Plan(tests=(Test("Login"), Test("Pay", word="FAILURE", message="Pay button missing")), running=2.0)
ENDLESS = Plan(tests=(Test("a"), Test("b")), running=float("inf"))


@contextmanager
def simulator(scenario: Scenario, speed: float = QUICK) -> Iterator[Vendor]:
    """A simulator that accepts the key of these tests."""
    with Simulator(Testsigma(scenario, key=KEY), speed=speed) as server:
        yield server


def inputs(server: Vendor, **more: str) -> dict[str, str]:
    """The inputs of an ordinary step; empty ones are left out."""
    given = {
        "api-key": KEY,
        "base-url": server.url,
        "test-plan-id": "274",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return {name: value for name, value in given.items() if value}


def played(folder: Path, scenario: Scenario, speed: float = QUICK, **more: str) -> tuple[Left, Vendor]:
    """Run a step against a scenario."""
    with simulator(scenario, speed) as server:
        return run(folder, inputs(server, **more)), server


def requests(server: Vendor, method: str, ending: str = "") -> list[Recorded]:
    """The requests that arrived with a method, to paths that end in a suffix."""
    return [each for each in server.requests if each.method == method and each.path.endswith(ending)]


def triggers(server: Vendor) -> int:
    """The number of triggers that arrived."""
    return len(requests(server, "POST"))


def cases(left: Left) -> dict[str, str]:
    """The result of each case in the JUnit report: `failure`, `error`, `skipped` or `passed`."""
    marks = ("failure", "error", "skipped")
    return {
        str(case.get("name")): next((mark for mark in marks if case.find(mark) is not None), "passed")
        for case in left.junit.iter("testcase")
    }
