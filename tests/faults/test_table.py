"""The whole table, each combination once and lasting: a whole step on a simulated clock and network."""

import gc
from pathlib import Path

import pytest

from tests.faults.endpoints import ENDPOINTS, Endpoint
from tests.faults.expected import EXPECTED, WARNED
from tests.faults.kinds import KINDS
from tests.faults.playing import Ended, play
from tests.faults.promises import problems


def found_wrong(endpoint: Endpoint, fault: str, ended: Ended, *, lasts: bool) -> list[str]:
    """What is not as promised of one combination."""
    systems = ended.network.systems
    run_ids = systems.run_ids
    expected = EXPECTED[endpoint.name, fault, lasts]
    found = problems(
        code=ended.code,
        expected=expected,
        log=ended.log,
        outputs=ended.outputs,
        state=ended.state,
        red_cases=ended.red_cases,
        remedy=ended.remedy,
        triggers=ended.network.may_have_arrived,
        run_ids=run_ids,
        known=bool(run_ids) and expected != 7,
    )
    if not ended.network.hits:
        found.append("the fault was never met")
    left = ended.outputs.get("left-running", "").split(",")
    if expected != 7 and any(each not in left for each in ended.going_on):
        found.append("a run goes on and nobody says so")
    if endpoint.system == "management":
        found += record_wrong(endpoint, fault, ended, lasts=lasts)
    return found


def record_wrong(endpoint: Endpoint, fault: str, ended: Ended, *, lasts: bool) -> list[str]:
    """What is not as promised of the record in test management."""
    warned = WARNED[endpoint.name, fault, lasts]
    checks = {
        "more than one test run": len(ended.network.systems.records.runs) <= 1,
        "a warning is missing, or one too many": ended.warned is warned,
        "the record is not whole, and nobody says so": ended.network.systems.recorded or ended.warned,
    }
    return [problem for problem, holds in checks.items() if not holds]


@pytest.mark.parametrize("lasts", [False, True], ids=["once", "always"])
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_every_fault_at_an_endpoint(tmp_path: Path, endpoint: Endpoint, *, lasts: bool) -> None:
    """The exit code is the table's; no traceback, no second trigger, all that is known is written and told."""
    wrong = {}
    unheard = {}
    for kind in KINDS:
        folder = tmp_path / kind.name
        folder.mkdir()
        ended = play(folder, endpoint, kind, lasts=lasts)
        unheard[kind.name] = ended.unheard
        found = found_wrong(endpoint, kind.name, ended, lasts=lasts)
        if found:
            wrong[kind.name] = found
    assert not wrong
    gc.collect()  # asyncio prints a traceback for an error that nobody awaited when its task is collected
    assert not any(unheard.values()), unheard


def test_the_table_is_whole() -> None:
    """Each endpoint has an exit code for each fault, and none for one that is not played."""
    assert set(EXPECTED) == {(e.name, k.name, lasts) for e in ENDPOINTS for k in KINDS for lasts in (False, True)}
