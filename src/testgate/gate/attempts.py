"""Combines a run and its reruns into one outcome per test and one result. Pure.

A rerun repairs a test only if it is beyond doubt: it has ended, its list of tests is complete, and no
witness is redder than its tests. A failure counts from any rerun.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from testgate.gate.evidence import weigh
from testgate.model import Attempt, Counts, Earlier, Outcome, Reported, RunResult, Snapshot, TestKey, TestResult

_COMPLETED = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.ERROR})
_FAILURES = frozenset({Outcome.FAILED, Outcome.ERROR})
_MENDABLE = frozenset({RunResult.PASSED, RunResult.FAILED})


def settle(attempts: Sequence[Attempt]) -> tuple[Snapshot | None, Sequence[TestResult]]:
    """The snapshot and the tests of the first attempt, updated by the reruns.

    Each test counts by its last completed attempt; the attempts before are kept as `earlier`. A first
    run that neither passed nor failed keeps its result: a rerun repairs tests, not a run.
    """
    if not attempts:
        return None, ()
    first, *reruns = attempts
    if first.snapshot is None or first.snapshot.result is None or not reruns:
        return first.snapshot, first.tests
    tests = [*first.tests]
    runs = [first.run.id] * len(tests)  # the run that each test's newest result is from
    places = _grouped(tests)
    sound = [is_sound(attempt) for attempt in reruns]
    for attempt, proves in zip(reruns, sound, strict=True):
        for key, rows in _grouped(attempt.tests).items():
            results = [attempt.tests[row] for row in rows]
            last = attempt is reruns[-1]
            at = places.get(key, [])
            for place, newer in _matched(tests, at, results, proves=proves, last=last, picked=not attempt.automatic):
                tests[place] = _again(tests[place], newer, runs[place])
                runs[place] = attempt.run.id
    reported = _updated(first.snapshot.reported, first.tests, tests)
    snapshot = first.snapshot._replace(reported=reported)
    if snapshot.result not in _MENDABLE:
        return snapshot, tests
    proven = [attempt for attempt, proves in zip(reruns, sound, strict=True) if proves]
    result, word = _last_result([first, *proven])
    return snapshot._replace(result=result, word=word), tests


def is_sound(attempt: Attempt) -> bool:
    """Whether an attempt proves what its tests say."""
    snapshot = attempt.snapshot
    if snapshot is None or not attempt.ended or snapshot.result not in _MENDABLE or snapshot.doubts:
        return False
    evidence = weigh(snapshot.reported, attempt.tests)
    hidden = evidence.reported.counts.unsuccessful > evidence.listed.unsuccessful
    failed = RunResult.FAILED in {snapshot.result, snapshot.listed}
    unexplained = failed and not any(test.bad for test in attempt.tests)
    broken = snapshot.listed not in {None, *_MENDABLE} or bool(evidence.contradiction)
    return not (evidence.missing or hidden or unexplained or broken) and bool(attempt.tests)


def _grouped(tests: Sequence[TestResult]) -> dict[tuple[TestKey, str], list[int]]:
    """The places of the tests of each key and name; several in one group cannot be told apart."""
    places: dict[tuple[TestKey, str], list[int]] = {}
    for place, test in enumerate(tests):
        places.setdefault((test.key, test.name), []).append(place)
    return places


def _matched(  # noqa: PLR0913  # the last three say what the attempt is
    tests: Sequence[TestResult],
    places: Sequence[int],
    results: Sequence[TestResult],
    *,
    proves: bool,
    last: bool,
    picked: bool,
) -> list[tuple[int, TestResult]]:
    """Which tests of one key get which new results.

    Of several tests that cannot be told apart, failures are repaired only if all tests completed
    again, or if as many passed as had failed. If we `picked` the failed ones that count, it's known
    that the results are theirs. A failure counts in any case. A test that should have run and did not
    is worse than one that was skipped, and in the last attempt than one that passed.
    """
    done = [result for result in results if result.outcome in _COMPLETED]
    failed = [place for place in places if tests[place].outcome in _FAILURES]
    if picked:
        failed = [place for place in failed if not tests[place].quarantine] or failed
    if proves and len(done) == len(results) == len(places):
        return [*zip(places, done, strict=True)]
    all_passed = all(result.outcome is Outcome.PASSED for result in results)
    if proves and len(results) == len(failed) and (all_passed or (picked and len(done) == len(results))):
        return [*zip(failed, results, strict=True)]
    new_failures = [result for result in done if result.outcome in _FAILURES]
    passed_first = sorted(places, key=lambda place: tests[place].outcome is not Outcome.PASSED)
    good = [place for place in passed_first if not tests[place].bad]
    worse = dict(zip(good, new_failures[len(places) - len(good) :], strict=False))
    rest = [place for place in good if place not in worse and (last or tests[place].outcome is Outcome.SKIPPED)]
    left_out = [result for result in results if result.outcome is Outcome.NOT_RUN]
    return [*worse.items(), *zip(rest, left_out, strict=False)]


def keys_of(tests: Iterable[TestResult]) -> list[tuple[TestKey, int]]:
    """The key of each test, with an ordinal to distinguish tests with the same key."""
    seen: Counter[TestKey] = Counter()
    keys = []
    for test in tests:
        keys.append((test.key, seen[test.key]))
        seen[test.key] += 1
    return keys


def unmatched(first: Sequence[TestResult], rerun: Sequence[TestResult]) -> list[TestResult]:
    """Tests of a rerun that the first attempt doesn't contain: they prove nothing about it."""
    known = set(keys_of(first))
    return [test for key, test in zip(keys_of(rerun), rerun, strict=True) if key not in known]


