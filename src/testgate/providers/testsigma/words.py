"""The words of Testsigma: states and results of runs, outcomes of tests.

Source: the vendor's documentation, and its open-source server where noted.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from testgate.model import Outcome, RunResult, Status
from testgate.shapes import folded

# Only the completed state is final; a run with an unknown status counts as running.
# QUEUED and PRE_FLIGHT come from the open-source server; an optional STATUS_ prefix is ignored.
# The words in these tables are folded: their case, and how they are joined, doesn't matter.
STATUSES: Mapping[str, Status] = MappingProxyType(
    {
        "created": Status.QUEUED,
        "queued": Status.QUEUED,
        "preflight": Status.QUEUED,
        "inprogress": Status.RUNNING,
        "running": Status.RUNNING,
        "completed": Status.ENDED,
    }
)

# The reference documents PASSED and FAILED; samples and the open-source server say SUCCESS and FAILURE.
RESULTS: Mapping[str, RunResult] = MappingProxyType(
    {
        "passed": RunResult.PASSED,
        "success": RunResult.PASSED,
        "failed": RunResult.FAILED,
        "failure": RunResult.FAILED,
        "prerequisitefailure": RunResult.FAILED,
        "prerequisitefailed": RunResult.FAILED,
        "aborted": RunResult.STOPPED,
        "stopped": RunResult.STOPPED,
        "notexecuted": RunResult.NOT_EXECUTED,
    }
)

# The results of runs and tests that the platform itself gave up, or had no machine for. What a person stops is STOPPED.
LOST = frozenset({"aborted", "notexecuted"})

# An unknown result of a test is an error, and reports show the word unchanged.
OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "passed": Outcome.PASSED,
        "success": Outcome.PASSED,
        "failed": Outcome.FAILED,
        "failure": Outcome.FAILED,
        "aborted": Outcome.ERROR,
        "prerequisitefailure": Outcome.ERROR,
        "prerequisitefailed": Outcome.ERROR,
        "skipped": Outcome.SKIPPED,
        "notexecuted": Outcome.NOT_RUN,
        "stopped": Outcome.NOT_RUN,
        "queued": Outcome.NOT_RUN,
        "running": Outcome.NOT_RUN,
        "inprogress": Outcome.NOT_RUN,
    }
)

_NOT_YET = frozenset({"", "queued", "running", "inprogress"})  # a list may be written after the end of its run


def outcome_of(word: str) -> Outcome:
    """Return the outcome of a test; one without a result has not run."""
    return OUTCOMES.get(folded(word), Outcome.ERROR) if word else Outcome.NOT_RUN


class Meaning(NamedTuple):
    """What the word for a test's result says: its outcome, whether a machine got lost, and whether more may follow."""

    outcome: Outcome
    lost: bool
    unsettled: bool


class Meanings(dict[str, Meaning]):
    """The meanings of the words in one list: there are few of them, and many tests."""

    def __missing__(self, word: str) -> Meaning:
        """Look the word up once."""
        plain = folded(word)
        meaning = self[word] = Meaning(outcome_of(word), plain in LOST, plain in _NOT_YET)
        return meaning
