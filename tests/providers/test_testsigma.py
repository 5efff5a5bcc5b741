"""Testsigma's tables and shapes, on the vendor's own samples and on what it is said to send."""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.errors import BadAnswer
from testgate.gate.verdict import judge
from testgate.inputs.values import Fault, Given
from testgate.model import Conclusion, Counts, Outcome, Policy, Run, RunReport, RunResult, Snapshot, Status, Target
from testgate.ports import Provider
from testgate.providers.testsigma import Testsigma, TestsigmaOptions
from testgate.providers.testsigma.answers import cases_of, details_of, snapshot_of
from testgate.providers.testsigma.options import picked_results
from testgate.wire import Reply, Request

FIXTURES = Path(__file__).parents[1] / "fixtures" / "testsigma"
TARGET = Target("274", "Test plan 274", "274")
ASKED = Request("GET", "https://app.testsigma.com/api/v1/execution_results/337")


def provider(**options: Any) -> Provider:  # noqa: ANN401  # options of any kind
    """The provider; this assignment is where the type checker holds it against the port."""
    return Testsigma(None, "key", TestsigmaOptions(test_plan_id=(274,), **options))


def fixture(name: str) -> Reply:
    """A recorded answer."""
    return Reply(200, {"content-type": "application/json"}, (FIXTURES / f"{name}.json").read_bytes(), ASKED)


def reply(data: object, status: int = 200) -> Reply:
    """An answer made here."""
    return Reply(status, {"content-type": "application/json"}, json.dumps(data).encode(), ASKED)


def ended(**fields: object) -> dict[str, object]:
    """The trigger's sample, as the run would look at its end."""
    sample: dict[str, object] = json.loads((FIXTURES / "triggered.json").read_text(encoding="utf-8"))
    return {**sample, "status": "STATUS_COMPLETED", "result": "PASSED", **fields}


def snapshot(**fields: object) -> Snapshot:
    """What such an answer says."""
    return snapshot_of(Run("337", TARGET), reply(ended(**fields)))


def test_the_sample_of_a_trigger_is_a_run_that_is_queued() -> None:
    """The run's id and page; its state keeps waiting."""
    run = provider().trigger(TARGET, "mark").read(fixture("triggered"))
    assert (run.id, run.url) == ("337", "https://app.testsigma.com/ui/td/runs/337")
    found = snapshot_of(run, fixture("triggered"))
    assert (found.status, found.result, found.word) == (Status.QUEUED, None, "STATUS_CREATED")
    assert found.reported.counts == Counts()


def test_the_sample_of_a_rerun_is_a_run_that_is_queued() -> None:
    """It carries consolidated fields and lacks two counters."""
    plan = Target("336", "Test plan 336", "336")
    again = provider().rerun(Run("467", plan, ref="336"), None)
    run = provider().trigger(again, "mark").read(fixture("rerun_triggered"))
    assert run.id == "487"
    assert snapshot_of(run, fixture("rerun_triggered")).status is Status.QUEUED


def test_the_sample_of_a_stop_is_a_run_that_was_stopped() -> None:
    """One test in all, none stopped, one still counted as running: stopped, exit 5, and the test did not run."""
    run = Run("1165", TARGET)
    found = snapshot_of(run, fixture("stopped"))
    assert (found.status, found.result, found.name) == (Status.ENDED, RunResult.STOPPED, "12 small plan pass")
    assert found.seconds == pytest.approx(11.763)
    verdict = judge([RunReport(TARGET, run, found)], Policy())[0].verdict
    assert verdict.conclusion is Conclusion.STOPPED
    assert verdict.counts == Counts(not_run=1)


def test_a_passed_result_with_failures_is_red() -> None:
    """The vendor's samples contradict themselves: result PASSED, two failed."""
    found = snapshot(failedCount=2, passedCount=8, totalCount=10)
    verdict = judge([RunReport(TARGET, Run("337", TARGET), found)], Policy())[0].verdict
    assert verdict.conclusion is Conclusion.FAILED


@pytest.mark.parametrize(
    ("status", "state", "odd"),
    [
        ("STATUS_CREATED", Status.QUEUED, ""),
        ("STATUS_QUEUED", Status.QUEUED, ""),
        ("QUEUED", Status.QUEUED, ""),
        ("STATUS_PRE_FLIGHT", Status.QUEUED, ""),
        ("STATUS_IN_PROGRESS", Status.RUNNING, ""),
        ("status_completed", Status.ENDED, ""),
        ("STATUS_NEW_IN_2031", Status.RUNNING, "STATUS_NEW_IN_2031"),
        (None, Status.RUNNING, "no status"),
        (["list"], Status.RUNNING, "no status"),
    ],
)
def test_statuses(status: object, state: Status, odd: str) -> None:
    """A table; what is not in it goes on, and is shown."""
    found = snapshot(status=status)
    assert (found.status, found.odd) == (state, odd)


