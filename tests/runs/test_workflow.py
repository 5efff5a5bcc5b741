"""The engine, the poller and the workflow on a simulated clock and transport."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from testgate.gate.verdict import judge
from testgate.model import Conclusion, Run, Target
from testgate.results import Policy, RunReport
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from testgate.runs.workflow import run_all
from testgate.wire import Reply, Request
from tests.support.simulated import (
    Answer,
    Desk,
    FakeTransport,
    Handler,
    SimulatedLoop,
    answer,
    dropped,
    page,
    play,
    refused,
)
from tests.support.throwaway_testifly import Server, Testifly


class PlayedRun:
    """What came out of a play: reports, log, requests, and the simulated time that it took."""

    def __init__(self, reports: Sequence[RunReport], desk: Desk, seconds: float) -> None:
        """Judge the reports at the strictest policy."""
        self.reports = reports
        self.log = desk.log
        self.transport = desk.transport
        self.journal = desk.journal
        self.seconds = seconds
        self.conclusions = [each.verdict.conclusion for each in judge(reports, Policy())]
        self.reasons = [each.verdict.reason for each in judge(reports, Policy())]


def simulate(
    root: Path,
    handler: Handler,
    *,
    features: Sequence[str] = ("a",),
    limits: Limits = Limits(),  # noqa: B008  # immutable
    halt: tuple[float, Conclusion] | None = None,
    again: float | None = None,
    latency: float = 0.1,
    plan: RunOptions = RunOptions(),  # noqa: B008  # immutable
    vendor: Testifly | None = None,
) -> PlayedRun:
    """Play `command: run` with the throwaway vendor; `halt` ends the step at a time since its start, `again` too."""

    async def main(loop: SimulatedLoop) -> PlayedRun:
        desk = Desk(loop, FakeTransport(handler, latency), limits, root)
        began = loop.time()
        if halt is not None:
            loop.call_at(began + halt[0], desk.halt.request, halt[1])
            if again is not None:
                loop.call_at(began + again, desk.halt.request, halt[1])
        provider = vendor or Testifly(features)
        begins: list[Target | Run] = [*provider.targets(), *provider.attached()]
        marked = replace(plan, mark=lambda: "mark-1")
        reports = await run_all(begins, marked, desk.context(provider, several=len(begins) > 1))
        desk.halt.close()
        await asyncio.sleep(0)
        return PlayedRun(reports, desk, loop.time() - began)

    return play(main)


def after(seconds: float, word: str = "Success", before: str = "InProgress") -> Callable[[str, float], str]:
    """A job that goes on so long, then ends."""
    return lambda _job, age: word if age >= seconds else before


def faulty(server: Server, faults: Callable[[Request, float], Answer | None]) -> Handler:
    """The server, but where `faults` gives an answer or an exception."""
    return lambda request, now: faults(request, now) or server(request, now)


def test_a_run_goes_from_trigger_to_results(tmp_path: Path) -> None:
    """One trigger, polls until the end, the report; the ids are in the journal."""
    played = simulate(tmp_path, Server(after(30)))
    assert played.conclusions == [Conclusion.PASSED]
    assert played.transport.count("POST", "/testExecution/p1") == 1
    assert [each.id for each in played.journal.runs] == ["job-a"]
    assert 30 <= played.seconds < 34


def test_the_end_is_seen_soon_and_costs_few_requests(tmp_path: Path) -> None:
    """Half an hour is polled about 170 times; its end is seen at most 15 s late."""
    played = simulate(tmp_path, Server(after(1800)))
    assert 1800 <= played.seconds < 1800 + 16
    assert played.transport.count("POST", "/jobs/p1") < 200


def test_many_jobs_share_one_poll_a_round(tmp_path: Path) -> None:
    """Twenty jobs of one step cost about as many polls as one."""
    features = [str(number) for number in range(20)]
    alone = simulate(tmp_path, Server(after(60)))
    together = simulate(tmp_path, Server(after(60)), features=features, limits=Limits(max_parallel=20))
    assert together.conclusions == [Conclusion.PASSED] * 20
    assert together.transport.count("POST", "/jobs/p1") <= 2 * alone.transport.count("POST", "/jobs/p1")


def test_max_parallel_bounds_the_runs_at_a_time(tmp_path: Path) -> None:
    """Two hundred runs, ten at a time: a trigger waits until a run is over."""
    features = [str(number) for number in range(200)]
    played = simulate(tmp_path, Server(after(10)), features=features, limits=Limits(max_parallel=10))
    assert played.conclusions == [Conclusion.PASSED] * 200
    starts = [at for at, each in played.transport.sent if each.url.endswith("/testExecution/p1")]
    assert all(later - earlier >= 10 for earlier, later in zip(starts, starts[10:], strict=False))


def test_the_request_budget_is_kept(tmp_path: Path) -> None:
    """Not more than `requests-per-second` in the long run, over all runs."""
    features = [str(number) for number in range(50)]
    limits = Limits(max_parallel=50, requests_per_second=5)
    played = simulate(tmp_path, Server(after(5)), features=features, limits=limits)
    times = [at for at, _request in played.transport.sent]
    assert played.conclusions == [Conclusion.PASSED] * 50
    assert all(later - earlier >= 1 for earlier, later in zip(times, times[11:], strict=False))


def test_a_fixed_poll_interval_is_kept(tmp_path: Path) -> None:
    """The user's interval lies between two polls."""
    played = simulate(tmp_path, Server(after(60)), limits=Limits(poll_interval=7))
    times = [at for at, each in played.transport.sent if each.url.endswith("/jobs/p1")]
    assert all(later - earlier == pytest.approx(7.1) for earlier, later in itertools.pairwise(times))


