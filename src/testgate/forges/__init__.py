"""Forges, where pull requests are: a module each, with an `ENTRY`. The first one that a build is on is used."""

from collections.abc import Mapping
from importlib import import_module

from testgate.forges.place import ForgeEntry, checked
from testgate.ports import Build
from testgate.ports.forge import Forge

# Gitea and Forgejo set GitHub's variables too, and Azure Pipelines builds repositories of other forges.
FORGES = ("gitea", "github", "gitlab", "bitbucket", "azure")


def load(name: str) -> ForgeEntry:
    """Import a forge: only the end of a step needs one."""
    entry: ForgeEntry = import_module(f"{__name__}.{name}").ENTRY
    return entry


def forge_of(environ: Mapping[str, str], build: Build, token: str) -> Forge | None:
    """The forge of this build; None if the CI doesn't say.

    Raises:
        ReportError: the forge has an address that no secret can be sent to.

    """
    for name in FORGES:
        entry = load(name)
        place = entry.place(environ, build)
        if place is not None:
            return entry.build(checked(place), token)
    return None
