"""The simulator's HTTP server: recording, faults, and shutdown."""

import http.client
import threading
import time
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest

from testgate.demo.exchange import RawReply, Recorded
from testgate.demo.faults import Fault
from testgate.demo.server import Simulator
from testgate.demo.testsigma.app import KEY, Testsigma
from testgate.demo.testsigma.runs import SimulatedRun
from testgate.demo.testsigma.scenarios import Plan, Scenario, Test, one_plan
from tests.support.testsigma_client import Clock, ask, trigger

PLAN = Plan(tests=(Test("a"),))


def simulator(*faults: Fault, clock: Clock | None = None, speed: float = 1.0) -> Simulator[SimulatedRun]:
    """A simulator of one plan."""
    return Simulator(Testsigma(one_plan(PLAN, *faults)), clock=clock or Clock(), speed=speed)


def test_requests_are_recorded_as_they_arrived() -> None:
    """Each request is recorded with method, path, query, lower-case headers, body and time."""
    clock = Clock()
    with simulator(clock=clock) as sim:
        trigger(sim, buildNo="7")
        clock.now += 3
        ask(sim, "GET", "/test_case_results?query=executionResultId%3A337&page=0")
        first, second = sim.requests
    assert (first.method, first.path) == ("POST", "/api/v1/execution_results")
    assert first.headers["authorization"] == f"Bearer {KEY}"
    assert first.body == {"executionId": 274, "buildNo": "7"}
    assert second.query == {"query": "executionResultId:337", "page": "0"}
    assert second.body is None
    assert second.at - first.at == 3


def test_runs_are_listed() -> None:
    """The runs that were started are available, with the bodies of their triggers."""
    with simulator() as sim:
        trigger(sim, runtimeData={"user": "x"})
        assert [(run.id, run.body["runtimeData"]) for run in sim.runs] == [(337, {"user": "x"})]


def test_connection_is_kept_alive() -> None:
    """Several requests use one connection."""
    with simulator() as sim:
        connection = http.client.HTTPConnection(urlsplit(sim.url).netloc)
        ports = set()
        for _ in range(3):
            connection.request("GET", "/api/v1/execution_results/1", headers={"Authorization": f"Bearer {KEY}"})
            connection.getresponse().read()
            assert connection.sock is not None
            ports.add(connection.sock.getsockname()[1])
        connection.close()
    assert len(ports) == 1


def test_replies_are_sent_without_delay() -> None:
    """No reply waits for a delayed acknowledgement, which would cost each of the requests 40 ms."""
    with simulator() as sim:
        connection = http.client.HTTPConnection(urlsplit(sim.url).netloc)
        took = []
        for _ in range(50):
            begin = time.perf_counter()
            connection.request("POST", "/api/v1/execution_results", b'{"executionId": 274}')
            connection.getresponse().read()
            took.append(time.perf_counter() - begin)
        connection.close()
    assert min(took) < 0.04  # the quickest, because a busy machine delays most of them


def test_speed_scales_the_simulated_clock() -> None:
    """At speed 10, one second of the clock is ten simulated seconds."""
    clock = Clock()
    with simulator(clock=clock, speed=10) as sim:
        trigger(sim)
        clock.now += 0.2
        assert ask(sim, "GET", "/execution_results/337").data["duration"] == 2000


def test_fault_replies_instead_of_handling() -> None:
    """`reply` sends its own status, type, headers and body, and the trigger has no effect."""
    reply = RawReply(302, "text/html", b"<p>elsewhere</p>", {"Location": "/login"})
    with simulator(Fault(method="POST", path="/execution_results", nth=(1,), reply=reply)) as sim:
        answer = ask(sim, "POST", "/execution_results", {"executionId": 274})
        assert (answer.status, answer.content_type, answer.raw) == (302, "text/html", b"<p>elsewhere</p>")
        assert sim.runs == ()
        assert trigger(sim)["id"] == 337


def test_fault_replies_after_handling() -> None:
    """`reply-after` sends an error although the run was started."""
    with simulator(Fault(action="reply-after", reply=RawReply(504, "text/html", b"timeout"))) as sim:
        assert ask(sim, "POST", "/execution_results", {"executionId": 274}).status == 504
        assert len(sim.runs) == 1


@pytest.mark.parametrize(("action", "runs"), [("drop", 0), ("drop-after", 1)])
def test_dropped_connection(action: str, runs: int) -> None:
    """A dropped connection carries no reply; only `drop-after` lets the request take effect."""
    fault = Fault(nth=(1,), action="drop" if action == "drop" else "drop-after")
    with simulator(fault) as sim:
        with pytest.raises(http.client.RemoteDisconnected):
            ask(sim, "POST", "/execution_results", {"executionId": 274})
        assert len(sim.runs) == runs
        assert len(sim.requests) == 1


def test_cut_body() -> None:
    """`cut` sends half of the body that it announced."""
    with simulator(Fault(action="cut")) as sim, pytest.raises(http.client.IncompleteRead):
        ask(sim, "POST", "/execution_results", {"executionId": 274})


def test_altered_reply() -> None:
    """`alter` changes the app's reply."""
    with simulator(Fault(action="alter", alter=lambda answer: answer._replace(content_type="text/plain"))) as sim:
        answer = ask(sim, "POST", "/execution_results", {"executionId": 274})
    assert answer.content_type == "text/plain"
    assert answer.data["id"] == 337


