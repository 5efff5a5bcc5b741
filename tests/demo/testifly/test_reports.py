"""Reports of the simulated Testifly: how they fill, what may contradict, and starts by what they tell."""

from math import inf
from typing import Any

import pytest

from testgate.demo.server import Simulator
from testgate.demo.testifly.app import Testifly
from testgate.demo.testifly.jobs import id_of, object_id
from testgate.demo.testifly.scenarios import ABSENT, PROJECT_ID, How, Scenario, Test, one_feature
from tests.support.testifly_client import Simulated, asked_to_start, job, report, send, start
from tests.support.testsigma_client import Clock

A, B = Test("a", seconds=1), Test("b", "Failed", "no", seconds=2)
HOW = How(pending=1)


def simulate(scenario: Scenario, clock: Clock | None = None) -> Simulated:
    """A simulator of a scenario."""
    return Simulator(Testifly(scenario), clock=clock or Clock())


def ended(how: How, *tests: Test) -> Any:  # noqa: ANN401  # JSON is any shape
    """The report of a feature long after its end."""
    clock = Clock()
    with simulate(one_feature(*tests, how=how), clock) as sim:
        started = start(sim)
        clock.now += 600
        return report(sim, job(sim, started)["testRunId"])


def again(sim: Simulated, clock: Clock, ids: list[str]) -> Any:  # noqa: ANN401  # JSON is any shape
    """Start tests by these ids, and read the report at the end."""
    started = start(sim, tests=ids)
    clock.now += 60
    return report(sim, job(sim, started)["testRunId"])


def counts(told: Any) -> dict[str, int]:  # noqa: ANN401  # JSON is any shape
    """The counts of a report."""
    return {each["label"]: each["count"] for each in told["statuses"]}