def test_an_outage_while_watching_is_waited_out_and_told(tmp_path: Path) -> None:
    """Three minutes of 503 change nothing but the log."""
    server = Server(after(600))
    played = simulate(tmp_path, faulty(server, lambda request, now: page(request) if 1100 < now < 1280 else None))
    assert played.conclusions == [Conclusion.PASSED]
    assert played.transport.count("POST", "/testExecution/p1") == 1
    assert "unreachable for" in played.log
    assert "answers again after" in played.log
    assert len(played.log.splitlines()) < 40


def test_an_outage_longer_than_allowed_ends_the_step(tmp_path: Path) -> None:
    """After `max-outage` it is a platform error, never green, and says what the platform said."""
    server = Server(after(600))
    handler = faulty(server, lambda request, now: page(request) if now > 1100 else None)
    played = simulate(tmp_path, handler, limits=Limits(max_outage=120))
    assert played.conclusions == [Conclusion.PLATFORM_ERROR]
    assert "503" in played.reasons[0]
    assert 215 < played.seconds < 260


def test_each_good_answer_restarts_the_outage_clock(tmp_path: Path) -> None:
    """A platform that answers one time in four for ten minutes is no outage of one minute."""
    server = Server(after(600))
    polls = iter(range(100_000))
    handler = faulty(server, lambda request, _now: page(request) if "jobs" in request.url and next(polls) % 4 else None)
    played = simulate(tmp_path, handler, limits=Limits(max_outage=60))
    assert played.conclusions == [Conclusion.PASSED]


def test_a_server_that_is_down_at_the_start_costs_half_a_minute(tmp_path: Path) -> None:
    """Nobody listens: tried for 30 s, since nothing was started, and the trigger is known not to have arrived."""
    played = simulate(tmp_path, lambda request, _now: refused(request))
    assert played.conclusions == [Conclusion.PLATFORM_ERROR]
    assert 29 <= played.seconds <= 35
    assert "connection refused" in played.reasons[0]


@pytest.mark.parametrize(
    "fault",
    [
        dropped,
        lambda request: page(request, 500),
        lambda request: page(request, 502),
        lambda request: page(request, 504),
        lambda request: page(request, 200, "<html>Sign in</html>"),
        lambda request: answer(request, {"unexpected": True}),
        lambda request: answer(request, []),
    ],
)
def test_a_trigger_that_may_have_arrived_is_never_sent_again(
    tmp_path: Path, fault: Callable[[Request], Reply | Exception]
) -> None:
    """Whatever is ambiguous: one trigger, and the conclusion says that nobody knows."""
    handler = faulty(Server(after(1)), lambda request, _now: fault(request) if "testExecution" in request.url else None)
    played = simulate(tmp_path, handler)
    assert played.transport.count("POST", "/testExecution/p1") == 1
    assert played.conclusions == [Conclusion.TRIGGER_UNKNOWN]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refused_trigger_is_not_sent_again(tmp_path: Path, status: int) -> None:
    """The platform said no: that is certain, and told at once."""
    handler = faulty(Server(after(1)), lambda request, _now: answer(request, {"error": "no such feature"}, status))
    played = simulate(tmp_path, handler)
    assert played.conclusions == [Conclusion.PLATFORM_ERROR]
    assert len(played.transport.sent) == 1
    assert "no such feature" in played.reasons[0]


