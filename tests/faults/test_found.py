"""What the table found, each for itself."""

from pathlib import Path

from tests.faults.endpoints import ENDPOINTS, POLL
from tests.faults.kinds import BY_NAME
from tests.faults.playing import play

FIND = next(endpoint for endpoint in ENDPOINTS if endpoint.name == "find")


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