@pytest.mark.parametrize(
    ("word", "result"),
    [
        ("PASSED", RunResult.PASSED),
        ("SUCCESS", RunResult.PASSED),
        ("FAILED", RunResult.FAILED),
        ("FAILURE", RunResult.FAILED),
        ("PRE_REQUISITE_FAILURE", RunResult.FAILED),
        ("ABORTED", RunResult.STOPPED),
        ("STOPPED", RunResult.STOPPED),
        ("NOT_EXECUTED", RunResult.NOT_EXECUTED),
        ("QUEUED", RunResult.UNKNOWN),
        ("SURPRISE", RunResult.UNKNOWN),
        (None, RunResult.UNKNOWN),
        (7, RunResult.UNKNOWN),
    ],
)
def test_results(word: object, result: RunResult) -> None:
    """Synonyms mean the same; what is not in the table proves nothing."""
    assert snapshot(result=word).result is result


def test_the_consolidated_status_says_when_a_run_is_over() -> None:
    """A completed first half is no end; without the field, or with null, the status decides."""
    assert snapshot(consolidatedStatus="STATUS_IN_PROGRESS").status is Status.RUNNING
    assert snapshot(consolidatedStatus=None).status is Status.ENDED
    whole = snapshot(result="FAILURE", consolidatedStatus="STATUS_COMPLETED", consolidatedResult="SUCCESS")
    assert (whole.status, whole.result, whole.word) == (Status.ENDED, RunResult.PASSED, "SUCCESS")


def test_counters_may_be_null_absent_or_nonsense() -> None:
    """Nothing is counted that was not told."""
    found = snapshot(totalCount=None, passedCount="3", failedCount=-1, abortedCount=True, queuedCount=1.5)
    assert found.reported.counts == Counts(passed=3)
    assert found.reported.total is None


def test_another_runs_answer_is_no_answer() -> None:
    """An answer with another id must not decide this run."""
    with pytest.raises(BadAnswer, match="another run"):
        snapshot_of(Run("338", TARGET), reply(ended()))


def test_the_trigger_of_the_sample_request() -> None:
    """The documented body, key by key."""
    options = {
        "execution_config": "config 2",
        "execution_config_id": "2",
        "upload_versions": {"<Device_ID>": "<UPLOAD_VERSION_ID>"},
        "build_no": "7",
    }
    call = provider(**options).trigger(TARGET, "mark")
    assert call.request.body == {
        "executionId": 274,
        "executionConfig": {"name": "config 2", "id": "2"},
        "uploadVersions": {"<Device_ID>": "<UPLOAD_VERSION_ID>"},
        "buildNo": "7",
    }
    assert not call.repeatable
    assert "key" not in repr(call.request.credential).replace("Credential", "")


@pytest.mark.parametrize("config", [{"execution_config": "smoke"}, {"execution_config_id": "2"}])
def test_an_execution_config_by_either(config: dict[str, str]) -> None:
    """Name or id, whichever is given, and the other is left out."""
    body = provider(**config).trigger(TARGET, "mark").request.body
    assert body is not None
    assert list(body["executionConfig"].values()) == list(config.values())


def test_runtime_data_never_shows() -> None:
    """The values are secrets until they are on the wire."""
    options = TestsigmaOptions(test_plan_id=(1,), runtime_data={"password": "hunter2-hunter2"})
    assert "hunter2" not in repr(options)
    body = Testsigma(None, "key", options).trigger(TARGET, "m").request.body
    assert body is not None
    assert body["runtimeData"] == {"password": "hunter2-hunter2"}


def test_the_list_of_names() -> None:
    """Names, suite, machine, and the sets that failed; a row without an id is still a test."""
    page = cases_of(
        reply(
            {
                "testCases": [
                    {
                        "testCaseId": 5,
                        "testCaseName": "Pay",
                        "testCaseResultId": 900,
                        "result": "FAILURE",
                        "isDataDrivenCase": True,
                        "iterationResults": [
                            {"iterationResultId": 1, "setName": "Visa", "result": "SUCCESS"},
                            {"iterationResultId": 2, "setName": "Amex", "result": "FAILURE"},
                        ],
                        "testSuiteName": "Checkout",
                        "machineTitle": "Chrome",
                    },
                    {"testCaseName": "No id", "result": None},
                    "nonsense",
                ]
            }
        )
    )
    first, second = page.tests
    assert (first.id, first.case_id, first.name, first.suite, first.machine) == (
        "900",
        "5",
        "Pay",
        "Checkout",
        "Chrome",
    )
    assert first.outcome is Outcome.FAILED
    assert first.message == "Failed with the data sets: Amex"
    assert second.outcome is Outcome.NOT_RUN
    assert page.next == "0"


