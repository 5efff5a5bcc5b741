"""Results recorded in the simulated Testsigma Test Management, and the forms that bring them."""

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
    """A form of parts as they are on the wire."""
    return ("".join(f"--xyz\r\n{part}\r\n" for part in parts) + end).encode()


def test_results_are_kept() -> None:
    """Results of several calls add up, the last one of a case counts, and the test run was changed then."""
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
    """A thousand results go into one call where the scenario sets no bound."""
    cases = cases_titled(*(f"case {number}" for number in range(1000)))
    with simulate(SCENARIO._replace(cases=cases)) as sim:
        run = create(sim, static_selection_filters=selecting(*cases))
        assert record(sim, run, *map(row, cases)).status == 200
        assert len(sim.runs[0].results) == 1000


@pytest.mark.parametrize("status", [400, 413])
def test_bound_of_a_call(status: int) -> None:
    """More results than one call takes are refused, and none of them counts."""
    limits = Limits(per_second=1000, cases_per_call=2, call_status=413 if status == 413 else 400)
    with simulate(SCENARIO._replace(limits=limits)) as sim:
        run = create(sim)
        answer = record(sim, run, *map(row, CASES))
        assert (answer.status, details(answer)) == (status, ["test_run_cases has more than 2 items"])
        assert sim.runs[0].results == {}
        assert record(sim, run, *map(row, CASES[:2])).status == 200


def test_strays_are_refused() -> None:
    """Results of cases that are not the test run's are named, and none of the call counts."""
    with simulate() as sim:
        run = create(sim, static_selection_filters=selecting(CASES[0]))
        answer = record(sim, run, row(CASES[0]), row(CASES[1]), row("none"))
        assert details(answer) == [f"test case {each} is not in the test run" for each in (CASES[1].id, "none")]
        assert sim.runs[0].results == {}


def test_strays_are_skipped() -> None:
    """Where strays are skipped, the others count, and the answer has only those."""
    with simulate(SCENARIO._replace(strays="skipped")) as sim:
        run = create(sim)
        answer = record(sim, run, row("none"), row(CASES[0]))
        assert sim.runs[0].outcomes == {"Log in": "Passed"}
    assert [each["test_case"]["id"] for each in answer.data["data"]["test_run_cases"]] == [CASES[0].id]


def test_strays_are_added() -> None:
    """Where strays are added, the project's cases join the test run; what is no case is refused with all."""
    with simulate(SCENARIO._replace(strays="added")) as sim:
        run = create(sim, static_selection_filters=[])
        assert details(record(sim, run, row(CASES[0]), row("none"))) == ["test case none is not in the test run"]
        assert sim.runs[0].cases == ()
        assert record(sim, run, row(CASES[2])).status == 200
        assert sim.runs[0].outcomes == {"Cancel an order": "Passed"}


def test_closed_run_takes_no_results() -> None:
    """A closed test run takes no results until it is opened again."""
    with simulate() as sim:
        run = create(sim)
        seen = []
        for status in ("CLOSED", "ACTIVE"):
            send(sim, "PUT", f"{RUNS}/{run}", {"status": status})
            seen.append(record(sim, run, row(CASES[0])).status)
    assert seen == [400, 200]


@pytest.mark.parametrize("sent", [3, "3"])
def test_status_ids_can_be_numbers(sent: object) -> None:
    """Where ids of statuses are numbers, they are accepted as text, too."""
    with simulate(SCENARIO._replace(statuses=(Status(3, "Passed"),))) as sim:
        record(sim, create(sim), {"test_case_id": CASES[0].id, "test_run_status_id": sent})
        assert sim.runs[0].outcomes == {"Log in": "Passed"}


def test_unknown_status() -> None:
    """A status of no known id is refused with the whole call."""
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
    """A row that is no result is told by its place."""
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
    """Data that is no list of results, or has a case twice, is refused."""
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
def test_right_form(body: bytes) -> None:
    """A form with one text is read, whatever else its part's head says."""
    with simulate() as sim:
        assert send_raw(sim, create(sim), body, KIND).status == 200
        assert sim.runs[0].outcomes == {"Log in": "Passed"}


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "multipart/mixed; boundary=xyz", ""])
def test_wrong_content_type(kind: str) -> None:
    """What is not announced as a form with a boundary is refused, whatever it holds."""
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
    """A form that is malformed, or is anything but one text named data, is refused."""
    with simulate() as sim:
        answer = send_raw(sim, create(sim), body, KIND)
        assert answer.status == 400
        assert len(details(answer)) == 1
        assert sim.runs[0].results == {}
