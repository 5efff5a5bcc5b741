"""Every file that ships with TestGate, played on a simulated clock against its platform, written from the documents."""

import asyncio
import pkgutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

from testgate.gate.verdict import judge
from testgate.model import Conclusion, Outcome
from testgate.ports import Provider
from testgate.providers import VENDORS
from testgate.providers.described.asking import Asker
from testgate.providers.described.given import read, selection_problems
from testgate.providers.described.provider import Described
from testgate.providers.described.reading import opening_of
from testgate.results import JudgedRun, Policy
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.runs.workflow import run_all
from testgate.wire import Request
from tests.providers.described import vendors
from tests.providers.described.scenes import Scene, Vendor
from tests.support.simulated import Answer, Desk, FakeTransport, SimulatedLoop, page, play

BASE = "https://platform.example"
MODULES = [import_module(f"{vendors.__name__}.{each.name}") for each in pkgutil.iter_modules(vendors.__path__)]
ALL: list[Vendor] = [module.VENDOR for module in MODULES]

any_vendor = pytest.mark.parametrize("vendor", ALL, ids=[each.provider for each in ALL])


class Played(NamedTuple):
    """What came of a scene. `triggers` is how often a run was started."""

    run: JudgedRun
    scene: Scene
    triggers: int
    log: str

    @property
    def conclusion(self) -> Conclusion:
        """How it ended."""
        return self.run.verdict.conclusion


def provider_of(vendor: Vendor) -> Provider:
    """Build the provider as a step does."""
    path = VENDORS / f"{vendor.provider}.toml"
    opening = opening_of(path.read_text(encoding="utf-8"), path.name)
    given, problems = read(opening, vendor.values, vendor.secret)
    assert [*problems, *selection_problems(opening, given)] == []
    return Described(Asker(opening, BASE, "key-0123456789", given))


def played(
    vendor: Vendor,
    scene: Scene,
    root: Path,
    *,
    timeout: float = 600.0,
    wrap: Callable[[Request, Answer], Answer] = lambda _request, given: given,
) -> Played:
    """Play a scene to its end. `wrap` may replace answers."""

    async def main(loop: SimulatedLoop) -> Played:
        transport = FakeTransport(lambda request, now: wrap(request, vendor.platform(scene, request, now)))
        desk = Desk(loop, transport, Limits(timeout=timeout), root)
        provider = provider_of(vendor)
        reports = await run_all(provider.targets(), RunOptions(stop_at=lambda _run, _why: True), desk.context(provider))
        desk.halt.close()
        await asyncio.sleep(0)
        (run,) = judge(reports, Policy())
        triggers = sum(1 for _at, request in transport.sent if vendor.triggers(request))
        return Played(run, scene, triggers, desk.log)

    return play(main)


def test_every_file_has_a_simulated_platform() -> None:
    """A file without one would be believed, and not tried."""
    assert sorted(each.provider for each in ALL) == sorted(path.stem for path in VENDORS.glob("*.toml"))


@any_vendor
def test_tests_that_pass_are_green(vendor: Vendor, tmp_path: Path) -> None:
    """The run is started once, waited for, and every test is read."""
    found = played(vendor, Scene("passed"), tmp_path)
    assert found.conclusion is Conclusion.PASSED, found.run.verdict.reason
    assert found.triggers == 1
    names = [test.name for test in found.run.report.tests]
    assert names == [*vendor.names] if vendor.tests else len(names) == 1


@any_vendor
def test_a_failed_test_is_red(vendor: Vendor, tmp_path: Path) -> None:
    """It is named, with what the platform says about it."""
    found = played(vendor, Scene("failed"), tmp_path)
    assert found.conclusion is Conclusion.FAILED
    bad = [test for test in found.run.report.tests if test.bad]
    assert (
        [(test.name, test.outcome) for test in bad] == [(vendor.names[1], Outcome.FAILED)]
        if vendor.tests
        else len(bad) == 1
    )
    assert not vendor.messages or "no button" in bad[0].message + bad[0].step


@any_vendor
def test_a_run_without_tests_is_not_green(vendor: Vendor, tmp_path: Path) -> None:
    """Unless the platform tells of no tests, so that the run itself is the only one."""
    found = played(vendor, Scene("empty"), tmp_path)
    assert (found.conclusion is Conclusion.PASSED) is (not vendor.tests)


@any_vendor
def test_a_stopped_run_is_not_green(vendor: Vendor, tmp_path: Path) -> None:
    """Somebody stopped it on the platform, after its first test had passed."""
    assert played(vendor, Scene("stopped"), tmp_path).conclusion not in {Conclusion.PASSED, Conclusion.TIMED_OUT}


@any_vendor
def test_a_word_that_nobody_knows_is_not_green(vendor: Vendor, tmp_path: Path) -> None:
    """All tests passed, and the run has a state that the documents don't have."""
    assert played(vendor, Scene("odd"), tmp_path).conclusion is not Conclusion.PASSED


@any_vendor
def test_a_run_that_hangs_is_stopped(vendor: Vendor, tmp_path: Path) -> None:
    """When the time is up; if the platform has no way to stop it, that is said."""
    found = played(vendor, Scene("hangs"), tmp_path, timeout=120.0)
    assert found.conclusion is Conclusion.TIMED_OUT
    assert (len(found.scene.stopped) == 1) is vendor.stops
    assert bool(found.run.report.left_running) is not vendor.stops


@any_vendor
def test_a_trigger_without_an_answer_is_not_sent_again(vendor: Vendor, tmp_path: Path) -> None:
    """The gateway answers 502 after the run was started."""

    def wrap(request: Request, given: Answer) -> Answer:
        return page(request, 502) if vendor.triggers(request) else given

    found = played(vendor, Scene("passed"), tmp_path, wrap=wrap)
    assert found.triggers == 1
    assert len(found.scene.started) == 1


@any_vendor
def test_the_questions_of_a_check_are_answered(vendor: Vendor, tmp_path: Path) -> None:
    """Each is one that the documents have, and starts nothing."""
    scene = Scene("passed")
    for _name, call in provider_of(vendor).checks():
        given = vendor.platform(scene, call.request, 0.0)
        assert not isinstance(given, Exception)
        assert call.read(given)
    assert not scene.started
    del tmp_path