@pytest.mark.parametrize("wrap", [lambda rows: {"content": rows}, lambda rows: {"data": rows}, lambda rows: rows])
def test_a_page_of_messages_under_each_name(wrap: Any) -> None:  # noqa: ANN401  # a function of JSON
    """Seen as `content`, `data`, `data.content` and bare."""
    rows = [{"id": 900, "result": "FAILURE", "message": "no <b>button</b><br>after 30 s", "duration": 1240}]
    for data in (wrap(rows), {"data": {"content": rows}}):
        (row,) = details_of(reply(data), Run("337", TARGET), 0).tests
        assert (row.id, row.message, row.seconds) == ("900", "no button\nafter 30 s", 1.24)


def test_markup_that_a_message_is_about_stays() -> None:
    """Only formatting goes: what a test looked for is not formatting."""
    rows = [{"id": 1, "result": "FAILURE", "message": "expected <div id='x'> & <li>"}]
    (row,) = details_of(reply(rows), Run("337", TARGET), 0).tests
    assert row.message == "expected <div id='x'> & <li>"


def test_rows_of_other_runs_are_dropped() -> None:
    """A row that says whose it is, is believed."""
    rows = [{"id": 1, "executionResultId": 336}, {"id": 2, "executionResultId": 337}, {"id": 3}]
    assert [row.id for row in details_of(reply(rows), Run("337", TARGET), 0).tests] == ["2", "3"]


@pytest.mark.parametrize(
    ("data", "following"),
    [
        ({"content": [{"id": n} for n in range(100)]}, "1"),
        ({"content": [{"id": n} for n in range(99)]}, None),
        ({"content": [{"id": n} for n in range(50)], "totalPages": 3}, "1"),
        ({"content": [{"id": n} for n in range(100)], "totalPages": 1}, None),
        ({"content": [], "totalPages": 9}, None),
    ],
)
def test_the_last_page_is_known(data: object, following: str | None) -> None:
    """By the number of pages where it is told, else by a page that is not full; an empty one ends it."""
    assert details_of(reply(data), Run("337", TARGET), 0).next == following


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
fields = st.sampled_from(
    [
        *(
            "id",
            "status",
            "result",
            "consolidatedStatus",
            "consolidatedResult",
            "totalCount",
            "failedCount",
            "duration",
        ),
        *("execution", "testCases", "content", "data", "totalPages", "testCaseResultId", "message", "iterationResults"),
    ]
)
answers = json_values | st.dictionaries(
    fields, json_values | st.just(337) | st.lists(st.dictionaries(fields, json_values))
)


@given(data=answers)
def test_whatever_is_answered_is_read_or_refused(data: object) -> None:
    """Any JSON gives values of ours, or the error that says that it is no answer."""
    run = Run("337", TARGET)
    body = reply(data)
    for read in (
        lambda: snapshot_of(run, body),
        lambda: cases_of(body),
        lambda: details_of(body, run, 0),
        lambda: provider().trigger(TARGET, "m").read(body),
    ):
        with contextlib.suppress(BadAnswer):
            read()


def test_a_start_answered_with_another_plans_run_is_no_answer() -> None:
    """It must neither be waited for nor be stopped: whether ours was started, nobody knows."""
    with pytest.raises(BadAnswer, match="plan 336"):
        provider().trigger(TARGET, "mark").read(fixture("rerun_triggered"))


@pytest.mark.parametrize(
    ("text", "numbered", "picked"),
    [
        ("7, 8", False, ({"id": 7}, {"id": 8})),
        ("7\n8", True, ({"id": 7}, {"id": 8})),
        ('[7, "8"]', False, ({"id": 7}, {"id": 8})),
        ('{"id": 7}', False, ({"id": 7},)),
        ('{"id": 7}\n{"id": 8}', True, ({"id": 7}, {"id": 8})),
        ('["7"]', True, ({"id": 7},)),
        (
            '[{"id": "7", "iterationReRunType": "USER_PICKED", "iterationResultIds": ["1", 2]}]',
            False,
            ({"id": 7, "iterationReRunType": "USER_PICKED", "iterationResultIds": [1, 2]},),
        ),
    ],
)
def test_results_to_rerun_are_read_in_every_form(
    text: str, numbered: bool, picked: tuple[Mapping[str, object], ...]
) -> None:
    """Ids, JSON, or an item for each numbered variable."""
    assert picked_results(Given(text, "TESTGATE_TEST_CASE_RESULTS", numbered)) == picked


@pytest.mark.parametrize(
    "text",
    [
        "seven",
        "[",
        "[" * 100_000,
        '{"id": 7}\n{"id": 8}',
        '[{"id": 7, "other": 1}]',
        "[{}]",
        '[{"id": 0}]',
        "[1.5]",
        "[true]",
        '[{"id": 7, "iterationReRunType": "SOME"}]',
        '[{"id": 7, "iterationResultIds": "1"}]',
        '[{"id": 7, "iterationResultIds": ["x"]}]',
    ],
)
def test_results_to_rerun_that_cannot_be_used_are_told(text: str) -> None:
    """A slip is a fault of the input, never a rerun of something else."""
    with pytest.raises(Fault):
        picked_results(Given(text, "TESTGATE_TEST_CASE_RESULTS"))
