"""What an earlier attempt of the same job of the CI began, and what to do with it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from testgate.model import Run


class OnRetry(StrEnum):
    """What to do with what an earlier attempt began."""

    RUN = "run"
    RERUN_FAILED = "rerun-failed"
    ADOPT = "adopt"


class EarlierAttempt(NamedTuple):
    """The run of an earlier attempt of this job, then its reruns, in order. `name` is what people call the attempt.

    A `whole` one came to its end with all its tests. `problem` says why nothing is known of it; "" if it is.
    """

    runs: Sequence[Run] = ()
    name: str = ""
    whole: bool = False
    problem: str = ""
