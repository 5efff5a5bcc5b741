"""Pages of the cases in a test run."""

import base64
from typing import Any
from urllib.parse import quote

import pytest

from testgate.demo.management.scenarios import Limits, Scenario, Shapes, cases_titled
from tests.support.management_client import (
    CASES,
    FAILED,
    RUNS,
    SCENARIO,
    Simulated,
    create,
    details,
    record,
    row,
    selecting,
    send,
    simulate,
)

MANY = SCENARIO._replace(cases=cases_titled(*(f"case {number}" for number in range(5))))


def page(sim: Simulated, run: str, query: str = "") -> Any:  # noqa: ANN401  # JSON is any shape
    """One page of cases."""
    answer = send(sim, "GET", f"{RUNS}/{run}/test_cases{query}")
    assert answer.status == 200, answer
    return answer.data


def titles(data: Any) -> list[str]:  # noqa: ANN401  # JSON is any shape
    """The numbers in the titles of a page's cases."""
    return [each["test_case"]["title"].removeprefix("case ") for each in data["data"]["test_run_cases"]]


def create_with_all(sim: Simulated, scenario: Scenario = MANY) -> str:
    """Create a test run with every case of the project; returns its id."""
    return create(sim, static_selection_filters=selecting(*scenario.cases))


def test_rows() -> None:
    """Each row has its test case, and the recorded status or UnTested."""
    with simulate() as sim:
        run = create(sim)
        record(sim, run, row(CASES[1], FAILED, user_id="u-1", description="no"))
        first, second, _ = page(sim, run)["data"]["test_run_cases"]
    assert first["test_case"] == {"id": CASES[0].id, "human_id": "DEMO-1", "title": "Log in"}
    assert (first["test_run_status"]["name"], first["user_id"], first["description"]) == ("UnTested", None, None)
    assert second["test_run_status"] == {"id": FAILED.id, "name": "Failed"}
    assert (second["test_run_status_id"], second["user_id"], second["description"]) == (FAILED.id, "u-1", "no")
    assert first["id"] not in {second["id"], CASES[0].id}


def test_untested_if_the_account_has_no_such_status() -> None:
    """A case without a result is UnTested even if the account has no such status."""
    with simulate(SCENARIO._replace(statuses=())) as sim:
        (first, *_) = page(sim, create(sim))["data"]["test_run_cases"]
    assert first["test_run_status"] == {"id": "", "name": "UnTested"}


@pytest.mark.parametrize("name", Shapes().cursor_names)
def test_cursors_lead_forward_and_back(name: str) -> None:
    """`next` leads through all cases and `prev` back, with any of the cursor's parameter names."""
    with simulate(MANY) as sim:
        run = create_with_all(sim)
        pages = [page(sim, run, "?page_size=2")]
        while cursor := pages[-1]["data"]["page_info"]["next"]:
            pages.append(page(sim, run, f"?limit=2&{name}={quote(cursor, safe='')}"))
        infos = [each["data"]["page_info"] for each in pages]
        back = page(sim, run, f"?page_size=2&{name}={quote(infos[2]['prev'], safe='')}")
    assert [titles(each) for each in pages] == [["0", "1"], ["2", "3"], ["4"]]
    assert [(info["page_size"], info["total_count"]) for info in infos] == [(2, 5)] * 3
    assert (infos[0]["prev"], infos[2]["next"]) == (None, None)
    assert back == pages[1]


def test_page_size() -> None:
    """The page size is the scenario's or the request's, up to a limit."""
    with simulate(MANY._replace(limits=Limits(per_second=1000, page_size=3, largest_page=4))) as sim:
        run = create_with_all(sim)
        assert [len(titles(page(sim, run, query))) for query in ("", "?page_size=1", "?page_size=99")] == [3, 1, 4]


def test_cursor_under_another_name_is_ignored() -> None:
    """If the system reads its cursor under another name only, all others lead to the first page."""
    with simulate(MANY._replace(shapes=Shapes(cursor_names=("token",)))) as sim:
        run = create_with_all(sim)
        first = page(sim, run, "?page_size=2")
        cursor = quote(first["data"]["page_info"]["next"], safe="")
        assert page(sim, run, f"?page_size=2&next={cursor}") == first
        assert titles(page(sim, run, f"?page_size=2&token={cursor}")) == ["2", "3"]


def test_page_info_beside_the_data() -> None:
    """A scenario can put `page_info` beside `data`."""
    with simulate(MANY._replace(shapes=Shapes(page_info="top"))) as sim:
        data = page(sim, create_with_all(sim))
    assert list(data["data"]) == ["test_run_cases"]
    assert data["page_info"] == {"page_size": 20, "total_count": 5, "next": None, "prev": None}


@pytest.mark.parametrize(
    "query",
    [
        "page_size=0",
        "page_size=x",
        "page_size=-1",
        "page_size=%C2%B2",
        f"page_size={'9' * 5000}",
        "page_size=2&limit=2",
        "next=2",
        "next=",
        "next=%C3%A4",
        "next=a&cursor=a",
        f"next={quote(base64.b64encode(b'other 2').decode())}",
    ],
)
def test_wrong_query(query: str) -> None:
    """A size or cursor that is malformed, belongs to another test run, or is given twice is refused."""
    with simulate(MANY) as sim:
        answer = send(sim, "GET", f"{RUNS}/{create_with_all(sim)}/test_cases?{query}")
    assert answer.status == 400
    assert len(details(answer)) == 1


@pytest.mark.parametrize("offset", ["-1", "x", "9" * 5000])
def test_forged_cursor(offset: str) -> None:
    """A cursor that the system didn't make is refused."""
    with simulate(MANY) as sim:
        run = create_with_all(sim)
        cursor = quote(base64.b64encode(f"{run} {offset}".encode()).decode(), safe="")
        assert details(send(sim, "GET", f"{RUNS}/{run}/test_cases?next={cursor}")) == ["the cursor is not valid"]
