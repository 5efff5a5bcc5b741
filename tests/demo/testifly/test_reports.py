"""Reports of the simulated Testifly over time, their contradictions, and starts by result id."""

from math import inf
from typing import Any

import pytest

from testgate.demo.server import Simulator
from testgate.demo.testifly.app import Testifly
from testgate.demo.testifly.jobs import id_of, object_id
from testgate.demo.testifly.scenarios import ABSENT, PROJECT_ID, How, Scenario, Test, one_feature
from tests.support.testifly_client import Simulated, job, report, request_start, send, start
from tests.support.testsigma_client import Clock

A, B = Test("a", seconds=1), Test("b", "Failed", "no", seconds=2)
HOW = How(pending=1)


def simulate(scenario: Scenario, clock: Clock | None = None) -> Simulated:
    """A simulator of a scenario."""
    return Simulator(Testifly(scenario), clock=clock or Clock())


def ended(how: How, *tests: Test) -> Any:  # noqa: ANN401  # JSON is any shape
    """The report of a feature's job long after its end."""
    clock = Clock()
    with simulate(one_feature(*tests, how=how), clock) as sim:
        started = start(sim)
        clock.now += 600
        return report(sim, job(sim, started)["testRunId"])


def again(sim: Simulated, clock: Clock, ids: list[str]) -> Any:  # noqa: ANN401  # JSON is any shape
    """Start tests by id; returns the report at the end."""
    started = start(sim, tests=ids)
    clock.now += 60
    return report(sim, job(sim, started)["testRunId"])


def counts(received: Any) -> dict[str, int]:  # noqa: ANN401  # JSON is any shape
    """The counts in a report, by status."""
    return {each["label"]: each["count"] for each in received["statuses"]}


def test_completed_report_has_the_documented_fields() -> None:
    """A completed report has exactly the documented fields, with ids that start with their time."""
    received = ended(HOW._replace(steps="none"), A)
    (test,) = received["tests"]
    assert received == {
        "runId": received["runId"],
        "projectId": PROJECT_ID,
        "status": "Completed",
        "startTime": "2026-04-20T10:15:31.000Z",
        "testsInProjectCount": 1,
        "title": "Checkout",
        "statuses": [
            {"label": "Passed", "count": 1},
            {"label": "Failed", "count": 0},
            {"label": "Skipped", "count": 0},
        ],
        "tests": [
            {
                "_id": test["_id"],
                "title": "a",
                "status": "Passed",
                "duration": 1000,
                "hasVideo": True,
                "videoLink": f"https://example.com/videos/{test['_id']}",
                "startTime": "2026-04-20T10:15:31.000Z",
                "timeline": [],
            }
        ],
    }
    assert test["_id"][:8] == received["runId"][:8] == f"{1_776_680_131:x}"
    assert len(test["_id"]) == len(received["runId"]) == 24


def test_report_over_time() -> None:
    """Tests are scheduled, run and end one by one, and the counts always match the tests."""
    clock = Clock()
    seen = []
    with simulate(one_feature(A, B, how=HOW), clock) as sim:
        start(sim)
        clock.now += 1.5
        for _ in range(4):
            received = report(sim, sim.runs[0].run_id)
            words = [test["status"] for test in received["tests"]]
            assert {label: count for label, count in counts(received).items() if count} == {
                word: words.count(word) for word in words
            }
            seen.append((received["status"], *((test["status"], test["duration"]) for test in received["tests"])))
            clock.now += 1
    assert seen == [
        ("InProgress", ("Running", 500), ("Scheduled", 0)),
        ("InProgress", ("Passed", 1000), ("Running", 500)),
        ("InProgress", ("Passed", 1000), ("Running", 1500)),
        ("Completed", ("Passed", 1000), ("Failed", 2000)),
    ]


def test_unfinished_tests_have_no_error_or_video() -> None:
    """Errors and videos appear at the end of a test, steps one by one; a scheduled test has no start time."""
    clock = Clock()
    with simulate(one_feature(B, B._replace(title="c"), how=HOW), clock) as sim:
        start(sim)
        clock.now += 2
        first, second = report(sim, sim.runs[0].run_id)["tests"]
    assert (first["hasVideo"], first["videoLink"], "error" in first) == (False, None, False)
    assert [step["title"] for step in first["timeline"]] == ["Open the start page"]
    assert (second["startTime"], second["timeline"]) == (None, [])


