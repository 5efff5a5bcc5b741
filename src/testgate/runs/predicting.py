"""When to poll a run: predicts when it ends from what its polls have shown. Pure; times are seconds of the run's age.

docs/performance.md explains it and shows what it costs. The constants were tuned with `bench/polling`.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import exp, isfinite, log, sqrt
from typing import NamedTuple

FIRST_SECONDS = 0.5
SHORTEST_SECONDS = 0.5
SHORTEST_AT_FIRST, AT_FIRST_SECONDS = 0.2, 15.0  # in a run of seconds, a half is a lot
LONGEST_SECONDS = 60.0  # a cancellation on the platform is noticed within a minute
SHARE_OF_AGE = 1.0  # at most: a run that fails early is seen early
FEW_TESTS = 5  # the counts of so few say next to nothing
BLIND_SECONDS, BLIND_INTERVAL = 10.0, 0.4  # so long, a run about which nothing is known is polled so often
EAGERNESS = 5.5  # a larger one costs more requests and sees the end sooner
YOUNG_SECONDS = 12.0  # in runs that are not much older, seconds count more

# Without any other knowledge, the density of a run's length is 1 / (length + scale).
PRIOR_SCALE = 40.0
ABORTED = 0.05  # the share of runs that end at any time, whatever their counts and the expectation say

# An expected length is about right within this share, and less and less likely beyond; it may be wrong altogether.
EXPECTED_WITHIN, EXPECTED_POWER, EXPECTED_WRONG = 0.27, 3, 0.005

# Profiles of progress: its weight, and the share of tests done at the share x of the length, (x / bend) ** power.
PROFILES = (
    (0.34, 1.0, 1.0),  # even
    (0.28, 0.7, 1.0),  # each test is slower than the one before
    (0.28, 1.4, 1.0),  # faster
    (0.10, 1.0, 0.75),  # a last test takes a quarter of everything
)
TRUST, TRUSTED_TESTS = 0.36, 200.0  # counts prove less than independent tests would, and no more than so many tests
COUNTS_WRONG = 0.004
SILENCE = 1.2  # how long a silence counts, in tests at the pace so far: platforms count in bursts
MOST_KNOTS, MOST_RISES = 3, 24
MOST_TESTS = 1_000_000

# After the last test: the density of the rest is (rest + scale) ** -power. The scale grows with the run's length.
TAIL_SCALE, TAIL_SHARE, TAIL_POWER = 1.0, 0.015, 3.5

_EDGES = (0.0, *(0.25 * 1.2**number for number in range(64)))  # of the rest of a run, up to seven hours
BINS = tuple(pairwise(_EDGES))
_MIDDLES = tuple((low + high) / 2 for low, high in BINS)


class Seen(NamedTuple):
    """What the polls of a run have shown.

    `polled` is the last poll, `waited` the last one before the run began, and `began` the likely
    start. `rises` holds when more tests were done, and how many of `total`. `counted` is the last
    poll that read counts. `base` is the number of tests that were done when we joined the run; None
    before that is known.
    """

    polled: float = 0.0
    waited: float = 0.0
    began: float | None = None
    total: int = 0
    rises: tuple[tuple[float, int], ...] = ()
    counted: float = 0.0
    base: int | None = 0

    @property
    def start(self) -> float:
        """When the run began; if it hasn't, it may begin from the last poll on."""
        return self.waited if self.began is None else self.began

    def blind(self, age: float) -> bool:
        """Whether the run is ours, began a moment ago, and has no counts or few tests: nothing says when it ends."""
        young = self.began is not None and age - self.began < BLIND_SECONDS
        return young and self.base == 0 and self.total <= FEW_TESTS

    def after(self, age: float, *, running: bool, counts: tuple[float, float] | None) -> "Seen":
        """Add a poll. `counts` are the tests done and all tests; None if the platform gave none."""
        began = (self.waited + age) / 2 if running and self.began is None else self.began
        seen = self._replace(polled=age, waited=self.waited if began is not None else age, began=began)
        found = _cleaned(counts)
        return seen if found is None else seen.counting(*found)

    def counting(self, done: int, total: int) -> "Seen":
        """Add counts."""
        base = done if self.base is None else min(self.base, done)
        done, total = done - base, total - base
        rises = self.rises
        if done < (rises[-1][1] if rises else 0):
            rises = ()  # the platform began anew
        if done > (rises[-1][1] if rises else 0):
            rises = (*rises, (self.polled, done))
        if len(rises) > MOST_RISES:
            rises = (*rises[:-1:2], rises[-1])
        return self._replace(total=total, rises=rises, counted=self.polled, base=base)


