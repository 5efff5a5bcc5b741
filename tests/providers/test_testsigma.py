"""Testsigma's tables and readers, on the vendor's samples and on what third parties have seen."""

import contextlib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given

from testgate.errors import BadAnswer, Refused
from testgate.gate.verdict import judge
from testgate.inputs.values import Fault, Given
from testgate.model import Conclusion, Counts, Outcome, Run, RunResult, Snapshot, Status, Target
from testgate.ports import Provider
from testgate.providers.testsigma import Testsigma, TestsigmaOptions
from testgate.providers.testsigma.answers import cases_of, page_of, snapshot_of
from testgate.providers.testsigma.details import details_of
from testgate.providers.testsigma.options import picked_results
from testgate.redact import Secret
from testgate.results import Policy, RunReport
from testgate.wire import Reply
from tests.support.replies import fixture, objects, reply

TARGET = Target("274", "Test plan 274", "274")
FIELDS = (
    *("id", "status", "result", "consolidatedStatus", "consolidatedResult", "totalCount", "failedCount", "duration"),
    *("execution", "testCases", "content", "data", "totalPages", "testCaseResultId", "message", "iterationResults"),
)


def provider(**options: Any) -> Provider:  # noqa: ANN401  # options of any kind
    """Return a provider for plan 274."""
    return Testsigma(None, "key", TestsigmaOptions(test_plan_id=(274,), **options))


def sample(name: str) -> Reply:
    """Return a sample reply of the vendor's."""
    return fixture("testsigma", name)


def ended(**fields: object) -> dict[str, object]:
    """Return the trigger's sample as it would look when the run has ended."""
    run: dict[str, object] = sample("triggered").data()
    return {**run, "status": "STATUS_COMPLETED", "result": "PASSED", **fields}


def snapshot(**fields: object) -> Snapshot:
    """Return the snapshot from such a reply."""
    return snapshot_of(Run("337", TARGET), reply(ended(**fields)))


def test_the_sample_of_a_trigger_is_a_queued_run() -> None:
    """It gives the ID and the page of the run."""
    run = provider().trigger(TARGET, "mark").read(sample("triggered"))
    assert (run.id, run.url) == ("337", "https://app.testsigma.com/ui/td/runs/337")
    found = snapshot_of(run, sample("triggered"))
    assert (found.status, found.result, found.word) == (Status.QUEUED, None, "STATUS_CREATED")
    assert found.reported.counts == Counts()


def test_the_sample_of_a_rerun_is_a_queued_run() -> None:
    """It has consolidated fields and lacks two counters."""
    plan = Target("336", "Test plan 336", "336")
    again = provider().rerun(Run("467", plan, ref="336"), None)
    run = provider().trigger(again, "mark").read(sample("rerun_triggered"))
    assert run.id == "487"
    assert snapshot_of(run, sample("rerun_triggered")).status is Status.QUEUED


def test_the_sample_of_a_stop_is_a_stopped_run() -> None:
    """Its only test is still counted as running, so it did not run."""
    run = Run("1165", Target("339", "Test plan 339", "339"))
    found = snapshot_of(run, sample("stopped"))
    assert (found.status, found.result, found.name) == (Status.ENDED, RunResult.STOPPED, "12 small plan pass")
    assert found.seconds == pytest.approx(11.763)
    verdict = judge([RunReport(TARGET, run, found)], Policy())[0].verdict
    assert verdict.conclusion is Conclusion.STOPPED
    assert verdict.counts == Counts(not_run=1)


def test_a_passed_result_with_failures_is_red() -> None:
    """The vendor's samples contradict themselves: one has the result PASSED and two failed tests."""
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
    """A run with an unknown status counts as running, and its word is shown."""
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
    """Synonyms are equal, and an unknown result proves nothing."""
    assert snapshot(result=word).result is result


@pytest.mark.parametrize("word", ["ABORTED", "STOPPED", "NOT_EXECUTED"])
def test_a_run_that_was_broken_off_is_called_so(word: str) -> None:
    """What its reruns came to doesn't mend it, and isn't its result."""
    found = snapshot(result=word, consolidatedStatus="STATUS_COMPLETED", consolidatedResult="SUCCESS")
    assert found.word == word
    assert found.whole is RunResult.PASSED


