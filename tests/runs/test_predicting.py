"""When a run is polled: what counts, age and expectation change, and bounds that hold whatever a platform says."""

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.runs import predicting
from testgate.runs.predicting import LONGEST_SECONDS, SHORTEST_AT_FIRST, SHORTEST_SECONDS, Pace, Seen

STEPS = st.floats(0, 4000)
NUMBERS = st.one_of(
    st.integers(-5, 500),
    st.integers(),
    st.floats(),
    st.sampled_from([math.nan, math.inf, -math.inf, 10**400, -(10**400), 2**63, 0, 1e308]),
)
COUNTS = st.one_of(st.none(), st.tuples(NUMBERS, NUMBERS))
NOTHING_KNOWN = Pace()
EXPECTED = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, 5e-324, 1e308, -1.0]))


def fed(done: Sequence[int], total: int, *, every: float = 10.0, pace: Pace = NOTHING_KNOWN) -> tuple[Pace, float]:
    """A pace that has seen these counts, one after another, and the age of the last poll."""
    age = 0.0
    for each in done:
        age += every
        pace = pace.after(age, running=True, counts=(each, total) if total else None)
    return pace, age


@given(EXPECTED, st.booleans(), st.lists(st.tuples(STEPS, st.booleans(), COUNTS), max_size=40))
def test_the_interval_is_bounded_whatever_a_platform_says(
    expected: float | None, joined: bool, polls: list[tuple[float, bool, tuple[float, float] | None]]
) -> None:
    """It is at least a fifth of a second, and at most a minute and the age of the run."""
    pace, age = Pace(None, expected, Seen(base=None if joined else 0)), 0.0
    assert pace.interval(age) == predicting.FIRST_SECONDS
    for step, running, counts in polls:
        age += step
        pace = pace.after(age, running=running, counts=counts)
        interval = pace.interval(age)
        assert SHORTEST_AT_FIRST <= interval <= min(LONGEST_SECONDS, max(1.0, age))
        assert len(pace.seen.rises) <= predicting.MOST_RISES


@given(st.floats(1, 3600), EXPECTED, st.lists(st.tuples(STEPS, COUNTS), max_size=10))
def test_a_fixed_interval_is_kept(
    fixed: float, expected: float | None, polls: list[tuple[float, tuple[float, float] | None]]
) -> None:
    """It depends on nothing."""
    pace, age = Pace(fixed, expected), 0.0
    for step, counts in polls:
        assert pace.interval(age) == fixed
        age += step
        pace = pace.after(age, running=True, counts=counts)
    assert pace.interval(age) == fixed


@given(st.integers(2, 300), st.floats(0.05, 0.95), st.floats(0.2, 60))
def test_what_is_seen_only_depends_on_what_was_polled(total: int, share: float, every: float) -> None:
    """The same polls give the same interval: nothing is random, and a pace doesn't change."""
    done = [int(total * share * number / 10) for number in range(11)]
    (one, age), (other, _age) = fed(done, total, every=every), fed(done, total, every=every)
    first = one.interval(age)
    one.after(age + 1, running=True, counts=(total, total))
    assert first == one.interval(age) == other.interval(age)


def test_polls_become_dense_near_the_end() -> None:
    """Halfway through a hundred tests, the next poll is far; at the last few, it is near."""
    half, age = fed(range(51), 100)
    near, later = fed(range(100), 100)
    assert half.interval(age) > 30
    assert near.interval(later) < 15
    assert near.interval(later) < half.interval(age) / 2


@pytest.mark.parametrize(
    ("pace", "running", "counts", "dense"),
    [
        (Pace(), True, None, True),
        (Pace(), True, (0, 0), True),
        (Pace(), True, (0, 3), True),  # counts of so few tests say next to nothing
        (Pace(), True, (1, 3), True),
        (Pace(None, 300.0), True, None, False),  # its length is known
        (Pace(), True, (1, 20), False),  # its progress is known
        (Pace(), False, None, False),  # what waits doesn't end
        (Pace(None, None, Seen(base=None)), True, None, False),  # joined: not as young as it looks
    ],
)
def test_a_young_run_about_which_nothing_is_known_is_polled_as_often_as_is_allowed(
    pace: Pace, running: bool, counts: tuple[float, float] | None, dense: bool
) -> None:
    """It may be over within seconds; ten seconds later, it is an ordinary run."""
    for age in (0.5, 1.0, 1.5, 2.0, 4.0, 8.0):
        pace = pace.after(age, running=running, counts=counts)
    assert (pace.interval(8.0) == predicting.BLIND_INTERVAL) is dense
    assert pace.interval(0.25 + predicting.BLIND_SECONDS) > 2 * SHORTEST_SECONDS


