"""The demo scenarios of the simulated Testsigma: the nightly regression of an imaginary web shop."""

from collections.abc import Mapping
from typing import Any

from testgate.demo.scenarios import VARIANTS
from testgate.demo.server import Simulation
from testgate.demo.testsigma.app import KEY, Testsigma
from testgate.demo.testsigma.scenarios import PLAN_ID, Iteration, Plan, Scenario, Test, one_plan

_CHROME = "Chrome 131 · Windows 11"
_SAFARI = "Safari 18 · macOS 15"

_TESTS = (
    Test("Sign in with e-mail and password", seconds=0.6, suite="Sign-in", machine=_CHROME),
    Test("Sign in with a passkey", seconds=0.5, suite="Sign-in", machine=_CHROME),
    Test("Reset a forgotten password", seconds=0.9, suite="Sign-in", machine=_CHROME),
    Test("Sign in with e-mail and password", seconds=0.8, suite="Sign-in", machine=_SAFARI),
    Test("Lock the account after five wrong passwords", seconds=0.7, suite="Sign-in", machine=_SAFARI),
    Test("Search finds a product by name", seconds=0.5, suite="Search", machine=_SAFARI),
    Test("Search suggests corrections for typing errors", seconds=0.6, suite="Search", machine=_SAFARI),
    Test("Filter results by price and size", seconds=1.1, suite="Search", machine=_SAFARI),
    Test("Search without a hit offers categories", seconds=0.4, suite="Search", machine=_SAFARI),
    Test("Add a product to the basket", seconds=0.5, suite="Checkout", machine=_CHROME),
    Test("Apply a voucher code", seconds=1.2, suite="Checkout", machine=_CHROME),
    Test(
        "Pay by credit card",
        seconds=1.4,
        suite="Checkout",
        machine=_CHROME,
        iterations=(Iteration("Visa"), Iteration("Mastercard"), Iteration("American Express")),
    ),
    Test("Pay by invoice", seconds=0.9, suite="Checkout", machine=_CHROME),
    Test("Send the confirmation mail", seconds=0.6, suite="Checkout", machine=_SAFARI),
)

_FAILING: Mapping[str, Mapping[str, Any]] = {
    "Apply a voucher code": {
        "word": "FAILURE",
        "message": "Step 7: verify that the total is <b>€ 44.10</b><br>\n"
        "Expected: <code>€ 44.10</code>\n"
        "Actual:   <code>€ 49.00</code>\n"
        "The voucher AUTUMN10 was accepted, but its discount is missing from the order summary &amp; the basket.",
        "step": "Verify that the total is € 44.10",
    },
    "Pay by credit card": {
        "word": "FAILURE",
        "message": "Iteration 'American Express', step 12: "
        "element //button[@data-test='confirm-3ds'] was not found within 30 s",
        "iterations": (Iteration("Visa"), Iteration("Mastercard"), Iteration("American Express", "FAILURE")),
        "step": "Click on //button[@data-test='confirm-3ds']",
    },
    "Filter results by price and size": {
        "word": "ABORTED",
        "message": "The browser session ended unexpectedly: no answer from the machine for 60 s",
        "step": "Select the size 42",
    },
    "Send the confirmation mail": {
        "word": "NOT_EXECUTED",
        "message": "Not executed: the machine's session was not available any more",
        "seconds": None,
    },
}
_FLAKY: Mapping[str, Mapping[str, Any]] = {
    "Apply a voucher code": {**_FAILING["Apply a voucher code"], "later": ("SUCCESS",)},
    "Pay by credit card": {**_FAILING["Pay by credit card"], "later": ("FAILURE", "SUCCESS")},
}
_CHANGES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {"failing": _FAILING, "flaky": _FLAKY}
"""By scenario and test: the fields that differ from the passing test."""


def simulation(name: str, epoch_seconds: float) -> Simulation:
    """The simulator of a demo scenario; raises KeyError for an unknown one."""
    app = Testsigma(scenario(name), epoch_seconds=epoch_seconds)
    return Simulation(app, {"api-key": KEY, "test-plan-id": str(PLAN_ID)})


def scenario(name: str) -> Scenario:
    """A demo scenario; raises KeyError for an unknown one."""
    variant, changes = VARIANTS[name], _CHANGES.get(name, {})
    if name == "empty":
        # The platform calls a plan without tests passed.
        return one_plan(Plan(running=1.0, result="PASSED"))
    tests = tuple(
        test._replace(**{"seconds": (test.seconds or 0.0) * variant.slowdown, **changes.get(test.name, {})})
        for test in _TESTS
    )
    return one_plan(Plan(tests=tests), *variant.faults)
