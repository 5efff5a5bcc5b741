"""The embedded simulator: HTTP servers on the loopback interface that answer like the vendors.

It shares nothing with the rest of the program, and loads only when a demo starts.
"""

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import NamedTuple

SCENARIOS = ("passing", "failing", "flaky", "outage", "empty", "slow")
"""The scenarios that every simulated vendor can play; `demo.scenarios.VARIANTS` describes them."""

_SHOPS: Mapping[str, str] = {
    "testsigma": "testgate.demo.testsigma.shop",
    "testifly": "testgate.demo.testifly.shop",
}
"""By provider: the module whose function `simulation` takes a scenario and the wall clock at time zero."""

SIMULATED: tuple[str, ...] = tuple(_SHOPS)
"""The providers that have a simulator."""


class Demo(NamedTuple):
    """A running simulator.

    `inputs` replace the user's inputs; `defaults` apply only where the user gave none. `stop` shuts
    the simulator down.
    """

    inputs: Mapping[str, str]
    stop: Callable[[], None]
    defaults: Mapping[str, str] = {}


def start(provider: str, scenario: str) -> Demo:
    """Start the simulator of a provider.

    Raises:
        LookupError: there is no such simulator or scenario.

    """
    if provider not in _SHOPS or scenario not in SCENARIOS:
        raise LookupError(f"no demo {scenario!r} for the provider {provider!r}")
    from testgate.demo.scenarios import VARIANTS
    from testgate.demo.server import Simulation, Simulator

    simulation: Callable[[str, float], Simulation] = import_module(_SHOPS[provider]).simulation
    app, inputs = simulation(scenario, time.time())
    simulator = Simulator(app).start()
    return Demo({"base-url": simulator.url, **inputs}, simulator.stop, VARIANTS[scenario].defaults)
