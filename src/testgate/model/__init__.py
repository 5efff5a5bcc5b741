"""The values that all other modules use. No I/O, no clock, no vendor.

Most are named tuples: immutable like frozen dataclasses, and a third of the cost to define, which
matters at start-up.
"""

from testgate.model.conclusions import Conclusion
from testgate.model.runs import Attempt, Intent, Origin, Run, Snapshot, Status, Target, has_ended
from testgate.model.tests import (
    Change,
    Counts,
    Earlier,
    EarlierBuild,
    Outcome,
    Page,
    Past,
    Record,
    Reported,
    RunResult,
    TestKey,
    TestResult,
)

__all__ = [
    "Attempt",
    "Change",
    "Conclusion",
    "Counts",
    "Earlier",
    "EarlierBuild",
    "Intent",
    "Origin",
    "Outcome",
    "Page",
    "Past",
    "Record",
    "Reported",
    "Run",
    "RunResult",
    "Snapshot",
    "Status",
    "Target",
    "TestKey",
    "TestResult",
    "has_ended",
]