def test_report_is_as_documented() -> None:
    """A completed report has the documented fields, with ids that begin with the time of their making."""
    told = ended(HOW._replace(steps="none"), A)
    (test,) = told["tests"]
    assert told == {
        "runId": told["runId"],
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
    assert test["_id"][:8] == told["runId"][:8] == f"{1_776_680_131:x}"
    assert len(test["_id"]) == len(told["runId"]) == 24


def test_report_fills() -> None:
    """Tests are scheduled, run and end one by one; counts and rows agree at every moment."""
    clock = Clock()
    seen = []
    with simulate(one_feature(A, B, how=HOW), clock) as sim:
        start(sim)
        clock.now += 1.5
        for _ in range(4):
            told = report(sim, sim.runs[0].run_id)
            words = [test["status"] for test in told["tests"]]
            assert {label: count for label, count in counts(told).items() if count} == {
                word: words.count(word) for word in words
            }
            seen.append((told["status"], *((test["status"], test["duration"]) for test in told["tests"])))
            clock.now += 1
    assert seen == [
        ("InProgress", ("Running", 500), ("Scheduled", 0)),
        ("InProgress", ("Passed", 1000), ("Running", 500)),
        ("InProgress", ("Passed", 1000), ("Running", 1500)),
        ("Completed", ("Passed", 1000), ("Failed", 2000)),
    ]


def test_running_test_has_no_video_yet() -> None:
    """What has not begun has no start; errors and videos come at the end, steps one by one."""
    clock = Clock()
    with simulate(one_feature(B, B._replace(title="c"), how=HOW), clock) as sim:
        start(sim)
        clock.now += 2
        first, second = report(sim, sim.runs[0].run_id)["tests"]
    assert (first["hasVideo"], first["videoLink"], "error" in first) == (False, None, False)
    assert [step["title"] for step in first["timeline"]] == ["Open the start page"]
    assert (second["startTime"], second["timeline"]) == (None, [])


@pytest.mark.parametrize("error", ["no", "", {"message": "no", "stack": ["x"]}])
def test_errors_are_told_as_they_are(error: object) -> None:
    """An error is a text or an object; without one there is no such field."""
    first, second = ended(HOW, Test("a", "Failed", error), A)["tests"]
    assert first["error"] == error
    assert "error" not in second


def test_steps_are_objects_or_strings() -> None:
    """Timelines hold objects or texts, made up or the test's own, and the last step ends as the test does."""
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


def test_own_timeline_comes_at_the_end() -> None:
    """A timeline of the test's own is told when the test has ended."""
    clock = Clock()
    with simulate(one_feature(A._replace(timeline=("one",)), how=HOW), clock) as sim:
        start(sim)
        clock.now += 1.5
        assert report(sim, sim.runs[0].run_id)["tests"][0]["timeline"] == []


def test_test_that_never_begins() -> None:
    """A skipped test without a duration has no start, no video and no steps; a video can be missing otherwise too."""
    skipped, silent = ended(HOW, Test("s", "Skipped", seconds=None), A._replace(video=False))["tests"]
    assert (skipped["startTime"], skipped["duration"], skipped["videoLink"], skipped["timeline"]) == (None, 0, None, [])
    assert (silent["hasVideo"], silent["videoLink"], silent["duration"]) == (False, None, 1000)


@pytest.mark.parametrize(("lag", "completes"), [(5.0, [False, False, True]), (inf, [False, False, False])])
def test_report_lags_behind_its_job(lag: float, completes: list[bool]) -> None:
    """A report can be unfinished for some time after its job has ended, or for good."""
    clock = Clock()
    seen = []
    with simulate(one_feature(A, how=HOW._replace(report_lag=lag)), clock) as sim:
        started = start(sim)
        for seconds in (3, 3, 3):
            clock.now += seconds
            row = job(sim, started)
            assert row["status"] == "Success"
            told = report(sim, row["testRunId"])
            assert (told["status"] == "Completed") == (counts(told)["Passed"] == 1)
            seen.append(told["status"] == "Completed")
    assert seen == completes


def test_completed_report_can_contradict_itself() -> None:
    """The list can be shorter than the counts, counts and words be others, fields be missing or added."""
    how = HOW._replace(listed=1, counts={"Failed": 2, "Blocked": 1}, at_end={"title": ABSENT, "status": "Failed"})
    told = ended(how, A._replace(fields={"duration": "1 s"}), A._replace(title="c", status="Odd"))
    assert counts(told) == {"Passed": 1, "Failed": 2, "Skipped": 0, "Odd": 1, "Blocked": 1}
    assert [(test["title"], test["duration"]) for test in told["tests"]] == [("a", "1 s")]
    assert (told["status"], "title" in told) == ("Failed", False)


def test_fields_of_an_unfinished_report() -> None:
    """Until it has completed, a report has fields of its own laid over, and none of the end's."""
    clock = Clock()
    how = HOW._replace(running=inf, listed=0, counts={"Failed": 9}, meanwhile={"tests": None}, at_end={"status": "x"})
    with simulate(one_feature(A, how=how), clock) as sim:
        start(sim)
        clock.now += 60
        told = report(sim, sim.runs[0].run_id)
    assert (told["status"], told["tests"], counts(told)["Failed"]) == ("InProgress", None, 0)


def test_unknown_run() -> None:
    """A run that is not there, or not told yet, has no report."""
    with simulate(one_feature(A)) as sim:
        started = start(sim)
        for run in (sim.runs[0].run_id, started, "x"):
            answer = send(sim, "GET", f"testRun/{PROJECT_ID}/{run}")
            assert (answer.status, answer.data) == (404, {"success": False, "message": "Test run not found"})


def test_results_have_new_ids_in_every_run() -> None:
    """The ids in a report are those of results: other ones in each run, and none of a test's own."""
    clock = Clock()
    with simulate(one_feature(A, B), clock) as sim:
        seen = {id_of(A), id_of(B)}
        for _ in range(3):
            start(sim)
            clock.now += 60
            seen |= {test["_id"] for test in report(sim, sim.runs[-1].run_id)["tests"]}
    assert len(seen) == 8


def test_started_again_by_ids_of_results() -> None:
    """Results of any run can be started again: the next attempt's words follow, the last one stays."""
    clock = Clock()
    flaky = B._replace(later=("Failed", "Passed"), later_errors=("worse", None))
    seen = []
    with simulate(one_feature(A, flaky, B._replace(title="c"), how=HOW._replace(listed=3)), clock) as sim:
        start(sim)
        clock.now += 60
        ids = [test["_id"] for test in report(sim, sim.runs[0].run_id)["tests"]][1:]
        for _ in range(3):
            told = again(sim, clock, ids)
            seen.append([(test["title"], test["status"], test.get("error")) for test in told["tests"]])
            ids = [test["_id"] for test in told["tests"]]
        start(sim)
        clock.now += 60
        anew = report(sim, sim.runs[-1].run_id)["tests"][1]
    assert seen == [
        [("b", "Failed", "worse"), ("c", "Failed", "no")],
        [("b", "Passed", None), ("c", "Failed", "no")],
        [("b", "Passed", None), ("c", "Failed", "no")],
    ]
    assert (anew["status"], anew["error"]) == ("Failed", "no")


def test_error_goes_when_the_test_passes() -> None:
    """Without errors of its own, a later attempt keeps the first error until it passes."""
    clock = Clock()
    with simulate(one_feature(B._replace(later=("Failed", "Passed"))), clock) as sim:
        start(sim)
        clock.now += 60
        first = again(sim, clock, [sim.runs[0].result_id(0)])["tests"][0]
        second = again(sim, clock, [sim.runs[1].result_id(0)])["tests"][0]
    assert (first["error"], "error" in second) == ("no", False)


def test_ids_of_results_can_be_refused() -> None:
    """By scenario only the project's own ids start tests."""
    clock = Clock()
    with simulate(one_feature(A)._replace(results="refused"), clock) as sim:
        start(sim)
        clock.now += 60
        refused = asked_to_start(sim, tests=[sim.runs[0].result_id(0)])
        assert (refused.status, refused.data["success"]) == (400, False)
        assert again(sim, clock, [id_of(A)])["tests"][0]["title"] == "a"


def test_tests_started_again_can_have_other_titles() -> None:
    """By scenario what is started by the ids of results comes back under other titles, and only that."""
    clock = Clock()
    with simulate(one_feature(A, B)._replace(results="retitled"), clock) as sim:
        start(sim)
        clock.now += 60
        told = again(sim, clock, [sim.runs[0].result_id(1), id_of(A)])
    assert [test["title"] for test in told["tests"]] == ["b (copy)", "a"]


def test_lists_of_tests_go_their_own_way() -> None:
    """What a scenario says of lists of tests holds for these alone."""
    clock = Clock()
    scenario = one_feature(A, B, how=HOW._replace(status="Failed"))._replace(again=How(pending=9))
    with simulate(scenario, clock) as sim:
        first, second = start(sim), start(sim, tests=[id_of(A)])
        clock.now += 8
        assert [job(sim, each)["status"] for each in (first, second)] == ["Failed", "Pending"]
        clock.now += 8
        assert job(sim, second)["status"] == "Success"


def test_tests_of_one_title_can_be_two() -> None:
    """Tests with ids of their own are started apart although their titles are the same."""
    clock = Clock()
    with simulate(one_feature(A, A._replace(own_id="other", status="Failed")), clock) as sim:
        assert again(sim, clock, ["other"])["tests"][0]["status"] == "Failed"
        assert again(sim, clock, [id_of(A)])["tests"][0]["status"] == "Passed"


@pytest.mark.parametrize("seconds", [0.0, 1.7e9, inf])
def test_ids_have_one_form(seconds: float) -> None:
    """Ids are 24 hexadecimal digits, whenever they begin and whatever they are made of."""
    made = object_id(seconds, "\udc80")
    assert len(made) == 24
    assert int(made, 16) >= 0
