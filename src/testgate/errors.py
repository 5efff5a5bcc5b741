"""The errors that can be expected. Each has a conclusion and a remedy.

The message says what failed, for which run, and what the server said; the remedy says what to do.
Exit codes are defined by `Conclusion` only.
"""

from collections.abc import Sequence

from testgate.model import Conclusion, Intent

NEVER_LEFT = "nothing of the request has left"
"""The argument of a `CancelledError` that ends a request of which nothing was sent, and nothing will be."""


class GateError(Exception):
    """An expected failure, reported without a traceback.

    `message` is one sentence without a full stop, `remedy` one or more sentences.
    """

    conclusion = Conclusion.PLATFORM_ERROR

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class InputError(GateError):
    """Invalid inputs; nothing was sent. Each problem names its input, the fault and an example."""

    conclusion = Conclusion.INVALID_INPUT

    def __init__(self, problems: Sequence[str], warnings: Sequence[str] = ()) -> None:
        super().__init__(
            problems[0] if len(problems) == 1 else _together(problems),
            remedy="Fix the inputs of this step. Nothing was sent to the platform.",
        )
        self.problems = tuple(problems)
        self.warnings = tuple(warnings)


def _together(problems: Sequence[str]) -> str:
    """Several problems in one line, with the names of the inputs that they start with."""
    names = [*dict.fromkeys(problem.partition(":")[0] for problem in problems)]
    return (
        f"{len(names)} inputs are invalid: {', '.join(names)}"
        if len(names) > 1
        else f"{names[0]} has {len(problems)} faults"
    )


class ReportError(GateError):
    """A report or output could not be written."""

    conclusion = Conclusion.REPORT_ERROR


class PlatformError(GateError):
    """The platform refused a request, gave an invalid answer, or could not be reached."""


class Unanswered(PlatformError):
    """There was no complete answer: the connection was refused, reset, silent or cut off.

    `maybe_arrived`: the platform may have acted on the request. `lasting`: the configuration is wrong
    (a certificate, for example), and another attempt would fail in the same way. `about` is the part
    of the way to the platform that is at fault: URL, TLS or proxy; "" if that is uncertain.
    """

    def __init__(
        self, message: str, *, maybe_arrived: bool, lasting: bool = False, remedy: str = "", about: str = ""
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.about = about
        self.maybe_arrived = maybe_arrived
        self.lasting = lasting


class Unavailable(PlatformError):
    """The server answered that it is temporarily unavailable (408, 425, 429, 5xx).

    `retry_after_seconds` is the pause that the server asks for, if any.
    """

    def __init__(self, message: str, *, status: int, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_seconds = retry_after_seconds

    @property
    def refused(self) -> bool:
        """Whether the request certainly had no effect: only 429 guarantees that."""
        return self.status == 429  # noqa: PLR2004  # Too Many Requests


# Refusals by a server that has read the request and did not act on it. Redirects are not among them: some servers act
# on a POST and then point elsewhere. Nor are codes that proxies and servers have made up, such as 499.
_MEANT = frozenset({*range(400, 408), *range(409, 418), 421, 422, 423, 424, 426, 428, 431, 451})


class Refused(PlatformError):
    """The server understood the request and refused it (any other status that isn't a success)."""

    def __init__(self, message: str, *, status: int, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.status = status

    @property
    def credentials(self) -> bool:
        """Whether the key was refused."""
        return self.status in {401, 403}

    @property
    def certain(self) -> bool:
        """Whether the request certainly had no effect. An answer that no API gives on purpose proves nothing."""
        return self.status in _MEANT

    @property
    def missing(self) -> bool:
        """Whether the server says that the resource does not exist."""
        return self.status in {404, 410}


class BadAnswer(PlatformError):
    """An answer that doesn't match the API: HTML, truncated JSON, or another shape."""


class Busy(PlatformError):
    """The platform said, in a known text, that it did not start the run for now."""


class Outage(PlatformError):
    """The platform was unreachable for longer than the user allows."""


class Overdue(GateError):
    """A run waited too long on the platform, or hasn't changed for too long: one of its own limits expired.

    `what` says so without the run's name, which is `run_id`.
    """

    conclusion = Conclusion.TIMED_OUT

    def __init__(self, run_id: str, what: str, *, remedy: str = "") -> None:
        super().__init__(f"run {run_id} {what}", remedy=remedy)
        self.run_id = run_id
        self.what = what


class TriggerUnknown(GateError):
    """The trigger may have started a run, but there is no proof. It is never sent again.

    `intent` is what a cleanup needs to look for the run.
    """

    conclusion = Conclusion.TRIGGER_UNKNOWN

    def __init__(self, message: str, *, remedy: str = "", intent: Intent | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.intent = intent
