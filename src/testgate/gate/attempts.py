"""A run and its reruns → one outcome for each test, and one result. Pure.

A rerun counts only if it is beyond doubt: over, whole, and no witness redder than its tests. Else
the earlier failures stand.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from testgate.gate.verdict import weigh
from testgate.model import Attempt, Counts, Earlier, Outcome, Reported, RunResult, Snapshot, Status, TestKey, TestResult

_COMPLETED = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.ERROR})


def settle(attempts: Sequence[Attempt]) -> tuple[Snapshot | None, Sequence[TestResult]]:
    """The state and the tests of the first attempt, with what the reruns changed.

    Each test counts by its last completed attempt; the ones before are kept as `earlier`.
    """
    if not attempts:
        return None, ()
    first, *reruns = attempts
    sound = [attempt for attempt in reruns if is_sound(attempt)]
    if first.snapshot is None or first.snapshot.result is None or not sound:
        return first.snapshot, first.tests
    tests = [*first.tests]
    runs = [first.run.id] * len(tests)  # whose result each test's newest is
    places = {key: place for place, key in enumerate(keys_of(tests))}
    for attempt in sound:
        for key, test in zip(keys_of(attempt.tests), attempt.tests, strict=True):
            place = places.get(key)
            if place is not None and test.outcome in _COMPLETED:
                tests[place] = _again(tests[place], test, runs[place])
                runs[place] = attempt.run.id
    reported = _mended(first.snapshot.reported, first.tests, tests)
    result = _result([first, *sound])
    return first.snapshot._replace(reported=reported, result=result, word=_word([first, *sound])), tests


def is_sound(attempt: Attempt) -> bool:
    """Whether a rerun proves what its tests say."""
    snapshot = attempt.snapshot
    if (
        snapshot is None
        or snapshot.status is not Status.ENDED
        or snapshot.result not in {RunResult.PASSED, RunResult.FAILED}
    ):
        return False
    evidence = weigh(snapshot.reported, attempt.tests)
    hidden = snapshot.reported.counts.unsuccessful > evidence.listed.unsuccessful
    unexplained = snapshot.result is RunResult.FAILED and not evidence.listed.unsuccessful
    return evidence.missing == 0 and not hidden and not unexplained and bool(attempt.tests)


def keys_of(tests: Iterable[TestResult]) -> list[tuple[TestKey, int]]:
    """Each test's key, with an ordinal for the second and further test of the same key."""
    seen: Counter[TestKey] = Counter()
    keys = []
    for test in tests:
        keys.append((test.key, seen[test.key]))
        seen[test.key] += 1
    return keys


def unmatched(first: Sequence[TestResult], rerun: Sequence[TestResult]) -> list[TestResult]:
    """Tests of a rerun that the first attempt does not know: they prove nothing about it."""
    known = set(keys_of(first))
    return [test for key, test in zip(keys_of(rerun), rerun, strict=True) if key not in known]


def to_rerun(tests: Iterable[TestResult]) -> list[TestResult]:
    """The tests that are worth another attempt: failed or broken, and not in quarantine."""
    return [test for test in tests if test.outcome in {Outcome.FAILED, Outcome.ERROR} and not test.quarantine]


def _again(before: TestResult, now: TestResult, run_before: str) -> TestResult:
    """The test by its newer attempt; what it is called and where it stands is kept."""
    return before._replace(
        id=now.id,
        outcome=now.outcome,
        word=now.word,
        message=now.message,
        seconds=now.seconds if now.seconds is not None else before.seconds,
        step=now.step,
        earlier=(*before.earlier, Earlier(before.outcome, before.message, before.seconds, run_before)),
    )


_FIELD: Mapping[Outcome, str] = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERROR: "errors",
    Outcome.SKIPPED: "skipped",
    Outcome.NOT_RUN: "not_run",
}


def _mended(reported: Reported, before: Sequence[TestResult], after: Sequence[TestResult]) -> Reported:
    """The platform's counters of the first attempt, moved along with the tests that a rerun changed.

    A failure that the counters tell of and no test explains stays a failure.
    """
    numbers = reported.counts._asdict()
    for old, new in zip(before, after, strict=True):
        left, entered = _FIELD[old.outcome], _FIELD[new.outcome]
        if left != entered and numbers[left] > 0:
            numbers[left] -= 1
            numbers[entered] += 1
    return reported._replace(counts=Counts(**numbers))


def _groups(attempts: Sequence[Attempt]) -> list[list[Attempt]]:
    """Attempts that we began, each with the reruns that the platform added by itself."""
    groups: list[list[Attempt]] = []
    for attempt in attempts:
        if attempt.automatic and groups:
            groups[-1].append(attempt)
        else:
            groups.append([attempt])
    return groups


def _result(attempts: Sequence[Attempt]) -> RunResult | None:
    """What came out of the last group: what the platform says of the whole, else of its last run."""
    return _told(_groups(attempts)[-1])[0]


def _word(attempts: Sequence[Attempt]) -> str:
    """The platform's word for that."""
    return _told(_groups(attempts)[-1])[1]


def _told(group: Sequence[Attempt]) -> tuple[RunResult | None, str]:
    """RunResult and word of one group."""
    head, last = group[0].snapshot, group[-1].snapshot
    if head is not None and head.whole is not None:
        return head.whole, head.word
    return (last.result, last.word) if last is not None else (None, "")
