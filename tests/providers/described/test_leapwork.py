"""Quirks of Leapwork: a word that says only that a run is over, and one request for each flow."""

from typing import Any

import pytest

from testgate.errors import BadAnswer
from testgate.model import Outcome, RunResult, Status, TestResult
from tests.providers.described.asked import page_in, reply_to, run_of, state_in
from tests.providers.described.test_vendors import provider_of
from tests.providers.described.vendors.leapwork import RUN as RUN_ID
from tests.providers.described.vendors.leapwork import VENDOR

RUN = run_of(VENDOR, RUN_ID)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ({"Status": "Queued", "Failed": 0}, (Status.QUEUED, None)),
        ({"Status": "Executing", "Failed": 1}, (Status.RUNNING, None)),
        ({"Status": "Finished", "Failed": 0, "Total": 2}, (Status.ENDED, RunResult.PASSED)),
        ({"Status": "Finished", "Failed": 1, "Total": 2}, (Status.ENDED, RunResult.FAILED)),
        ({"Status": "Finished"}, (Status.ENDED, RunResult.UNKNOWN)),
        ({"Status": "Finished", "Failed": "none"}, (Status.ENDED, RunResult.UNKNOWN)),
    ],
)
def test_the_counter_says_how_a_run_ended(run: dict[str, Any], expected: tuple[Status, RunResult | None]) -> None:
    """Without it, the result isn't known."""
    found = state_in(VENDOR, RUN, run)
    assert (found.status, found.result) == expected


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("Passed", Outcome.PASSED),
        ("Pass", Outcome.PASSED),
        ("Failed", Outcome.FAILED),
        ("Inconclusive", Outcome.ERROR),
        ("Done", Outcome.ERROR),
        ("IsProcessing", Outcome.NOT_RUN),
        ("Splendid", Outcome.ERROR),
    ],
)
def test_each_flow_is_asked_for(word: str, outcome: Outcome) -> None:
    """The list has IDs only; each item keeps its own, and is asked for beside the others."""
    page = page_in(VENDOR, RUN, {"$id": "1", "RunItemIds": ["i-1", "i-2"]})
    assert page.next is not None
    assert (page.tests, len(page.ahead)) == ([], 2)
    item = {
        "RunItemId": "i-1",
        "FlowInfo": {"FlowId": "f-1", "FlowTitle": "Pay", "Status": word},
        "ElapsedSeconds": 1.5,
    }
    first = page_in(VENDOR, RUN, item, cursor=page.next)
    assert [(test.id, test.case_id, test.name, test.outcome) for test in first.tests] == [
        ("i-1", "f-1", "Pay", outcome)
    ]
    assert first.next is not None
    call = provider_of(VENDOR).results(RUN, first.next)
    assert call is not None
    assert call.request.url.endswith("/runItems/i-2")
    assert page_in(VENDOR, RUN, {**item, "RunItemId": "i-2"}, cursor=first.next).next is None


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 120])
def test_every_flow_of_a_long_list_is_asked_for_once(count: int) -> None:
    """Fifty at a time; each that is read makes room for another one."""
    page = page_in(VENDOR, RUN, {"RunItemIds": [f"i-{number}" for number in range(count)]})
    asked, read, most = list(page.ahead), [], len(page.ahead)
    while page.next is not None:
        call = provider_of(VENDOR).results(RUN, page.next)
        assert call is not None
        assert page.next in asked
        read.append(call.request.url.rpartition("/")[2])
        page = page_in(VENDOR, RUN, {"FlowInfo": {"FlowTitle": "Pay", "Status": "Passed"}}, cursor=page.next)
        asked += page.ahead
        most = max(most, len(asked) - len(read))
    assert read == [f"i-{number}" for number in range(count)]
    assert len(asked) == len(set(asked)) == count
    assert most <= 50


@pytest.mark.parametrize(
    ("items", "doubts"),
    [({"RunItemIds": []}, 0), ({"RunItemIds": ["i-1", {"id": 2}]}, 1), ({"RunItemIds": ["../x"]}, 1)],
)
def test_a_list_with_odd_ids_proves_nothing(items: dict[str, Any], doubts: int) -> None:
    """What is left out may have failed; an empty list is one without tests."""
    assert len(page_in(VENDOR, RUN, items).doubts) == doubts


def test_an_answer_without_a_list_is_none() -> None:
    """It is read again."""
    with pytest.raises(BadAnswer, match="no list of items"):
        page_in(VENDOR, RUN, {"$id": "1"})


@pytest.mark.parametrize(
    ("frames", "step"),
    [
        ([{"Level": "Error", "LogMessage": "no button"}, {"Level": "Info", "LogMessage": "Closed"}], "no button"),
        ([{"Level": "Warning", "LogMessage": "slow"}, {"Level": "Trace", "LogMessage": "Ended"}], "slow"),
        ([{"Level": "Trace", "LogMessage": "Ended"}], ""),
    ],
)
def test_the_log_of_a_flow_names_the_step(frames: list[dict[str, str]], step: str) -> None:
    """The last error, or else what isn't a trace."""
    call = provider_of(VENDOR).diagnose(RUN, TestResult("i-1", "Pay", Outcome.FAILED))
    assert call is not None
    assert call.request.url.endswith("/runItems/i-1/keyframes")
    assert call.read(reply_to(call, frames)) == step
