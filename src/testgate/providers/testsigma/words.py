"""The words of Testsigma: states and results of runs, outcomes of tests.

Source: the vendor's documentation, and its open-source server where noted.
"""

from collections.abc import Mapping
from types import MappingProxyType

from testgate.model import Outcome, RunResult, Status

# Only the completed state is final; a run with an unknown status counts as running.
# QUEUED and PRE_FLIGHT come from the open-source server; an optional STATUS_ prefix is ignored.
STATUSES: Mapping[str, Status] = MappingProxyType(
    {
        "CREATED": Status.QUEUED,
        "QUEUED": Status.QUEUED,
        "PRE_FLIGHT": Status.QUEUED,
        "IN_PROGRESS": Status.RUNNING,
        "RUNNING": Status.RUNNING,
        "COMPLETED": Status.ENDED,
    }
)

# The reference documents PASSED and FAILED; samples and the open-source server say SUCCESS and FAILURE.
RESULTS: Mapping[str, RunResult] = MappingProxyType(
    {
        "PASSED": RunResult.PASSED,
        "SUCCESS": RunResult.PASSED,
        "FAILED": RunResult.FAILED,
        "FAILURE": RunResult.FAILED,
        "PRE_REQUISITE_FAILURE": RunResult.FAILED,
        "PRE_REQUISITE_FAILED": RunResult.FAILED,
        "ABORTED": RunResult.STOPPED,
        "STOPPED": RunResult.STOPPED,
        "NOT_EXECUTED": RunResult.NOT_EXECUTED,
    }
)

# An unknown result of a test is an error, and reports show the word unchanged.
OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "PASSED": Outcome.PASSED,
        "SUCCESS": Outcome.PASSED,
        "FAILED": Outcome.FAILED,
        "FAILURE": Outcome.FAILED,
        "ABORTED": Outcome.ERROR,
        "PRE_REQUISITE_FAILURE": Outcome.ERROR,
        "PRE_REQUISITE_FAILED": Outcome.ERROR,
        "SKIPPED": Outcome.SKIPPED,
        "NOT_EXECUTED": Outcome.NOT_RUN,
        "STOPPED": Outcome.NOT_RUN,
        "QUEUED": Outcome.NOT_RUN,
        "RUNNING": Outcome.NOT_RUN,
        "IN_PROGRESS": Outcome.NOT_RUN,
    }
)
