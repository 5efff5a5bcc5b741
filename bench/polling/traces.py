"""Draws random traces. Each draw is made from its own seed, so that it is the same everywhere.

The pacing was tuned on draws below `HELD_OUT`; those from there on judge it, and nothing is tuned on them.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import exp, log
from random import Random
from typing import NamedTuple

from bench.polling.replay import Event, Trace

HELD_OUT = 9000
EARLY = 0.06  # the share of runs that end early, as after a cancellation or a broken setup
SHAPES = ("even", "even", "even", "even", "slower", "faster", "long last test", "uneven", "bursts", "growing total")
_UNSEEN = frozenset({"no counts", "zeros"})


class _Plan(NamedTuple):
    """What a run would do: its tests' seconds from its start, and what the platform tells of them."""

    queue: float
    length: float
    ends: Sequence[float]
    shape: str
    told: str


def draw(seed: int, count: int = 300) -> list[Trace]:
    """Return the traces of a draw."""
    chance = Random(seed)  # noqa: S311  # no secret
    return [_trace(chance, number) for number in range(count)]


def _trace(chance: Random, number: int) -> Trace:
    """Return one trace."""
    plan = _plan(chance)
    end = plan.length * (chance.random() if chance.random() < EARLY else 1.0)
    events = [Event(0.0, "queued", 0, 0), *_events(plan, end)]
    last = events[-1]
    events.append(Event(plan.queue + end, "completed", last.done, last.total))
    early = ", ended early" if end < plan.length else ""
    return Trace(f"{number}: {plan.shape}, {plan.told}{early}", events, _expected(chance, plan))


def _plan(chance: Random) -> _Plan:
    """Return what one run would do."""
    length = _length(chance)
    queue = chance.choices([0.0, chance.expovariate(1 / 8), chance.expovariate(1 / 100)], [0.3, 0.5, 0.2])[0]
    tail = chance.choice([0.0, min(0.3 * length, chance.expovariate(1 / 3))])  # after the last test
    shape = chance.choice(SHAPES)
    told = chance.choices(["no counts", "zeros", "counts"], [0.2, 0.04, 0.76])[0]
    seconds = _seconds(chance, max(1, int(exp(chance.uniform(log(3), log(400))))), shape)
    scale = (length - tail) / sum(seconds)
    return _Plan(min(queue, length), length, [scale * each for each in accumulate(seconds)], shape, told)


def _length(chance: Random) -> float:
    """Return the seconds of a run: some are over at once, a few take hours."""
    kinds = [chance.uniform(5, 12), exp(chance.uniform(log(20), log(2700))), chance.uniform(3600, 4 * 3600)]
    return chance.choices(kinds, [0.08, 0.89, 0.03])[0]


def _seconds(chance: Random, tests: int, shape: str) -> list[float]:
    """Return the seconds of each test, on any scale."""
    seconds = [chance.gammavariate(2, 0.5) + 1e-6 for _ in range(tests)]
    place = [number / tests for number in range(tests)]
    match shape:
        case "slower":
            return [each * (0.5 + 1.5 * at) for each, at in zip(seconds, place, strict=True)]
        case "faster":
            return [each * (2.0 - 1.5 * at) for each, at in zip(seconds, place, strict=True)]
        case "long last test" if tests > 1:
            return [*seconds[:-1], sum(seconds[:-1]) * chance.uniform(0.2, 0.5)]
        case "uneven":
            return [each * exp(chance.gauss(0, 1)) for each in seconds]
    return seconds


def _events(plan: _Plan, end: float) -> Iterator[Event]:
    """Yield what the platform tells from the start of the run to its end."""
    tests = len(plan.ends)
    total = 0 if plan.told == "no counts" else tests
    burst = max(2, tests // 5) if plan.shape == "bursts" else 1
    yield Event(plan.queue, "in_progress", 0, total)
    for done, at in enumerate(plan.ends, start=1):
        if plan.told in _UNSEEN or at >= end:
            return
        if plan.shape == "growing total":
            total = min(tests, max(done, int(tests * (0.4 + 0.8 * done / tests))))
        if done % burst == 0 or done == tests:
            yield Event(plan.queue + at, "in_progress", done, total)


def _expected(chance: Random, plan: _Plan) -> float | None:
    """Return what earlier runs make one expect: mostly about right, sometimes very wrong."""
    base = plan.length + chance.choice([0.0, plan.queue])
    errors = [exp(chance.gauss(0, 0.12)), 2.0, 0.5, exp(chance.gauss(0, 0.5))]
    error = chance.choices([None, *errors], [0.35, 0.5, 0.05, 0.05, 0.05])[0]
    return None if error is None else base * error
