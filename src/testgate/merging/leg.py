"""One leg of a matrix, as its report tells it."""

from collections.abc import Sequence
from typing import NamedTuple

from testgate.model import Conclusion, Counts
from testgate.results import JudgedRun, Origin, Policy


class RefusedReportError(Exception):
    """A file that cannot be merged; the message is a clause that follows its path."""


class Leg(NamedTuple):
    """What one report says. `path` is its file, `name` the leg that it is of, `digest` identifies its content.

    Verdict and counts are those of the step that wrote it: they are never formed again from its tests. `limits` are
    those that the verdict was formed with; None if the report doesn't say.
    """

    path: str
    name: str
    digest: str
    origin: Origin
    conclusion: Conclusion
    reason: str
    exit_code: int
    remedy: str
    counts: Counts
    title: str = ""
    provider: str = ""
    demo: bool = False
    seconds: float = 0.0
    started_at: float = 0.0
    runs: Sequence[JudgedRun] = ()
    left_running: Sequence[str] = ()
    notes: Sequence[str] = ()
    limits: Policy | None = None
