"""What can go wrong. Each error names its conclusion and its remedy.

The message says what failed, for which run, and what the server said; the remedy says what to do.
Exit codes belong to `Conclusion` alone.
"""

from collections.abc import Sequence

from testgate.model import Conclusion


class GateError(Exception):
    """An expected failure: told without a traceback."""

    conclusion = Conclusion.PLATFORM_ERROR

    def __init__(self, message: str, *, remedy: str = "") -> None:
        """Take what happened (one sentence, no full stop) and what to do about it."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class InputError(GateError):
    """Inputs that cannot be used; nothing was sent."""

    conclusion = Conclusion.INVALID_INPUT

    def __init__(self, problems: Sequence[str]) -> None:
        """Take every problem, each naming its input, the fault and an example."""
        super().__init__(
            problems[0] if len(problems) == 1 else f"{len(problems)} inputs cannot be used: {_named(problems)}",
            remedy="Correct the inputs of this step; nothing was sent to the platform.",
        )
        self.problems = tuple(problems)


def _named(problems: Sequence[str]) -> str:
    """The inputs that the problems begin with, each once."""
    return ", ".join(dict.fromkeys(problem.partition(":")[0] for problem in problems))


class ReportError(GateError):
    """A report that was asked for could not be written."""

    conclusion = Conclusion.REPORT_ERROR


class PlatformError(GateError):
    """The platform refused, answered nonsense, or could not be reached."""


class Unanswered(PlatformError):
    """No answer came: refused, reset, silent or cut off.

    `maybe_arrived` tells whether the platform may have acted on the request; `lasting` marks
    a fault of set-up (a certificate, say) that another attempt cannot mend. `about` is what of
    the way to the platform is at fault: URL, TLS or proxy; "" where that is not certain.
    """

    def __init__(
        self, message: str, *, maybe_arrived: bool, lasting: bool = False, remedy: str = "", about: str = ""
    ) -> None:
        """Take what happened to the request."""
        super().__init__(message, remedy=remedy)
        self.about = about
        self.maybe_arrived = maybe_arrived
        self.lasting = lasting


class Unavailable(PlatformError):
    """The server answered that it cannot answer now (408, 425, 429, 5xx).

    `refused` is True only for 429: there it is certain that the request had no effect.
    """

    def __init__(self, message: str, *, status: int, retry_after_seconds: float | None = None) -> None:
        """Take the status and the server's own wish for a pause."""
        super().__init__(message)
        self.status = status
        self.retry_after_seconds = retry_after_seconds

    @property
    def refused(self) -> bool:
        """Whether it is certain that the request had no effect."""
        return self.status == 429  # noqa: PLR2004  # Too Many Requests


class Refused(PlatformError):
    """The server understood and said no (any other 4xx)."""

    def __init__(self, message: str, *, status: int, remedy: str = "") -> None:
        """Take the status."""
        super().__init__(message, remedy=remedy)
        self.status = status

    @property
    def credentials(self) -> bool:
        """Whether it was the key that was refused."""
        return self.status in {401, 403}

    @property
    def missing(self) -> bool:
        """Whether the server says that there is no such thing."""
        return self.status in {404, 410}


class BadAnswer(PlatformError):
    """An answer that is not what the API promises: HTML, cut-off JSON, another shape."""


class Busy(PlatformError):
    """The platform said, in a text known for certain, that it did not start the run now."""


class Outage(PlatformError):
    """The platform could not be reached for longer than the user allows."""


class TriggerUnknown(GateError):
    """The trigger may have started a run, and no proof was found. It is never sent again."""

    conclusion = Conclusion.TRIGGER_UNKNOWN
