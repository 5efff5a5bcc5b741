"""Testsigma, a provider.

Facts about its API come from the vendor's public documentation. Where that is silent they come from
the vendor's open-source server, or from scripts by third parties; such facts are marked, and the code
that relies on them tolerates other answers.
"""

from testgate.providers import ProviderEntry
from testgate.providers.testsigma.options import TestsigmaOptions as TestsigmaOptions
from testgate.providers.testsigma.provider import Testsigma as Testsigma

ENTRY = ProviderEntry(
    options=TestsigmaOptions,
    selects=("test-plan-id", "test-plan-name"),
    required={},
    build=lambda base_url, key, inputs, run_ids: Testsigma(base_url, key, inputs.of(TestsigmaOptions), run_ids),
)