def test_silence_handles_the_request_and_keeps_the_client_waiting() -> None:
    """A silent server has started the run, and shutting it down ends the silence."""
    before = threading.active_count()
    sim = simulator(Fault(action="silence", seconds=3600)).start()
    connection = http.client.HTTPConnection(urlsplit(sim.url).netloc, timeout=1.0)
    headers = {"Authorization": f"Bearer {KEY}"}
    connection.request("POST", "/api/v1/execution_results", b'{"executionId": 274}', headers)
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    assert len(sim.runs) == 1
    assert threading.active_count() > before
    sim.stop()
    assert threading.active_count() <= before


def test_silence_ends_with_the_reply() -> None:
    """The app's reply arrives after the silence."""
    with simulator(Fault(action="silence", seconds=0.2)) as sim:
        begin = time.perf_counter()
        assert trigger(sim)["id"] == 337
    assert time.perf_counter() - begin >= 0.2


@pytest.mark.parametrize("shift", [0.0, 600.0])
def test_every_reply_has_a_date(shift: float) -> None:
    """Replies of the app, of faults and of the server itself carry the date, shifted as configured."""
    fault = Fault(path="/spoiled", reply=RawReply(502))
    scenario = one_plan(PLAN, fault)._replace(date_shift_seconds=shift)
    with Simulator(Testsigma(scenario), clock=Clock()) as sim:
        answers = [
            ask(sim, "GET", "/execution_results/1"),
            ask(sim, "GET", "/spoiled"),
            ask(sim, "POST", "/x", headers={"Content-Length": "x"}),
            ask(sim, "OPTIONS", "/x"),
        ]
    assert [answer.status for answer in answers] == [404, 502, 411, 501]
    for answer in answers:
        sent = parsedate_to_datetime(answer.headers["date"]).timestamp()
        assert sent - time.time() == pytest.approx(shift, abs=30)


def test_fault_can_set_the_date() -> None:
    """A `Date` header in a fault's reply replaces the server's."""
    date = "Thu, 01 Jan 1970 00:00:00 GMT"
    with simulator(Fault(reply=RawReply(200, headers={"Date": date}))) as sim:
        assert ask(sim, "GET", "/x").headers["date"] == date


def test_faults_of_the_simulator_precede_those_of_the_scenario() -> None:
    """Faults passed to the simulator take precedence over the scenario's."""
    app = Testsigma(one_plan(PLAN, Fault(reply=RawReply(500))))
    with Simulator(app, faults=(Fault(reply=RawReply(503)),)) as sim:
        assert ask(sim, "GET", "/x").status == 503


def test_stop_closes_port_and_connections_and_ends_threads() -> None:
    """After a stop the port is closed, open connections are closed, and no thread is left."""
    before = set(threading.enumerate())
    sim = simulator().start()
    connection = http.client.HTTPConnection(urlsplit(sim.url).netloc)
    connection.request("GET", "/api/v1/x")
    connection.getresponse().read()
    assert connection.sock is not None
    sim.stop()
    assert connection.sock.recv(1) == b""
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        ask(sim, "GET", "/x")
    for thread in set(threading.enumerate()) - before:
        thread.join(1)
        assert not thread.is_alive()
    sim.stop()


def test_simulator_can_be_restarted() -> None:
    """A stopped simulator can be started again and keeps its runs."""
    sim = simulator()
    with sim:
        trigger(sim)
    with sim:
        assert ask(sim, "GET", "/execution_results/337").status == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /api/v1/execution_results HTTP/1.1\r\nContent-Length: 500\r\n\r\n{",
        b"GET /api/v1/x HTTP/1.1\r\n\r\n",
        b"\x00\xff nonsense\r\n\r\n",
        b"",
    ],
)
def test_misbehaving_clients_cause_no_output(sent: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    """A client that sends garbage or disconnects early neither stops the server nor makes it print."""
    with simulator() as sim:
        connection = http.client.HTTPConnection(urlsplit(sim.url).netloc)
        connection.connect()
        connection.sock.sendall(sent)
        connection.close()
        assert trigger(sim)["id"] == 337
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "headers", [{"Content-Length": "x"}, {"Content-Length": "-1"}, {"Transfer-Encoding": "chunked"}]
)
def test_body_of_unknown_length_is_refused(headers: dict[str, str]) -> None:
    """A request without a valid length is refused with 411."""
    with simulator() as sim:
        assert ask(sim, "POST", "/execution_results", headers=headers).status == 411
        assert sim.requests == ()


class _Broken(Testsigma):
    """An app with a bug."""

    def answer(self, request: Recorded, now: float) -> RawReply:
        """Fail."""
        raise ZeroDivisionError(request.path, now)


def test_bug_in_the_app_shows_in_the_answer(capfd: pytest.CaptureFixture[str]) -> None:
    """An exception in the app becomes a reply that names it, and nothing is printed."""
    with Simulator(_Broken(Scenario({}))) as sim:
        answer = ask(sim, "GET", "/x")
    assert answer.status == 500
    assert b"ZeroDivisionError" in answer.raw
    assert capfd.readouterr() == ("", "")
