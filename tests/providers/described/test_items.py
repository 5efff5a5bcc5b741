"""Tests in two levels: a list of executions in pages, and for each a list of cases in pages; nothing gets lost."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from testgate.errors import BadAnswer, Refused
from testgate.gate.verdict import judge
from testgate.model import Conclusion, Outcome, Run
from testgate.providers.described.document import Document
from testgate.providers.described.items import Item, Place, item_page, items_page, place_of
from testgate.providers.described.loading import load
from testgate.results import JudgedRun, Policy
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.runs.workflow import run_all
from testgate.wire import Request
from tests.providers.described.kite import BASE, FILE, Execution, Kite, kite, provider
from tests.support.replies import reply
from tests.support.simulated import Desk, FakeTransport, SimulatedLoop, play

GREEN: Execution = {11: ["GREEN"], 12: ["GREEN"], 13: ["GREEN"]}


def of_ids() -> Document:
    """The file for a list of ids, of which each is one test."""
    text = FILE.read_text(encoding="utf-8")
    for old, new in (
        ('query = { cursor = "{page.cursor?}" }\npage = { kind = "cursor", next = "next" }\nid = "exec"\n', ""),
        ('keep = { device = "device" }\nrows = ["data.results", "attempts"]\n', ""),
        ("/devices/{item.device}/", "/"),
        ('[results.join]\nlist = "_up._up.data.cases"\non = "id"\nwith = "_up.caseId"\n', ""),
        ('id = "_up.caseId"\ncase = "_up.caseId"\nname = "_join.name"\n', 'id = "caseId"\nname = "name"\n'),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    return load(text, FILE.name)


def played(platform: Kite, root: Path) -> JudgedRun:
    """Play a run to its end."""

    async def main(loop: SimulatedLoop) -> JudgedRun:
        desk = Desk(loop, FakeTransport(platform), Limits(timeout=600.0), root)
        described = provider(kite('headers = { Authorization = "Kite {token}" }', 'headers = { X-Key = "{key}" }'))
        options = RunOptions(stop_at=lambda _run, _why: True)
        reports = await run_all(described.targets(), options, desk.context(described))
        desk.halt.close()
        await asyncio.sleep(0)
        (found,) = judge(reports, Policy())
        return found

    return play(main)


def test_every_page_of_every_execution_is_read(tmp_path: Path) -> None:
    """Each case once for each device, with its name from the list beside the rows."""
    found = played(Kite([GREEN, GREEN, GREEN]), tmp_path)
    assert found.verdict.conclusion is Conclusion.PASSED
    tests = found.report.tests
    assert [(test.machine, test.name) for test in tests] == [
        (f"d{device}", f"case {case}") for device in range(3) for case in (11, 12, 13)
    ]


@pytest.mark.parametrize(
    "executions",
    [
        [GREEN, GREEN, {**GREEN, 13: ["RED"]}],  # on the last page of the last execution of the last page
        [GREEN, {}, {}, {}, {11: ["RED"]}],  # behind executions without cases
        [{}, {}, {}, {}, {}, GREEN, {11: ["GREEN", "RED"]}],
        [{11: ["GREEN"]}, {11: ["RED"]}],  # the same case on two devices
        [*[GREEN] * 30, {11: ["RED"]}],  # beyond what is asked for side by side
    ],
)
def test_a_failure_anywhere_is_red(executions: Sequence[Execution], tmp_path: Path) -> None:
    """The platform says nothing about the run's result, so only the tests can tell."""
    found = played(Kite(executions), tmp_path)
    assert found.verdict.conclusion is Conclusion.FAILED
    (bad,) = [test for test in found.report.tests if test.bad]
    assert bad.message == "no button"


@pytest.mark.parametrize("holes", [1, 2, 5])
def test_pages_without_rows_end_no_list(holes: int, tmp_path: Path) -> None:
    """Platforms that filter what they have read give such pages, in the list and in its items."""
    found = played(Kite([GREEN, GREEN, {**GREEN, 13: ["RED"]}], holes=holes), tmp_path)
    assert len(found.report.tests) == 9
    assert found.verdict.conclusion is Conclusion.FAILED