class Pace(NamedTuple):
    """Decides when to poll one run: at a fixed interval, or by what is expected and was seen."""

    fixed: float | None = None
    expected: float | None = None
    seen: Seen = Seen()

    def interval(self, age: float) -> float:
        """Seconds until the next poll of a run of this age."""
        if self.fixed is not None:
            return self.fixed
        if not self.seen.polled:
            return FIRST_SECONDS
        if self.expected is None and self.seen.blind(age):
            return BLIND_INTERVAL
        shortest = SHORTEST_AT_FIRST if age < AT_FIRST_SECONDS else SHORTEST_SECONDS
        longest = min(LONGEST_SECONDS, max(2 * shortest, SHARE_OF_AGE * age))
        return max(shortest, min(longest, _due(rests(self.seen, age, self.expected), age)))

    def rest(self, age: float) -> float | None:
        """The likely rest of a run of this age: it is as likely to be longer. None as long as nothing tells."""
        if self.expected is None and not self.seen.rises:
            return None
        weights = rests(self.seen, age, self.expected)
        half, gone = sum(weights) / 2, 0.0
        for (low, high), weight in zip(BINS, weights, strict=True):
            if gone + weight >= half > 0:
                return low + (high - low) * (half - gone) / weight
            gone += weight
        return None

    def after(self, age: float, *, running: bool, counts: tuple[float, float] | None) -> "Pace":
        """Add what a poll has shown."""
        return self._replace(seen=self.seen.after(age, running=running, counts=counts))


def _cleaned(counts: tuple[float, float] | None) -> tuple[int, int] | None:
    """Counts that make sense; None if there are none."""
    if counts is None:
        return None
    done, total = (int(each) if isinstance(each, int) or isfinite(each) else 0 for each in counts)
    if total <= 0:
        return None
    done = max(0, min(done, total))
    return (done, total) if total <= MOST_TESTS else (done * MOST_TESTS // total, MOST_TESTS)


def _due(weights: Sequence[float], age: float) -> float:
    """When the next poll pays: where the integral of sqrt(eagerness x hazard of the end) reaches one."""
    eagerness = EAGERNESS * (1 + YOUNG_SECONDS / (1 + age))
    left, gone = sum(weights), 0.0
    for (low, high), weight in zip(BINS, weights, strict=True):
        step = sqrt(eagerness * weight / left * (high - low)) if left > 0 else 1.0
        if gone + step >= 1.0:
            return low + (high - low) * (1.0 - gone) / step
        gone += step
        left -= weight
    return LONGEST_SECONDS


def rests(seen: Seen, age: float, expected: float | None) -> list[float]:
    """How likely it is that the rest of the run lasts as long as each of `BINS`; on any scale."""
    lived = max(0.0, age - seen.start)
    if seen.rises and seen.rises[-1][1] >= seen.total:
        return _tail(TAIL_SCALE + TAIL_SHARE * lived + max(0.0, age - seen.rises[-1][0]))
    lengths = [lived + middle for middle in _MIDDLES]
    plain = [(high - low) / (length + PRIOR_SCALE) for (low, high), length in zip(BINS, lengths, strict=True)]
    weights = plain
    if expected is not None and isfinite(expected) and expected > 0:
        weights = [weight * _fit(length, expected) for weight, length in zip(weights, lengths, strict=True)]
    if seen.rises:  # as long as there are none, the platform may count only at the end
        told = _told(seen, lengths)
        weights = [weight * each for weight, each in zip(weights, told, strict=True)]
    share = ABORTED / (1 - ABORTED) * sum(weights) / sum(plain)
    return [weight + share * each for weight, each in zip(weights, plain, strict=True)]


def _tail(scale: float) -> list[float]:
    """The rest once all tests are done."""
    return [(high - low) * (middle + scale) ** -TAIL_POWER for (low, high), middle in zip(BINS, _MIDDLES, strict=True)]


def _fit(length: float, expected: float) -> float:
    """How well a length fits the expected one."""
    off = min(99.0, abs(log(length) - log(expected)) / EXPECTED_WITHIN)
    return 1 / (1 + off**EXPECTED_POWER) + EXPECTED_WRONG


def _told(seen: Seen, lengths: Sequence[float]) -> list[float]:
    """How well the counts fit each length of the run."""
    points = knots(seen)
    trust = TRUST * min(1.0, TRUSTED_TESTS / seen.total)
    left = seen.total - points[-1][1]
    logs = [_fits(points, left, trust, length) for length in lengths]
    top = max(logs)
    return [exp(each - top) + COUNTS_WRONG for each in logs]


def _fits(points: Sequence[tuple[float, int]], left: float, trust: float, length: float) -> float:
    """The logarithm of the likelihood of the counts, if the run has this length; over all profiles."""
    logs = []
    for weight, power, bend in PROFILES:
        found = before = 0.0
        had = 0
        for at, done in points:
            share = min(0.999, at / length / bend) ** power
            if done > had:
                found += (done - had) * log(max(1e-9, share - before))
            before, had = share, done
        logs.append(log(weight) + trust * (found + left * log(1 - before)))
    top = max(logs)
    return top + log(sum(exp(each - top) for each in logs))


def knots(seen: Seen) -> list[tuple[float, int]]:
    """A few points of the progress, and the silence since the last one: seconds from the start, and tests done."""
    rises = [(max(0.01, at - seen.start), done) for at, done in seen.rises]
    count = len(rises)
    if count > MOST_KNOTS:
        rises = [rises[count * number // MOST_KNOTS - 1] for number in range(1, MOST_KNOTS + 1)]
    now = seen.counted - seen.start
    last, done = rises[-1]
    silent = min(now, last * (1 + SILENCE / done))
    return [*rises, (silent, done)] if silent > last else rises
