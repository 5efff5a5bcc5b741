"""Sending calls: outages, the request budget, and refused credentials."""

import asyncio
from pathlib import Path

import pytest

from testgate.model import Conclusion
from testgate.runs.engine import Engine, Limits
from testgate.wire import Call, Reply, Request
from tests.support.simulated import Desk, FakeTransport, answer, page, play, refused
from tests.support.simulated_runs import after, faulty, simulate
from tests.support.throwaway_testifly import Server


def test_the_request_budget_is_kept(tmp_path: Path) -> None:
    """The limit holds in the long run, over all runs."""
    features = [str(number) for number in range(50)]
    limits = Limits(max_parallel=50, requests_per_second=5)
    result = simulate(tmp_path, Server(after(5)), features=features, limits=limits)
    times = [at for at, _request in result.transport.sent]
    assert result.conclusions == [Conclusion.PASSED] * 50
    assert all(later - earlier >= 1 for earlier, later in zip(times, times[11:], strict=False))


@pytest.mark.parametrize(("greedy", "patient", "per_second"), [(1, 20, 5), (200, 5, 2), (50, 50, 20), (30, 1, 1)])
def test_no_run_starves_beside_one_that_asks_for_much(
    tmp_path: Path, greedy: int, patient: int, per_second: int
) -> None:
    """The budget serves in the order of asking: a run with many pages doesn't hold up others for longer than its turn.

    Each of the patient ones asks five times, one after another; the greedy one for everything at once, five at a time.
    """
    waits: list[float] = []

    async def asks(engine: Engine, name: str, times: int, waited: list[float]) -> None:
        loop = asyncio.get_running_loop()
        for number in range(times):
            began = loop.time()
            request = Request("GET", f"https://platform.example/{name}/{number}")
            await engine.ask(Call("read", request, lambda reply: reply.status))
            waited.append(loop.time() - began)

    async def main(loop: asyncio.AbstractEventLoop) -> None:
        desk = Desk(loop, transport, limits, tmp_path)
        many = [asks(desk.engine, f"greedy/{lane}", greedy, []) for lane in range(5)]
        few = [asks(desk.engine, f"patient/{number}", 5, waits) for number in range(patient)]
        await asyncio.gather(*many, *few)
        desk.halt.close()

    transport = FakeTransport(lambda request, _now: answer(request, {}))
    limits = Limits(timeout=86_400.0, requests_per_second=per_second)
    play(main)
    sent = [at for at, _request in transport.sent]
    assert len(waits) == 5 * patient
    assert len(sent) == 5 * greedy + 5 * patient
    longest = (5 + patient) / per_second + transport.latency  # one turn of everybody who asks
    assert max(waits) <= longest + 1e-6
    assert all(later - earlier >= 1 for earlier, later in zip(sent, sent[2 * per_second + 1 :], strict=False))


def test_an_outage_is_waited_out_and_logged(tmp_path: Path) -> None:
    """Three minutes of 503 affect only the log."""
    server = Server(after(600))
    result = simulate(tmp_path, faulty(server, lambda request, now: page(request) if 1100 < now < 1280 else None))
    assert result.conclusions == [Conclusion.PASSED]
    assert result.transport.count("POST", "/testExecution/p1") == 1
    assert "no good answer from the platform for" in result.log
    assert "answers again after" in result.log
    assert len(result.log.splitlines()) < 40


def test_a_too_long_outage_is_a_platform_error(tmp_path: Path) -> None:
    """The reason contains the server's answer."""
    server = Server(after(600))
    handler = faulty(server, lambda request, now: page(request) if now > 1100 else None)
    result = simulate(tmp_path, handler, limits=Limits(max_outage=120))
    assert result.conclusions == [Conclusion.PLATFORM_ERROR]
    assert "503" in result.reasons[0]
    assert 215 < result.seconds < 260


def test_each_good_answer_resets_the_outage_clock(tmp_path: Path) -> None:
    """A platform that answers one in four requests for ten minutes is not down for one minute."""
    server = Server(after(600))
    polls = iter(range(100_000))
    handler = faulty(server, lambda request, _now: page(request) if "jobs" in request.url and next(polls) % 4 else None)
    result = simulate(tmp_path, handler, limits=Limits(max_outage=60))
    assert result.conclusions == [Conclusion.PASSED]


def test_a_server_that_is_down_at_the_start_is_tried_for_30_seconds(tmp_path: Path) -> None:
    """Nothing was started, as the trigger certainly did not arrive."""
    result = simulate(tmp_path, lambda request, _now: refused(request))
    assert result.conclusions == [Conclusion.PLATFORM_ERROR]
    assert 29 <= result.seconds <= 35
    assert "connection refused" in result.reasons[0]


def test_a_rate_limited_trigger_is_sent_again_when_the_server_says_so(tmp_path: Path) -> None:
    """A 429 is certain: nothing was started."""
    asked: list[float] = []

    def limited(request: Request, now: float) -> Reply | None:
        if "testExecution" not in request.url:
            return None
        asked.append(now)
        return answer(request, {"error": "slow down"}, 429, {"retry-after": "7"}) if len(asked) == 1 else None

    result = simulate(tmp_path, faulty(Server(after(1)), limited))
    assert result.conclusions == [Conclusion.PASSED]
    assert asked[1] - asked[0] >= 7


ODD_STATUSES = (302, 304, 400, 401, 403, 404, 405, 409, 410, 418, 422, 451, 499)


@pytest.mark.parametrize("status", ODD_STATUSES)
def test_a_run_lives_on_through_an_odd_answer(tmp_path: Path, status: int) -> None:
    """One refusal of a read that was good before, or many within half a minute, are an outage like any other."""
    once = iter([True])

    def hiccup(request: Request, now: float) -> Reply | None:
        return answer(request, {}, status) if "jobs" in request.url and now > 1005 and next(once, False) else None

    assert simulate(tmp_path, faulty(Server(after(20)), hiccup)).conclusions == [Conclusion.PASSED]
    minute = faulty(Server(after(90)), lambda request, now: answer(request, {}, status) if 1010 < now < 1030 else None)
    assert simulate(tmp_path, minute).conclusions == [Conclusion.PASSED]


@pytest.mark.parametrize("status", ODD_STATUSES)
def test_a_refusal_that_lasts_is_believed(tmp_path: Path, status: int) -> None:
    """Three times over half a minute."""
    handler = faulty(Server(after(600)), lambda request, now: answer(request, {}, status) if now > 1010 else None)
    result = simulate(tmp_path, handler)
    assert result.conclusions == [Conclusion.PLATFORM_ERROR]
    assert 35 < result.seconds < 60


def test_a_refusal_ends_an_outage_that_the_user_does_not_allow(tmp_path: Path) -> None:
    """`max-outage` can be shorter."""
    handler = faulty(Server(after(600)), lambda request, now: answer(request, {}, 401) if now > 1010 else None)
    result = simulate(tmp_path, handler, limits=Limits(max_outage=5))
    assert result.conclusions == [Conclusion.PLATFORM_ERROR]
    assert 14 < result.seconds < 20


def test_a_rate_limit_under_another_name_is_waited_out(tmp_path: Path) -> None:
    """403 with Retry-After says the same as 429, also to a trigger."""

    def limited(request: Request, now: float) -> Reply | None:
        if now < 1004 or 1010 < now < 1100:
            return answer(request, {}, 403)._replace(headers={"retry-after": "5"})
        return None

    server = Server(after(20))
    result = simulate(tmp_path, faulty(server, limited))
    assert result.conclusions == [Conclusion.PASSED]
    assert result.seconds > 100
