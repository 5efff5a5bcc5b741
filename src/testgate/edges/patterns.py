"""Finds files of the workspace by a pattern."""

from itertools import islice
from pathlib import Path


def matching(root: Path, pattern: str, most: int) -> list[Path]:
    """The files that match a pattern, in order. `**` doesn't follow links; whether a file may be read is told later.

    Raises:
        ValueError: the pattern leads outside the workspace, or matches too many files.

    """
    given = Path(pattern)
    if ".." in given.parts:
        raise ValueError(f"{pattern} leads outside the workspace")
    base = Path(given.anchor) if given.is_absolute() else root
    parts = given.parts[1:] if given.is_absolute() else given.parts
    found = list(islice(base.glob("/".join(parts)), most + 1)) if parts else []
    if len(found) > most:
        raise ValueError(f"{pattern} matches more than {most} files")
    return sorted(found)


def shown(root: Path, path: Path) -> str:
    """The path as users know it: relative to the workspace, if it lies there."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