def test_a_trigger_refused_for_its_rate_is_sent_again_when_the_server_wishes(tmp_path: Path) -> None:
    """429 is certain: nothing was started. Retry-After is kept."""
    asked: list[float] = []

    def limited(request: Request, now: float) -> Reply | None:
        if "testExecution" not in request.url:
            return None
        asked.append(now)
        return answer(request, {"error": "slow down"}, 429, {"retry-after": "7"}) if len(asked) == 1 else None

    played = simulate(tmp_path, faulty(Server(after(1)), limited))
    assert played.conclusions == [Conclusion.PASSED]
    assert asked[1] - asked[0] >= 7


def test_refused_credentials_while_polling_are_confirmed_once(tmp_path: Path) -> None:
    """One 401 may be a hiccup; two, 5 s apart, are the end."""
    once = iter([True])

    def hiccup(request: Request, now: float) -> Reply | None:
        return answer(request, {}, 401) if "jobs" in request.url and now > 1005 and next(once, False) else None

    played = simulate(tmp_path, faulty(Server(after(20)), hiccup))
    assert played.conclusions == [Conclusion.PASSED]
    handler = faulty(Server(after(60)), lambda request, now: answer(request, {}, 401) if now > 1010 else None)
    played = simulate(tmp_path, handler)
    assert played.conclusions == [Conclusion.PLATFORM_ERROR]
    assert played.seconds < 20


def test_a_run_that_is_not_known_yet_is_asked_for_again(tmp_path: Path) -> None:
    """Just after the trigger a run may be missing; later it is an error."""
    server = Server(after(60))
    young = faulty(server, lambda request, now: _no_jobs(request) if "jobs" in request.url and now < 1010 else None)
    assert simulate(tmp_path, young).conclusions == [Conclusion.PASSED]
    later = faulty(server, lambda request, now: _no_jobs(request) if "jobs" in request.url and now > 1040 else None)
    played = simulate(tmp_path, later)
    assert played.conclusions == [Conclusion.PLATFORM_ERROR]
    assert "job-a" in played.reasons[0]


def _no_jobs(request: Request) -> Reply:
    """An answer in which every job is missing."""
    return answer(request, {"success": True, "jobs": [], "missingJobIds": ["job-a"]})


def test_the_timeout_ends_the_step_with_one_last_read(tmp_path: Path) -> None:
    """At the deadline the run is read once more, its partial results are collected, and its id is kept."""
    played = simulate(tmp_path, Server(after(10_000)), limits=Limits(timeout=100))
    assert played.conclusions == [Conclusion.TIMED_OUT]
    assert 100 <= played.seconds < 105
    assert [test.name for test in played.reports[0].tests] == ["Login"]
    assert played.reports[0].run is not None


def test_a_run_that_ended_just_before_the_deadline_gets_its_verdict(tmp_path: Path) -> None:
    """The last read decides."""
    played = simulate(tmp_path, Server(after(99)), limits=Limits(timeout=100, poll_interval=60))
    assert played.conclusions == [Conclusion.PASSED]


def test_a_deadline_while_nobody_answers_is_bounded(tmp_path: Path) -> None:
    """Closing down has its own 30 s, whatever the platform does."""

    async def silence() -> Reply:
        await asyncio.sleep(1e9)
        raise AssertionError

    server = Server(after(10_000))
    handler: Handler = lambda request, now: silence() if now > 1090 else server(request, now)  # noqa: E731  # typed
    played = simulate(tmp_path, handler, limits=Limits(timeout=100))
    assert played.conclusions == [Conclusion.TIMED_OUT]
    assert played.seconds <= 131


def test_a_cancel_ends_inside_five_seconds_with_the_ids(tmp_path: Path) -> None:
    """Many runs at once; every run's last state and partial results are in the reports."""
    features = [str(number) for number in range(20)]
    played = simulate(
        tmp_path,
        Server(after(10_000)),
        features=features,
        limits=Limits(max_parallel=20),
        halt=(50, Conclusion.CANCELLED),
    )
    assert played.conclusions == [Conclusion.CANCELLED] * 20
    assert played.seconds <= 55.1
    assert all(report.run for report in played.reports)


