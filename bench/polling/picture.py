"""Draws three traces: when the run was polled, how far its tests were, and when it ended."""

from collections.abc import Iterator
from pathlib import Path

from bench.polling.replay import Event, Trace, replay

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "images" / "polling.svg"
_WIDTH, _LEFT, _RIGHT = 880, 20, 20
_ROW, _TOP, _CURVE = 128, 16, 50
_STYLE = (
    "text{font:13px sans-serif;fill:#57606a}.name{font-weight:600;fill:#24292f}.poll{stroke:#0969da;stroke-width:1.5}"
    ".fixed{stroke:#afb8c1;stroke-width:1.5}.end{stroke:#cf222e;stroke-width:2}"
    ".done{fill:#ddf4ff;stroke:none}.axis{stroke:#d0d7de}"
)


def picture() -> str:
    """Return the SVG."""
    rows = "".join(_row(trace, number) for number, trace in enumerate(traces()))
    height = _TOP + _ROW * len(traces())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" aria-label="When three runs were polled, and when they ended"><style>{_STYLE}</style>'
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>{rows}</svg>\n'
    )


def traces() -> list[Trace]:
    """The runs of the picture: even tests, a long last test, and one without counts but with an expectation."""
    return [
        Trace("60 even tests, no expectation", [*_steps(60, 600.0), Event(603.0, "completed", 60, 60)], None),
        Trace("20 tests, and one long one", [*_steps(20, 440.0, 21), Event(578.0, "completed", 21, 21)], None),
        Trace(
            "no counts, 540 s are expected",
            [Event(0.0, "queued", 0, 0), Event(12.0, "in_progress", 0, 0), Event(574.0, "completed", 0, 0)],
            540.0,
        ),
    ]


def _steps(done: int, until: float, total: int = 0) -> Iterator[Event]:
    """Tests that end at an even pace, after twelve seconds in a queue."""
    total, begin = total or done, 12.0
    yield Event(0.0, "queued", 0, 0)
    for number in range(done + 1):
        yield Event(begin + (until - begin) * number / done, "in_progress", number, total)


def _row(trace: Trace, number: int) -> str:
    """One trace."""
    found, fixed = replay(trace), replay(trace, 10.0)
    scale = (_WIDTH - _LEFT - _RIGHT) / (max(found.polls[-1], fixed.polls[-1]) * 1.01)
    top = _TOP + number * _ROW
    base = top + 20 + _CURVE

    def at(seconds: float) -> float:
        return round(_LEFT + seconds * scale, 1)

    curve = f"M{at(0)} {base}"
    for event in trace.events:
        height = _CURVE * event.done / event.total if event.total else 0.0
        curve += f"H{at(event.at)}V{base - height:.1f}"
    marks = "".join(
        f'<path class="{kind}" d="{"".join(f"M{at(each)} {base + low}v{long}" for each in polls)}"/>'
        for kind, polls, low, long in (("poll", found.polls, 4, 18), ("fixed", fixed.polls, 26, 6))
    )
    said = f"{len(found.polls)} polls, end seen after {found.lag:.1f} s; every 10 s: {len(fixed.polls)} polls, "
    return (
        f'<path class="done" d="{curve}V{base}z"/>'
        f'<text class="name" x="{_LEFT}" y="{top + 12}">{trace.name}</text>'
        f'<text x="{_LEFT + 230}" y="{top + 12}">{said}after {fixed.lag:.1f} s</text>'
        f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{base}" y2="{base}"/>{marks}'
        f'<line class="end" x1="{at(trace.end)}" x2="{at(trace.end)}" y1="{top + 18}" y2="{base + 34}"/>'
    )