@pytest.mark.parametrize("error", ["no", "", {"message": "no", "stack": ["x"]}])
def test_errors_are_unchanged(error: object) -> None:
    """An error is a text or an object; a test without one doesn't have the field."""
    first, second = ended(HOW, Test("a", "Failed", error), A)["tests"]
    assert first["error"] == error
    assert "error" not in second


def test_steps_are_objects_or_strings() -> None:
    """Timelines hold objects or strings, made up or the test's own, and the last step ends as the test does."""
    own = A._replace(title="own", timeline=("one", {"two": 2}))
    objects, mine = ended(HOW, B, own)["tests"]
    assert [(step["status"], step["duration"]) for step in objects["timeline"]] == [
        ("Passed", 667),
        ("Passed", 667),
        ("Failed", 667),
    ]
    assert objects["timeline"][0].keys() == {"title", "status", "startTime", "duration"}
    assert mine["timeline"] == ["one", {"two": 2}]
    assert ended(HOW._replace(steps="strings"), B)["tests"][0]["timeline"][-1] == "Verify the result: Failed"


def test_own_timeline_appears_at_the_end() -> None:
    """A test's own timeline is reported once the test has ended."""
    clock = Clock()
    with simulate(one_feature(A._replace(timeline=("one",)), how=HOW), clock) as sim:
        start(sim)
        clock.now += 1.5
        assert report(sim, sim.runs[0].run_id)["tests"][0]["timeline"] == []


def test_test_that_never_begins() -> None:
    """A test without a duration has no start time, video or steps; other tests can lack a video too."""
    skipped, silent = ended(HOW, Test("s", "Skipped", seconds=None), A._replace(video=False))["tests"]
    assert (skipped["startTime"], skipped["duration"], skipped["videoLink"], skipped["timeline"]) == (None, 0, None, [])
    assert (silent["hasVideo"], silent["videoLink"], silent["duration"]) == (False, None, 1000)


@pytest.mark.parametrize(("lag", "completes"), [(5.0, [False, False, True]), (inf, [False, False, False])])
def test_report_can_lag_behind_its_job(lag: float, completes: list[bool]) -> None:
    """A report can complete some time after its job has ended, or never."""
    clock = Clock()
    seen = []
    with simulate(one_feature(A, how=HOW._replace(report_lag=lag)), clock) as sim:
        started = start(sim)
        for seconds in (3, 3, 3):
            clock.now += seconds
            row = job(sim, started)
            assert row["status"] == "Success"
            received = report(sim, row["testRunId"])
            assert (received["status"] == "Completed") == (counts(received)["Passed"] == 1)
            seen.append(received["status"] == "Completed")
    assert seen == completes


def test_completed_report_can_contradict_itself() -> None:
    """The list can be shorter than the counts, and counts, statuses and fields can be overridden."""
    how = HOW._replace(listed=1, counts={"Failed": 2, "Blocked": 1}, at_end={"title": ABSENT, "status": "Failed"})
    received = ended(how, A._replace(fields={"duration": "1 s"}), A._replace(title="c", status="Odd"))
    assert counts(received) == {"Passed": 1, "Failed": 2, "Skipped": 0, "Odd": 1, "Blocked": 1}
    assert [(test["title"], test["duration"]) for test in received["tests"]] == [("a", "1 s")]
    assert (received["status"], "title" in received) == ("Failed", False)


def test_fields_of_an_unfinished_report() -> None:
    """An unfinished report has its own overrides, and none of the completed report's."""
    clock = Clock()
    how = HOW._replace(running=inf, listed=0, counts={"Failed": 9}, meanwhile={"tests": None}, at_end={"status": "x"})
    with simulate(one_feature(A, how=how), clock) as sim:
        start(sim)
        clock.now += 60
        received = report(sim, sim.runs[0].run_id)
    assert (received["status"], received["tests"], counts(received)["Failed"]) == ("InProgress", None, 0)


def test_unknown_run() -> None:
    """An unknown run, or one whose id isn't reported yet, has no report."""
    with simulate(one_feature(A)) as sim:
        started = start(sim)
        for run in (sim.runs[0].run_id, started, "x"):
            answer = send(sim, "GET", f"testRun/{PROJECT_ID}/{run}")
            assert (answer.status, answer.data) == (404, {"success": False, "message": "Test run not found"})


