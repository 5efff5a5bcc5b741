"""The demos' scenarios: the nightly regression of a web shop that does not exist."""

from collections.abc import Callable, Mapping

from testgate.demo.exchange import page_reply
from testgate.demo.faults import Fault
from testgate.demo.testsigma.scenarios import Iteration, Plan, Scenario, Test, one_plan

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

_BROKEN: Mapping[str, Test] = {
    "Apply a voucher code": Test(
        "",
        "FAILURE",
        "Step 7: verify that the total is <b>€ 44.10</b><br>\n"
        "Expected: <code>€ 44.10</code>\n"
        "Actual:   <code>€ 49.00</code>\n"
        "The voucher AUTUMN10 was accepted, but its discount is missing from the order summary &amp; the basket.",
        step="Verify that the total is € 44.10",
    ),
    "Pay by credit card": Test(
        "",
        "FAILURE",
        "Iteration 'American Express', step 12: element //button[@data-test='confirm-3ds'] was not found within 30 s",
        iterations=(Iteration("Visa"), Iteration("Mastercard"), Iteration("American Express", "FAILURE")),
        step="Click on //button[@data-test='confirm-3ds']",
    ),
    "Filter results by price and size": Test(
        "",
        "ABORTED",
        "The browser session ended unexpectedly: no answer from the machine for 60 s",
        step="Select the size 42",
    ),
    "Send the confirmation mail": Test(
        "", "NOT_EXECUTED", "Not executed: the machine's session was not available any more"
    ),
}

_RECOVERING: Mapping[str, tuple[str, ...]] = {
    "Apply a voucher code": ("SUCCESS",),
    "Pay by credit card": ("FAILURE", "SUCCESS"),
}
"""The words that follow in the reruns of the flaky scenario."""


def scenario(name: str) -> Scenario:
    """The scenario with this name; a KeyError for others."""
    return _SCENARIOS[name]()


def _passing() -> Scenario:
    """All tests pass, in about seven seconds."""
    return one_plan(Plan(tests=_TESTS))


def _failing() -> Scenario:
    """Two tests fail, one is aborted, one not executed; a data-driven case fails in one iteration."""
    return one_plan(Plan(tests=tuple(_broken(test) for test in _TESTS)))


def _flaky() -> Scenario:
    """Two tests fail; one passes in the first rerun, the other in the second."""
    return one_plan(Plan(tests=tuple(_recovering(test) for test in _TESTS)))


def _outage() -> Scenario:
    """The platform is away for six seconds in the middle, then all tests turn out to have passed."""
    return one_plan(
        Plan(tests=_slower(2.0)),
        Fault(window=(3.0, 6.0), reply=page_reply(503, "Service Temporarily Unavailable")),
        Fault(window=(6.0, 9.0), action="drop"),
    )


def _empty() -> Scenario:
    """A plan without tests, which the platform calls passed."""
    return one_plan(Plan(running=1.0, result="PASSED"))


def _slow() -> Scenario:
    """All tests pass, in about a minute."""
    return one_plan(Plan(tests=_slower(10.0)))


def _broken(test: Test) -> Test:
    """The test as it ends in the failing scenario."""
    broken = _BROKEN.get(test.name)
    if broken is None:
        return test
    seconds = None if broken.word == "NOT_EXECUTED" else test.seconds
    return test._replace(
        word=broken.word, message=broken.message, seconds=seconds, iterations=broken.iterations, step=broken.step
    )


def _recovering(test: Test) -> Test:
    """The test as it ends in the flaky scenario."""
    later = _RECOVERING.get(test.name)
    return test if later is None else _broken(test)._replace(later=later)


def _slower(factor: float) -> tuple[Test, ...]:
    """The tests, each taking so many times as long."""
    return tuple(test._replace(seconds=(test.seconds or 0.0) * factor) for test in _TESTS)


_SCENARIOS: Mapping[str, Callable[[], Scenario]] = {
    "passing": _passing,
    "failing": _failing,
    "flaky": _flaky,
    "outage": _outage,
    "empty": _empty,
    "slow": _slow,
}
