"""The simulated Testifly over HTTP: keys, starts, and jobs over time."""

import time
from email.utils import parsedate_to_datetime
from math import inf

import pytest

from testgate.demo.exchange import HTML, RawReply
from testgate.demo.faults import Fault
from testgate.demo.server import Simulator
from testgate.demo.testifly.app import KEY, Testifly
from testgate.demo.testifly.jobs import id_of
from testgate.demo.testifly.scenarios import FEATURE_ID, PROJECT_ID, Group, How, Scenario, Test, one_feature
from tests.support.testifly_client import Simulated, job, poll, report, request_start, send, start
from tests.support.testsigma_client import Clock, ask

OTHER_ID = "67f8cc02e236b8d41b7700ff"
SUITE_ID = "67f8cd41e236b8d41b7700e7"
A, B = Test("a", seconds=1), Test("b", "Failed", "no", seconds=2)
HOW = How(pending=1, agent=1)
SHOP = Scenario({FEATURE_ID: Group("Checkout", (A, B)), OTHER_ID: Group("Empty")}, {SUITE_ID: Group("S", (B,))}, HOW)


def simulate(scenario: Scenario = SHOP, clock: Clock | None = None) -> Simulated:
    """A simulator of a scenario."""
    return Simulator(Testifly(scenario), clock=clock or Clock())


def refusal(message: str) -> dict[str, object]:
    """The body of a refusal."""
    return {"success": False, "message": message}


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "no"}, {"Authorization": f"Bearer {KEY}"}])
@pytest.mark.parametrize("path", [f"/api/jobs/{PROJECT_ID}", "/api/jobs/x", "/nowhere"])
def test_key_is_checked_first(headers: dict[str, str], path: str) -> None:
    """Without the right key every request is refused, whatever else is wrong with it."""
    with simulate() as sim:
        answer = ask(sim, "POST", path, b"{", headers)
    assert (answer.status, answer.data) == (401, refusal("Invalid API key"))


def test_configured_key_and_base_url() -> None:
    """The key can be configured, and the base URL has no path."""
    with Simulator(Testifly(SHOP, key="other")) as sim:
        assert sim.url.count("/") == 2
        assert send(sim, "POST", f"jobs/{PROJECT_ID}", {}).status == 401
        assert ask(sim, "POST", f"/api/jobs/{PROJECT_ID}", {}, {"x-api-key": "other"}).status == 200


@pytest.mark.parametrize(("method", "path"), [("POST", "testExecution"), ("POST", "jobs"), ("GET", "testRun")])
def test_unknown_project(method: str, path: str) -> None:
    """Every route refuses an unknown project."""
    with simulate() as sim:
        answer = send(sim, method, f"{path}/67f8/r".removesuffix("/r" if method == "POST" else ""))
    assert (answer.status, answer.data) == (404, refusal("Project not found"))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "GET"])
@pytest.mark.parametrize("path", ["jobs/{0}", "jobs/{0}/{1}", "testExecution/{0}", "testExecution/{0}/{1}"])
def test_jobs_cannot_be_stopped(method: str, path: str) -> None:
    """No route stops a job: the reply is a web page, and the job continues."""
    with simulate() as sim:
        started = start(sim)
        answer = send(sim, method, path.format(PROJECT_ID, started))
        assert (answer.status, answer.content_type) == (404, HTML)
        assert job(sim, started)["status"] == "Pending"


def test_job_over_time() -> None:
    """A job is pending, in progress with a run id, then failed like its test; each change has a date."""
    clock = Clock()
    seen = []
    with simulate(clock=clock) as sim:
        started = start(sim)
        for _ in range(6):
            row = job(sim, started)
            assert row.keys() - {"testRunId"} == {"jobId", "status", "updatedAt"}
            seen.append((row["status"], row["updatedAt"][14:], "testRunId" in row))
            clock.now += 1
    assert seen == [
        ("Pending", "15:30.000Z", False),
        ("InProgress", "15:31.000Z", True),
        ("InProgress", "15:31.000Z", True),
        ("InProgress", "15:31.000Z", True),
        ("Failed", "15:34.000Z", True),
        ("Failed", "15:34.000Z", True),
    ]


