"""Replays a trace in simulated time. When to poll is decided by `testgate.runs.pacing`, as in a real step."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from testgate.runs.predicting import Pace

ENDED, QUEUED = "completed", "queued"


class Event(NamedTuple):
    """The state of a run from this second on. `total` 0 means that the platform gives no counts."""

    at: float
    state: str
    done: int
    total: int


class Trace(NamedTuple):
    """What happened in one run. A state holds until the next event; the last one is the end."""

    name: str
    events: Sequence[Event]
    expected: float | None

    @property
    def end(self) -> float:
        """When the run ended."""
        return next((event.at for event in self.events if event.state == ENDED), self.events[-1].at)


class Replayed(NamedTuple):
    """When a run was polled, and how long after its end that was seen. Times are seconds."""

    polls: Sequence[float]
    lag: float


class Figures(NamedTuple):
    """A pacing over many traces: all its requests, and the lag in seconds."""

    requests: int
    lag_mean: float
    lag_p95: float


def read(data: Iterable[dict[str, Any]]) -> list[Trace]:
    """The traces of a parsed file.

    Raises:
        ValueError: one of them has no events.

    """
    traces = [
        Trace(str(each["name"]), [Event(*event) for event in each["events"]], each.get("expected_seconds"))
        for each in data
    ]
    for trace in traces:
        if not trace.events:
            raise ValueError(f"trace {trace.name} has no events")
    return traces


def written(trace: Trace) -> dict[str, Any]:
    """A trace as files have it."""
    return {
        "name": trace.name,
        "events": [list(event) for event in trace.events],
        "expected_seconds": trace.expected,
    }


def replay(trace: Trace, fixed: float | None = None) -> Replayed:
    """Poll until the end is seen, at a fixed interval or at the program's own."""
    pace = Pace(fixed, trace.expected)
    times = [event.at for event in trace.events]
    now, polls, end = 0.0, [], trace.end
    while True:
        now += pace.interval(now)
        polls.append(now)
        if now >= end:
            return Replayed(polls, now - end)
        place = bisect_right(times, now) - 1
        if place >= 0:  # before the first event, there is nothing to see
            event = trace.events[place]
            counts = (event.done, event.total) if event.total else None
            pace = pace.after(now, running=event.state != QUEUED, counts=counts)


def figures(traces: Sequence[Trace], fixed: float | None = None) -> Figures:
    """Replay all traces."""
    replayed = [replay(trace, fixed) for trace in traces]
    lags = sorted(each.lag for each in replayed)
    return Figures(
        requests=sum(len(each.polls) for each in replayed),
        lag_mean=sum(lags) / len(lags),
        lag_p95=percentile(lags, 0.95),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of the ordered values lies, interpolated."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