def test_a_cancel_during_the_trigger_awaits_its_answer(tmp_path: Path) -> None:
    """The id that a cleanup needs is on its way: it is waited for."""
    played = simulate(tmp_path, Server(after(100)), latency=2.0, halt=(1.0, Conclusion.CANCELLED))
    assert [each.id for each in played.journal.runs] == ["job-a"]
    assert played.conclusions == [Conclusion.CANCELLED]
    assert played.seconds <= 6.1


def test_a_cancel_during_a_trigger_that_is_never_answered_says_so(tmp_path: Path) -> None:
    """Nobody knows whether a run was started: told with the mark to look for."""
    played = simulate(tmp_path, Server(after(100)), latency=20.0, halt=(1.0, Conclusion.CANCELLED))
    assert played.conclusions == [Conclusion.TRIGGER_UNKNOWN]
    assert played.seconds <= 6.1


def test_a_cancel_before_the_first_trigger_starts_nothing(tmp_path: Path) -> None:
    """What has not begun does not begin any more."""
    features = ["a", "b", "c"]
    played = simulate(
        tmp_path,
        Server(after(100)),
        features=features,
        limits=Limits(max_parallel=1),
        halt=(20, Conclusion.CANCELLED),
    )
    assert played.transport.count("POST", "/testExecution/p1") == 1
    assert played.conclusions == [Conclusion.CANCELLED] * 3
    assert "was not started" in played.reasons[2]


def test_without_waiting_the_step_ends_after_the_trigger(tmp_path: Path) -> None:
    """`wait: false`: ids are known, no poll is sent."""
    played = simulate(tmp_path, Server(after(100)), features=["a", "b"], plan=RunOptions(wait=False))
    assert played.conclusions == [Conclusion.TRIGGERED] * 2
    assert len(played.transport.sent) == 2
    assert [each.id for each in played.journal.runs] == ["job-a", "job-b"]


def test_one_target_that_cannot_be_started_does_not_lose_the_others(tmp_path: Path) -> None:
    """Each target has its own end."""

    def no_b(request: Request, _now: float) -> Reply | None:
        return (
            answer(request, {"error": "gone"}, 404) if request.body and request.body.get("featureId") == "b" else None
        )

    played = simulate(tmp_path, faulty(Server(after(30)), no_b), features=["a", "b", "c"])
    assert played.conclusions == [Conclusion.PASSED, Conclusion.PLATFORM_ERROR, Conclusion.PASSED]


def test_busy_is_told_and_not_sent_again_if_the_user_wants_it_so(tmp_path: Path) -> None:
    """`on-busy: fail`: a refusal for now is a platform error at once."""
    handler = faulty(Server(after(1)), lambda request, _now: answer(request, {"scheduleStatus": "AgentBusy"}))
    played = simulate(tmp_path, handler, plan=RunOptions(wait_busy=False))
    assert played.conclusions == [Conclusion.PLATFORM_ERROR]
    assert played.reasons == ["no agent is free"]


def test_a_report_that_cannot_be_read_keeps_the_run_and_is_red(tmp_path: Path) -> None:
    """The run ended well, but nothing proves that its tests passed."""
    handler = faulty(Server(after(5)), lambda request, _now: page(request) if request.method == "GET" else None)
    played = simulate(tmp_path, handler, limits=Limits(max_outage=30))
    assert played.conclusions == [Conclusion.PLATFORM_ERROR]
    assert "Success" in played.reasons[0]
    assert played.seconds < 45


def test_the_log_is_short_for_a_long_run(tmp_path: Path) -> None:
    """Half an hour without news is a heartbeat a minute, not a line a poll."""
    played = simulate(tmp_path, Server(after(1800)))
    assert 25 <= len(played.log.splitlines()) <= 40


def test_the_same_play_goes_the_same_way_every_time(tmp_path: Path) -> None:
    """The simulated clock leaves nothing to chance."""
    features = [str(number) for number in range(30)]
    plays = [simulate(tmp_path, Server(after(45)), features=features) for _time in range(2)]
    assert plays[0].log == plays[1].log
    assert plays[0].transport.times("POST") == plays[1].transport.times("POST")
