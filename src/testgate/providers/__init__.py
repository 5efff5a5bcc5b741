"""The test platforms: a package for each vendor that is code, and a file for each that is described as data."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from testgate.inputs.declaring import Options
from testgate.inputs.lookup import Lookup
from testgate.inputs.reading import Input, Inputs
from testgate.ports import Provider


def _nothing(_lookup: Lookup) -> Sequence[str]:
    """Nothing."""
    return ()


class ProviderEntry(NamedTuple):
    """What composition needs to know about a provider.

    `options` is the model of its inputs. `command: run` needs one of the inputs `selects`; every
    command needs all of the inputs `required`, which map to the reason. `build` creates the provider
    from the base URL (None for the default), the API key, the inputs, and the run IDs the user named.
    `examples` replace those of common inputs in messages.

    A `described` provider gets its inputs in `values` and `secret-values`: `values` declares them, and `selects` names
    some of these. `problems` are those of its file and of what was given, which must select what to run if its second
    argument is True. `secrets` are further spellings in which the secrets among the inputs are sent, `notes` are
    sentences about it for log and summary. `needs_key` is False if the platform has no key, and `name` is what a file
    calls it; a `broken` file has only problems. `explain` says what its file reads from saved answers, by the names of
    their files: some lines for each, and whether it cannot be read.
    """

    options: type[Options]
    selects: Sequence[str]
    required: Mapping[str, str]
    build: Callable[[str | None, str, Inputs, Sequence[str]], Provider]
    examples: Mapping[str, str] = {}
    described: bool = False
    problems: Callable[[Lookup, bool], Sequence[str]] = lambda _lookup, _selects: ()
    secrets: Callable[[Lookup], Sequence[str]] = _nothing
    notes: Sequence[str] = ()
    needs_key: bool = True
    name: str = ""
    broken: bool = False
    values: Sequence[Input] = ()
    explain: Callable[[Mapping[str, bytes]], Sequence[tuple[Sequence[str], bool]]] | None = None


def _load(name: str) -> ProviderEntry:
    """Import a vendor only when it is chosen, to keep the start-up short."""
    entry: ProviderEntry = import_module(f"{__name__}.{name}").ENTRY
    return entry


def _describe(path: Path) -> ProviderEntry:
    """Read the file of a vendor, with what that needs, only when it is chosen."""
    from testgate.providers.described.entry import bundled

    return bundled(path.read_text(encoding="utf-8"), path.name)


VENDORS = Path(__file__).parent / "described" / "vendors"
"""The files of described platforms that ship with TestGate; each is named like its provider."""

CODED: Mapping[str, Callable[[], ProviderEntry]] = {name: partial(_load, name) for name in ("testsigma", "testifly")}
"""The providers that have inputs of their own."""

PROVIDERS: Mapping[str, Callable[[], ProviderEntry]] = {
    **CODED,
    **{path.stem: partial(_describe, path) for path in sorted(VENDORS.glob("*.toml"))},
}
