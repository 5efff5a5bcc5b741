"""The part of a simulated vendor's API that all vendors share: key check, routing, refusals."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, NamedTuple, Protocol, TypeVar

from testgate.demo.exchange import RawReply, Recorded, Refusal
from testgate.demo.faults import Fault

EPOCH_SECONDS = 1_776_680_130.0
"""The default wall clock when the simulated clock is at zero: 2026-04-20T10:15:30Z."""


class Call(NamedTuple):
    """A request for a handler; `now` is in simulated seconds, `parameters` come from the path."""

    request: Recorded
    now: float
    parameters: Mapping[str, str]


A = TypeVar("A")
Handler = Callable[[A, Call], RawReply]


class Router(Generic[A]):
    """Finds the method of an app that handles a request.

    A route is an HTTP method, a regular expression for the whole path, and a handler. Requests
    whose path no route matches are refused with `not_found`, those whose method is wrong with
    `not_allowed`.
    """

    def __init__(
        self, routes: Iterable[tuple[str, str, Handler[A]]], *, not_found: RawReply, not_allowed: RawReply
    ) -> None:
        self._routes = tuple((method, re.compile(pattern), handler) for method, pattern, handler in routes)
        self._not_found = not_found
        self._not_allowed = not_allowed

    def find(self, request: Recorded, now: float) -> tuple[Handler[A], Call]:
        """The handler of a request, and the call to hand it.

        Raises:
            Refusal: no route matches.

        """
        refusal = self._not_found
        for method, pattern, handler in self._routes:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                return handler, Call(request, now, match.groupdict())
            if match:
                refusal = self._not_allowed
        raise Refusal(refusal)


class AnyScenario(Protocol):
    """The settings that the scenarios of all vendors have."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults to inject."""

    @property
    def date_shift_seconds(self) -> float:
        """How far the vendor's clock is ahead of the wall clock."""


S = TypeVar("S", bound=AnyScenario)


class VendorApp(ABC, Generic[S]):
    """A simulated vendor, as a function of requests and simulated time.

    `base` is the path of the base URL; the key is expected in `key_header`, after `key_prefix`.
    `epoch_seconds` is the wall clock's reading when the simulated clock is at zero. Not
    thread-safe: the server makes one call at a time.
    """

    base = ""
    key_header = "authorization"
    key_prefix = "Bearer "

    def __init__(self, scenario: S, *, key: str, epoch_seconds: float) -> None:
        self.faults = scenario.faults
        self.date_shift_seconds = scenario.date_shift_seconds
        self._scenario = scenario
        self._key = key
        self._epoch = epoch_seconds

    def answer(self, request: Recorded, now: float) -> RawReply:
        """The reply to a request at a time in simulated seconds."""
        try:
            return self.handle(request, now)
        except Refusal as refusal:
            return refusal.reply

    @abstractmethod
    def handle(self, request: Recorded, now: float) -> RawReply:
        """The reply to a request.

        Raises:
            Refusal: the request is refused.

        """

    def check_key(self, request: Recorded, otherwise: Refusal) -> None:
        """Raise `otherwise` unless the request carries the key."""
        if request.headers.get(self.key_header) != self.key_prefix + self._key:
            raise otherwise
