"""The demos' scenarios of the simulated Testifly: two features of a bookshop that does not exist."""

from collections.abc import Callable, Iterable, Mapping

from testgate.demo.exchange import page_reply
from testgate.demo.faults import Fault
from testgate.demo.testifly.scenarios import FEATURE_ID, Group, How, Scenario, Test

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

_BROKEN: Mapping[str, Test] = {
    "Redeem a gift card": Test(
        "",
        "Failed",
        "Step 5: expected the total to be € 12.40, but it was € 32.40.\n"
        "The gift card was accepted & is listed, but its value was not taken off.",
    ),
    "Pay by credit card": Test(
        "",
        "Failed",
        {
            "message": "Timed out after 30000 ms waiting for element [data-test=confirm-3ds]",
            "step": "Click on 'Confirm payment'",
        },
    ),
    "Receive the order confirmation": Test("", "Skipped", seconds=None),
    "Filter results by language and format": Test(
        "", "Failed", "Expected 4 results in Portuguese, but found 5: 'Ensaio sobre a cegueira' is listed twice"
    ),
}

_RECOVERING: Mapping[str, tuple[str, ...]] = {
    "Redeem a gift card": ("Passed",),
    "Pay by credit card": ("Failed", "Passed"),
}
"""The words that follow in the reruns of the flaky scenario."""


def scenario(name: str) -> Scenario:
    """The scenario with this name; a KeyError for others."""
    return _SCENARIOS[name]()


def _passing() -> Scenario:
    """All tests pass, in about seven seconds."""
    return _shop(lambda test: test)


def _failing() -> Scenario:
    """Two tests of the checkout fail and one is skipped; one of the search fails."""
    return _shop(_broken)


def _flaky() -> Scenario:
    """Two tests fail; one passes when it is started again, the other the second time."""
    return _shop(_recovering)


def _outage() -> Scenario:
    """The platform is away for six seconds in the middle, then all tests turn out to have passed."""
    faults = (
        Fault(window=(3.0, 6.0), reply=page_reply(503, "Service Temporarily Unavailable")),
        Fault(window=(6.0, 9.0), action="drop"),
    )
    return _shop(lambda test: _slower(test, 2.0))._replace(faults=faults)


def _empty() -> Scenario:
    """Features without tests, whose jobs the platform calls a success."""
    empty = _passing()
    features = {each: group._replace(tests=()) for each, group in empty.features.items()}
    return Scenario(features, how=How(running=1.0))


def _slow() -> Scenario:
    """All tests pass, in about a minute."""
    return _shop(lambda test: _slower(test, 10.0))


def _shop(change: Callable[[Test], Test]) -> Scenario:
    """The shop's features, and a suite with a part of each, its tests changed."""
    checkout, search = (tuple(map(change, tests)) for tests in (_CHECKOUT, _SEARCH))
    features = {FEATURE_ID: Group("Checkout", checkout), SEARCH_ID: Group("Search", search)}
    return Scenario(features, {SUITE_ID: Group("Smoke", _smoke((*search, *checkout)))}, How(report_lag=0.4))


def _smoke(tests: Iterable[Test]) -> tuple[Test, ...]:
    """The tests that make the suite."""
    return tuple(test for test in tests if test.title.startswith(("Search finds", "Pay")))


def _broken(test: Test) -> Test:
    """The test as it ends in the failing scenario."""
    broken = _BROKEN.get(test.title)
    if broken is None:
        return test
    seconds = None if broken.seconds is None else test.seconds
    return test._replace(status=broken.status, error=broken.error, seconds=seconds)


def _recovering(test: Test) -> Test:
    """The test as it ends in the flaky scenario."""
    later = _RECOVERING.get(test.title)
    return test if later is None else _broken(test)._replace(later=later)


def _slower(test: Test, factor: float) -> Test:
    """The test, taking so many times as long."""
    return test._replace(seconds=(test.seconds or 0.0) * factor)


_SCENARIOS: Mapping[str, Callable[[], Scenario]] = {
    "passing": _passing,
    "failing": _failing,
    "flaky": _flaky,
    "outage": _outage,
    "empty": _empty,
    "slow": _slow,
}
