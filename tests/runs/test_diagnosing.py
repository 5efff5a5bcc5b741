"""The failing steps of tests, which some platforms tell in the list, others one by one, and some in both ways."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from testgate.model import Attempt, Outcome, Run, RunResult, Snapshot, Status, Target, TestResult
from testgate.runs.diagnosing import Diagnosis, diagnose

RUN = Run("337", Target("274", "Nightly"))
TESTS = (
    TestResult("1", "Login", Outcome.FAILED, step="click #login"),
    TestResult("2", "Pay", Outcome.FAILED, step="click #pay"),
    TestResult("3", "Log out", Outcome.PASSED),
)


class Told(Diagnosis):
    """What the platform says when it is asked."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self.told = told
        self.wanted: Sequence[str] = ()

    async def steps(self, run: Run, failed: Sequence[TestResult]) -> dict[str, str]:
        """The steps, and a note of what was asked for."""
        assert run is RUN
        self.wanted = [test.id for test in failed]
        return dict(self.told)


@pytest.mark.parametrize(
    ("told", "steps"),
    [
        ({}, ["click #login", "click #pay", ""]),
        ({"2": "no button"}, ["click #login", "no button", ""]),
        ({"1": "no field", "2": "no button"}, ["no field", "no button", ""]),
    ],
)
def test_a_step_that_is_asked_for_adds_to_those_in_the_list(told: dict[str, str], steps: list[str]) -> None:
    """A test whose step could not be read keeps what the list said."""
    ended = Snapshot("337", Status.ENDED, "FAILED", RunResult.FAILED)
    attempts = [Attempt(RUN, ended, TESTS)]
    diagnosis = Told(told)
    asyncio.run(diagnose(attempts, diagnosis))
    assert [test.step for test in attempts[0].tests] == steps
    assert diagnosis.wanted == ["1", "2"]