def test_the_expected_end_is_watched() -> None:
    """A run that should take twenty minutes is polled seldom at ten, and often at twenty."""
    unknown, _age = fed([0] * 10, 0, every=60)
    pace = unknown._replace(expected=1200.0)
    assert pace.interval(600) > 1.5 * pace.interval(1200)
    assert pace.interval(1200) < unknown.interval(1200)
    assert pace.interval(1200) < 25


def test_all_tests_done_means_soon_over() -> None:
    """At first it is polled every second or two; if it doesn't end, more and more seldom."""
    pace, age = fed([10, 40, 80, 100, 100], 100, every=30)
    assert pace.interval(age - 30) < 4
    intervals = [pace.after(later, running=True, counts=(100, 100)).interval(later) for later in (130, 200, 400, 2000)]
    assert intervals == sorted(intervals)


@pytest.mark.parametrize("total", [1, 14, 500])
def test_counts_that_stay_zero_change_little(total: int) -> None:
    """Some platforms count only at the end: this run isn't thought to last much longer than one without counts."""
    zero, age = fed([0] * 40, total)
    none, _age = fed([0] * 40, 0)
    assert zero.interval(age) <= 2 * none.interval(age)


def test_a_wrong_expectation_does_not_hold() -> None:
    """Twice too long: the counts show that the end is near. Twice too short: the run isn't polled every second."""
    done = [*range(0, 98, 2)]
    long, age = fed(done, 100, pace=Pace(None, 1000.0))
    assert long.interval(age) <= 1.5 * fed(done, 100)[0].interval(age) < 30
    short, age = fed(done[:25], 100, pace=Pace(None, 100.0))
    assert short.interval(age) > 10


def test_a_new_total_counts() -> None:
    """If the platform finds more tests, the end is farther away."""
    before, age = fed(range(50), 52)
    after = before.after(age + 5, running=True, counts=(50, 500))
    assert after.interval(age + 5) > 2 * before.interval(age)


def test_counts_that_begin_anew_are_a_new_beginning() -> None:
    """Nothing of the earlier progress is kept."""
    before, age = fed(range(50), 100)
    after = before.after(age + 5, running=True, counts=(3, 100))
    assert after.seen.rises == ((age + 5, 3),)


def test_what_was_done_before_we_joined_is_no_progress() -> None:
    """A run that was started elsewhere had 50 tests done at our first poll: that wasn't within half a second."""
    joined, age = fed([50, 51, 52, 53, 54], 100, pace=Pace(None, None, Seen(base=None)))
    ours, _age = fed([0, 1, 2, 3, 4], 50)
    assert joined.interval(age) == ours.interval(age)


def test_bursts_are_no_standstill() -> None:
    """A platform that counts ten tests at once every 100 s: silence between two bursts is no reason to doubt."""
    bursts, age = fed([10 * (number // 10) for number in range(88)], 100)
    even, _age = fed(range(88), 100)
    assert bursts.interval(age) <= 2.5 * even.interval(age)


def test_a_queue_does_not_count_as_progress() -> None:
    """A run that waited for ten minutes is as old as its start says."""
    pace = Pace(None, 300.0)
    for number in range(1, 61):
        pace = pace.after(10.0 * number, running=False, counts=None)
    queued = pace.after(610.0, running=True, counts=None)
    assert queued.seen.start == pytest.approx(605)
    ages = [605.0 + 0.5 * 300, 605.0 + 300]
    young = Pace(None, 300.0).after(0.5, running=True, counts=None)
    assert [queued.interval(age) for age in ages] == pytest.approx([young.interval(age - 604.75) for age in ages], 0.1)
    assert queued.interval(ages[0]) > 1.5 * queued.interval(ages[1])


def test_a_run_without_end_costs_a_request_a_minute() -> None:
    """After hours it isn't polled more often."""
    pace, age = fed([0] * 3000, 0, every=30)
    assert 40 < pace.interval(age) <= LONGEST_SECONDS


def test_a_decision_has_a_bounded_cost() -> None:
    """However long a run and however many tests it has, few points of its progress are kept, and fewer are used."""
    pace, _age = fed(range(5000), 5000, pace=Pace(None, 1000.0))
    assert len(pace.seen.rises) <= predicting.MOST_RISES
    assert pace.seen.rises[-1][1] == 4999
    assert len(predicting.knots(pace.seen)) <= predicting.MOST_KNOTS + 1
    assert len(predicting.BINS) < 100


def test_the_bins_are_without_gaps() -> None:
    """They begin at zero, and grow."""
    assert predicting.BINS[0][0] == 0
    assert all(one[1] == other[0] and one[0] < one[1] for one, other in pairwise(predicting.BINS))