def test_job_waits_for_its_agent() -> None:
    """A job that names an agent waits for it before it runs."""
    clock = Clock()
    with simulate(clock=clock) as sim:
        first, second = start(sim, agentName="mac-1"), start(sim, testSuiteId=SUITE_ID)
        clock.now += 1.5
        rows = poll(sim, first, second)["jobs"]
        assert sim.runs[0].body["agentName"] == "mac-1"
    assert [(row["jobId"], row["status"]) for row in rows] == [
        (first, "PendingAgentConnection"),
        (second, "InProgress"),
    ]


@pytest.mark.parametrize(
    ("how", "expected"), [(How(pending=0, run_after=2), [False, True]), (How(pending=0, run_after=inf), [False, False])]
)
def test_run_id_can_be_late_or_missing(how: How, expected: list[bool]) -> None:
    """The run id can appear after the job has started to run, or never; until then there is no report."""
    clock = Clock()
    seen = []
    with simulate(SHOP._replace(how=how), clock) as sim:
        started = start(sim)
        for seconds in (1, 60):
            clock.now += seconds
            seen.append("testRunId" in job(sim, started))
            answer = send(sim, "GET", f"testRun/{PROJECT_ID}/{sim.runs[0].run_id}")
            assert answer.status == (200 if seen[-1] else 404)
        assert job(sim, started)["status"] == "Failed"
    assert seen == expected


def test_new_job_can_be_missing_at_first() -> None:
    """The first polls don't find a job, neither by id nor among all; unknown ids are never found."""
    with simulate(SHOP._replace(how=HOW._replace(missing_polls=2))) as sim:
        started = start(sim)
        seen = [poll(sim, started, "x"), poll(sim), poll(sim, started), poll(sim, started)]
    assert [answer["missingJobIds"] for answer in seen] == [[started, "x"], [], [started], []]
    assert [len(answer["jobs"]) for answer in seen] == [0, 0, 0, 1]


def test_poll_without_ids() -> None:
    """Without ids, all active jobs are reported; an empty list of ids asks for none."""
    clock = Clock()
    with simulate(clock=clock) as sim:
        start(sim)
        clock.now += 10
        second = start(sim, testSuiteId=SUITE_ID)
        assert [row["jobId"] for row in poll(sim)["jobs"]] == [second]
        nothing = send(sim, "POST", f"jobs/{PROJECT_ID}", {"jobIds": []})
    assert nothing.data == {"success": True, "jobs": [], "missingJobIds": []}


@pytest.mark.parametrize("ids", ["x", None, 7, [7], {"x": 1}])
def test_wrong_job_ids(ids: object) -> None:
    """Job ids must be a list of strings."""
    with simulate() as sim:
        answer = send(sim, "POST", f"jobs/{PROJECT_ID}", {"jobIds": ids})
    assert (answer.status, answer.data) == (400, refusal("jobIds must be a list of ids"))


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"{", 400, "The request body must be a JSON object"),
        ([], 400, "The request body must be a JSON object"),
        ({"featureId": FEATURE_ID}, 400, "Unknown action"),
        ({"action": "stop", "featureId": FEATURE_ID}, 400, "Unknown action"),
        ({"action": "executeTests"}, 400, "Exactly one of featureId, testSuiteId, testId, tests is required"),
        (
            {"action": "executeTests", "featureId": FEATURE_ID, "tests": [id_of(A)]},
            400,
            "Exactly one of featureId, testSuiteId, testId, tests is required",
        ),
        ({"action": "executeTests", "featureId": FEATURE_ID, "agent": "x"}, 400, "Unknown field agent"),
        ({"action": "executeTests", "featureId": FEATURE_ID, "agentName": 7}, 400, "agentName must be a string"),
        ({"action": "executeTests", "featureId": [FEATURE_ID]}, 400, "featureId must be an id"),
        ({"action": "executeTests", "tests": id_of(A)}, 400, "tests must be a list of ids"),
        ({"action": "executeTests", "tests": []}, 400, "tests must not be empty"),
        ({"action": "executeTests", "featureId": SUITE_ID}, 404, "Feature not found"),
        ({"action": "executeTests", "testSuiteId": FEATURE_ID}, 404, "Test suite not found"),
        ({"action": "executeTests", "testId": "x"}, 404, "Test not found: x"),
        ({"action": "executeTests", "tests": [id_of(A), "x"]}, 400, "Test not found: x"),
    ],
)
def test_wrong_start(body: object, status: int, message: str) -> None:
    """A start without exactly one valid selection is refused with the reason, and starts nothing."""
    with simulate() as sim:
        answer = send(sim, "POST", f"testExecution/{PROJECT_ID}", body)
        assert sim.runs == ()
    assert (answer.status, answer.data) == (status, refusal(message))


