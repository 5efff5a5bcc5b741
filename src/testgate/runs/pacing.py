"""When to ask again. Pure: ages and random numbers are passed in, seconds come out."""

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 15.0
SHARE_OF_AGE = 0.1

FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 15.0
LONGEST_RETRY_AFTER_SECONDS = 120.0


def poll_interval(age_seconds: float, fixed_seconds: float | None = None) -> float:
    """Seconds until the next poll of a run of this age.

    A user's fixed interval is kept. Else a tenth of the run's age, between half a second and
    fifteen: the end of a run is seen at most a tenth of its length late, and an hour's run costs
    about 270 polls.
    """
    if fixed_seconds is not None:
        return fixed_seconds
    return min(LONGEST_SECONDS, max(FIRST_SECONDS, age_seconds * SHARE_OF_AGE))


def backoff(attempt: int, chance: float, retry_after_seconds: float | None = None) -> float:
    """Seconds before attempt `attempt` + 1, after `attempt` (from 1) failures in a row.

    Doubles up to fifteen seconds, half of it by chance (`chance` from 0 to 1), so that many jobs
    do not come back together. A server's Retry-After lengthens it, to two minutes at most.
    """
    whole = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2.0 ** min(attempt - 1, 10))
    wanted = min(retry_after_seconds or 0.0, LONGEST_RETRY_AFTER_SECONDS)
    return max(whole / 2 + whole / 2 * chance, wanted)


def next_slot(now: float, last_slot: float, per_second: float) -> float:
    """When the next request may leave, so that no more than `per_second` do in the long run.

    `last_slot` is the slot given before; unused time is not saved up beyond one second's worth.
    """
    burst = 1.0
    return max(last_slot + 1.0 / per_second, now - burst)
