"""Ends that the soak found wrong once, each by itself."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from testgate.model import Conclusion
from testgate.runs.engine import Limits
from testgate.wire import Reply, Request
from tests.runs.test_endings import STOPPING
from tests.runs.test_workflow import after, faulty, simulate
from tests.support.simulated import Answer, Handler, answer, dropped
from tests.support.throwaway_testifly import Server, Testifly

CANCELLED = Conclusion.CANCELLED


async def _silence() -> Reply:
    """No answer, ever."""
    await asyncio.sleep(1e9)
    raise AssertionError


def once(fits: Callable[[Request], bool], status: int) -> Callable[[Request, float], Answer | None]:
    """The first request that fits is refused."""
    left = [status]
    return lambda request, _now: answer(request, {"error": "no"}, left.pop()) if left and fits(request) else None


def test_a_run_that_we_gave_up_and_stopped_is_no_run_that_somebody_stopped(tmp_path: Path) -> None:
    """The reason is why it was given up, and the conclusion is the platform's fault."""
    server = Server(after(10_000))
    handler = faulty(server, once(lambda request: request.url.endswith("/jobs/p1"), 422))
    played = simulate(tmp_path, handler, vendor=Testifly(["a"], can_stop=True), plan=STOPPING)
    assert list(server.stopped) == ["job-a"]
    assert played.conclusions == [Conclusion.PLATFORM_ERROR]
    assert "422" in played.reasons[0]


def test_a_run_that_is_not_known_yet_is_stopped_at_a_cancel(tmp_path: Path) -> None:
    """Just created, it is missing for two seconds: it is read again until it shows, and stopped."""
    server = Server(after(10_000))

    def missing(request: Request, now: float) -> Answer | None:
        return answer(request, {}, 404) if request.url.endswith("/jobs/p1") and now < 1002 else None

    vendor = Testifly(["a"], can_stop=True)
    played = simulate(tmp_path, faulty(server, missing), vendor=vendor, plan=STOPPING, halt=(0.5, CANCELLED))
    assert list(server.stopped) == ["job-a"]
    assert played.conclusions == [CANCELLED]
    assert not played.reports[0].left_running


def test_a_second_cancel_during_a_trigger_still_says_that_nobody_knows(tmp_path: Path) -> None:
    """The answer does not come in the second and a half that is left."""
    played = simulate(tmp_path, lambda _request, _now: _silence(), halt=(0.3, CANCELLED), again=0.5, plan=STOPPING)
    assert played.conclusions == [Conclusion.TRIGGER_UNKNOWN]
    assert played.seconds <= 0.5 + 1.5 + 0.1


def test_a_timeout_after_a_cancel_does_not_shorten_the_end(tmp_path: Path) -> None:
    """Only a second cancel does."""
    server = Server(after(10_000))
    handler: Handler = lambda request, now: _silence() if now > 1050 else server(request, now)  # noqa: E731  # typed
    vendor = Testifly(["a"], can_stop=True)
    limits = Limits(timeout=61)
    played = simulate(tmp_path, handler, vendor=vendor, halt=(60, CANCELLED), limits=limits, plan=STOPPING)
    assert 64.5 <= played.seconds <= 65.1


def test_a_second_cancel_after_the_timeout_shortens_the_end(tmp_path: Path) -> None:
    """The timeout came first, then two cancels: a second and a half after the second it is over."""
    server = Server(after(10_000))
    handler: Handler = lambda request, now: _silence() if now > 1050 else server(request, now)  # noqa: E731  # typed
    played = simulate(
        tmp_path,
        handler,
        vendor=Testifly(["a"], can_stop=True),
        limits=Limits(timeout=60),
        halt=(62, CANCELLED),
        again=62.5,
        plan=STOPPING,
    )
    assert played.seconds <= 62.5 + 1.5 + 0.1


def test_a_cancel_while_looking_again_for_a_lost_trigger_looks_once_more(tmp_path: Path) -> None:
    """The first look was refused and waits to be confirmed; the run is found all the same, and stopped."""
    server = Server(after(10_000))
    refused = once(lambda request: "/find/" in request.url, 401)

    def lost(request: Request, now: float) -> Answer | None:
        if request.url.endswith("/testExecution/p1"):
            server(request, now)
            return dropped(request)
        return refused(request, now)

    vendor = Testifly(["a"], can_stop=True, can_find=True)
    played = simulate(tmp_path, faulty(server, lost), vendor=vendor, halt=(3, CANCELLED), plan=STOPPING)
    assert list(server.stopped) == ["job-a"]
    assert played.conclusions == [CANCELLED]
