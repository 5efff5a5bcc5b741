"""The parts of scenarios that all simulated vendors share."""

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeVar

from testgate.demo.exchange import page_reply
from testgate.demo.faults import Fault

T = TypeVar("T")

ABSENT: Final = object()
"""As the value of an override: leave the field out of the reply."""


class Variant(NamedTuple):
    """What makes a demo scenario differ from `passing`, besides the results of its tests.

    Tests take `slowdown` times as long. `defaults` are the inputs without which the scenario would
    show nothing.
    """

    slowdown: float = 1.0
    faults: tuple[Fault, ...] = ()
    defaults: Mapping[str, str] = {}


VARIANTS: Final[Mapping[str, Variant]] = {
    # All tests pass, in about seven seconds.
    "passing": Variant(),
    # Some tests fail, and some don't run.
    "failing": Variant(),
    # Two tests fail; one passes in the first rerun, the other in the second.
    "flaky": Variant(defaults={"rerun-failed": "2"}),
    # The vendor is unreachable for six seconds in the middle; then all tests turn out to have passed.
    "outage": Variant(
        slowdown=2.0,
        faults=(
            Fault(window=(3.0, 6.0), reply=page_reply(503, "Service Temporarily Unavailable")),
            Fault(window=(6.0, 9.0), action="drop"),
        ),
    ),
    # There are no tests.
    "empty": Variant(),
    # All tests pass, in about a minute.
    "slow": Variant(slowdown=10.0),
}
"""The demo scenarios, by name."""


def override(data: Mapping[str, object], fields: Mapping[str, object]) -> dict[str, object]:
    """The data with fields replaced or added, and those that are ABSENT left out."""
    return {name: value for name, value in {**data, **fields}.items() if value is not ABSENT}


def rerun_value(values: tuple[T, ...], number: int, otherwise: T) -> T:
    """The value for a rerun, counted from 1. The last value repeats; `otherwise` is used if there are none."""
    return values[min(number, len(values)) - 1] if values else otherwise