@pytest.mark.parametrize(
    ("fields", "title", "titles"),
    [
        ({"featureId": FEATURE_ID}, "Checkout", ["a", "b"]),
        ({"featureId": OTHER_ID}, "Empty", []),
        ({"testSuiteId": SUITE_ID}, "S", ["b"]),
        ({"testId": id_of(B)}, "b", ["b"]),
        ({"tests": [id_of(B), id_of(A), id_of(B)]}, "Custom run", ["b", "a"]),
    ],
)
def test_selections(fields: dict[str, object], title: str, titles: list[str]) -> None:
    """A feature, a suite, a test or a list of tests is run in order, each test once."""
    clock = Clock()
    with simulate(clock=clock) as sim:
        started = start(sim, **fields)
        clock.now += 60
        row = job(sim, started)
        ended = report(sim, row["testRunId"])
    assert row["status"] == ("Failed" if "b" in titles else "Success")
    assert (ended["title"], [test["title"] for test in ended["tests"]]) == (title, titles)


def test_job_status_can_be_set() -> None:
    """A job's status can contradict its tests, and a group's `how` takes precedence over the scenario's."""
    clock = Clock()
    group = Group("Checkout", (B,), How(status="Success"))
    with simulate(SHOP._replace(features={FEATURE_ID: group}, how=How(status="Cancelled")), clock) as sim:
        ids = start(sim), start(sim, testSuiteId=SUITE_ID)
        clock.now += 60
        assert [row["status"] for row in poll(sim, *ids)["jobs"]] == ["Success", "Cancelled"]


def test_skipped_tests_do_not_fail_a_job() -> None:
    """A job with skipped tests is a success."""
    clock = Clock()
    with simulate(one_feature(A, Test("s", "Skipped", seconds=None)), clock) as sim:
        started = start(sim)
        clock.now += 60
        assert job(sim, started)["status"] == "Success"


def test_faults_and_date() -> None:
    """The scenario's faults are injected, and the server's clock can be ahead."""
    fault = Fault("POST", "/api/jobs/*", nth=(1,), reply=RawReply(502))
    with simulate(one_feature(A, faults=(fault,))._replace(date_shift_seconds=3600.0)) as sim:
        answers = [send(sim, "POST", f"jobs/{PROJECT_ID}", {}) for _ in range(2)]
    assert [answer.status for answer in answers] == [502, 200]
    sent = parsedate_to_datetime(answers[1].headers["date"]).timestamp()
    assert sent - time.time() == pytest.approx(3600, abs=30)


def test_lost_reply_does_not_undo_the_start() -> None:
    """A start takes effect even if its reply is lost: the next one gets the same job in reply."""
    fault = Fault("POST", "/api/testExecution/*", nth=(1,), action="drop-after")
    with simulate(one_feature(A, faults=(fault,))) as sim:
        with pytest.raises(ConnectionError):
            request_start(sim)
        again = request_start(sim)
        assert again.data == {"success": True, "scheduleStatus": "AlreadyExists", "jobId": sim.runs[0].id}
        assert len(sim.runs) == 1