def test_the_consolidated_status_decides_when_a_run_has_ended() -> None:
    """If it is null or missing, the status decides."""
    assert snapshot(consolidatedStatus="STATUS_IN_PROGRESS").status is Status.RUNNING
    assert snapshot(consolidatedStatus=None).status is Status.ENDED
    whole = snapshot(result="FAILURE", consolidatedStatus="STATUS_COMPLETED", consolidatedResult="SUCCESS")
    assert (whole.status, whole.whole, whole.word) == (Status.ENDED, RunResult.PASSED, "SUCCESS")
    assert whole.result is RunResult.FAILED  # its own result is evidence too


def test_counters_may_be_null_missing_or_nonsense() -> None:
    """Only real counts are counted."""
    found = snapshot(totalCount=None, passedCount="3", failedCount=-1, abortedCount=True, queuedCount=1.5)
    assert found.reported.counts == Counts(passed=3)
    assert found.reported.total is None
    assert found.doubts == tuple(
        f"its {name} is not a number" for name in ("failedCount", "abortedCount", "queuedCount")
    )


@pytest.mark.parametrize("written", [4, 4.0, "4", "4.0", " 4 "])
def test_a_number_may_be_written_in_any_plain_way(written: object) -> None:
    """A count that is plainly a number counts."""
    found = snapshot(failedCount=written)
    assert (found.reported.counts.failed, found.doubts) == (4, ())


@pytest.mark.parametrize("written", ["four", "4.5", 4.5, -4, "-4", True, [], {}, "1e3", "0x4", "²", "9" * 40])
def test_a_count_that_cannot_be_read_is_a_doubt(written: object) -> None:
    """It is there and says something: nothing is proven green."""
    assert snapshot(failedCount=written).doubts == ("its failedCount is not a number",)


def test_the_reply_of_another_run_is_a_bad_answer() -> None:
    """It must not decide this run."""
    with pytest.raises(BadAnswer, match="another run"):
        snapshot_of(Run("338", TARGET), reply(ended()))


def test_the_trigger_of_the_sample_request() -> None:
    """The body matches the documentation key by key."""
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
def test_an_execution_config_by_name_or_id(config: dict[str, str]) -> None:
    """The body leaves out whichever is not given."""
    body = provider(**config).trigger(TARGET, "mark").request.body
    assert body is not None
    assert list(body["executionConfig"].values()) == list(config.values())


def test_runtime_data_and_secrets_are_sent_together() -> None:
    """The secrets show nowhere before."""
    secrets = {"password": Secret("hunter2-hunter2")}
    options = TestsigmaOptions(test_plan_id=(1,), runtime_data={"suite": "Checkout"}, runtime_secrets=secrets)
    assert "hunter2" not in repr(options)
    request = Testsigma(None, "key", options).trigger(TARGET, "m").request
    assert request.body is not None
    assert request.body["runtimeData"] == {"suite": "Checkout", "password": "hunter2-hunter2"}
    assert "runtimeData" in request.private


def test_a_name_has_one_value() -> None:
    """Otherwise nobody could say which one is sent."""
    options = TestsigmaOptions(test_plan_id=(1,), runtime_data={"user": "a"}, runtime_secrets={"user": Secret("b")})
    assert [*options.contradictions()] == ["`runtime-data` and `runtime-secrets` both set 'user': remove one of them"]


def test_the_list_of_tests() -> None:
    """It has names, suites, machines and failed data sets; a row without an ID is still a test."""
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
        ),
        Run("337", TARGET),
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
def test_a_page_of_messages_in_each_wrapping(wrap: Any) -> None:  # noqa: ANN401  # a function of JSON
    """Third parties saw `content`, `data`, `data.content` and a bare list."""
    rows = [{"id": 900, "result": "FAILURE", "message": "no <b>button</b><br>after 30 s", "duration": 1240}]
    for data in (wrap(rows), {"data": {"content": rows}}):
        (row,) = details_of(reply(data), Run("337", TARGET), 0).tests
        assert (row.id, row.message, row.seconds) == ("900", "no button\nafter 30 s", 1.24)


