"""Runs of the simulated platform: which tests each contains, how they end, and how the run ends as a whole."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from tests.worlds.facts import LOST_MACHINE, WHOLES, Accident, PlanFacts
from tests.worlds.truth import (
    ABORTED,
    BAD,
    COMPLETED,
    ERROR,
    FAILED,
    NOT_RUN,
    NOTHING,
    STOPPED,
    WHOLE,
    AttemptTruth,
    TestFacts,
)


class Execution(NamedTuple):
    """A test in a run: its result's ID, how it ends by itself, and which of its data sets fail."""

    test: TestFacts
    id: int
    outcome: str
    sets: Sequence[int] = ()
    failed_sets: frozenset[int] = frozenset()


@dataclass(eq=False)
class SimulatedRun:
    """A run. `number` counts the attempts of its family from 0; the platform itself started an `automatic` one."""

    id: int
    plan: PlanFacts
    mark: str
    began: float
    executions: Sequence[Execution]
    number: int = 0
    parent: "SimulatedRun | None" = None
    automatic: bool = False
    accident: Accident | None = None
    stopped: float = inf
    children: list["SimulatedRun"] = field(default_factory=list)

    @property
    def natural_end(self) -> float:
        """When it ends if nobody stops it from here."""
        cut = self.accident is not None and self.accident.kind in {STOPPED, ABORTED}
        share = self.accident.share if self.accident is not None and cut else 1.0
        return self.began + self.plan.queued + self.plan.running * share

    @property
    def end(self) -> float:
        """When it ends."""
        return min(self.natural_end, self.stopped)

    @property
    def root(self) -> "SimulatedRun":
        """The first attempt of its family."""
        return self if self.parent is None else self.parent.root

    @property
    def whole(self) -> str:
        """How it ends as a whole."""
        if self.stopped < self.natural_end:
            return STOPPED
        return WHOLES[self.accident.kind] if self.accident is not None else WHOLE

    def outcome(self, place: int) -> str:
        """How a test ends in this run."""
        execution, accident = self.executions[place], self.accident
        ended = self.began + self.plan.queued + self.plan.running * (place + 1) / len(self.executions)
        if self.stopped < min(ended, self.natural_end):
            return NOT_RUN
        if accident is None or (place + 1) / len(self.executions) <= accident.share:
            return NOT_RUN if accident is not None and accident.kind == NOTHING else execution.outcome
        if accident.kind == LOST_MACHINE:
            return NOT_RUN if execution.test.machine == accident.machine else execution.outcome
        if accident.kind == ABORTED and place == int(accident.share * len(self.executions)):
            return ERROR
        return NOT_RUN if accident.kind in {STOPPED, ABORTED, NOTHING} else execution.outcome

    @property
    def outcomes(self) -> list[str]:
        """How its tests end."""
        return [self.outcome(place) for place in range(len(self.executions))]

    @property
    def truth(self) -> AttemptTruth:
        """What the oracle may know of it: everything."""
        nothing = self.whole == WHOLE and self.executions and not COMPLETED & set(self.outcomes)
        ended = {each.test.uid: outcome for each, outcome in zip(self.executions, self.outcomes, strict=True)}
        return AttemptTruth(NOTHING if nothing and NOT_RUN in self.outcomes else self.whole, ended)

    @property
    def family(self) -> list["SimulatedRun"]:
        """The run and all reruns of it and of these, oldest first."""
        return sorted([self, *(each for child in self.children for each in child.family)], key=lambda run: run.number)

    @property
    def automatic_chain(self) -> list["SimulatedRun"]:
        """The run and the reruns that the platform added to it."""
        following = next((child for child in self.children if child.automatic), None)
        return [self] if following is None else [self, *following.automatic_chain]

    @property
    def automatic_at(self) -> float:
        """When the platform itself reruns it; infinity for never, or if it has."""
        depth = 0
        run = self
        while run.automatic and run.parent is not None:
            depth, run = depth + 1, run.parent
        again = any(outcome in BAD for outcome in self.outcomes) and self.whole != STOPPED and depth < self.plan.reruns
        return self.end + self.plan.gap if again and not any(child.automatic for child in self.children) else inf

    def all_over(self, now: float) -> bool:
        """Whether the run and the reruns that the platform adds have ended."""
        last = self.automatic_chain[-1]
        return last.end <= now and last.automatic_at == inf


def executions_of(
    picked: Sequence[tuple[TestFacts, Sequence[int]]], run_id: int, times: dict[int, int], seed: str
) -> list[Execution]:
    """Execute these tests, each with these data sets; `times` counts the executions of each."""
    found = []
    for place, (test, sets) in enumerate(picked):
        number = times.get(test.uid, 0)
        times[test.uid] = number + 1
        outcome = test.outcome(number)
        chance = random.Random(f"{seed} {test.uid} {number}")  # noqa: S311  # a play, not a secret
        failed = chance.sample(list(sets), chance.randint(1, len(sets))) if sets and outcome == FAILED else []
        found.append(Execution(test, run_id * 1000 + place, outcome, tuple(sets), frozenset(failed)))
    return found
