"""Test management systems: one module per system, with an `ENTRY`."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import NamedTuple

from testgate.inputs.declaring import Options
from testgate.inputs.reading import Inputs
from testgate.ports import TestManagement


class ManagementEntry(NamedTuple):
    """What composition needs to know about a test management system.

    `options` is the model of its inputs. The input `switch` turns it on; it then needs all of the
    inputs `required`. Three functions take the inputs: `build` creates the adapter, `closes` says
    whether to close the test run at the end, and `mapping` maps automated tests to test cases.
    """

    options: type[Options]
    switch: str
    required: tuple[str, ...]
    build: Callable[[Inputs], TestManagement]
    closes: Callable[[Inputs], bool]
    mapping: Callable[[Inputs], Mapping[str, str]]


def _load(name: str) -> ManagementEntry:
    """Import a system only when the inputs ask for it, to keep the start-up short."""
    entry: ManagementEntry = import_module(f"{__name__}.{name}").ENTRY
    return entry


MANAGEMENT: Mapping[str, Callable[[], ManagementEntry]] = {name: partial(_load, name) for name in ("testsigma",)}
