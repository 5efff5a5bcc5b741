"""The test platforms: one module or package per vendor, each with an `ENTRY`."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import NamedTuple

from testgate.inputs.reading import Inputs, Options
from testgate.ports import Provider


class ProviderEntry(NamedTuple):
    """What composition needs to know about a provider.

    `options` is the model of its inputs. `command: run` needs one of the inputs `selects`; every
    command needs all of the inputs `required`, which map to the reason. `build` creates the provider
    from the base URL (None for the default), the API key, the inputs, and the run IDs the user named.
    `examples` replace those of common inputs in messages.
    """

    options: type[Options]
    selects: Sequence[str]
    required: Mapping[str, str]
    build: Callable[[str | None, str, Inputs, Sequence[str]], Provider]
    examples: Mapping[str, str] = {}


def _load(name: str) -> ProviderEntry:
    """Import a vendor only when it is chosen, to keep the start-up short."""
    entry: ProviderEntry = import_module(f"{__name__}.{name}").ENTRY
    return entry


PROVIDERS: Mapping[str, Callable[[], ProviderEntry]] = {
    name: partial(_load, name)
    for name in (
        "testsigma",
        "testifly",
    )
}
