"""When to ask again: bounds that hold for every age, chance and wish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.runs import pacing


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_pause_is_partly_random_and_bounded(attempt: int, chance: float) -> None:
    """It is at least half of the doubled time, and at most fifteen seconds."""
    pause = pacing.backoff(attempt, chance)
    whole = pacing.backoff(attempt, 1.0)
    assert whole / 2 <= pause <= whole <= pacing.LONGEST_BACKOFF_SECONDS
    assert pacing.backoff(attempt, 1.0) <= pacing.backoff(attempt + 1, 1.0)


def test_pauses_double() -> None:
    """They stop growing at fifteen seconds."""
    assert [pacing.backoff(attempt, 1.0) for attempt in range(1, 8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]


@pytest.mark.parametrize(("wish", "pause"), [(None, 0.5), (0.0, 0.5), (0.1, 0.5), (7.0, 7.0), (1e9, 120.0)])
def test_the_server_can_only_lengthen_the_pause(wish: float | None, pause: float) -> None:
    """It can ask for up to two minutes."""
    assert pacing.backoff(1, 1.0, wish) == pause


@given(st.lists(st.floats(0, 3), max_size=200), st.floats(0.1, 100))
def test_the_budget_holds_in_the_long_run(waits: list[float], per_second: float) -> None:
    """Besides the first second, no more requests are sent than the elapsed time allows."""
    now, slot = 1000.0, float("-inf")
    began = now
    for left, wait in enumerate(waits, start=1):
        now = max(now + wait, slot)  # the next one leaves after the one before
        slot = pacing.next_slot(now, slot, per_second)
        now = max(now, slot)
        assert left <= (now - began + 1.0) * per_second + 2
        assert slot >= now - 1.0


def test_waiting_requests_are_spread_evenly() -> None:
    """After those of the first second, every request waits for its slot."""
    slot, slots = float("-inf"), []
    for _each in range(50):
        slot = pacing.next_slot(100.0, slot, 20.0)
        slots.append(slot)
    assert sum(1 for each in slots if each <= 100.0) == 21
    assert slots[-1] == pytest.approx(99.0 + 49 / 20)
