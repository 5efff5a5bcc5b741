"""`test-plan-name`, from the inputs to the exit code."""

from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import Scenario
from tests.support.step import Left, run
from tests.support.vendor import GREEN, Vendor, inputs, requests, simulator

QUICK = GREEN._replace(running=0.5)
PLANS = {274: QUICK, 275: QUICK._replace(name="Twice"), 276: QUICK._replace(name="Twice")}
ODD = 'Shop, "EU": 100% (nightly)'


def named(folder: Path, name: str, plans: dict[int, object] | None = None, **more: str) -> tuple[Left, Vendor]:
    """Run a step for the plan with this name."""
    with simulator(Scenario(plans or PLANS)) as server:  # type: ignore[arg-type]  # plans
        return run(folder, inputs(server, test_plan_id="", test_plan_name=name, **more)), server


def test_a_plan_is_run_by_its_name(tmp_path: Path) -> None:
    """As if its id had been given."""
    left, server = named(tmp_path, "Web shop: nightly regression")
    assert (left.code, left.outputs["conclusion"]) == (0, "passed")
    (trigger,) = requests(server, "POST")
    assert trigger.body["executionId"] == 274


def test_a_name_that_a_query_cannot_hold(tmp_path: Path) -> None:
    """All plans are read then, page by page."""
    plans: dict[int, object] = {number: QUICK._replace(name=f"Plan {number}") for number in range(1, 151)}
    left, server = named(tmp_path, ODD, {**plans, 900: QUICK._replace(name=ODD)})
    assert left.code == 0
    assert [each.query.get("page") for each in requests(server, "GET", "/test_plans")][:2] == ["0", "1"]
    assert requests(server, "POST")[0].body["executionId"] == 900


def test_several_plans_with_the_name_are_listed(tmp_path: Path) -> None:
    """Nothing is started."""
    left, server = named(tmp_path, "Twice")
    assert (left.code, left.outputs["conclusion"]) == (3, "platform-error")
    assert "2 plans are called 'Twice': 275, 276" in left.outputs["reason"]
    assert "by its id instead" in left.log
    assert not requests(server, "POST")


def test_the_nearest_names_are_listed(tmp_path: Path) -> None:
    """The name must match exactly, also in case."""
    left, server = named(tmp_path, "web shop: nightly regresion")
    assert left.code == 3
    assert "the nearest are 'Web shop: nightly regression' (274)" in left.outputs["reason"]
    assert not requests(server, "POST")


@pytest.mark.parametrize(
    ("name", "line", "code"),
    [
        ("Web shop: nightly regression", "ok      test plan 'Web shop: nightly regression': known as 274", 0),
        ("Twice", "WRONG   test plan 'Twice': 2 test plans have this name: 275, 276", 3),
        ("Never", "WRONG   test plan 'Never': the platform lists no test plan with this name", 3),
    ],
)
def test_check_tells(tmp_path: Path, name: str, line: str, code: int) -> None:
    """Before anything is started."""
    left, server = named(tmp_path, name, command="check")
    assert line in left.log
    assert left.code == code
    assert not requests(server, "POST")


def test_a_dry_run_shows_the_search(tmp_path: Path) -> None:
    """The trigger depends on its answer."""
    left, server = named(tmp_path, "Twice", dry_run="true")
    assert left.code == 0
    assert "/test_plans?page=0&size=100&query=name:Twice" in left.log
    assert not server.requests


def test_an_id_and_a_name_are_one_too_many(tmp_path: Path) -> None:
    """Which one is meant isn't guessed."""
    with simulator(Scenario(PLANS)) as server:
        left = run(tmp_path, inputs(server, test_plan_name="Twice"))
    assert left.code == 2
    assert "remove one of them" in left.log
