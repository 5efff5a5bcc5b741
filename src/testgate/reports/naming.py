"""The reports' names for tests, runs and places, and their notation of numbers and durations."""

import math

from testgate.model import Outcome, TestResult
from testgate.results import Gate, JudgedRun
from testgate.text import duration, is_plain, one_line

RED = frozenset({Outcome.FAILED, Outcome.ERROR})

_COMPLETED = RED | {Outcome.PASSED}
_LONGEST_SECONDS = 10**9  # 31 years: nothing longer is a duration


def visible(text: str, default: str = "", limit: int = 300) -> str:
    """The text on one line, or the default if a reader would see nothing of it."""
    if text and len(text) <= limit and is_plain(text):  # as most names
        return text
    line = one_line(text, limit)
    if line.isprintable():
        return line or default
    return line if any(char.isprintable() and not char.isspace() for char in line) else default


def case_name(test: TestResult) -> str:
    """The test's name; a blank one is replaced by the id of the test case."""
    return visible(test.name) or f"Unnamed test {one_line(test.case_id, 60)}".rstrip()


def plan_name(judged: JudgedRun) -> str:
    """The platform's name of what ran; never blank."""
    return visible(judged.name) or target_name(judged)


def run_name(judged: JudgedRun) -> str:
    """The run's name for people, with its leg if the gate holds several; never blank."""
    leg = visible(judged.report.leg)
    return f"{plan_name(judged)} ({leg})" if leg else plan_name(judged)


def target_name(judged: JudgedRun) -> str:
    """The name of the run's target, which is the same in every run; never blank."""
    target = judged.report.target
    return visible(target.name) or visible(target.key, "Unnamed run")


def variant_of(judged: JudgedRun, gate: Gate) -> list[str]:
    """What tells the run from others of the same target: the environment and the leg that were given."""
    environment = visible(judged.report.target.environment)
    return list(filter(None, (f"environment {environment}" if environment else "", visible(leg_of(judged, gate)))))


def leg_of(judged: JudgedRun, gate: Gate) -> str:
    """The leg of the run: its own, or the step's."""
    return judged.report.leg or gate.leg


def completed(test: TestResult) -> list[Outcome]:
    """The outcomes of the attempts in which the test ran, in order."""
    return [outcome for outcome in (*(each.outcome for each in test.earlier), test.outcome) if outcome in _COMPLETED]


def failed_attempts(test: TestResult) -> str:
    """In how many of its attempts the test failed, in words; "" if it had only one."""
    ran = completed(test)
    failed = len(ran) - ran.count(Outcome.PASSED)
    if not ran[1:]:
        return ""
    return f"failed in all {failed} attempts" if failed == len(ran) else f"failed in {failed} of {len(ran)} attempts"


def failing_step(test: TestResult) -> str:
    """The step that failed, in one sentence; "" if it is unknown."""
    step = visible(test.step, limit=2_000)
    return f"Failing step: {step}" if step else ""


def place(test: TestResult) -> list[str]:
    """The test's suite and machine, if they are known."""
    return [part for part in (visible(test.suite), visible(test.machine)) if part]


def milliseconds(seconds: float | None) -> int:
    """Whole milliseconds; 0 if the duration is unknown, negative or not a number."""
    if seconds is None or not 0 < seconds < math.inf:
        return 0
    return round(seconds * 1000) if seconds < _LONGEST_SECONDS else _LONGEST_SECONDS * 1000


def shown_duration(seconds: float | None) -> str:
    """The duration for people, such as `12.0 s`; "" if there is none."""
    whole = milliseconds(seconds)
    return duration(whole / 1000) if whole else ""


def number(count: int) -> str:
    """The number with no-break spaces between thousands: `4 812`."""
    return f"{count:,}".replace(",", "\N{NO-BREAK SPACE}")


def counted(count: int, noun: str) -> str:
    """The number with its noun in the singular or plural: `1 test`, `4 812 tests`."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def full_reason(judged: JudgedRun) -> str:
    """The reason of the run's verdict, followed by the fault unless the reason includes it."""
    reason = judged.verdict.reason
    fault = str(judged.report.fault or "")
    return reason if fault in reason else f"{reason} {fault}".strip()
