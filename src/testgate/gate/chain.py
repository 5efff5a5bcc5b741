"""What a chain of attempts proves beyond its tests: a run that is broken as a whole is never green. Pure.

Green needs every witness of every attempt: the run's result, what its list says, its counters and its
tests. Some faults of an attempt are superseded by later sound attempts, if those prove every test that it ran:

    superseded    stopped, not executed, unknown result, unfinished, short list, unreadable answer
    never         a failure that no test explains: only tests can be proven to pass later

The first attempt is never superseded: a rerun repairs tests, not a run.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from testgate.gate.attempts import is_sound, unmatched
from testgate.gate.evidence import weigh
from testgate.model import Attempt, Conclusion, RunResult, Snapshot
from testgate.text import one_line, plural

_LONGEST_WORD = 60


class Problem(NamedTuple):
    """Why a chain is not green. `lasting` ones are not superseded by a later attempt."""

    conclusion: Conclusion
    reason: str
    lasting: bool = False


def problem_in(attempts: Sequence[Attempt]) -> Problem | None:
    """The first reason why this chain cannot be green, whatever its tests say; None if there is none."""
    for place, attempt in enumerate(attempts):
        superseded = place > 0 and _superseded(attempt, attempts[place + 1 :])
        for problem in _problems(attempts, place, attempt):
            if problem.lasting or not superseded:
                return problem
    return None


def _superseded(attempt: Attempt, later: Sequence[Attempt]) -> bool:
    """Whether later sound attempts ran everything again that this one may have left open."""
    proven = {test.key for each in later if is_sound(each) for test in each.tests}
    counted = attempt.snapshot.reported.counted if attempt.snapshot else 0
    known = {test.key for test in attempt.tests}
    return bool(known) and known <= proven and counted <= len(attempt.tests)


def _problems(attempts: Sequence[Attempt], place: int, attempt: Attempt) -> Iterator[Problem]:
    """The problems of one attempt."""
    snapshot, name = attempt.snapshot, f"run {attempt.run.id}"
    if snapshot is None or snapshot.result is None:
        if place:
            yield Problem(Conclusion.PLATFORM_ERROR, f"the end of its rerun, {name}, is not known")
        return
    if not attempt.read:
        yield Problem(Conclusion.PLATFORM_ERROR, f"the tests of {name} were not read")
    yield from _of_results(attempt, snapshot, name)
    yield from _of_whole(attempts, place, snapshot, name)
    if snapshot.inferred and not _all_speak(attempt, snapshot):
        word = one_line(snapshot.word, _LONGEST_WORD)
        reason = f"{name} ended with a word that is not documented ({word}), and not every witness says that it passed"
        yield Problem(Conclusion.PLATFORM_ERROR, reason)
    for doubt in snapshot.doubts:
        yield Problem(Conclusion.PLATFORM_ERROR, f"{name}: {doubt}")
    if place:
        yield from _of_rerun(attempts[0], attempt, snapshot, name)


def _all_speak(attempt: Attempt, snapshot: Snapshot) -> bool:
    """Whether the result, the counters and the tests all say something."""
    return snapshot.result is RunResult.PASSED and snapshot.reported.counts.total > 0 and bool(attempt.tests)


def _of_results(attempt: Attempt, snapshot: Snapshot, name: str) -> Iterator[Problem]:
    """What the run, its list, and the platform's word on the whole say."""
    word = one_line(snapshot.word, _LONGEST_WORD) or "no result"
    for source, result in (("", snapshot.result), (" in its list of tests", snapshot.listed)):
        if result is RunResult.STOPPED:
            yield Problem(Conclusion.STOPPED, f"{name} was stopped or aborted{source} ({word})")
        if result is RunResult.UNKNOWN:
            yield Problem(Conclusion.FAILED, f"{name} has an unknown result{source} ({word})")
        if result is RunResult.NOT_EXECUTED:
            yield Problem(Conclusion.FAILED, f"{name} was not executed{source} ({word})")
        if result is RunResult.FAILED and not any(test.bad for test in attempt.tests):
            yield Problem(Conclusion.FAILED, f"{name} failed{source}, but none of its tests did", lasting=True)


def _of_whole(attempts: Sequence[Attempt], place: int, snapshot: Snapshot, name: str) -> Iterator[Problem]:
    """What the platform says about a run together with the reruns that it added."""
    last = attempts[place]
    for following in attempts[place + 1 :]:
        if not following.automatic:
            break
        last = following
    explained = snapshot.whole is RunResult.FAILED and any(test.bad for test in last.tests)
    if snapshot.whole not in {None, RunResult.PASSED} and not explained:
        reason = f"{name} and its reruns together did not pass, according to the platform, but their tests did"
        yield Problem(Conclusion.FAILED, reason, lasting=True)


def _of_rerun(first: Attempt, attempt: Attempt, snapshot: Snapshot, name: str) -> Iterator[Problem]:
    """What the witnesses of a later attempt say beside its tests."""
    evidence = weigh(snapshot.reported, attempt.tests)
    if evidence.missing:
        counted, listed = evidence.reported.counted, evidence.listed.total
        yield Problem(Conclusion.PLATFORM_ERROR, f"{name} counts {plural(counted, 'test')} and lists only {listed}")
    if evidence.reported.counts.unsuccessful > evidence.listed.unsuccessful:
        reason = f"{name} counts more failed tests than it lists"
        yield Problem(Conclusion.FAILED, reason, lasting=True)
    strangers = [test for test in unmatched(first.tests, attempt.tests) if test.bad and not test.quarantine]
    if strangers:
        reason = f"{name} has {plural(len(strangers), 'failed test')} that match no test of the first run"
        yield Problem(Conclusion.FAILED, reason, lasting=True)
