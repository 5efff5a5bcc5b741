"""Every fault at every endpoint, once and lasting: a whole step on a simulated clock and a simulated network."""

import gc
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from testgate.demo.testsigma.app import Testsigma
from tests.faults.endpoints import BEFORE, ENDPOINTS, TRIGGER, Endpoint
from tests.faults.expected import EXPECTED, WARNED
from tests.faults.kinds import KINDS, Kind
from tests.faults.playing import CONTENT, Ended
from tests.faults.promises import problems
from tests.faults.table import DOCUMENT, SOCKETS, play_both, row_of, simulated

_PAGE = DOCUMENT.read_text(encoding="utf-8").partition(SOCKETS)[0].splitlines()
# Every fifth fault at an endpoint, shifted by one from endpoint to endpoint, is part of the sample.
_STRIDE = 5
SAMPLE = frozenset(
    (endpoint.name, kind.name) for shift, endpoint in enumerate(ENDPOINTS) for kind in KINDS[shift % _STRIDE :: _STRIDE]
)
EVERY = [
    pytest.param(
        endpoint,
        kind,
        id=f"{endpoint.name}-{kind.name}",
        marks=() if (endpoint.name, kind.name) in SAMPLE else pytest.mark.full,
    )
    for endpoint in ENDPOINTS
    for kind in KINDS
    # Of the platform that is played twice, the second form is sampled here; `make faults` plays all of it.
    if endpoint.system != "described" or (endpoint.name, kind.name) in SAMPLE
]


def documented(endpoint: Endpoint, kind: Kind) -> str:
    """The combination's row on the page."""
    section = _PAGE[_PAGE.index(f"## {endpoint.title}") :]
    return next(line for line in section if line.startswith(f"| {kind.words} |"))


def broken_promises(endpoint: Endpoint, fault: str, ended: Ended, *, lasts: bool) -> list[str]:
    """Every promise that the combination broke, in words."""
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
        intended=endpoint.name not in BEFORE or ended.network.may_have_arrived > 0,
        starts=endpoint.starts,
    )
    if not ended.network.hits:
        found.append("the fault never occurred")
    left = ended.outputs.get("left-running", "").split(",")
    if expected != 7 and any(each not in left for each in ended.going_on):
        found.append("a run is still running and nobody says so")
    if expected == 7 and endpoint.name in {"find", "late-find"}:
        found += broken_traces(ended)
    if endpoint.brings:
        found += wrong_builds(ended)
    if endpoint.system == "management":
        found += broken_record(endpoint, fault, ended, lasts=lasts)
    return found


def broken_traces(ended: Ended) -> list[str]:
    """Where a run that was not found isn't named by its build number."""
    mark = next(request.body["buildNo"] for _at, request in ended.network.times if request.body)
    checks = {
        "the reason": mark in ended.outputs["reason"],
        "the remedy": mark in ended.remedy,
        "left-running": ended.outputs["left-running"] == mark,
        "the state": [each["mark"] for each in json.loads(ended.state["intents"])] == [mark],
    }
    return [f"{place} does not name the build number" for place, holds in checks.items() if not holds]


def wrong_builds(ended: Ended) -> list[str]:
    """Where a run was started with anything but the build that the step brought along."""
    platform = ended.network.systems.platform
    assert isinstance(platform, Testsigma)
    ours = hashlib.sha256(CONTENT).hexdigest()
    right = [{"31": str(each.version)} for each in platform.uploads.all if each.digest == ours]
    sent = [request.body for _at, request in ended.network.times if TRIGGER.matches(request.method, request.url)]
    wrong = [body for body in sent if body and body.get("uploadVersions") not in right]
    checks = {"a run with a wrong build": not wrong, "the build was uploaded twice": len(platform.uploads.all) <= 1}
    return [problem for problem, holds in checks.items() if not holds]


def broken_record(endpoint: Endpoint, fault: str, ended: Ended, *, lasts: bool) -> list[str]:
    """Every promise about the record in test management that the combination broke."""
    warned = WARNED[endpoint.name, fault, lasts]
    checks = {
        "more than one test run": len(ended.network.systems.records.runs) <= 1,
        "a warning is missing or unexpected": ended.warned is warned,
        "the record is incomplete and nobody says so": ended.network.systems.recorded or ended.warned,
    }
    return [problem for problem, holds in checks.items() if not holds]


@pytest.fixture(scope="module")
def _quick_collections() -> Iterator[None]:
    """Keep what is alive already out of the collections that each test forces."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("_quick_collections")
@pytest.mark.parametrize(("endpoint", "kind"), EVERY)
def test_a_fault_at_an_endpoint(tmp_path: Path, endpoint: Endpoint, kind: Kind) -> None:
    """The promises hold, and the page shows exit codes, time, requests and message as measured."""
    once, lasting = play_both(tmp_path, endpoint, kind)
    assert broken_promises(endpoint, kind.name, once, lasts=False) == []
    assert broken_promises(endpoint, kind.name, lasting, lasts=True) == []
    assert row_of(endpoint, kind, once, lasting) == documented(endpoint, kind), "run `make faults`"
    gc.collect()  # asyncio reports an error that nobody awaited when it collects the task
    assert once.unheard + lasting.unheard == []


def test_the_page_holds_every_row_and_nothing_else() -> None:
    """Everything but the rows is as `make faults` writes it, and each combination has its row in its place."""
    assert list(simulated(documented)) == _PAGE


def test_the_expected_codes_cover_the_whole_table() -> None:
    """Each combination has an expected exit code, and there is none for one that isn't played."""
    assert set(EXPECTED) == {(e.name, k.name, lasts) for e in ENDPOINTS for k in KINDS for lasts in (False, True)}


def test_the_sample_has_every_endpoint_and_every_fault() -> None:
    """`make test` plays at least a few faults at each endpoint, and each fault at a few endpoints."""
    for names, at in ((ENDPOINTS, 0), (KINDS, 1)):
        counts = [sum(each[at] == named.name for each in SAMPLE) for named in names]
        assert min(counts) >= 3
