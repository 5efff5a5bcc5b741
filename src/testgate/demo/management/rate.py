"""The limit of requests in a second."""

from collections import deque

from testgate.demo.exchange import RawReply, json_reply
from testgate.demo.management.replies import Refusal, refused
from testgate.demo.management.scenarios import Limits

EXCEEDED = "rate limit exceeded"
_TOO_MANY = 429


class Rate:
    """Counts the requests of the last second."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._times: deque[float] = deque()

    def count(self, now: float) -> None:
        """Count a request.

        Raises:
            Refusal: there were too many; this one counts all the same.

        """
        self._times.append(now)
        while self._times[0] <= now - 1:
            self._times.popleft()
        if len(self._times) > self._limits.per_second:
            raise Refusal(self._reply())

    def _reply(self) -> RawReply:
        """How it is told that there were too many."""
        if self._limits.rate_status != _TOO_MANY:
            return json_reply({"message": EXCEEDED}, self._limits.rate_status)
        after = self._limits.retry_after_seconds
        return refused(_TOO_MANY, EXCEEDED)._replace(headers={} if after is None else {"Retry-After": str(after)})
