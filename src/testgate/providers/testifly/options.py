"""The inputs of Testifly."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from testgate.inputs.declaring import Options, option
from testgate.inputs.lists import TextList
from testgate.inputs.values import OptionalPathId, OptionalText

# The inputs that start one job per ID, with their names in the API.
SELECTORS: Mapping[str, str] = MappingProxyType(
    {"feature_id": "featureId", "test_suite_id": "testSuiteId", "test_id": "testId"}
)


class TestiflyOptions(Options):
    """What to run on Testifly, and where."""

    project_id: OptionalPathId = option(
        default=None,
        description="The project that the tests belong to. You find its ID in the URL of the project's pages.",
        example="67f8cb3fe236b8d41b7700ac",
    )
    feature_id: TextList = option(
        default=(),
        description="Run all tests of these features: one ID or several. Each feature is a separate job.",
        example="67f8cb3fe236b8d41b7700ac",
    )
    test_suite_id: TextList = option(
        default=(),
        description="Run all tests of these test suites: one ID or several. Each test suite is a separate job.",
        example="67f8cb3fe236b8d41b7700ad",
    )
    test_id: TextList = option(
        default=(),
        description="Run these tests: one ID or several. Each test is a separate job.",
        example="67f8cb3fe236b8d41b7700ae",
    )
    tests: TextList = option(
        default=(),
        description="Run these tests together, in one job.",
        example="67f8cb3fe236b8d41b7700ae, 67f8cb3fe236b8d41b7700af",
    )
    agent_name: OptionalText = option(
        default=None,
        description="The agent to run on. By default, the platform chooses one.",
        example="my-agent",
    )

    def contradictions(self) -> Iterator[str]:
        """Accept only one way to select tests."""
        given = [name.replace("_", "-") for name in (*SELECTORS, "tests") if getattr(self, name)]
        if len(given) > 1:
            yield f"`{'`, `'.join(given)}`: give exactly one of these. Example: feature-id"
