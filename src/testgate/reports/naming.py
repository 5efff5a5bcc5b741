"""What the reports call tests, runs and places, and how they write numbers and times."""

import math

from testgate.model import Outcome, TestResult
from testgate.results import JudgedRun
from testgate.text import duration, one_line

_COMPLETED = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.ERROR})
_LONGEST_SECONDS = 10**9  # 31 years: what is longer is not a duration


def visible(text: str, stand_in: str = "", limit: int = 300) -> str:
    """The text on one line, or the stand-in where nothing of it could be seen."""
    line = one_line(text, limit)
    return line if any(char.isprintable() and not char.isspace() for char in line) else stand_in


def case_name(test: TestResult) -> str:
    """The test's name; a blank one is replaced by its case's id."""
    return visible(test.name, f"Unnamed test {one_line(test.case_id, 60)}".rstrip())


def run_name(run: JudgedRun) -> str:
    """What people call the run; never blank."""
    return visible(run.name) or target_name(run)


def target_name(run: JudgedRun) -> str:
    """What was run, in words that do not change from run to run; never blank."""
    return visible(run.report.target.name) or visible(run.report.target.key, "Unnamed run")


def completed(test: TestResult) -> list[Outcome]:
    """How the attempts ended in which the test ran at all, the last one last."""
    return [outcome for outcome in (*(each.outcome for each in test.earlier), test.outcome) if outcome in _COMPLETED]


def attempts_of(test: TestResult) -> str:
    """In how many of its attempts the test failed; empty where it had only one."""
    ran = completed(test)
    failed = len(ran) - ran.count(Outcome.PASSED)
    if not ran[1:]:
        return ""
    return f"failed in all {failed} attempts" if failed == len(ran) else f"failed in {failed} of {len(ran)} attempts"


def failing_step(test: TestResult) -> str:
    """The step that failed, in one sentence; empty where nobody told."""
    step = visible(test.step, limit=2_000)
    return f"Failing step: {step}" if step else ""


def place(test: TestResult) -> list[str]:
    """The test's suite and machine, as far as they are known."""
    return [part for part in (visible(test.suite), visible(test.machine)) if part]


def milliseconds(seconds: float | None) -> int:
    """Whole milliseconds; 0 for what is unknown, negative or not a number."""
    if seconds is None or not math.isfinite(seconds) or seconds <= 0:
        return 0
    return round(min(seconds, _LONGEST_SECONDS) * 1000)


def shown_duration(seconds: float | None) -> str:
    """The duration for people; empty where there is none."""
    whole = milliseconds(seconds)
    return duration(whole / 1000) if whole else ""


def number(count: int) -> str:
    """`4 812`, with a blank that does not break."""
    return f"{count:,}".replace(",", "\N{NO-BREAK SPACE}")


def counted(count: int, noun: str) -> str:
    """`1 test`, `4 812 tests`."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def fault_text(run: JudgedRun) -> str:
    """Why the run ended as it did: the verdict's sentence, and the fault where it does not tell it."""
    reason = run.verdict.reason
    fault = str(run.report.fault or "")
    return reason if fault in reason else f"{reason} {fault}".strip()
