"""The demos: how they start, and that the simulated Testsigma ends each scenario as its name says."""

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from testgate import demo
from testgate.demo.scenarios import VARIANTS
from testgate.demo.server import Simulator
from testgate.demo.testsigma import scenarios, shop, timeline
from testgate.demo.testsigma.app import Testsigma
from testgate.demo.testsigma.runs import attempt_of
from tests.support.testsigma_client import Clock, ask, trigger

SOURCE = Path(demo.__file__).parents[2]  # the working directory is where `python -c` looks for imports first


def ending(name: str) -> tuple[str, dict[str, int], float]:
    """A scenario's final result, its counters, and its duration in seconds."""
    plan = shop.scenario(name).plans[scenarios.PLAN_ID]
    line = timeline.lay_out(plan)
    return timeline.result(plan), timeline.counters(plan, line, line.ended), line.ended


def test_demo_provides_its_inputs() -> None:
    """A demo provides its URL, key and plan, and accepts a trigger with them."""
    running = demo.start("testsigma", "passing")
    try:
        assert set(running.inputs) == {"base-url", "api-key", "test-plan-id"}
        request = urllib.request.Request(  # noqa: S310  # the address is the simulator's
            running.inputs["base-url"] + "/execution_results",
            data=b'{"executionId": %s}' % running.inputs["test-plan-id"].encode(),
            headers={"Authorization": "Bearer " + running.inputs["api-key"]},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request) as answer:
            assert answer.status == 200
    finally:
        running.stop()


@pytest.mark.parametrize(("provider", "scenario"), [("testsigma", "nonsense"), ("nobody", "passing")])
def test_unknown_demo(provider: str, scenario: str) -> None:
    """An unknown provider or scenario raises LookupError."""
    with pytest.raises(LookupError):
        demo.start(provider, scenario)


def test_simulated_providers_and_scenarios() -> None:
    """Both providers have a simulator, and every named scenario is described."""
    assert demo.SIMULATED == ("testsigma", "testifly")
    assert tuple(VARIANTS) == demo.SCENARIOS


@pytest.mark.parametrize("provider", demo.SIMULATED)
@pytest.mark.parametrize("scenario", demo.SCENARIOS)
def test_every_simulator_starts_every_scenario(provider: str, scenario: str) -> None:
    """Every simulated provider serves every scenario on the loopback interface."""
    running = demo.start(provider, scenario)
    running.stop()
    assert running.inputs["base-url"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize("name", demo.SCENARIOS)
def test_every_named_scenario_exists(name: str) -> None:
    """Every named scenario has a plan."""
    assert shop.scenario(name).plans


def test_passing() -> None:
    """All 14 tests pass in about seven seconds."""
    word, counts, seconds = ending("passing")
    assert (word, counts["passedCount"], counts["totalCount"]) == ("PASSED", 14, 14)
    assert 6 < seconds < 8


def test_failing() -> None:
    """Two tests fail, one is aborted and one isn't executed, in three suites on two machines."""
    word, counts, seconds = ending("failing")
    names = ("passedCount", "failedCount", "abortedCount", "notExecutedCount", "totalCount")
    assert word == "FAILED"
    assert [counts[name] for name in names] == [10, 2, 1, 1, 14]
    assert 6 < seconds < 8
    tests = shop.scenario("failing").plans[scenarios.PLAN_ID].tests
    assert (len({test.suite for test in tests}), len({test.machine for test in tests})) == (3, 2)
    assert all(bool(test.message) == (test.word != "SUCCESS") for test in tests)
    assert any(test.iterations for test in tests)


def test_flaky() -> None:
    """Of two failed tests, one passes in the first rerun and the other in the second."""
    plan = shop.scenario("flaky").plans[scenarios.PLAN_ID]
    bad = []
    for attempt in range(4):
        tests = [attempt_of(test, attempt) for test in plan.tests]
        bad.append([test.name for test in tests if test.word != "SUCCESS"])
        assert all(bool(test.message) == (test.word != "SUCCESS") for test in tests)
    assert bad == [["Apply a voucher code", "Pay by credit card"], ["Pay by credit card"], [], []]


@pytest.mark.parametrize(("name", "defaults"), [("flaky", {"rerun-failed": "2"}), ("failing", {})])
def test_demo_provides_defaults(name: str, defaults: dict[str, str]) -> None:
    """The flaky demo reruns once by default; the others need no defaults."""
    running = demo.start("testsigma", name)
    running.stop()
    assert running.defaults == defaults
    assert "rerun-failed" not in running.inputs


def test_tests_of_a_demo_are_distinct() -> None:
    """No two tests of the shop have the same suite, machine and name."""
    tests = shop.scenario("passing").plans[scenarios.PLAN_ID].tests
    assert len({(test.suite, test.machine, test.name) for test in tests}) == len(tests)


def test_empty() -> None:
    """The platform reports a plan without tests as passed."""
    word, counts, _ = ending("empty")
    assert word == "PASSED"
    assert not any(counts.values())


def test_slow() -> None:
    """The slow demo takes about a minute."""
    assert 55 < ending("slow")[2] < 65


def test_outage_is_in_the_middle_of_the_run() -> None:
    """The run is reachable at first, then come 503 pages, then dropped connections, then it has passed."""
    clock = Clock()
    with Simulator(Testsigma(shop.scenario("outage")), clock=clock) as sim:
        trigger(sim)
        clock.now += 2.5
        assert ask(sim, "GET", "/execution_results/337").data["status"] == "STATUS_IN_PROGRESS"
        clock.now += 2
        page = ask(sim, "GET", "/execution_results/337")
        assert (page.status, page.content_type.partition(";")[0]) == (503, "text/html")
        clock.now += 3
        with pytest.raises(ConnectionError):
            ask(sim, "GET", "/execution_results/337")
        clock.now += 2
        assert ask(sim, "GET", "/execution_results/337").data["status"] == "STATUS_IN_PROGRESS"
        clock.now += 4
        assert ask(sim, "GET", "/execution_results/337").data["result"] == "PASSED"


def test_running_demo_does_not_keep_the_process_alive() -> None:
    """A process that doesn't stop its demo still exits at once, without output."""
    script = """
import socket, urllib.parse
from testgate import demo
address = urllib.parse.urlsplit(demo.start("testsigma", "slow").inputs["base-url"])
kept = socket.create_connection((address.hostname, address.port))
kept.sendall(b"GET /api/v1/x HTTP/1.1\\r\\n\\r\\n")
assert kept.recv(12) == b"HTTP/1.1 401"
kept.close()
"""
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, cwd=SOURCE, capture_output=True, timeout=300, check=False)  # noqa: S603  # our own interpreter
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_importing_the_package_loads_no_server() -> None:
    """Importing `testgate.demo` loads neither the HTTP server nor a vendor."""
    script = (
        "import sys, testgate.demo; print('http.server' in sys.modules, 'testgate.demo.testsigma.shop' in sys.modules)"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=True)  # noqa: S603  # our own interpreter
    assert done.stdout == "False False\n"
