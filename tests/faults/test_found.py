"""Bugs that the table found."""

from pathlib import Path

from tests.faults.endpoints import ENDPOINTS, POLL
from tests.faults.kinds import BY_NAME
from tests.faults.playing import play

FIND, CREATE, STATUSES, RECORD = (
    next(endpoint for endpoint in ENDPOINTS if endpoint.name == name)
    for name in ("find", "create", "statuses", "record")
)


def test_a_run_that_is_given_up_after_a_fault_is_a_platform_error(tmp_path: Path) -> None:
    """Its polls were refused until that was believed: that is the reason, and the run is named as left."""
    ended = play(tmp_path, POLL, BY_NAME["422"], lasts=True)
    assert (ended.code, ended.outputs["conclusion"]) == (3, "platform-error")
    assert "answered 422" in ended.outputs["reason"]
    assert ended.outputs["left-running"] == "337"


def test_a_lost_run_is_looked_for_again_after_silence(tmp_path: Path) -> None:
    """If one request gets no answer, the run is looked for again, and found."""
    ended = play(tmp_path, FIND, BY_NAME["silence"], lasts=False)
    assert (ended.code, ended.outputs["run-id"]) == (0, "337")
    assert ended.network.may_have_arrived == 1


def test_a_sign_in_page_does_not_count_as_recorded(tmp_path: Path) -> None:
    """A sign-in page with status 200 is not reported as "Recorded 2 results"."""
    ended = play(tmp_path, RECORD, BY_NAME["sign-in"])
    assert ended.code == 0
    assert "answered 200 with a page: Sign in" in ended.log
    assert "Recorded" not in (tmp_path / "step-summary").read_text(encoding="utf-8")


def test_statuses_of_a_wrong_shape_are_read_again(tmp_path: Path) -> None:
    """After an answer of the wrong shape the request is repeated, and the results are recorded."""
    ended = play(tmp_path, STATUSES, BY_NAME["wrong-shape"], lasts=False)
    assert ended.network.systems.recorded
    assert not ended.warned


def test_a_test_run_is_not_created_after_it_was_given_up(tmp_path: Path) -> None:
    """After half a minute the tests start without a record, and no request to create one follows."""
    ended = play(tmp_path, CREATE, BY_NAME["429-bare"])
    triggered = next(at for at, each in ended.network.times if each.url.endswith("/execution_results"))
    assert all(at < triggered for at, each in ended.network.times if CREATE.matches(each.method, each.url))
    assert not ended.network.systems.records.runs


def test_a_test_run_that_may_have_been_created_is_reported(tmp_path: Path) -> None:
    """If the connection breaks after the creation, "no test run was created" would be wrong."""
    ended = play(tmp_path, CREATE, BY_NAME["reset-after"], lasts=False)
    assert len(ended.network.systems.records.runs) == 1
    assert "a test run may have been created, but no results will be recorded in it" in ended.log


def test_the_reason_for_a_missing_test_run_is_reported(tmp_path: Path) -> None:
    """Refused connections are reported as the cause, and the test run certainly wasn't created."""
    ended = play(tmp_path, CREATE, BY_NAME["refused"])
    assert "no test run was created" in ended.log
    assert "Connection refused" in ended.log