def test_tags_that_a_message_is_about_stay() -> None:
    """Only formatting is removed, not the element that a test looked for."""
    rows = [{"id": 1, "result": "FAILURE", "message": "expected <div id='x'> & <li>"}]
    (row,) = details_of(reply(rows), Run("337", TARGET), 0).tests
    assert row.message == "expected <div id='x'> & <li>"


def test_rows_of_other_runs_are_dropped() -> None:
    """A row without a run ID is kept."""
    rows = [{"id": 1, "executionResultId": 336}, {"id": 2, "executionResultId": 337}, {"id": 3}]
    assert [row.id for row in details_of(reply(rows), Run("337", TARGET), 0).tests] == ["2", "3"]


@pytest.mark.parametrize(
    ("data", "following"),
    [
        ({"content": [{"id": n} for n in range(100)]}, "1"),
        ({"content": [{"id": n} for n in range(99)]}, "1"),
        ([{"id": n} for n in range(99)], "1"),
        ({"content": [{"id": n} for n in range(50)], "last": False}, "1"),
        ({"content": [{"id": n} for n in range(50)], "last": True}, None),
        ({"content": [{"id": n} for n in range(50)], "totalPages": 1.0, "last": True}, None),
        ({"content": [{"id": n} for n in range(50)], "totalPages": "3"}, "1"),
        ({"content": [{"id": n} for n in range(50)], "totalElements": 51, "size": 50}, "1"),
        ({"data": {"content": [{"id": n} for n in range(50)], "totalElements": 50}}, None),
        ({"content": [], "last": False}, None),
        ({"content": [{"id": n} for n in range(50)], "totalPages": 3}, "1"),
        ({"content": [{"id": n} for n in range(100)], "totalPages": 1}, None),
        ({"content": [], "totalPages": 9}, None),
    ],
)
def test_the_last_page(data: object, following: str | None) -> None:
    """Servers say it in several ways; if nothing is said, a page that isn't empty may be followed by another one."""
    assert details_of(reply(data), Run("337", TARGET), 0).next == following


@given(data=objects(FIELDS))
def test_any_reply_is_read_or_refused(data: object) -> None:
    """A reader returns a value or raises BadAnswer."""
    run = Run("337", TARGET)
    body = reply(data)
    for read in (
        lambda: snapshot_of(run, body),
        lambda: cases_of(body, run),
        lambda: details_of(body, run, 0),
        lambda: provider().trigger(TARGET, "m").read(body),
    ):
        with contextlib.suppress(BadAnswer):
            read()


def test_a_run_of_another_plan_is_a_bad_answer() -> None:
    """It must not be watched or stopped, and proves nothing about ours."""
    with pytest.raises(BadAnswer, match="plan 336"):
        provider().trigger(TARGET, "mark").read(sample("rerun_triggered"))


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
    """IDs, JSON, and one item per numbered variable are accepted."""
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
def test_invalid_results_to_rerun_are_refused(text: str) -> None:
    """A mistake never reruns something else."""
    with pytest.raises(Fault):
        picked_results(Given(text, "TESTGATE_TEST_CASE_RESULTS"))


