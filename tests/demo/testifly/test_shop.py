"""The demos of the simulated Testifly: how they start, and that each scenario ends as its name says."""

import json
import urllib.request
from collections import Counter
from typing import Any

import pytest

from testgate import demo
from testgate.demo.server import Simulator
from testgate.demo.testifly import shop
from testgate.demo.testifly.app import Testifly
from testgate.demo.testifly.scenarios import FEATURE_ID, PROJECT_ID
from tests.support.testifly_client import poll, report, send, start
from tests.support.testsigma_client import Clock


def ending(name: str) -> tuple[list[str], Any, float]:
    """A scenario's final job statuses, its tests, and its duration in seconds."""
    clock = Clock()
    with Simulator(Testifly(shop.scenario(name)), clock=clock) as sim:
        ids = [start(sim, featureId=each) for each in shop.FEATURES]
        clock.now += 600
        rows = poll(sim, *ids)["jobs"]
        reports = [report(sim, row["testRunId"]) for row in rows]
        seconds = max(job.timeline.ended for job in sim.runs)
    assert {each["status"] for each in reports} == {"Completed"}
    return [row["status"] for row in rows], [test for each in reports for test in each["tests"]], seconds


def test_demo_provides_its_inputs() -> None:
    """A demo provides its URL, key, project and features, and starts each feature with them."""
    running = demo.start("testifly", "passing")
    try:
        assert set(running.inputs) == {"base-url", "api-key", "project-id", "feature-id"}
        assert running.inputs["project-id"] == PROJECT_ID
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for feature in running.inputs["feature-id"].split(","):
            request = urllib.request.Request(  # noqa: S310  # the address is the simulator's
                f"{running.inputs['base-url']}/api/testExecution/{running.inputs['project-id']}",
                data=json.dumps({"action": "executeTests", "featureId": feature}).encode(),
                headers={"x-api-key": running.inputs["api-key"]},
            )
            with opener.open(request) as answer:
                assert json.load(answer)["scheduleStatus"] == "Success"
    finally:
        running.stop()


@pytest.mark.parametrize(("name", "defaults"), [("flaky", {"rerun-failed": "2"}), ("failing", {})])
def test_demo_provides_defaults(name: str, defaults: dict[str, str]) -> None:
    """The flaky demo reruns once by default; the others need no defaults."""
    running = demo.start("testifly", name)
    running.stop()
    assert running.defaults == defaults


@pytest.mark.parametrize("name", demo.SCENARIOS)
def test_every_named_scenario_exists(name: str) -> None:
    """Every named scenario has both features."""
    assert set(shop.scenario(name).features) == set(shop.FEATURES)


def test_passing() -> None:
    """All tests pass in about seven seconds, each with a video."""
    statuses, tests, seconds = ending("passing")
    assert statuses == ["Success", "Success"]
    assert Counter(test["status"] for test in tests) == {"Passed": 12}
    assert all(test["videoLink"].startswith("https://example.com/videos/") for test in tests)
    assert 6 < seconds < 8


def test_failing() -> None:
    """Tests fail in both features and one is skipped; errors are texts and objects."""
    statuses, tests, seconds = ending("failing")
    assert statuses == ["Failed", "Failed"]
    assert Counter(test["status"] for test in tests) == {"Passed": 8, "Failed": 3, "Skipped": 1}
    assert {type(test["error"]) for test in tests if "error" in test} == {str, dict}
    assert all(("error" in test) == (test["status"] == "Failed") for test in tests)
    assert 5 < seconds < 8


def test_flaky() -> None:
    """Of two failed tests, one passes when started again and the other the second time."""
    clock = Clock()
    bad = []
    with Simulator(Testifly(shop.scenario("flaky")), clock=clock) as sim:
        start(sim)
        for _ in range(3):
            clock.now += 60
            failed = [each for each in report(sim, sim.runs[-1].run_id)["tests"] if each["status"] != "Passed"]
            bad.append([each["title"] for each in failed])
            if failed:
                start(sim, tests=[each["_id"] for each in failed])
    assert bad == [["Redeem a gift card", "Pay by credit card"], ["Pay by credit card"], []]


def test_outage_is_in_the_middle_of_the_run() -> None:
    """The job can be polled at first, then come 503 pages, then dropped connections, then it's a success."""
    clock = Clock()
    with Simulator(Testifly(shop.scenario("outage")), clock=clock) as sim:
        started = start(sim)
        clock.now += 2.5
        assert poll(sim, started)["jobs"][0]["status"] == "InProgress"
        clock.now += 2
        page = send(sim, "POST", f"jobs/{PROJECT_ID}", {"jobIds": [started]})
        assert (page.status, page.content_type.partition(";")[0]) == (503, "text/html")
        clock.now += 3
        with pytest.raises(ConnectionError):
            poll(sim, started)
        clock.now += 2
        assert poll(sim, started)["jobs"][0]["status"] == "InProgress"
        clock.now += 5
        assert poll(sim, started)["jobs"][0]["status"] == "Success"


def test_empty() -> None:
    """Jobs without tests are a success."""
    statuses, tests, _ = ending("empty")
    assert (statuses, tests) == (["Success", "Success"], [])


def test_slow() -> None:
    """The slow demo takes about a minute."""
    assert 55 < ending("slow")[2] < 65


def test_tests_of_a_demo_are_distinct() -> None:
    """No two tests of the shop have the same title, and the suite has tests of each feature."""
    passing = shop.scenario("passing")
    titles = [test.title for group in passing.features.values() for test in group.tests]
    suite = {test.title for test in passing.suites[shop.SUITE_ID].tests}
    assert len(set(titles)) == len(titles)
    for group in passing.features.values():
        assert suite & {test.title for test in group.tests}
    assert FEATURE_ID in passing.features
