"""The demo scenarios of the simulated Testifly: two features of an imaginary bookshop."""

from collections.abc import Mapping
from typing import Any

from testgate.demo.scenarios import VARIANTS, Variant
from testgate.demo.server import Simulation
from testgate.demo.testifly.app import KEY, Testifly
from testgate.demo.testifly.scenarios import FEATURE_ID, PROJECT_ID, Group, How, Scenario, Test

SEARCH_ID = "67f8cc1ae236b8d41b7700c1"
SUITE_ID = "67f8cd41e236b8d41b7700e7"

FEATURES = (FEATURE_ID, SEARCH_ID)

_CHECKOUT = (
    Test("Add a book to the basket", seconds=0.5),
    Test("Change the quantity in the basket", seconds=0.7),
    Test("Redeem a gift card", seconds=1.3),
    Test("Pay by credit card", seconds=1.4),
    Test("Pay by invoice", seconds=0.9),
    Test("Send an e-book to the reader", seconds=0.8),
    Test("Receive the order confirmation", seconds=0.6),
)
_SEARCH = (
    Test("Search finds a book by its title", seconds=0.6),
    Test("Search finds a book by its ISBN", seconds=0.5),
    Test("Filter results by language and format", seconds=1.1),
    Test("Search without a hit offers bestsellers", seconds=0.4),
    Test("Read a sample of a book", seconds=0.9),
)

_FAILING: Mapping[str, Mapping[str, Any]] = {
    "Redeem a gift card": {
        "status": "Failed",
        "error": "Step 5: expected the total to be € 12.40, but it was € 32.40.\n"
        "The gift card was accepted & is listed, but its value was not taken off.",
    },
    "Pay by credit card": {
        "status": "Failed",
        "error": {
            "message": "Timed out after 30000 ms waiting for element [data-test=confirm-3ds]",
            "step": "Click on 'Confirm payment'",
        },
    },
    "Receive the order confirmation": {"status": "Skipped", "seconds": None},
    "Filter results by language and format": {
        "status": "Failed",
        "error": "Expected 4 results in Portuguese, but found 5: 'Ensaio sobre a cegueira' is listed twice",
    },
}
_FLAKY: Mapping[str, Mapping[str, Any]] = {
    "Redeem a gift card": {**_FAILING["Redeem a gift card"], "later": ("Passed",)},
    "Pay by credit card": {**_FAILING["Pay by credit card"], "later": ("Failed", "Passed")},
}
_CHANGES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {"failing": _FAILING, "flaky": _FLAKY}
"""By scenario and test: the fields that differ from the passing test."""


def simulation(name: str, epoch_seconds: float) -> Simulation:
    """The simulator of a demo scenario; raises KeyError for an unknown one."""
    app = Testifly(scenario(name), epoch_seconds=epoch_seconds)
    return Simulation(app, {"api-key": KEY, "project-id": PROJECT_ID, "feature-id": ",".join(FEATURES)})


def scenario(name: str) -> Scenario:
    """A demo scenario; raises KeyError for an unknown one. The suite has some tests of each feature."""
    variant = VARIANTS[name]
    if name == "empty":
        # The platform calls jobs without tests a success.
        return Scenario({FEATURE_ID: Group("Checkout"), SEARCH_ID: Group("Search")}, how=How(running=1.0))
    checkout, search = (_varied(tests, variant, _CHANGES.get(name, {})) for tests in (_CHECKOUT, _SEARCH))
    smoke = tuple(test for test in (*search, *checkout) if test.title.startswith(("Search finds", "Pay")))
    features = {FEATURE_ID: Group("Checkout", checkout), SEARCH_ID: Group("Search", search)}
    return Scenario(features, {SUITE_ID: Group("Smoke", smoke)}, How(report_lag=0.4), faults=variant.faults)


def _varied(tests: tuple[Test, ...], variant: Variant, changes: Mapping[str, Mapping[str, Any]]) -> tuple[Test, ...]:
    """The tests as they go in a scenario."""
    return tuple(
        test._replace(**{"seconds": (test.seconds or 0.0) * variant.slowdown, **changes.get(test.title, {})})
        for test in tests
    )
