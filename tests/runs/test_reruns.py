"""Reruns: matching tests, and leaving the verdict if they prove nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from testgate.gate.verdict import judge
from testgate.model import Conclusion
from testgate.results import Policy
from testgate.runs.context import RunOptions
from testgate.runs.engine import Limits
from tests.support.simulated_runs import simulate, stops_ours
from tests.support.throwaway_testifly import Server, Testifly

Rows = Sequence[Mapping[str, Any]]


def reruns_of(first: Rows, again: Rows) -> Server:
    """A server with these tests in the first run, and those in the rerun."""
    return Server(
        lambda job, _age: "Failed" if job == "job-a" else "Success",
        lambda job: first if job == "job-a" else again,
    )


LOGIN = {"_id": "1", "title": "Login", "status": "Passed"}
PAY = {"_id": "2", "title": "Pay", "status": "Failed", "error": "no button"}


def test_a_rerun_is_matched_by_title(tmp_path: Path) -> None:
    """Ids change and titles don't, so the test is flaky."""
    server = reruns_of([LOGIN, PAY], [{"_id": "9", "title": "Pay", "status": "Passed"}])
    result = simulate(tmp_path, server, options=RunOptions(rerun_failed=1))
    assert result.conclusions == [Conclusion.PASSED]
    assert [test.flaky for test in result.reports[0].tests] == [False, True]


def test_a_rerun_with_other_tests_leaves_the_verdict(tmp_path: Path) -> None:
    """The log says that its tests match nothing."""
    server = reruns_of([LOGIN, PAY], [{"_id": "9", "title": "Paying", "status": "Passed"}])
    result = simulate(tmp_path, server, options=RunOptions(rerun_failed=1))
    assert result.conclusions == [Conclusion.FAILED]
    assert "match no test of the first run" in result.log


def test_a_rerun_at_the_timeout_is_stopped_and_leaves_the_verdict(tmp_path: Path) -> None:
    """The first run already has its verdict."""
    server = Server(
        lambda job, age: "Failed" if job == "job-a" else ("Success" if age > 1000 else "InProgress"),
        lambda job: [LOGIN, PAY] if job == "job-a" else [],
    )
    result = simulate(
        tmp_path,
        server,
        vendor=Testifly(["a"], can_stop=True),
        limits=Limits(timeout=100),
        options=RunOptions(rerun_failed=1, stop_at=stops_ours),
    )
    assert result.conclusions == [Conclusion.FAILED]
    assert list(server.stopped) == ["job-a-again[Pay]"]


def test_a_run_is_rerun_if_all_runs_together_exceed_a_limit(tmp_path: Path) -> None:
    """The run that ends last knows the failures of the first one."""
    bad = [LOGIN, PAY, {**PAY, "_id": "3", "title": "Ship"}]
    fixed = [{**row, "status": "Passed"} for row in bad[1:]]
    server = Server(
        lambda job, age: "InProgress" if job == "job-b" and age < 20 else ("Success" if "again" in job else "Failed"),
        lambda job: fixed if "again" in job else bad,
    )
    policy = Policy(min_pass_rate=None, max_failures=3)
    result = simulate(tmp_path, server, features=["a", "b"], options=RunOptions(rerun_failed=1, policy=policy))
    assert [each.verdict.conclusion for each in judge(result.reports, policy)] == [Conclusion.PASSED] * 2
    assert result.transport.count("POST", "/testExecution/p1") == 3
