"""What is special about Runscope: runs that are known by three values, several of them, and some that did not start."""

from typing import Any

import pytest

from testgate.errors import BadAnswer, PlatformError, Refused
from testgate.model import Outcome, RunResult, Status
from tests.providers.described.readings import listed, run_of, started, state, vendor
from tests.providers.described.vendors.runscope import BUCKET, RUN, TEST, run, triggered

RUNSCOPE = vendor("runscope", {"trigger-id": "4b8a1e2c", "environment": "ab234cdf"})
REF = f'{{"bucket": "{BUCKET}", "test": "{TEST}"}}'
OURS = run_of(RUNSCOPE, RUN, ref=REF)


def test_a_run_is_read_in_its_bucket_and_test() -> None:
    """What the answer to the trigger says is remembered, and the environment is asked for."""
    assert RUNSCOPE.trigger(RUNSCOPE.targets()[0], "m1").request.query == {"runscope_environment": "ab234cdf"}
    found = started(RUNSCOPE, triggered(run(RUN)))
    results = RUNSCOPE.results(found, None)
    assert results is not None
    for call in (RUNSCOPE.poll([found]), results):
        assert call.request.url.endswith(f"/buckets/{BUCKET}/tests/{TEST}/results/{RUN}")
    assert found.url == f"https://www.runscope.com/radar/{BUCKET}/{TEST}/results/{RUN}"


def test_a_run_that_somebody_else_started_cannot_be_read() -> None:
    """Its ID alone says too little."""
    with pytest.raises(PlatformError, match="asks for more than its ID"):
        RUNSCOPE.poll([run_of(RUNSCOPE, RUN)])


def test_every_run_of_a_trigger_is_waited_for() -> None:
    """One for each test, environment and region; each with its own bucket and test."""
    found = started(RUNSCOPE, triggered(run("r1"), run("r2", test_name="Search", region="eu1", test_id="t2")))
    runs = (found, *found.others)
    assert [(each.id, each.target.name) for each in runs] == [
        ("r1", "Trigger 4b8a1e2c (Checkout Production us1)"),
        ("r2", "Trigger 4b8a1e2c (Search Production eu1)"),
    ]
    assert RUNSCOPE.poll([runs[1]]).request.url.endswith(f"/buckets/{BUCKET}/tests/t2/results/r2")


@pytest.mark.parametrize("runs", [(run("r1"),), (run("r1"), run("r2"))])
def test_a_run_that_did_not_start_is_not_overlooked(runs: tuple[dict[str, Any], ...]) -> None:
    """Only a number says so."""
    with pytest.raises(BadAnswer, match="one has no id"):
        started(RUNSCOPE, triggered(*runs, failed=1))


@pytest.mark.parametrize("failed", [0, 2])
def test_a_trigger_that_started_nothing_is_red_at_once(failed: int) -> None:
    """It is answered with 2xx."""
    with pytest.raises(Refused, match="nothing to run"):
        started(RUNSCOPE, triggered(failed=failed))


@pytest.mark.parametrize(
    ("word", "status", "result"),
    [
        ("init", Status.QUEUED, None),
        ("queued", Status.QUEUED, None),
        ("working", Status.RUNNING, None),
        ("pass", Status.ENDED, RunResult.PASSED),
        ("fail", Status.ENDED, RunResult.FAILED),
        ("canceled", Status.ENDED, RunResult.STOPPED),
    ],
)
def test_words(word: str, status: Status, result: RunResult | None) -> None:
    """Times are seconds with fractions."""
    times = {"started_at": 1406036406.5, "finished_at": 1406036407.75}
    found = state(RUNSCOPE, {"data": {"test_run_id": RUN, "result": word, **times}}, run=OURS)
    assert (found.status, found.result, found.seconds) == (status, result, 1.25 if status is Status.ENDED else None)


def test_what_failed_is_the_message() -> None:
    """Assertions with what was found, scripts, and other errors."""
    assertion = {"result": "fail", "source": "response_json", "property": "id", "comparison": "equal"}
    requests = [
        {
            "uuid": "s1",
            "method": "GET",
            "url": "https://shop.example/",
            "result": "fail",
            "assertions": [{**assertion, "target_value": 7, "actual_value": None}, {"result": "pass"}],
        },
        {"uuid": "s2", "result": "fail", "scripts": [{"result": "fail", "error": "x is undefined"}]},
        {"uuid": "s3", "result": "fail", "error_messages": ["no answer within 60 s"]},
        {"uuid": "s4", "result": "canceled"},
    ]
    tests = listed(RUNSCOPE, {"data": {"requests": requests}}, run=OURS)
    assert [(test.name, test.outcome, test.message) for test in tests] == [
        ("GET https://shop.example/", Outcome.FAILED, "response_json id equal 7 was null"),
        ("s2", Outcome.FAILED, "x is undefined"),
        ("s3", Outcome.FAILED, "no answer within 60 s"),
        ("s4", Outcome.NOT_RUN, ""),
    ]
