"""What a seed stands for: plans, tests, habits of the platform, accidents, and the inputs of the step."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from tests.worlds.truth import (
    ABORTED,
    ERROR,
    FAILED,
    NOTHING,
    PASSED,
    SKIPPED,
    STOPPED,
    UNKNOWN,
    WHOLE,
    LimitFacts,
    QuarantineFacts,
    TestFacts,
)

LOST_MACHINE = "lost machine"  # an accident that leaves the attempt whole: its other tests end by themselves


class Accident(NamedTuple):
    """What befalls an attempt, counted from 0, when a `share` of its tests has ended."""

    kind: str
    attempt: int
    share: float
    machine: str = ""


class PlanFacts(NamedTuple):
    """A plan. The platform itself reruns it up to `reruns` times, `gap` seconds after its end."""

    id: int
    tests: Sequence[TestFacts]
    queued: float
    running: float
    reruns: int
    reruns_all: bool
    gap: float
    accidents: Sequence[Accident]


class Habits(NamedTuple):
    """What this platform tells, and how.

    `counters` is true, null, missing, zero, partly (some are null) or text. `child` is the shape of
    `childResult`. `late` is the number of seconds after a run's end until its list is complete, and
    `late_rows` says whether the missing rows are there without a result. `lax`: a run that was not
    cut short is a success, whatever its tests say.
    """

    words: str = "SUCCESS"
    counters: str = "true"
    child: str = "object"
    consolidates: bool = True
    combined: bool = True
    parents: bool = True
    header: bool = True
    details: bool = True
    mixes_details: bool = False
    shuffles: bool = False
    late: float = 0.0
    late_rows: bool = False
    lax: bool = False
    lists_runs: str = "true"
    loses: str = ""
    refuses_reruns: bool = False


class WorldFacts(NamedTuple):
    """One play: the platform and the inputs of the step."""

    seed: int
    plans: Sequence[PlanFacts]
    habits: Habits
    quarantine: Sequence[QuarantineFacts]
    limits: LimitFacts
    rerun_failed: int
    attach: bool


def world_facts(seed: int) -> WorldFacts:
    """The same for the same seed."""
    chance = random.Random(f"{seed} world")  # noqa: S311  # a play, not a secret
    habits = _habits(chance)
    plans = tuple(_plan(chance, 274 + number, habits) for number in range(chance.choice((1, 1, 1, 1, 2, 3))))
    tests = [test for plan in plans for test in plan.tests]
    return WorldFacts(
        seed=seed,
        plans=plans,
        habits=habits,
        quarantine=quarantine_of(chance, tests),
        limits=limits_of(chance),
        rerun_failed=chance.choice((0, 1, 1, 2, 3)),
        attach=chance.random() < 0.1,
    )


def equal_world(seed: int) -> WorldFacts:
    """A world with one plan, whose tests are hard to tell apart, and are rerun in another order."""
    facts = world_facts(seed)
    chance = random.Random(f"{seed} equal")  # noqa: S311  # a play, not a secret
    tests = list(tests_of(chance, chance.choice((2, 2, 3, 4))))
    for place in range(1, len(tests)):
        if chance.random() < 0.7:
            tests[place] = _twin_of(chance, tests[place - 1], tests[place])
        if chance.random() < 0.3:
            words = (SKIPPED,) if chance.random() < 0.5 else tuple(chance.choices((PASSED, PASSED, FAILED), k=5))
            tests[place] = tests[place]._replace(outcomes=words)
    habits = facts.habits._replace(shuffles=True, late=0.0, loses="", counters=chance.choice(("true", "null")))
    plan = facts.plans[0]._replace(tests=tests, reruns=chance.choice((1, 1, 2)), reruns_all=chance.random() < 0.7)
    return facts._replace(plans=(plan,), habits=habits, quarantine=quarantine_of(chance, tests))


def _twin_of(chance: random.Random, test: TestFacts, other: TestFacts) -> TestFacts:
    """The other test, with the case of the first one; at times it keeps its name."""
    name = test.name if chance.random() < 0.5 else other.name
    return other._replace(name=name, case=test.case, suite=test.suite, machine=test.machine)


def plain_world(seed: int) -> WorldFacts:
    """A world whose platform tells everything, so that a lie about one field leaves other witnesses."""
    facts = world_facts(seed)
    habits = facts.habits._replace(
        counters="true",
        lax=False,
        late=0.0,
        loses="",
        parents=True,
        header=True,
        consolidates=True,
        combined=True,
        shuffles=False,
    )
    return facts._replace(habits=habits)


def limits_of(chance: random.Random) -> LimitFacts:
    """The limits of the gate; often the strictest."""
    rate = chance.choice(((100, 1), (100, 1), (100, 1), (75, 1), (50, 1), (905, 10)))
    failures = chance.choice((None, None, None, 0, 1, 2))
    if failures is not None and chance.random() < 0.5:
        return LimitFacts(None, failures)
    return LimitFacts(rate, failures, chance.choice((None, None, None, 0, 1)))


def quarantine_of(chance: random.Random, tests: Sequence[TestFacts]) -> tuple[QuarantineFacts, ...]:
    """Some tests by name, pattern, suite or case."""
    if not tests or chance.random() < 0.6:
        return ()
    entries = []
    for test in chance.sample(list(tests), min(len(tests), chance.choice((1, 1, 2)))):
        patterns = [test.name, f"{test.suite} / {test.name}", f"{test.name[:-1]}?", "*B*"]
        entry = QuarantineFacts(pattern=chance.choice(patterns), expired=chance.random() < 0.15)
        by_case = bool(test.case) and chance.random() < 0.3
        entries.append(entry._replace(pattern="", case=test.case) if by_case else entry)
    return tuple(entries)


def _habits(chance: random.Random) -> Habits:
    """A platform's habits; most are as the vendor documents them."""
    return Habits(
        words=chance.choice(("SUCCESS", "PASSED")),
        counters=chance.choice(("true", "true", "true", "null", "missing", "zero", "partly", "text")),
        child=chance.choice(("object", "object", "id", "nested")),
        consolidates=chance.random() < 0.7,
        combined=chance.random() < 0.7,
        parents=chance.random() < 0.7,
        header=chance.random() < 0.7,
        details=chance.random() < 0.6,
        mixes_details=chance.random() < 0.2,
        shuffles=chance.random() < 0.5,
        late=chance.choice((0.0, 0.0, 0.0, 1.5, 4.0)),
        late_rows=chance.random() < 0.5,
        lax=chance.random() < 0.15,
        lists_runs=chance.choice(("true", "true", "short", "refused")),
        loses=chance.choice(("", "", "", "", "", "", "", "", "start", "rerun")),
        refuses_reruns=chance.random() < 0.05,
    )


