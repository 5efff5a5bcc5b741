"""Says from the whole truth whether a step may be green. Written from the contract, apart from the program.

green needs   every run whole, its last attempt too, tests executed, and the limits kept by what is proven
a test        counts by its last completed execution; a pass counts only in an attempt that is whole
worse later   a test that was fine and did not run in the last attempt counts as not run
quarantine    a failure of a test that the file covers does not count
flaky         is what failed before it passed; of equal and of quarantined tests nobody is sure
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tests.worlds.truth import (
    BAD,
    COMPLETED,
    ERROR,
    FAILED,
    NOT_RUN,
    PASSED,
    SKIPPED,
    WHOLE,
    AttemptTruth,
    LimitFacts,
    QuarantineFacts,
    StepTruth,
    TestFacts,
)

# Why a step that truly passed may be red all the same, for the documentation.
EXCUSES = {
    "equal tests": (
        "Two tests of a run show the same case ID, name, suite and machine, and one of them is rerun. Nothing says"
        " which of the two the rerun's result is about, so its pass may repair neither."
    ),
    "interrupted rerun": (
        "The platform aborted a rerun, or some of its tests never ran. What passed in it, or before it, need not be"
        " believed, even if the tests are within the limits or were rerun once more."
    ),
    "flaky in quarantine": "A quarantined test failed and then passed: `max-flaky` counts it like any other.",
    "lost start": (
        "The answer to the trigger was lost, and the platform doesn't list its runs, or lists them with another build"
        " number. The run exists, but nobody can prove that it is ours (exit code 7)."
    ),
    "lost rerun": (
        "The answer to the trigger of a rerun was lost. Reruns carry no build number, so the first verdict stands."
    ),
}


class Ruling(NamedTuple):
    """What the verdict may be: `red` says why it must not be green; `excuses` are why red is acceptable."""

    red: str
    excuses: Sequence[str] = ()


class _Count(NamedTuple):
    """A run's tests, counted."""

    passed: int
    bad: int
    executed: int
    flaky: int
    quarantined_flaky: int


def rule(truth: StepTruth) -> Ruling:
    """The ruling on a step."""
    reds: list[str] = []
    counts = []
    for tests, attempts in zip(truth.tests, truth.attempts, strict=True):
        count = _count(tests, attempts, truth.quarantine)
        counts.append(count)
        reds += _reds_of_run(attempts, count, truth.limits)
    failures, flaky = sum(each.bad for each in counts), sum(each.flaky for each in counts)
    limits = truth.limits
    if limits.failures is not None and failures > limits.failures:
        reds.append(f"{failures} failures")
    if limits.flaky is not None and flaky > limits.flaky:
        reds.append(f"{flaky} flaky tests")
    return Ruling("; ".join(reds), () if reds else tuple(_excuses(truth)))


def _reds_of_run(attempts: Sequence[AttemptTruth], count: _Count, limits: LimitFacts) -> Iterable[str]:
    """Why one run must be red."""
    if attempts[0].whole != WHOLE:
        yield f"its first attempt: {attempts[0].whole}"
    if attempts[-1].whole != WHOLE:
        yield f"its last attempt: {attempts[-1].whole}"
    weighed = count.passed + count.bad
    if not count.executed or not weighed:
        yield "nothing was executed that counts"
    elif limits.rate is not None and count.passed * 100 * limits.rate[1] < limits.rate[0] * weighed:
        yield f"{count.passed} of {weighed} tests passed"


def _count(tests: Sequence[TestFacts], attempts: Sequence[AttemptTruth], entries: Sequence[QuarantineFacts]) -> _Count:
    """Count each test once, by what is proven of it."""
    final: Counter[str] = Counter()
    alike = Counter(test.shown for test in tests)
    executed = flaky = quarantined_flaky = 0
    for test in tests:
        outcome = _proven(test.uid, attempts)
        seen = {attempt.outcomes.get(test.uid) for attempt in attempts}
        executed += bool(seen & COMPLETED)
        quarantined = any(covers(entry, test) for entry in entries)
        if outcome in BAD and quarantined:
            continue
        final[outcome] += 1
        if outcome == PASSED and seen & {FAILED, ERROR}:
            flaky += alike[test.shown] == 1 and not quarantined
            quarantined_flaky += quarantined
    return _Count(final[PASSED], final[FAILED] + final[ERROR] + final[NOT_RUN], executed, flaky, quarantined_flaky)


def _proven(uid: int, attempts: Sequence[AttemptTruth]) -> str:
    """What all executions of one test prove."""
    outcome = ""
    for attempt in attempts:
        each, last = attempt.outcomes.get(uid, ""), attempt is attempts[-1]
        if not outcome:
            outcome = each
        elif each == PASSED:
            outcome = PASSED if attempt.whole == WHOLE else outcome
        elif each in {FAILED, ERROR} or (each == NOT_RUN and outcome in {PASSED, SKIPPED} and last):
            outcome = each
    return outcome or SKIPPED


def covers(entry: QuarantineFacts, test: TestFacts) -> bool:
    """Whether an entry of the quarantine applies to a test: only `*` and `?` are special in a name."""
    if entry.expired:
        return False
    if entry.case:
        return entry.case == test.case
    pattern = re.escape(entry.pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return any(re.fullmatch(pattern, name, re.DOTALL) for name in (test.name, f"{test.suite} / {test.name}"))


def _excuses(truth: StepTruth) -> Iterable[str]:
    """Why red is acceptable although everything truly passed."""
    if truth.lost_starts:
        yield "lost start"
    if truth.lost_reruns:
        yield "lost rerun"
    for tests, attempts in zip(truth.tests, truth.attempts, strict=True):
        if any(_contains_equal(tests, attempt) for attempt in attempts[1:]):
            yield "equal tests"
        if any(attempt.whole != WHOLE or NOT_RUN in attempt.outcomes.values() for attempt in attempts[1:]):
            yield "interrupted rerun"
        if truth.limits.flaky is not None and _count(tests, attempts, truth.quarantine).quarantined_flaky:
            yield "flaky in quarantine"


def _contains_equal(tests: Sequence[TestFacts], attempt: AttemptTruth) -> bool:
    """Whether an attempt contains a test that shows the same as another test of the run."""
    alike = Counter(test.shown for test in tests)
    return any(alike[test.shown] > 1 for test in tests if test.uid in attempt.outcomes)
