"""When a refusal is believed. Pure.

A read that was good before can be refused for a moment: while the platform is deployed, by a proxy that asks to sign
in, or by a replica that lags behind. A run must not be given up, let alone stopped, because of one answer.
"""

from testgate.runs import pacing

REFUSALS = 3
REFUSED_SECONDS = 30.0


class Refusals:
    """The refusals in a row of one read that was good before. Times are in seconds.

    `longest` is how long the user lets the platform be away: after that, one refusal is enough.
    """

    def __init__(self, longest: float) -> None:
        self.window = min(REFUSED_SECONDS, longest)
        self.since = 0.0
        self._count = 0

    def pause(self, now: float, began: float, chance: float) -> float | None:
        """Seconds before the next attempt, after one that `began` then; None if the refusal is believed now."""
        self.since = self.since if self._count else began
        self._count += 1
        left = self.since + self.window - now
        if left <= 0 and (self._count >= REFUSALS or self.window < REFUSED_SECONDS):
            return None
        pause = pacing.backoff(self._count, chance)
        return min(pause, left) if left > 0 else pause
