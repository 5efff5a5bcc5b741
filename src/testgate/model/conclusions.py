"""How a step or a run ends."""

from enum import StrEnum


class Conclusion(StrEnum):
    """How a step or a run ended; the value is the word that users see."""

    PASSED = "passed"
    TRIGGERED = "triggered"
    CREATED = "created"
    STOP_CONFIRMED = "stop-confirmed"
    CHECKED = "checked"
    DRY_RUN = "dry-run"
    FAILED = "failed"
    INVALID_INPUT = "invalid-input"
    PLATFORM_ERROR = "platform-error"
    TIMED_OUT = "timed-out"
    STOPPED = "stopped"
    NOTHING_RAN = "nothing-ran"
    TRIGGER_UNKNOWN = "trigger-unknown"
    REPORT_ERROR = "report-error"
    INTERNAL_ERROR = "internal-error"
    CANCELLED = "cancelled"

    @property
    def exit_code(self) -> int:
        """The exit code of the process; for SIGTERM it is 143 instead, which only the caller knows."""
        return _EXIT_CODES[self]

    @property
    def green(self) -> bool:
        """Whether the requested action succeeded."""
        return self.exit_code == 0


_EXIT_CODES = {
    Conclusion.PASSED: 0,
    Conclusion.TRIGGERED: 0,
    Conclusion.CREATED: 0,
    Conclusion.STOP_CONFIRMED: 0,
    Conclusion.CHECKED: 0,
    Conclusion.DRY_RUN: 0,
    Conclusion.FAILED: 1,
    Conclusion.INVALID_INPUT: 2,
    Conclusion.PLATFORM_ERROR: 3,
    Conclusion.TIMED_OUT: 4,
    Conclusion.STOPPED: 5,
    Conclusion.NOTHING_RAN: 6,
    Conclusion.TRIGGER_UNKNOWN: 7,
    Conclusion.REPORT_ERROR: 8,
    Conclusion.INTERNAL_ERROR: 70,
    Conclusion.CANCELLED: 130,
}