def test_result_ids_are_new_in_every_run() -> None:
    """The ids in a report are result ids: new ones in each run, and different from the tests' own."""
    clock = Clock()
    with simulate(one_feature(A, B), clock) as sim:
        seen = {id_of(A), id_of(B)}
        for _ in range(3):
            start(sim)
            clock.now += 60
            seen |= {test["_id"] for test in report(sim, sim.runs[-1].run_id)["tests"]}
    assert len(seen) == 8


def test_start_by_result_ids() -> None:
    """Results of any run can be started again; each attempt has the next result, and the last one repeats."""
    clock = Clock()
    flaky = B._replace(later=("Failed", "Passed"), later_errors=("worse", None))
    seen = []
    with simulate(one_feature(A, flaky, B._replace(title="c"), how=HOW._replace(listed=3)), clock) as sim:
        start(sim)
        clock.now += 60
        ids = [test["_id"] for test in report(sim, sim.runs[0].run_id)["tests"]][1:]
        for _ in range(3):
            received = again(sim, clock, ids)
            seen.append([(test["title"], test["status"], test.get("error")) for test in received["tests"]])
            ids = [test["_id"] for test in received["tests"]]
        start(sim)
        clock.now += 60
        anew = report(sim, sim.runs[-1].run_id)["tests"][1]
    assert seen == [
        [("b", "Failed", "worse"), ("c", "Failed", "no")],
        [("b", "Passed", None), ("c", "Failed", "no")],
        [("b", "Passed", None), ("c", "Failed", "no")],
    ]
    assert (anew["status"], anew["error"]) == ("Failed", "no")


def test_error_disappears_when_the_test_passes() -> None:
    """Without later errors, an attempt keeps the first error until it passes."""
    clock = Clock()
    with simulate(one_feature(B._replace(later=("Failed", "Passed"))), clock) as sim:
        start(sim)
        clock.now += 60
        first = again(sim, clock, [sim.runs[0].result_id(0)])["tests"][0]
        second = again(sim, clock, [sim.runs[1].result_id(0)])["tests"][0]
    assert (first["error"], "error" in second) == ("no", False)


def test_result_ids_can_be_refused() -> None:
    """A scenario can accept only the tests' own ids."""
    clock = Clock()
    with simulate(one_feature(A)._replace(results="refused"), clock) as sim:
        start(sim)
        clock.now += 60
        refused = request_start(sim, tests=[sim.runs[0].result_id(0)])
        assert (refused.status, refused.data["success"]) == (400, False)
        assert again(sim, clock, [id_of(A)])["tests"][0]["title"] == "a"


def test_tests_started_by_result_ids_can_be_retitled() -> None:
    """A scenario can report tests started by result id, and only those, under other titles."""
    clock = Clock()
    with simulate(one_feature(A, B)._replace(results="retitled"), clock) as sim:
        start(sim)
        clock.now += 60
        received = again(sim, clock, [sim.runs[0].result_id(1), id_of(A)])
    assert [test["title"] for test in received["tests"]] == ["b (copy)", "a"]


def test_lists_of_tests_have_their_own_how() -> None:
    """The scenario's `again` applies to lists of tests only."""
    clock = Clock()
    scenario = one_feature(A, B, how=HOW._replace(status="Failed"))._replace(again=How(pending=9))
    with simulate(scenario, clock) as sim:
        first, second = start(sim), start(sim, tests=[id_of(A)])
        clock.now += 8
        assert [job(sim, each)["status"] for each in (first, second)] == ["Failed", "Pending"]
        clock.now += 8
        assert job(sim, second)["status"] == "Success"


def test_tests_can_share_a_title() -> None:
    """Tests with the same title are distinct if they have their own ids."""
    clock = Clock()
    with simulate(one_feature(A, A._replace(own_id="other", status="Failed")), clock) as sim:
        assert again(sim, clock, ["other"])["tests"][0]["status"] == "Failed"
        assert again(sim, clock, [id_of(A)])["tests"][0]["status"] == "Passed"


@pytest.mark.parametrize("seconds", [0.0, 1.7e9, inf])
def test_format_of_ids(seconds: float) -> None:
    """Ids are 24 hexadecimal digits for any time and text."""
    made = object_id(seconds, "\udc80")
    assert len(made) == 24
    assert int(made, 16) >= 0
