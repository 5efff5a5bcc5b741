"""When a refusal of a read that was good before is believed."""

from hypothesis import given
from hypothesis import strategies as st

from testgate.runs.doubting import REFUSALS, REFUSED_SECONDS, Refusals

MOMENTS = st.lists(st.integers(0, 40), min_size=1, max_size=20)


@given(steps=MOMENTS, chance=st.floats(0, 1), longest=st.integers(1, 3600))
def test_a_refusal_is_believed_if_it_lasts(steps: list[int], chance: float, longest: int) -> None:
    """Three times over half a minute, or for as long as the user allows an outage to last."""
    refusals, now = Refusals(longest), 128.0
    for count, took in enumerate(steps, 1):
        began, now = now, now + took
        pause = refusals.pause(now, began, chance)
        lasted = now - 128.0
        assert (pause is None) == (
            lasted >= min(REFUSED_SECONDS, longest) and (count >= REFUSALS or longest < REFUSED_SECONDS)
        )
        if pause is None:
            return
        assert 0 < pause <= REFUSED_SECONDS / 2
        now += round(pause + 0.5)  # whole seconds are exact