def _plan(chance: random.Random, plan_id: int, habits: Habits) -> PlanFacts:
    """A plan with up to six tests, some of them equal."""
    reruns = chance.choice((0, 0, 0, 1, 1, 2, 3))
    tests = tests_of(chance, chance.choice((0, 1, 2, 2, 3, 3, 4, 6)))
    machines = sorted({test.machine for test in tests})
    accidents = [
        Accident(
            kind=chance.choice((STOPPED, ABORTED, LOST_MACHINE, LOST_MACHINE, UNKNOWN, NOTHING)),
            attempt=chance.choice((0, 1, 1, 2)),
            share=chance.choice((0.0, 0.4, 0.7)),
            machine=chance.choice(machines) if machines else "",
        )
        for _each in range(chance.choice((0, 0, 0, 0, 1, 2)))
    ]
    return PlanFacts(
        id=plan_id,
        tests=tests,
        queued=chance.choice((0.0, 1.0)),
        running=chance.choice((0.5, 3.0, 8.0)),
        reruns=reruns,
        reruns_all=chance.random() < 0.4,
        gap=chance.choice((0.0, 3.0)) if habits.consolidates else 0.0,
        accidents=accidents,
    )


def tests_of(chance: random.Random, size: int) -> tuple[TestFacts, ...]:
    """Tests with names, suites and machines that often coincide; one in five has no case ID."""
    mends = chance.choice((0.3, 0.6, 0.9))
    fails = chance.choice((0.0, 0.2, 0.4, 0.7))
    twins = chance.choice((0.0, 0.0, 0.1, 0.5))
    tests: list[TestFacts] = []
    for uid in range(size):
        test = TestFacts(
            uid=uid,
            name=chance.choice((f"Test {'ABCDEF'[uid]}", f"Test {'ABCDEF'[uid]}", "Login [1]", "Test B")),
            case=chance.choice((str(2000 + uid),) * 4 + ("",)),
            suite=chance.choice(("Shop", "Shop", "Shop", "Account")),
            machine=chance.choice(("Linux", "Linux", "Windows")),
            outcomes=_outcomes(chance, fails, mends),
            sets=chance.choice((0, 0, 0, 2, 3)),
        )
        if tests and chance.random() < twins:
            test = _twin_of(chance, chance.choice(tests), test)
        tests.append(test)
    return tuple(tests)


def _outcomes(chance: random.Random, fails: float, mends: float) -> tuple[str, ...]:
    """How the executions of a test end."""
    if chance.random() < 0.1:
        return (SKIPPED,)
    outcomes = [chance.choice((FAILED, FAILED, ERROR)) if chance.random() < fails else PASSED]
    while len(outcomes) < 5:
        good = chance.random() < (mends if outcomes[-1] != PASSED else 0.85)
        outcomes.append(PASSED if good else chance.choice((FAILED, FAILED, ERROR)))
    return tuple(outcomes)


WHOLES = {STOPPED: STOPPED, ABORTED: ABORTED, UNKNOWN: UNKNOWN, NOTHING: NOTHING, LOST_MACHINE: WHOLE}
