"""The scenario of a seed: inputs, plans, habits of the vendor, faults, and when the step is canceled."""

import random
from typing import NamedTuple

from testgate.model import Conclusion
from testgate.runs.engine import Limits
from tests.soak.trouble import OUTAGES, Outage
from tests.soak.vendor import Habits, PlanFacts

LONGEST = 5000.0  # simulated seconds that a play without faults may take at most
SOON = 5.0  # the gate rereads an incomplete list of tests for this long


class Scenario(NamedTuple):
    """One play. `halts` are ends by the time since the start."""

    seed: int
    plans: tuple[PlanFacts, ...]
    habits: Habits
    limits: Limits
    rate: float
    outages: tuple[Outage, ...]
    halts: tuple[tuple[float, Conclusion], ...]
    attach: bool
    wait: bool
    wait_busy: bool
    rerun_failed: int
    stops: bool
    fail_fast: bool = False
    retry_aborted: int = 0

    @property
    def calm(self) -> bool:
        """Whether every answer is true and comes soon, and nobody ends the step."""
        return self.faultless and not self.halts and self.limits.timeout > LONGEST and self.habits.fills_after < SOON

    @property
    def faultless(self) -> bool:
        """Whether every answer is true and comes soon."""
        return not self.rate and not self.outages


def scenario(seed: int) -> Scenario:
    """The scenario of a seed, always the same."""
    chance = random.Random(f"{seed} scenario")  # noqa: S311  # a play, not a secret
    steering = random.Random(f"{seed} steering")  # noqa: S311  # of its own, so that older seeds stay what they are
    attach = chance.random() < 0.08
    calm = chance.random() < 0.2
    gives_up = [steering.choice((0, 0, 0, 1, 2)) for _ in range(5)]
    plans = tuple(_plan(chance, number) for number in range(1, chance.choice((1, 1, 1, 2, 3, 5)) + 1))
    plans = tuple(plan._replace(gives_up=gives_up[place]) for place, plan in enumerate(plans))
    consolidates = chance.random() < 0.7
    return Scenario(
        seed=seed,
        plans=plans,
        habits=Habits(
            consolidates=consolidates,
            tells_details=chance.random() < 0.7,
            tells_runs=chance.random() < 0.7,
            shows_after=chance.choice((0.0, 0.0, 2.0)),
            fills_after=chance.choice((0.0, 0.0, 3.0, 3.0 if calm else 20.0)),
            stops_after=chance.choice((0.0, 0.5, 2.0)),
            mends=chance.choice((0.0, 0.5, 1.0)),
        ),
        limits=Limits(
            timeout=chance.choice((20.0, 300.0, 1800.0, 20_000.0, 20_000.0, 20_000.0)),
            request_timeout=chance.choice((5.0, 30.0)),
            max_outage=chance.choice((30.0, 120.0, 600.0)),
            requests_per_second=chance.choice((2.0, 20.0)),
            poll_interval=chance.choice((None, None, None, 10.0)),
            max_parallel=chance.choice((1, 2, 10)),
        ),
        rate=0.0 if calm else chance.choice((0.0, 0.02, 0.1, 0.3)),
        outages=() if calm else _outages(chance),
        halts=_halts(chance),
        attach=attach,
        wait=attach or chance.random() < 0.95,
        wait_busy=chance.random() < 0.8,
        rerun_failed=chance.choice((0, 0, 1, 2)),
        stops=chance.random() < 0.85,
        fail_fast=steering.random() < 0.3,
        retry_aborted=steering.choice((0, 0, 1, 2)),
    )


def _plan(chance: random.Random, number: int) -> PlanFacts:
    """A plan: most pass, some have no tests, some have a test twice."""
    size = chance.choice((0, 1, 2, 5, 12)) if chance.random() < 0.3 else chance.choice((1, 3, 6))
    words = ["SUCCESS"] * size
    if chance.random() < 0.5:
        words = [chance.choice(("SUCCESS", "SUCCESS", "FAILURE", "ABORTED", "SKIPPED", "NOT_EXECUTED")) for _ in words]
    cases = [str(place) for place in range(size)]
    if size > 1 and chance.random() < 0.1:
        cases[1] = cases[0]
    return PlanFacts(
        id=number,
        words=tuple(zip(cases, words, strict=True)),
        queued=chance.choice((0.0, 2.0, 30.0)),
        running=chance.choice((0.5, 20.0, 120.0, 1800.0)),
        busy_until=chance.choice((0.0, 0.0, 0.0, 0.0, 90.0)),
        reruns_itself=chance.random() < 0.2,
    )


def _outages(chance: random.Random) -> tuple[Outage, ...]:
    """Up to two outages of up to five minutes."""
    begins = [
        chance.choice((chance.uniform(0, 30), chance.uniform(0, 400))) for _ in range(chance.choice((0, 0, 1, 2)))
    ]
    return tuple(
        Outage(begin, begin + chance.choice((3.0, 20.0, 100.0, 300.0)), chance.choice(OUTAGES)) for begin in begins
    )


def _halts(chance: random.Random) -> tuple[tuple[float, Conclusion], ...]:
    """No cancel, one, or two in quick succession: at the start, in the middle, or near the end of a run."""
    if chance.random() < 0.5:
        return ()
    first = chance.choice(
        (chance.uniform(0, 1), chance.uniform(0, 30), chance.uniform(100, 160), chance.uniform(0, 2000))
    )
    second = () if chance.random() < 0.7 else ((first + chance.uniform(0, 4), Conclusion.CANCELLED),)
    return ((first, Conclusion.CANCELLED), *second)
