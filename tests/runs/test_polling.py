"""Polling: how often, how many runs at once, and what a missing run means."""

import itertools
from pathlib import Path

import pytest

from testgate.model import Conclusion, Target
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.wire import Reply, Request
from tests.support.simulated import answer
from tests.support.simulated_runs import after, faulty, simulate
from tests.support.throwaway_testifly import Server, Testifly


def test_the_end_is_noticed_with_few_requests(tmp_path: Path) -> None:
    """Half an hour without counts costs fewer polls than one every ten seconds, and ends within a minute."""
    result = simulate(tmp_path, Server(after(1800)))
    assert 1800 <= result.seconds < 1800 + 61
    assert result.transport.count("POST", "/jobs/p1") < 180


def test_what_is_expected_of_a_target_costs_fewer_polls(tmp_path: Path) -> None:
    """It is asked for with the target, and says when the polls must be dense."""
    asked: list[Target] = []

    def expected(target: Target) -> float:
        asked.append(target)
        return 1750.0

    plain = simulate(tmp_path, Server(after(1800)))
    result = simulate(tmp_path, Server(after(1800)), options=RunOptions(expected=expected))
    assert [each.key for each in asked] == ["a"]
    assert 1800 <= result.seconds < 1800 + 30
    assert result.transport.count("POST", "/jobs/p1") < plain.transport.count("POST", "/jobs/p1")


def test_nothing_is_expected_of_a_run_that_was_started_elsewhere(tmp_path: Path) -> None:
    """Nobody knows how old it is: it's polled as if nothing were expected."""
    polls = [
        simulate(tmp_path, Server(after(600)), vendor=Testifly([], attached=["a"]), options=options).transport.times(
            "POST"
        )
        for options in (RunOptions(), RunOptions(expected=lambda _target: 580.0))
    ]
    assert polls[0] == polls[1]


def test_many_runs_share_their_polls(tmp_path: Path) -> None:
    """Twenty runs cost about as many polls as one."""
    features = [str(number) for number in range(20)]
    alone = simulate(tmp_path, Server(after(60)))
    together = simulate(tmp_path, Server(after(60)), features=features, limits=Limits(max_parallel=20))
    assert together.conclusions == [Conclusion.PASSED] * 20
    assert together.transport.count("POST", "/jobs/p1") <= 2 * alone.transport.count("POST", "/jobs/p1")


def test_a_fixed_poll_interval_is_kept(tmp_path: Path) -> None:
    """The time between two polls is the user's interval."""
    result = simulate(tmp_path, Server(after(60)), limits=Limits(poll_interval=7))
    times = [at for at, each in result.transport.sent if each.url.endswith("/jobs/p1")]
    assert all(later - earlier == pytest.approx(7.1) for earlier, later in itertools.pairwise(times))


def test_a_new_run_may_be_missing_for_a_while(tmp_path: Path) -> None:
    """Later, a missing run is an error."""
    server = Server(after(60))
    young = faulty(server, lambda request, now: _no_jobs(request) if "jobs" in request.url and now < 1010 else None)
    assert simulate(tmp_path, young).conclusions == [Conclusion.PASSED]
    later = faulty(server, lambda request, now: _no_jobs(request) if "jobs" in request.url and now > 1040 else None)
    result = simulate(tmp_path, later)
    assert result.conclusions == [Conclusion.PLATFORM_ERROR]
    assert "job-a" in result.reasons[0]


@pytest.mark.parametrize("name", ["a", "b", "c"])
@pytest.mark.parametrize(("until", "conclusion"), [(1025, Conclusion.PASSED), (1100, Conclusion.PLATFORM_ERROR)])
def test_a_run_that_is_missing_from_one_answer_lives_on(
    tmp_path: Path, name: str, until: float, conclusion: Conclusion
) -> None:
    """The other runs of the answer, too; one that is missing for longer than half a minute is believed to be gone."""
    server = Server(after(120))

    def missing(request: Request, now: float) -> Reply | None:
        found = server(request, now) if request.url.endswith("/jobs/p1") and 1010 < now < until else None
        if not isinstance(found, Reply):
            return None
        jobs = [each for each in found.data()["jobs"] if each["jobId"] != f"job-{name}"]
        return answer(request, {"success": True, "jobs": jobs})

    result = simulate(tmp_path, faulty(server, missing), features=["a", "b", "c"])
    expected = {each: conclusion if each == name else Conclusion.PASSED for each in "abc"}
    assert dict(zip("abc", result.conclusions, strict=True)) == expected


def test_an_attached_run_that_was_never_seen_ends_at_once(tmp_path: Path) -> None:
    """It was mistyped. One that was seen is waited for."""
    gone = faulty(Server(after(60)), lambda request, _now: _no_jobs(request) if "jobs" in request.url else None)
    result = simulate(tmp_path, gone, vendor=Testifly([], attached=["a"]))
    assert result.conclusions == [Conclusion.PLATFORM_ERROR]
    assert result.seconds < 10


def _no_jobs(request: Request) -> Reply:
    """An answer in which every job is missing."""
    return answer(request, {"success": True, "jobs": [], "missingJobIds": ["job-a"]})
