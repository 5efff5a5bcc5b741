"""When to send the next request. Pure: ages and random numbers go in, seconds come out."""

FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 15.0
LONGEST_RETRY_AFTER_SECONDS = 120.0


def backoff(attempt: int, chance: float, retry_after_seconds: float | None = None) -> float:
    """Seconds before attempt `attempt` + 1, after `attempt` (from 1) failures in a row.

    Doubles up to fifteen seconds. Half of it is random (`chance` from 0 to 1), so that many jobs
    don't return at the same time. A server's Retry-After can lengthen it to at most two minutes.
    """
    whole = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2.0 ** min(attempt - 1, 10))
    wanted = min(retry_after_seconds or 0.0, LONGEST_RETRY_AFTER_SECONDS)
    return max(whole / 2 + whole / 2 * chance, wanted)


def next_slot(now: float, last_slot: float, per_second: float) -> float:
    """When the next request may be sent, to keep to `per_second` in the long run.

    `last_slot` is the previous result; unused time is saved up for at most one second.
    """
    burst = 1.0
    return max(last_slot + 1.0 / per_second, now - burst)
