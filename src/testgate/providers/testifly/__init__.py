"""Testifly, a provider.

The vendor publishes a single page of documentation, and no base URL. Where that page is silent, the code
tolerates any answer.
"""

from testgate.providers import ProviderEntry
from testgate.providers.testifly.options import TestiflyOptions as TestiflyOptions
from testgate.providers.testifly.provider import Testifly as Testifly

_WHY = "required for provider testifly"

ENTRY = ProviderEntry(
    options=TestiflyOptions,
    selects=("feature-id", "test-suite-id", "test-id", "tests"),
    required={
        "base-url": f"{_WHY}: it has no default. Use the address at which you open the platform, or the one on its"
        " Swagger page",
        "project-id": _WHY,
    },
    examples={"base-url": "https://testifly.example.com"},
    build=lambda base_url, key, inputs, run_ids: Testifly(base_url or "", key, inputs.of(TestiflyOptions), run_ids),
)
