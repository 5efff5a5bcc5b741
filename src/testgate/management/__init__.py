"""Test management systems: one file each, loaded when the inputs ask for one."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from testgate.inputs.reading import Inputs, Options
from testgate.ports import TestManagement


class ManagementEntry(NamedTuple):
    """What the composition needs of a system.

    `options` is its model of inputs, `switch` the input that turns it on, `required` those that it
    needs then. `build` makes the adapter, `key` gives its key, `closes` whether the user wants the
    test run closed, `mapping` the user's map from automated tests to test cases.
    """

    options: type[Options]
    switch: str
    required: tuple[str, ...]
    build: Callable[[Inputs], TestManagement]
    closes: Callable[[Inputs], bool]
    mapping: Callable[[Inputs], Mapping[str, str]]


def _testsigma() -> ManagementEntry:
    from testgate.management.testsigma import Management, ManagementOptions  # only when asked for

    return ManagementEntry(
        options=ManagementOptions,
        switch="test-management-project-id",
        required=("test-management-project-id", "test-management-api-key"),
        build=lambda inputs: Management(inputs.of(ManagementOptions)),
        closes=lambda inputs: inputs.of(ManagementOptions).close_test_run,
        mapping=lambda inputs: inputs.of(ManagementOptions).test_case_map,
    )


MANAGEMENT: Mapping[str, Callable[[], ManagementEntry]] = {"testsigma": _testsigma}
