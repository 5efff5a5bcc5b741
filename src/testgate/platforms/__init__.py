"""The CIs. The first that detects itself wins; `plain` catches the rest."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from testgate.ports import Platform, Surroundings

Loader = Callable[[Surroundings], Platform]


class Entry(NamedTuple):
    """How a CI is told from the others, and what loads its adapter."""

    detects: Callable[[Mapping[str, str]], bool]
    load: Loader


def _github(surroundings: Surroundings) -> Platform:
    from testgate.platforms.github import GitHub  # noqa: PLC0415  # only the CI that is there is loaded

    return GitHub(surroundings)


def _plain(surroundings: Surroundings) -> Platform:
    from testgate.platforms.plain import Plain  # noqa: PLC0415  # as above

    return Plain(surroundings)


PLATFORMS: Mapping[str, Entry] = {
    "github": Entry(lambda environ: environ.get("GITHUB_ACTIONS") == "true", _github),
    "plain": Entry(lambda _environ: True, _plain),
}


def choose(environ: Mapping[str, str], name: str = "") -> str:
    """The name of the CI: the one that the user gave, else the first that detects itself."""
    return name or next(known for known, entry in PLATFORMS.items() if entry.detects(environ))
