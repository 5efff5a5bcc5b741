"""One trigger that starts several runs: each is watched, judged and stopped like one of its own."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from testgate.gate.verdict import judge
from testgate.model import Conclusion
from testgate.providers.described.asking import Asker
from testgate.providers.described.given import Given
from testgate.providers.described.loading import load
from testgate.providers.described.provider import Described
from testgate.results import Policy
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.runs.workflow import run_all
from testgate.wire import Reply, Request
from tests.support.simulated import Desk, FakeTransport, SimulatedLoop, answer, play

FILE = """
format = 1
name = "Heron"
values.suite = { list = true, about = "The suites.", example = "a" }
targets = [{ each = "suite", name = "Suite {it}" }]
trigger = { request = "POST /run/{it}", several = "runs", id = "id", label = "browser" }
stop = { request = "POST /stop/{run.id}" }
checks = [{ name = "key", request = "GET /me" }]

[poll]
request = "GET /state/{run.id}"
status = "state"
states = { running = ["going"], passed = ["good"], failed = ["bad"], stopped = ["stopped"], aborted = ["lost"] }
counts = { total = "total" }

[results]
request = "GET /tests/{run.id}"
rows = "tests"
test = { name = "name", status = "state" }
outcomes = { passed = ["good"], failed = ["bad"] }
"""
SECONDS = {"r1": 30.0, "r2": 60.0, "r3": 90.0}


class Heron:
    """Three browsers, a run each, that end one after the other. `delay` is what the trigger takes to answer."""

    def __init__(self, ends: Mapping[str, str], delay: float = 0.0) -> None:
        self.ends = ends
        self.delay = delay
        self.began: float | None = None
        self.stopped: list[str] = []
        self.triggers = 0

    async def __call__(self, request: Request, now: float) -> Reply:
        """Answer one request."""
        run = request.url.rpartition("/")[2]
        if "/run/" in request.url:
            self.began = now
            self.triggers += 1
            await asyncio.sleep(self.delay)
            rows = [{"id": each, "browser": each.replace("r", "browser ")} for each in reversed(SECONDS)]
            return answer(request, {"runs": rows})
        if "/stop/" in request.url:
            self.stopped.append(run)
            return answer(request, {})
        if "/state/" in request.url:
            return answer(request, {"state": self.state(run, now), "total": 1})
        state = "bad" if self.ends[run] == "bad" else "good"
        return answer(request, {"tests": [{"name": "Login", "state": state}]})

    def state(self, run: str, now: float) -> str:
        """The state of a run."""
        if run in self.stopped:
            return "stopped"
        return self.ends[run] if self.began is not None and now >= self.began + SECONDS[run] else "going"


GOOD = {"r1": "good", "r2": "good", "r3": "good"}


def conclusions(
    heron: Heron, root: Path, *, cancel_after: float | None = None, retries: int = 0, fail_fast: bool = False
) -> tuple[Sequence[Conclusion], str]:
    """Play the trigger to its end: the conclusion of each run, and the log."""

    async def main(loop: SimulatedLoop) -> tuple[Sequence[Conclusion], str]:
        desk = Desk(loop, FakeTransport(heron), Limits(max_parallel=1), root)
        provider = Described(Asker(load(FILE, "heron.toml"), "https://heron.example", "", Given({"suite": ["a"]})))
        options = RunOptions(stop_at=lambda _run, _why: True, retry_aborted=retries, fail_fast=fail_fast)
        if cancel_after is not None:
            loop.call_later(cancel_after, desk.halt.request, Conclusion.CANCELLED)
        reports = await run_all(provider.targets(), options, desk.context(provider))
        desk.halt.close()
        await asyncio.sleep(0)
        assert [report.run.id for report in reports if report.run] == [*SECONDS]
        assert [run.id for run in desk.journal.runs] == [*SECONDS]
        return [each.verdict.conclusion for each in judge(reports, Policy())], desk.log

    return play(main)


@pytest.mark.parametrize("red", [(), ("r1",), ("r2",), ("r3",), ("r1", "r3")])
def test_each_run_is_judged(red: Sequence[str], tmp_path: Path) -> None:
    """They are watched side by side, whatever `max-parallel` says: they are going already."""
    heron = Heron({**GOOD, **dict.fromkeys(red, "bad")})
    found, log = conclusions(heron, tmp_path)
    assert found == [Conclusion.FAILED if run in red else Conclusion.PASSED for run in SECONDS]
    assert heron.stopped == []
    assert "Suite a (browser 3) started as run r3" in log


@pytest.mark.parametrize(("after", "delay"), [(10.0, 0.0), (45.0, 0.0), (0.5, 3.0)])
def test_a_cancel_stops_each_run_that_goes_on(after: float, delay: float, tmp_path: Path) -> None:
    """Also if it comes while the trigger is being answered."""
    heron = Heron(GOOD, delay)
    found, _log = conclusions(heron, tmp_path, cancel_after=after)
    going = [run for run, seconds in SECONDS.items() if seconds > after]
    assert sorted(heron.stopped) == going
    assert found.count(Conclusion.PASSED) == len(SECONDS) - len(going)


@pytest.mark.parametrize("lost", [("r1",), ("r2",), ("r1", "r3")])
def test_a_run_that_was_lost_is_not_started_again_alone(lost: Sequence[str], tmp_path: Path) -> None:
    """A second trigger would start those beside it again, while they go on."""
    heron = Heron({**GOOD, **dict.fromkeys(lost, "lost")})
    found, _log = conclusions(heron, tmp_path, retries=2)
    assert heron.triggers == 1
    assert found == [Conclusion.STOPPED if run in lost else Conclusion.PASSED for run in SECONDS]


def test_fail_fast_stops_the_runs_beside_one_that_failed(tmp_path: Path) -> None:
    """They are ours, whichever trigger started them."""
    heron = Heron({**GOOD, "r1": "bad"})
    found, _log = conclusions(heron, tmp_path, fail_fast=True)
    assert found == [Conclusion.FAILED, Conclusion.CANCELLED, Conclusion.CANCELLED]
    assert sorted(heron.stopped) == ["r2", "r3"]
