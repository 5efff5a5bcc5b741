"""Behind a proxy and TLS: a start whose answer is lost after the platform acted is one start."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from testgate.demo.management.scenarios import Scenario, cases_titled
from testgate.demo.server import Simulator
from testgate.demo.testifly.scenarios import one_feature
from testgate.demo.testsigma.scenarios import one_plan
from tests.e2e import test_management as management
from tests.e2e import test_testifly as testifly
from tests.support import vendor
from tests.support.connect_proxy import ConnectProxy, losing_answers, proxying
from tests.support.raw_server import CERTIFICATES
from tests.support.step import Left, run

CASES = cases_titled("Login", "Logout")


class Way(NamedTuple):
    """A way to a platform: the address that a step is given, and the proxy in between."""

    url: str
    proxy: ConnectProxy

    @property
    def environ(self) -> dict[str, str]:
        """What a step is told of the proxy."""
        return {"HTTPS_PROXY": f"http://me:pr0xy-pass@127.0.0.1:{self.proxy.port}"}


@contextmanager
def behind(server: Simulator[Any], loses: Callable[[bytes], bool]) -> Iterator[Way]:
    """A proxy and TLS in front of a simulator; some answers are lost after it acted."""
    parts = urlsplit(server.url)
    assert parts.port is not None
    with losing_answers(parts.port, loses) as front, proxying() as proxy:
        yield Way(f"{front.url}{parts.path}", proxy)


def is_start(*paths: str) -> Callable[[bytes], bool]:
    """Whether a request starts something."""
    wanted = tuple(path.encode() for path in paths)

    def starts(request: bytes) -> bool:
        line = request.partition(b"\r\n")[0]
        return line.startswith(b"POST ") and line.split(b" ")[1].endswith(wanted)

    return starts


def through(way: Way, folder: Path, given: Mapping[str, str]) -> Left:
    """Run a step that must take the proxy, and trusts the certificate of the tests."""
    trusted = {"ca-file": str(CERTIFICATES / "authority.pem"), "max-outage": "20s"}
    left = run(folder, {**given, **trusted}, extra=way.environ)
    assert way.proxy.requests
    assert "pr0xy-pass" not in "\n".join(line for line in left.log.splitlines() if "::add-mask::" not in line)
    return left


@pytest.mark.parametrize("mark", ["", "nightly-7"])
def test_testsigma(tmp_path: Path, mark: str) -> None:
    """The run is found by its mark and judged; with a build number of the user's it's unknown, and that is all."""
    with (
        vendor.simulator(one_plan(vendor.GREEN)) as server,
        behind(server, is_start("/execution_results")) as way,
    ):
        left = through(way, tmp_path, {**vendor.inputs(server, build_no=mark), "base-url": way.url})
    assert vendor.triggers(server) == len(server.runs) == 1
    if mark:
        assert (left.code, left.outputs["conclusion"]) == (7, "trigger-unknown"), left.log
    else:
        assert (left.code, left.outputs["run-id"]) == (0, str(server.runs[0].id)), left.log
    assert "the connection broke" in left.log


def test_testsigma_with_every_post_lost(tmp_path: Path) -> None:
    """However long it goes on, a rerun included: one run of the plan, and what is started is named."""
    with (
        vendor.simulator(one_plan(vendor.RED)) as server,
        behind(server, lambda request: request.startswith(b"POST ")) as way,
    ):
        left = through(way, tmp_path, {**vendor.inputs(server, rerun_failed="1"), "base-url": way.url})
    assert vendor.triggers(server) == 2
    assert left.outputs["run-id"] == str(server.runs[0].id)
    assert left.code == 1, left.log


def test_testifly(tmp_path: Path) -> None:
    """One job: it's found, or it's unknown whether there is one."""
    with (
        testifly.simulator(one_feature(*testifly.GREEN, how=testifly.QUICK)) as server,
        behind(server, lambda request: b"/testExecution/" in request.partition(b"\r\n")[0]) as way,
    ):
        left = through(way, tmp_path, {**testifly.inputs(server), "base-url": way.url})
    assert len(testifly.sent(server, "/testExecution/")) == len(server.runs) == 1
    assert left.code in {0, 7}, left.log
    assert left.code == 7 or left.outputs["run-id"] == server.runs[0].id


def test_test_management(tmp_path: Path) -> None:
    """One test run is created, and people are told that it may have been; the verdict is that of the tests."""
    with (
        vendor.simulator(one_plan(vendor.GREEN)) as server,
        management.records(Scenario(CASES)) as records,
        behind(records, is_start("/test_runs")) as way,
    ):
        given = {**vendor.inputs(server), **management.inputs(records), "test-management-url": way.url}
        left = through(way, tmp_path, {**given, "test-case-ids": management.ids(*CASES)})
    assert len([each for each in records.requests if each.method == "POST"]) == len(records.runs) == 1
    assert "a test run may have been created" in left.log
    assert left.code == 0, left.log


def test_a_created_test_run_whose_answer_is_lost(tmp_path: Path) -> None:
    """The command that only creates one answers that it doesn't know, and creates no second one."""
    with management.records(Scenario(CASES)) as records, behind(records, is_start("/test_runs")) as way:
        given = {**management.inputs(records), "command": "create-test-run", "test-management-url": way.url}
        left = through(way, tmp_path, {**given, "test-case-ids": management.ids(CASES[0])})
    assert len(records.runs) == len([each for each in records.requests if each.method == "POST"]) == 1
    assert left.code != 0, left.log


@pytest.mark.parametrize("answer", [b"HTTP/1.1 502 Bad Gateway\r\n\r\n", b"HTTP/1.1 407 Nope\r\n\r\n", b""])
def test_a_proxy_that_opens_no_tunnel_starts_nothing(tmp_path: Path, answer: bytes) -> None:
    """It's tried again until the patience ends, and it's certain that nothing runs."""
    with vendor.simulator(one_plan(vendor.GREEN)) as server, proxying(answer) as proxy:
        way = Way("https://platform.example/api/v1", proxy)
        left = run(tmp_path, {**vendor.inputs(server), "base-url": way.url, "max-outage": "2s"}, extra=way.environ)
        assert len(proxy.requests) > 1
    assert (left.code, left.outputs["conclusion"]) == (3, "platform-error"), left.log
    assert "may or may not have been started" not in left.log
    assert not server.requests