def test_a_list_that_repeats_itself_is_left(tmp_path: Path) -> None:
    """A platform that ignores the cursor of its list gives the same items for ever."""

    class Stuck(Kite):
        def _page(self, rows: Sequence[Any], request: Request) -> dict[str, Any]:
            page = super()._page(rows, request)
            listed = request.url.endswith("/executions")
            return {"data": rows[:1], "next": f"c{len(self.asked)}h0"} if listed else page

    platform = Stuck([GREEN])
    found = played(platform, tmp_path)
    assert len(found.report.tests) == 3
    assert len(platform.asked) < 60


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_case_that_passes_in_its_last_attempt_is_flaky(size: int, tmp_path: Path) -> None:
    """Its attempts are rows in its row."""
    found = played(Kite([{**GREEN, 12: ["RED", "RED", "GREEN"]}], size=size), tmp_path)
    assert found.verdict.conclusion is Conclusion.PASSED
    assert [(test.case_id, test.flaky, len(test.earlier)) for test in found.report.tests] == [
        ("11", False, 0),
        ("12", True, 2),
        ("13", False, 0),
    ]


def test_the_step_is_asked_for_with_the_own_id_of_a_test(tmp_path: Path) -> None:
    """Without that of its execution, which keeps equal ids apart."""
    platform = Kite([GREEN, {11: ["RED"]}])
    found = played(platform, tmp_path)
    assert [test.step for test in found.report.tests if test.bad] == ["step of 11"]
    assert "/cases/11/steps" in platform.asked


@pytest.mark.parametrize("data", [{"ok": True, "data": {"cases": []}}, {"ok": True, "data": {"results": None}}])
def test_an_item_without_a_list_is_no_empty_item(data: object) -> None:
    """Its tests may be somewhere else."""
    with pytest.raises(BadAnswer, match="no list of tests"):
        item_page(reply(data), kite(), Place(items=(Item("1"),)))


def test_what_cannot_be_read_is_a_doubt() -> None:
    """In the list and in an item."""
    run = Run("L-1", provider(kite()).targets()[0])
    assert items_page(reply({"ok": True, "data": [{"exec": 1}, {"exec": "a b"}, 7]}), kite(), run, None).doubts
    assert item_page(reply({"ok": True, "data": {"results": [7]}}), kite(), Place(items=(Item("1"),))).doubts


def test_an_item_that_refuses_is_no_empty_item() -> None:
    """With status 200."""
    with pytest.raises(Refused):
        item_page(reply({"ok": False, "data": {"results": []}}), kite(), Place(items=(Item("1"),)))


def test_ids_alone_are_items_too() -> None:
    """A list of ids, of which each is one test."""
    document = of_ids()
    run = Run("L-1", provider(document).targets()[0])
    page = items_page(reply({"ok": True, "data": [1, 2]}), document, run, None)
    place = place_of(page.next)
    assert [item.id for item in place.items] == ["1", "2"]
    assert page.ahead[0] == page.next
    row = {"ok": True, "caseId": 7, "name": "Pay", "outcome": "RED"}
    found = item_page(reply(row), document, place)
    assert [(test.id, test.name, test.outcome) for test in found.tests] == [("7 1", "Pay", Outcome.FAILED)]
    assert place_of(found.next).items == (Item("2"),)
    last = item_page(reply(row), document, place_of(found.next))
    assert last.next is None


def test_a_huge_list_asks_for_few_items_ahead() -> None:
    """Each cursor holds the ids that are left, so all of them at once would fill the memory."""
    run = Run("L-1", provider(kite()).targets()[0])
    data = {"ok": True, "data": [{"exec": number, "device": "d"} for number in range(5000)]}
    page = items_page(reply(data), kite(), run, None)
    assert len(page.ahead) == 20
    assert len(item_page(reply({"ok": True, "data": {"results": []}}), kite(), place_of(page.next)).ahead) == 1


def test_the_requests_carry_what_is_kept_of_an_item() -> None:
    """In the path, and the cursor in the query."""
    described = provider(kite())
    run = Run("L-1", described.targets()[0])
    place = Place("", 0, (Item("5", {"device": "d 1"}),), "1:2:2:c2")
    call = described.results(run, place.text)
    assert call is not None
    assert (call.request.url, call.request.query) == (f"{BASE}/devices/d%201/executions/5/cases", {"cursor": "c2"})
