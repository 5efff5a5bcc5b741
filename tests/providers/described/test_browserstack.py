"""Quirks of BrowserStack: the tests of each session are asked for, and the build says on which device it ran."""

from pathlib import Path
from typing import Any

import pytest

from testgate.model import Conclusion, Outcome, RunResult, Status
from testgate.wire import Reply, Request
from tests.providers.described.asked import page_in, run_of, state_in
from tests.providers.described.scenes import Scene, ok
from tests.providers.described.test_vendors import played
from tests.providers.described.vendors.browserstack import VENDOR
from tests.support.simulated import Answer

RUN = run_of(VENDOR, "b1")


def sessions(*counts: dict[str, int]) -> dict[str, Any]:
    """A build with a session for each of these counters, on a device of its own."""
    devices = [
        {"device": f"D{number}", "os_version": "9.0", "sessions": [{"id": f"s{number}", "testcases": {"status": each}}]}
        for number, each in enumerate(counts)
    ]
    return {"id": "b1", "status": "passed", "devices": devices}


def test_equal_tests_on_several_devices_are_told_apart() -> None:
    """The answer about a session names no device."""
    page = page_in(VENDOR, RUN, sessions({}, {}))
    assert page.next is not None
    session = {"testcases": {"data": [{"class": "Pay", "testcases": [{"name": "card", "status": "passed"}]}]}}
    first = page_in(VENDOR, RUN, session, cursor=page.next)
    assert first.next is not None
    second = page_in(VENDOR, RUN, session, cursor=first.next)
    (one,), (two,) = first.tests, second.tests
    assert (one.suite, one.name, one.machine) == ("Pay", "card", "D0 9.0")
    assert (two.suite, two.name, two.machine) == ("Pay", "card", "D1 9.0")
    assert one.id != two.id
    assert second.next is None


@pytest.mark.parametrize(("build", "doubts"), [("b1", 0), ("b2", 1)])
def test_sessions_of_another_build_are_doubted(build: str, doubts: int) -> None:
    """A list that names another build proves nothing."""
    assert len(page_in(VENDOR, RUN, {**sessions({}), "id": build}).doubts) == doubts


@pytest.mark.parametrize("empty", [1, 2, 5])
def test_a_session_behind_empty_ones_is_read(empty: int, tmp_path: Path) -> None:
    """What failed there would be missed, if reading ended with pages that say nothing."""

    def wrap(request: Request, given: Answer) -> Answer:
        data = given.data() if isinstance(given, Reply) else {}
        if "devices" in data and data["status"] == "failed":
            *_others, last = data["devices"]
            idle = [{"device": f"D{n}", "os_version": "9", "sessions": [{"id": f"idle{n}"}]} for n in range(empty)]
            return ok(request, {**data, "status": "passed", "devices": [*idle, last]})
        return given

    def platform(scene: Scene, request: Request, now: float) -> Answer:
        if "/sessions/idle" in request.url:
            return ok(request, {"id": "idle", "testcases": {"data": []}})
        return VENDOR.platform(scene, request, now)

    found = played(VENDOR._replace(platform=platform), Scene("failed"), tmp_path, wrap=wrap)
    assert [(test.name, test.outcome) for test in found.run.report.tests] == [("Pay", Outcome.FAILED)]
    assert found.conclusion is Conclusion.FAILED


def test_counters_are_those_of_all_sessions() -> None:
    """What timed out is no failure of a test, and no pass."""
    found = state_in(VENDOR, RUN, sessions({"passed": 2, "timedout": 1}, {"failed": 1, "error": 1, "skipped": 1}))
    counts = found.reported.counts
    assert (counts.passed, counts.failed, counts.errors, counts.skipped) == (2, 1, 2, 1)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("timedout", (Status.ENDED, RunResult.FAILED)),
        ("skipped", (Status.ENDED, RunResult.NOT_EXECUTED)),
        ("done", (Status.ENDED, RunResult.UNKNOWN)),
    ],
)
def test_words_of_a_build(word: str, expected: tuple[Status, RunResult]) -> None:
    """`done`, which only builds of Appium have, says nothing about the tests."""
    found = state_in(VENDOR, RUN, {"id": "b1", "status": word})
    assert (found.status, found.result) == expected


@pytest.mark.parametrize(("word", "lost"), [("error", True), ("timedout", False), ("splendid", False)])
def test_an_error_is_one_of_the_platform(word: str, *, lost: bool) -> None:
    """The documents say so: what fails in a test is `failed`."""
    page = page_in(VENDOR, RUN, sessions({}))
    session = {"testcases": {"data": [{"class": "Pay", "testcases": [{"name": "card", "status": word}]}]}}
    (test,) = page_in(VENDOR, RUN, session, cursor=page.next).tests
    assert (test.outcome, test.lost) == (Outcome.ERROR, lost)
