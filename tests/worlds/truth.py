"""What is true of a step: its tests, its limits, and how each attempt really ended. Shared by worlds and oracle."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

# How an execution of a test really ended.
PASSED, FAILED, ERROR, SKIPPED, NOT_RUN = "passed", "failed", "error", "skipped", "not run"
COMPLETED = frozenset({PASSED, FAILED, ERROR})
BAD = frozenset({FAILED, ERROR, NOT_RUN})

# How an attempt ended as a whole, beyond its tests.
WHOLE, STOPPED, ABORTED, NOTHING, UNKNOWN = "whole", "stopped", "aborted", "nothing was executed", "unknown result"


class TestFacts(NamedTuple):
    """A test. Only `uid` really identifies it; platforms show the other fields, and two tests can share them.

    `outcomes` are those of its executions in their order; the last one repeats. `sets` is the number of data sets.
    """

    uid: int
    name: str
    case: str = ""
    suite: str = ""
    machine: str = ""
    outcomes: Sequence[str] = (PASSED,)
    sets: int = 0

    def outcome(self, number: int) -> str:
        """The outcome of its execution with this number, from 0."""
        return self.outcomes[min(number, len(self.outcomes) - 1)]

    @property
    def shown(self) -> tuple[str, str, str, str]:
        """The fields that identify the test to a reader of the platform."""
        return self.case, self.name, self.suite, self.machine


class QuarantineFacts(NamedTuple):
    """An entry of the quarantine file: a pattern of names or the id of a case."""

    pattern: str = ""
    case: str = ""
    expired: bool = False


class LimitFacts(NamedTuple):
    """The limits of the gate: `rate` is a fraction of integers, in percent; None stands for no limit."""

    rate: tuple[int, int] | None = (100, 1)
    failures: int | None = None
    flaky: int | None = None


class AttemptTruth(NamedTuple):
    """One attempt of a run: how it ended as a whole, and how each test ended in it, by `uid`."""

    whole: str
    outcomes: Mapping[int, str]


class StepTruth(NamedTuple):
    """The whole step: for each of its runs all tests, and all attempts in their order.

    `lost_starts` and `lost_reruns` count triggers that took effect, but whose answer never arrived.
    """

    tests: Sequence[Sequence[TestFacts]]
    attempts: Sequence[Sequence[AttemptTruth]]
    quarantine: Sequence[QuarantineFacts]
    limits: LimitFacts
    lost_starts: int = 0
    lost_reruns: int = 0
