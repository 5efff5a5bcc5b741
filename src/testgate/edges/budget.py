"""One bound for the answers of all requests in flight: many large ones at once must not fill the memory."""

import threading

IN_FLIGHT = 128 * 1024 * 1024  # bytes, decompressed; one answer alone may have 100 MB
SMALL = 64 * 1024  # so much of an answer isn't counted: the answer to a trigger fits, whatever else is read


class Budget:
    """Bytes of answers that are being read, or wait to be handed on; shared by the threads of all requests."""

    def __init__(self, limit: int = IN_FLIGHT) -> None:
        self._limit = limit
        self._held = 0
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        """How many bytes are held now."""
        return self._held

    def take(self, size: int) -> bool:
        """Hold more bytes; False if they don't fit."""
        with self._lock:
            if self._held + size > self._limit:
                return False
            self._held += size
            return True

    def give_back(self, size: int) -> None:
        """Hold fewer bytes."""
        with self._lock:
            self._held -= size


class Share:
    """What one answer holds of the budget. `close` gives it back at once, whoever still reads."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._lock = threading.Lock()
        self._size = 0  # of the answer
        self._taken = 0  # of the budget
        self._closed = False

    def hold(self, size: int) -> bool:
        """Make room for another piece of the answer; False if there is none, or nobody waits for it any more."""
        with self._lock:
            more = max(0, self._size + size - SMALL) - self._taken
            if self._closed or not self._budget.take(more):
                return False
            self._size += size
            self._taken += more
            return True

    def drop(self) -> None:
        """Give everything back, since the answer was a redirect; another one follows."""
        with self._lock:
            self._budget.give_back(self._taken)
            self._size = self._taken = 0

    def close(self) -> None:
        """Give everything back; nothing more is held after that."""
        with self._lock:
            self._closed = True
            self._budget.give_back(self._taken)
            self._size = self._taken = 0
