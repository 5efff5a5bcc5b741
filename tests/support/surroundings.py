"""What tests give to the adapter of a CI."""

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path

from testgate.platforms import PLATFORMS
from testgate.ports import Platform, Surroundings

NOW = 1_700_000_000.9
ROOT = "/builds/shop/web"
RECORDED = Path(__file__).parents[1] / "fixtures" / "ci"


def tokens() -> Callable[[], str]:
    """Create a source of predictable tokens."""
    numbers = itertools.count(1)
    return lambda: f"token-{next(numbers)}"


def surroundings(environ: Mapping[str, str], *programs: str, root: str = ROOT) -> Surroundings:
    """A world with this environment, and these programs on PATH."""
    return Surroundings(environ, tokens(), lambda: NOW, lambda program: program in programs, root)


def load(name: str, environ: Mapping[str, str], *programs: str) -> Platform:
    """The adapter of a CI in such a world."""
    return PLATFORMS[name].load(surroundings(environ, *programs))


def recorded(name: str) -> dict[str, str]:
    """The environment that a CI gives to a job, from lines `NAME=value` as its documentation shows them."""
    text = (RECORDED / f"{name}.env").read_text(encoding="utf-8")
    return dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
