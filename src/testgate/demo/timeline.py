"""When tests begin and end within a run: arithmetic that all simulated vendors share."""

from collections.abc import Iterable
from math import inf
from typing import NamedTuple


class Span(NamedTuple):
    """When something begins and ends, in seconds since the start of its run."""

    begin: float
    end: float

    def parts(self, count: int) -> tuple["Span", ...]:
        """Consecutive spans of equal length; the last one ends exactly where this span does."""
        length = (self.end - self.begin) / count
        moments = [*(self.begin + number * length for number in range(count)), self.end]
        return tuple(map(Span, moments, moments[1:]))


class Schedule(NamedTuple):
    """The tests' spans in the order given, and the time at which all of them are over, in seconds."""

    spans: tuple[Span, ...]
    ended: float


def schedule(tests: Iterable[tuple[str, float | None]], begin: float, running: float | None) -> Schedule:
    """Schedule tests one after another in their lanes, with all lanes side by side.

    `tests` holds each test's lane and duration in seconds; None counts as zero. `begin` is when the
    lanes start. `running` is how long the whole takes: None means as long as the tests need,
    another number stretches them in proportion, and infinity leaves them as they are.
    """
    lanes: dict[str, float] = {}
    offsets = []
    for lane, seconds in tests:
        offset = lanes.get(lane, 0.0)
        lanes[lane] = offset + (seconds or 0.0)
        offsets.append(Span(offset, lanes[lane]))
    longest = max(lanes.values(), default=0.0)
    length = longest if running is None else running
    stretched = 0 < longest != length < inf

    def moment(offset: float) -> float:
        """Seconds since the start. A share of the whole can't overflow, however short the tests are."""
        return begin + (length * (offset / longest) if stretched else offset)

    spans = tuple(Span(moment(offset.begin), moment(offset.end)) for offset in offsets)
    # Rounding must not let the run end before its last test.
    return Schedule(spans, max([begin + length, *(span.end for span in spans)]))
