"""Words of an end that no vendor's table has, in the spellings of the field."""

import pytest

from testgate.model import Run, RunResult, Status, Target
from testgate.providers.testifly.answers import snapshots_of
from testgate.providers.testsigma.answers import snapshot_of
from testgate.providers.words import end_of
from tests.support.replies import reply

ENDS = [
    *[(word, RunResult.STOPPED) for word in ("Cancelled", "CANCELED", "STATUS_ABORTED", "aborted", "Run stopped")],
    *[(word, RunResult.STOPPED) for word in ("Terminated", "killed", "interrupted", "user-stopped")],
    *[(word, RunResult.FAILED) for word in ("ERROR", "Errored", "timed out", "TIMED_OUT", "Timed-Out", "TimeOut")],
    *[(word, RunResult.FAILED) for word in ("crashed", "expired", "STATUS_FAILED", "completed_with_errors")],
    *[(word, RunResult.FAILED) for word in ("Completed with failures", "run failed", "FAILURE")],
    *[(word, None) for word in ("finished", "DONE", "Complete", "STATUS_COMPLETED", "ended", "closed")],
    *[(word, None) for word in ("completed with warnings", "execution finished")],
    *[(word, RunResult.PASSED) for word in ("passed", "SUCCEEDED", "Successful")],
]
GOING = [
    *("", "x", "cancelling", "STOPPING", "aborting", "finishing", "rerunning", "not started", "starting", "paused"),
    *("error_handling", "retrying after error", "unfinished", "incomplete", "not done", "pending", "status", "run"),
    *("with errors", "donetsk", "undone", "passing", "0", "終了", "completed?no"),
]


@pytest.mark.parametrize(("word", "result"), ENDS)
def test_a_word_of_an_end_ends(word: str, result: RunResult | None) -> None:
    """In any case and spelling."""
    found = end_of(word)
    assert found is not None
    assert found.result is result


@pytest.mark.parametrize("word", GOING)
def test_another_word_waits(word: str) -> None:
    """Half of a word means nothing."""
    assert end_of(word) is None


@pytest.mark.parametrize("word", ["Cancelled", "STATUS_ABORTED", "timed out", "finished", "Passed", "ERROR"])
def test_both_vendors_end_with_it(word: str) -> None:
    """A job that was cancelled by somebody does not run for another hour."""
    (job,) = snapshots_of(reply({"success": True, "jobs": [{"jobId": "j", "status": word}]}), "")
    run = snapshot_of(Run("337", Target("274", "Plan", "274")), reply({"id": 337, "status": word, "executionId": 274}))
    assert {job.status, run.status} == {Status.ENDED}
    assert job.inferred
    assert run.inferred
    assert "" == job.odd == run.odd


@pytest.mark.parametrize(
    ("result", "shown"), [("SUCCESS", RunResult.PASSED), ("FAILURE", RunResult.FAILED), ("ODD", RunResult.UNKNOWN)]
)
@pytest.mark.parametrize("status", ["STATUS_PASSED", "Aborted", "done"])
def test_the_result_of_a_run_counts_where_there_is_one(status: str, result: str, shown: RunResult) -> None:
    """A status that sounds green proves nothing against it."""
    answer = {"id": 337, "status": status, "result": result, "endTime": 1}
    assert snapshot_of(Run("337", Target("274", "Plan", "274")), reply(answer)).result is shown


@pytest.mark.parametrize("word", ["in progress", "In-Progress", "IN_PROGRESS", "inprogress"])
def test_known_words_are_known_in_any_spelling(word: str) -> None:
    """They are not odd, and do not end."""
    run = snapshot_of(Run("337", Target("274", "Plan", "274")), reply({"id": 337, "status": word}))
    (job,) = snapshots_of(reply({"success": True, "jobs": [{"jobId": "j", "status": word}]}), "")
    assert (run.status, job.status, run.odd, job.odd) == (Status.RUNNING, Status.RUNNING, "", "")
