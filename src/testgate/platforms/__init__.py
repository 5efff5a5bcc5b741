"""The CIs. The first that detects itself wins; `plain` catches the rest."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from testgate.ports import Platform

Loader = Callable[[Mapping[str, str], Callable[[], str]], Platform]


class Entry(NamedTuple):
    """How a CI is told from the others, and what loads its adapter.

    The loader takes the environment and a maker of random tokens.
    """

    detects: Callable[[Mapping[str, str]], bool]
    load: Loader


def _github(environ: Mapping[str, str], token: Callable[[], str]) -> Platform:
    from testgate.platforms.github import GitHub  # noqa: PLC0415  # only the CI that is there is loaded

    return GitHub(environ, token)


def _plain(environ: Mapping[str, str], token: Callable[[], str]) -> Platform:
    from testgate.platforms.plain import Plain  # noqa: PLC0415  # as above

    return Plain(environ, token)


PLATFORMS: Mapping[str, Entry] = {
    "github": Entry(lambda environ: environ.get("GITHUB_ACTIONS") == "true", _github),
    "plain": Entry(lambda _environ: True, _plain),
}


def choose(environ: Mapping[str, str], name: str = "") -> str:
    """The name of the CI: the one that the user gave, else the first that detects itself."""
    return name or next(known for known, entry in PLATFORMS.items() if entry.detects(environ))