@pytest.mark.parametrize(
    ("more", "doubts", "result"),
    [
        ({}, 0, None),
        ({"executionResultId": 337, "executionId": "274"}, 0, None),
        ({"executionResultId": 999}, 1, None),
        ({"executionResultId": "999", "executionId": 275}, 2, None),
        ({"result": "FAILURE"}, 0, RunResult.FAILED),
        ({"result": "ABORTED"}, 0, RunResult.STOPPED),
        ({"result": "LICENSE_EXPIRED"}, 0, RunResult.UNKNOWN),
        ({"result": None}, 0, None),
    ],
)
def test_what_a_list_says_about_itself_is_evidence(
    more: dict[str, object], doubts: int, result: RunResult | None
) -> None:
    """It can name another run or plan, and has a result of its own."""
    page = cases_of(reply({"testCases": [], **more}), Run("337", TARGET, ref="274"))
    assert (len(page.doubts), page.result) == (doubts, result)


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        (["SUCCESS"], Outcome.PASSED),
        (["SUCCESS", "FAILURE"], Outcome.FAILED),
        (["ABORTED"], Outcome.ERROR),
        (["ODD_WORD"], Outcome.ERROR),
        (["NOT_EXECUTED"], Outcome.PASSED),
        ([None], Outcome.PASSED),
    ],
)
def test_a_failed_iteration_fails_its_test(words: list[str | None], outcome: Outcome) -> None:
    """Whatever the test itself says; iterations that a rerun left out say nothing."""
    rows = [{"setName": "A", "result": word} for word in words]
    case = {"testCaseName": "Login", "result": "SUCCESS", "iterationResults": rows}
    (test,) = cases_of(reply({"testCases": [case]}), Run("337", TARGET)).tests
    assert test.outcome is outcome


@pytest.mark.parametrize("odd", ["²", "1" * 5_000, "..", "a/b", "a b", "\n", ["1"], None, True])
def test_an_id_that_is_no_id_is_replaced(odd: object) -> None:
    """Nothing of it reaches a URL or a number."""
    (test,) = cases_of(
        reply({"testCases": [{"testCaseName": "Login", "testCaseResultId": odd}]}), Run("337", TARGET)
    ).tests
    assert test.id == "row 0"
    assert provider().diagnose(Run("337", TARGET), test) is None


def test_a_run_of_another_plan_is_no_answer() -> None:
    """The plan of our run is known from its start."""
    answered = provider().poll([Run("337", TARGET, ref="274")]).read
    assert answered(reply({"id": 337, "status": "STATUS_CREATED", "executionId": 274}))
    with pytest.raises(BadAnswer, match="another plan"):
        answered(reply({"id": 337, "status": "STATUS_CREATED", "executionId": 275}))


@pytest.mark.parametrize(("tests", "size"), [(1, 100), (1_000, 100), (1_001, 500)])
def test_a_large_run_is_asked_for_in_large_pages(tests: int, size: int) -> None:
    """The details of a small one come as third parties have always asked for them."""
    listed = reply({"testCases": [{"testCaseResultId": number} for number in range(tests)]})
    assert page_of(cases_of(listed, Run("337", TARGET)).next or "") == (0, size)


def test_tests_of_one_place_share_its_texts() -> None:
    """A run of 100 000 tests has few suites, machines and words, and each is in memory once."""
    case = {"result": "SUCCESS", "testSuiteName": "The shop", "machineTitle": "Chrome on Windows"}
    one, other = cases_of(reply({"testCases": [case, case]}), Run("337", TARGET)).tests
    assert one.suite is other.suite
    assert one.machine is other.machine
    assert one.word is other.word


def test_a_server_that_refuses_large_pages_is_asked_for_small_ones() -> None:
    """Only at the first page: after that, a refusal is one."""
    refusal = reply({"message": "size must not exceed 100"})._replace(status=400)
    page = details_of(refusal, Run("337", TARGET), 0, 500)
    assert (page.tests, page_of(page.next or ""), page.refines) == ((), (0, 100), True)
    for number, size in ((1, 500), (0, 100)):
        with pytest.raises(Refused):
            details_of(refusal, Run("337", TARGET), number, size)


@pytest.mark.parametrize(
    ("pages", "ahead"), [(1, ()), (2, ("1",)), (99, ("1", "2", "3", "4")), (None, ()), (-1, ()), ("x", ())]
)
def test_pages_that_certainly_follow_are_named(pages: object, ahead: tuple[str, ...]) -> None:
    """A few, however many the server claims; none if it doesn't say."""
    assert details_of(reply({"content": [{"id": 1}], "totalPages": pages}), Run("337", TARGET), 0).ahead == ahead
