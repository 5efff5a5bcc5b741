"""Results recorded in a test run, and the forms that carry them."""

import json

import pytest

from testgate.demo.management.scenarios import Limits, Status, cases_titled
from tests.support.management_client import (
    CASES,
    FAILED,
    PASSED,
    RUNS,
    SCENARIO,
    create,
    details,
    record,
    row,
    selecting,
    send,
    send_form,
    send_raw,
    simulate,
)
from tests.support.testsigma_client import Clock

GOOD = json.dumps({"test_run_cases": [row(CASES[0])]})
KIND = "multipart/form-data; boundary=xyz"
HEAD = 'Content-Disposition: form-data; name="data"'
OTHER = HEAD.replace('"data"', '"more"')
ENCODED = "Content-Disposition: form-data; name*=utf-8''data"


def form(*parts: str, end: str = "--xyz--\r\n") -> bytes:
    """A form with these parts, as sent over the network."""
    return ("".join(f"--xyz\r\n{part}\r\n" for part in parts) + end).encode()


def test_results_are_recorded() -> None:
    """Results of several calls add up, the last one of each case counts, and the update time changes."""
    clock = Clock()
    with simulate(clock=clock) as sim:
        run = create(sim)
        assert sim.runs[0].outcomes == {}
        clock.now += 3
        record(sim, run, row(CASES[0]), row(CASES[1], FAILED))
        answer = record(sim, run, row(CASES[1], user_id="u", description="ünd\r\n--so"))
        kept = sim.runs[0]
    assert kept.outcomes == {"Log in": "Passed", "Pay by card": "Passed"}
    assert kept.results[CASES[1].id] == (PASSED, "u", "ünd\r\n--so")
    assert kept.updated_at - kept.created_at == 3
    assert [each["test_case"]["title"] for each in answer.data["data"]["test_run_cases"]] == ["Pay by card"]


def test_a_thousand_results() -> None:
    """One call can record a thousand results if the scenario sets no limit."""
    cases = cases_titled(*(f"case {number}" for number in range(1000)))
    with simulate(SCENARIO._replace(cases=cases)) as sim:
        run = create(sim, static_selection_filters=selecting(*cases))
        assert record(sim, run, *map(row, cases)).status == 200
        assert len(sim.runs[0].results) == 1000


@pytest.mark.parametrize("status", [400, 413])
def test_limit_of_results_per_call(status: int) -> None:
    """A call with too many results is refused, and none of them is recorded."""
    limits = Limits(per_second=1000, cases_per_call=2, call_status=413 if status == 413 else 400)
    with simulate(SCENARIO._replace(limits=limits)) as sim:
        run = create(sim)
        answer = record(sim, run, *map(row, CASES))
        assert (answer.status, details(answer)) == (status, ["test_run_cases has more than 2 items"])
        assert sim.runs[0].results == {}
        assert record(sim, run, *map(row, CASES[:2])).status == 200


def test_strays_are_refused() -> None:
    """A call with cases that aren't in the test run is refused with their ids, and nothing is recorded."""
    with simulate() as sim:
        run = create(sim, static_selection_filters=selecting(CASES[0]))
        answer = record(sim, run, row(CASES[0]), row(CASES[1]), row("none"))
        assert details(answer) == [f"test case {each} is not in the test run" for each in (CASES[1].id, "none")]
        assert sim.runs[0].results == {}


def test_strays_are_skipped() -> None:
    """If strays are skipped, only the other results are recorded and returned."""
    with simulate(SCENARIO._replace(strays="skipped")) as sim:
        run = create(sim)
        answer = record(sim, run, row("none"), row(CASES[0]))
        assert sim.runs[0].outcomes == {"Log in": "Passed"}
    assert [each["test_case"]["id"] for each in answer.data["data"]["test_run_cases"]] == [CASES[0].id]


def test_strays_are_added() -> None:
    """If strays are added, the project's cases join the test run, and unknown cases are refused."""
    with simulate(SCENARIO._replace(strays="added")) as sim:
        run = create(sim, static_selection_filters=[])
        assert details(record(sim, run, row(CASES[0]), row("none"))) == ["test case none is not in the test run"]
        assert sim.runs[0].cases == ()
        assert record(sim, run, row(CASES[2])).status == 200
        assert sim.runs[0].outcomes == {"Cancel an order": "Passed"}


def test_closed_run_accepts_no_results() -> None:
    """A closed test run accepts no results until it is opened again."""
    with simulate() as sim:
        run = create(sim)
        seen = []
        for status in ("CLOSED", "ACTIVE"):
            send(sim, "PUT", f"{RUNS}/{run}", {"status": status})
            seen.append(record(sim, run, row(CASES[0])).status)
    assert seen == [400, 200]


