"""The embedded simulator: servers on the loopback interface that answer like the vendors.

It knows nothing of the rest of the program. Modules load when a demo starts.
"""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

SCENARIOS = ("passing", "failing", "flaky", "outage", "empty", "slow")
"""What can be played; `shop` and `testifly_shop` hold what they are."""


class Demo(NamedTuple):
    """A simulator that runs: the inputs to lay over the user's, and what ends it.

    `defaults` are inputs to use only where the user gave nothing.
    """

    inputs: Mapping[str, str]
    stop: Callable[[], None]
    defaults: Mapping[str, str] = {}


def start(provider: str, scenario: str) -> Demo:
    """Start the simulator of a provider.

    Raises:
        LookupError: there is no such simulator or scenario.

    """
    if provider not in _LOADERS or scenario not in SCENARIOS:
        message = f"no demo {scenario!r} of {provider!r}"
        raise LookupError(message)
    return _LOADERS[provider](scenario)


def _testsigma(scenario: str) -> Demo:
    """The simulated Testsigma."""
    from testgate.demo import server  # only a demo needs them
    from testgate.demo.testsigma import app as testsigma  # only a demo needs them
    from testgate.demo.testsigma import scenarios, shop

    app = testsigma.Testsigma(shop.scenario(scenario), epoch_seconds=time.time())
    simulator = server.Simulator(app).start()
    inputs = {"base-url": simulator.url, "api-key": testsigma.KEY, "test-plan-id": str(scenarios.PLAN_ID)}
    return Demo(inputs, simulator.stop, _DEFAULTS.get(scenario, {}))


def _testifly(scenario: str) -> Demo:
    """The simulated Testifly."""
    from testgate.demo import server  # as above
    from testgate.demo.testifly import app as testifly  # as above
    from testgate.demo.testifly import scenarios as testifly_scenarios
    from testgate.demo.testifly import shop as testifly_shop

    app = testifly.Testifly(testifly_shop.scenario(scenario), epoch_seconds=time.time())
    simulator = server.Simulator(app).start()
    inputs = {
        "base-url": simulator.url,
        "api-key": testifly.KEY,
        "project-id": testifly_scenarios.PROJECT_ID,
        "feature-id": ",".join(testifly_shop.FEATURES),
    }
    return Demo(inputs, simulator.stop, _DEFAULTS.get(scenario, {}))


_DEFAULTS: Mapping[str, Mapping[str, str]] = {"flaky": {"rerun-failed": "1"}}
"""By scenario: inputs without which it shows nothing."""

_LOADERS: Mapping[str, Callable[[str], Demo]] = {"testsigma": _testsigma, "testifly": _testifly}

SIMULATED = tuple(_LOADERS)
