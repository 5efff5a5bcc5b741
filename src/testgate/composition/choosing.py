"""Which test platform a step is about: one that TestGate knows, or one that a file of the workspace describes."""

from collections.abc import Callable

from testgate.errors import ReportError
from testgate.inputs.lookup import Lookup
from testgate.providers import PROVIDERS, ProviderEntry
from testgate.text import one_line

DEFAULT_PROVIDER = "testsigma"


def choose_provider(lookup: Lookup, read: Callable[[str], str]) -> tuple[str, ProviderEntry | None]:
    """The name of the platform, and its entry; None if nobody knows it. This never fails: a file has problems.

    `read` returns the text of a file of the workspace, and raises OSError or ValueError.
    """
    path = lookup.text("provider-file")
    if path:
        from testgate.providers.described import entry  # for those who have such a file

        return _of_file(lookup, path, read, entry.of_file, entry.broken)
    name = lookup.text("provider").lower() or DEFAULT_PROVIDER
    load = PROVIDERS.get(name)
    return name, load() if load else None


def _of_file(
    lookup: Lookup,
    path: str,
    read: Callable[[str], str],
    of_file: Callable[[str, str], ProviderEntry],
    broken: Callable[[list[str]], ProviderEntry],
) -> tuple[str, ProviderEntry]:
    """The platform that a file describes."""
    name = one_line(path, 200)
    if lookup.text("provider"):
        return name, broken(["give either this or `provider`. Example: .testgate/platform.toml"])
    try:
        text = read(path)
    except (OSError, ValueError, ReportError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return name, broken([f"{name} could not be read: {said}. Example: .testgate/platform.toml"])
    found = of_file(text, name)
    return found.name or name, found