@pytest.mark.parametrize("sent", [3, "3"])
def test_status_ids_can_be_numbers(sent: object) -> None:
    """Numeric status ids are also accepted as text."""
    with simulate(SCENARIO._replace(statuses=(Status(3, "Passed"),))) as sim:
        record(sim, create(sim), {"test_case_id": CASES[0].id, "test_run_status_id": sent})
        assert sim.runs[0].outcomes == {"Log in": "Passed"}


def test_unknown_status() -> None:
    """A call with an unknown status id is refused as a whole."""
    with simulate() as sim:
        answer = record(sim, create(sim), row(CASES[0]), row(CASES[1], Status("Passed", "")))
        assert details(answer) == ["test_run_status_id Passed is unknown"]
        assert sim.runs[0].results == {}


@pytest.mark.parametrize(
    "wrong",
    [
        7,
        {},
        {"test_case_id": "x"},
        {"test_case_id": 7, "test_run_status_id": "x"},
        {"test_case_id": "x", "test_run_status_id": True},
        {"test_case_id": "x", "test_run_status_id": "x", "user_id": None},
        {"test_case_id": "x", "test_run_status_id": "x", "description": 7},
        {"test_case_id": "x", "test_run_status_id": "x", "status": "Passed"},
    ],
)
def test_wrong_row(wrong: object) -> None:
    """A row that isn't a result is refused by its position."""
    with simulate() as sim:
        data = json.dumps({"test_run_cases": [row(CASES[0]), wrong]})
        answer = send_form(sim, create(sim), {"data": (None, data)})
    assert details(answer) == ["test_run_cases[1] is not a result"]


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[" * 100_000,
        "[]",
        "{}",
        '{"test_run_cases": []}',
        '{"test_run_cases": {}}',
        GOOD[:-1] + ', "more": 1}',
        json.dumps({"test_run_cases": [row(CASES[0]), row(CASES[0], FAILED)]}),
    ],
)
def test_wrong_data(data: str) -> None:
    """Data that isn't a list of results, or has a case twice, is refused."""
    with simulate() as sim:
        answer = send_form(sim, create(sim), {"data": (None, data)})
        assert len(details(answer)) == 1
        assert sim.runs[0].results == {}


@pytest.mark.parametrize(
    "body",
    [
        form(f"{HEAD}\r\n\r\n{GOOD}"),
        form(f"{HEAD}\r\n\r\n{GOOD}", end="--xyz--"),
        form(f"content-type: application/json\r\n{HEAD.lower()}\r\n\r\n{GOOD}"),
    ],
)
def test_valid_form(body: bytes) -> None:
    """A form with one text field is accepted, whatever other headers it has."""
    with simulate() as sim:
        assert send_raw(sim, create(sim), body, KIND).status == 200
        assert sim.runs[0].outcomes == {"Log in": "Passed"}


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "multipart/mixed; boundary=xyz", ""])
def test_wrong_content_type(kind: str) -> None:
    """A body that isn't declared as a form with a boundary is refused, whatever it holds."""
    with simulate() as sim:
        answer = send_raw(sim, create(sim), form(f"{HEAD}\r\n\r\n{GOOD}"), kind)
    assert details(answer) == ["the body must be multipart/form-data with a boundary"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        GOOD.encode(),
        form(f"{HEAD}\r\n\r\n{GOOD}", end=""),
        form(f"{HEAD}\r\n\r\n{GOOD}").replace(b"\r\n", b"\n"),
        b"before\r\n" + form(f"{HEAD}\r\n\r\n{GOOD}"),
        form(f"{HEAD}\r\n\r\n{GOOD}") + b"after",
        form(f"{HEAD}\r\n\r\n{GOOD}").replace(b"--xyz\r\n", b"--xyzz\r\n"),
        form(GOOD),
        form(f"{HEAD}; filename=x\r\n\r\n{GOOD}"),
        form(f"Content-Disposition: form-data\r\n\r\n{GOOD}"),
        form(f"{HEAD.replace('form-data', 'attachment')}\r\n\r\n{GOOD}"),
        form(f"{ENCODED}\r\n\r\n{GOOD}"),
        form(f"{HEAD}\r\n\r\n{GOOD}", f"{HEAD}\r\n\r\n{GOOD}"),
        form(f"{HEAD}\r\n\r\n{GOOD}", f"{OTHER}\r\n\r\n{GOOD}"),
        form(f"{OTHER}\r\n\r\n{GOOD}"),
        form(f"{HEAD}\r\n\r\nX").replace(b"X", b"\xff"),
        form(),
    ],
)
def test_wrong_form(body: bytes) -> None:
    """A form that is malformed, or has anything but one text field named data, is refused."""
    with simulate() as sim:
        answer = send_raw(sim, create(sim), body, KIND)
        assert answer.status == 400
        assert len(details(answer)) == 1
        assert sim.runs[0].results == {}
