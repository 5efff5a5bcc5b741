"""Faults: which requests they hit."""

import pytest

from testgate.demo.faults import Ages, Fault, FaultScript

NOW = Ages(server=5.0)


@pytest.mark.parametrize(
    ("fault", "method", "path", "expected"),
    [
        (Fault(), "PUT", "/any/thing", True),
        (Fault(method="POST"), "GET", "/a", False),
        (Fault(path="/a/*"), "GET", "/a/1", True),
        (Fault(path="/a/*"), "GET", "/a/1/b", False),
        (Fault(path="/a/*/b"), "GET", "/a/1/b", True),
        (Fault(path="/a"), "GET", "/a/1", False),
    ],
)
def test_fault_matches_by_method_and_path(fault: Fault, method: str, path: str, expected: bool) -> None:
    """A star matches one segment, and an empty method or path matches everything."""
    assert fault.matches(method, path) is expected


@pytest.mark.parametrize("path", ["/runs/*", "/api/v1/runs/*"])
def test_path_can_be_relative_or_full(path: str) -> None:
    """A fault's path can be relative to the base URL or the full path."""
    fault = Fault(path=path)
    script = FaultScript([fault])
    assert script.pick("GET", "/runs/1", NOW, "/api/v1/runs/1") == fault
    assert script.pick("GET", "/runs", NOW, "/api/v1/runs") is None


def test_nth_counts_only_matching_requests() -> None:
    """`nth` counts the requests that match the fault, and no others."""
    fault = Fault(path="/a", nth=(2,))
    script = FaultScript([fault])
    assert [script.pick("GET", path, NOW) for path in ("/a", "/b", "/a", "/a")] == [None, None, fault, None]


def test_first_fault_wins_and_all_count() -> None:
    """The first of several matching faults wins, and each of them counts the request."""
    first, second = Fault(nth=(1,)), Fault(nth=(1, 2), action="drop")
    script = FaultScript([first, second])
    assert [script.pick("GET", "/a", NOW) for _ in range(3)] == [first, second, None]


@pytest.mark.parametrize(("age", "expected"), [(None, False), (0.5, False), (1.0, True), (1.9, True), (2.0, False)])
def test_window_starts_with_the_first_run(age: float | None, expected: bool) -> None:
    """A window includes its start, excludes its end, and is closed until a run has started."""
    assert Fault(window=(1.0, 2.0)).active(Ages(server=1.5, run=age)) is expected


def test_window_can_start_with_the_server() -> None:
    """A window can be relative to the server's start, even if no run has started."""
    assert Fault(window=(4.0, 6.0), since="server").active(NOW)
    assert not Fault(window=(6.0, 7.0), since="server").active(NOW)
