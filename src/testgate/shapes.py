"""Values out of an answer's JSON, whatever their shape: vendors send null, and other types than they document."""

import math


def text_of(value: object) -> str:
    """A word or number as text; "" for null and what is neither."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def seconds_of(milliseconds: object) -> float | None:
    """Milliseconds as seconds; None for null and what is no duration."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    try:
        seconds = float(milliseconds) / 1000
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
