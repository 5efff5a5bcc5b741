"""What the table found, each for itself."""

from pathlib import Path

from tests.faults.endpoints import ENDPOINTS, POLL
from tests.faults.kinds import BY_NAME
from tests.faults.playing import play

FIND, CREATE, STATUSES, RECORD = (
    next(endpoint for endpoint in ENDPOINTS if endpoint.name == name)
    for name in ("find", "create", "statuses", "record")
)


def test_a_run_that_the_step_stopped_because_of_a_fault_is_not_told_as_stopped_by_somebody(tmp_path: Path) -> None:
    """The refusal of a poll decides: the stop came from the step itself, which could not follow the run."""
    ended = play(tmp_path, POLL, BY_NAME["422"], lasts=False)
    assert (ended.code, ended.outputs["conclusion"]) == (3, "platform-error")
    assert "answered 422" in ended.outputs["reason"]
    assert "run 337 was stopped" in ended.log
    assert ended.outputs["left-running"] == ""
    assert ended.going_on == []


def test_a_look_for_a_lost_run_that_is_not_answered_is_not_the_last(tmp_path: Path) -> None:
    """One silent request must not cost a run that goes on: it is looked for again, and found."""
    ended = play(tmp_path, FIND, BY_NAME["silence"], lasts=False)
    assert (ended.code, ended.outputs["run-id"]) == (0, "337")
    assert ended.network.may_have_arrived == 1


def test_a_sign_in_page_is_no_proof_that_results_were_recorded(tmp_path: Path) -> None:
    """A page with 200 that nobody wrote results down behind is not told as "Recorded 2 results"."""
    ended = play(tmp_path, RECORD, BY_NAME["sign-in"])
    assert ended.code == 0
    assert "answered 200 with a page: Sign in" in ended.log
    assert "Recorded" not in (tmp_path / "step-summary").read_text(encoding="utf-8")


def test_any_list_is_not_a_list_of_statuses(tmp_path: Path) -> None:
    """An answer of another shape is asked for again, and the results are recorded."""
    ended = play(tmp_path, STATUSES, BY_NAME["wrong-shape"], lasts=False)
    assert ended.network.systems.recorded
    assert not ended.warned


def test_a_test_run_that_was_given_up_is_not_created_later(tmp_path: Path) -> None:
    """After half a minute the tests start without a record, and no request to create it follows."""
    ended = play(tmp_path, CREATE, BY_NAME["429-bare"])
    triggered = next(at for at, each in ended.network.times if each.url.endswith("/execution_results"))
    assert all(at < triggered for at, each in ended.network.times if CREATE.matches(each.method, each.url))
    assert not ended.network.systems.records.runs


def test_a_test_run_that_may_have_been_created_is_told_as_such(tmp_path: Path) -> None:
    """The connection broke after it had been created: "no test run was created" would be wrong."""
    ended = play(tmp_path, CREATE, BY_NAME["reset-after"], lasts=False)
    assert len(ended.network.systems.records.runs) == 1
    assert "a test run may have been created, but no results will be recorded in it" in ended.log


def test_the_reason_is_told_why_no_test_run_was_created(tmp_path: Path) -> None:
    """Half a minute of refused connections is told as such, and as certain, not as "no answer in time"."""
    ended = play(tmp_path, CREATE, BY_NAME["refused"])
    assert "no test run was created" in ended.log
    assert "Connection refused" in ended.log