def to_rerun(tests: Iterable[TestResult]) -> list[TestResult]:
    """The tests worth another attempt: failed or errored, and not excused."""
    return [test for test in tests if test.outcome in {Outcome.FAILED, Outcome.ERROR} and not test.excused]


def lost(tests: Iterable[TestResult]) -> list[TestResult]:
    """The tests that broke for lack of a machine, and that count."""
    return [test for test in tests if test.lost and test.bad and not test.excused]


def _again(before: TestResult, now: TestResult, run_before: str) -> TestResult:
    """The test with the result of its newer attempt; its name and place are kept."""
    return before._replace(
        id=now.id,
        outcome=now.outcome,
        word=now.word,
        message=now.message,
        seconds=now.seconds if now.seconds is not None else before.seconds,
        step=now.step,
        started=now.started,
        lost=now.lost,
        earlier=(*before.earlier, Earlier(before.outcome, before.message, before.seconds, run_before, before.lost)),
    )


_FIELD: Mapping[Outcome, str] = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERROR: "errors",
    Outcome.SKIPPED: "skipped",
    Outcome.NOT_RUN: "not_run",
}


def _updated(reported: Reported, before: Sequence[TestResult], after: Sequence[TestResult]) -> Reported:
    """The platform's counters of the first attempt, updated for the tests that a rerun changed.

    A failure that only the counters contain remains a failure.
    """
    numbers = reported.counts._asdict()
    for old, new in zip(before, after, strict=True):
        left, entered = _FIELD[old.outcome], _FIELD[new.outcome]
        if left != entered and numbers[left] > 0:
            numbers[left] -= 1
            numbers[entered] += 1
    return reported._replace(counts=Counts(**numbers))


def _last_result(attempts: Sequence[Attempt]) -> tuple[RunResult | None, str]:
    """Result and word of the last attempt that we started, with the reruns that the platform added to it.

    If the platform reports a result of them all together, that one, otherwise that of the last run.
    """
    started = max((place for place, attempt in enumerate(attempts) if not attempt.automatic), default=0)
    head, last = attempts[started].snapshot, attempts[-1].snapshot
    if head is not None and head.whole is not None:
        return head.whole, head.word
    return (last.result, last.word) if last is not None else (None, "")
