"""Actions for a CI, as values: the adapter of the CI requests them, and the edges carry them out."""

from collections.abc import Sequence
from typing import NamedTuple


class Print(NamedTuple):
    """Write a line to the log unchanged; text from outside has already been escaped."""

    line: str


class Append(NamedTuple):
    """Append text to a file that the CI provided."""

    path: str
    text: str


class Execute(NamedTuple):
    """Run a program of the CI with this text as its standard input. Only the end of the step waits for it."""

    command: Sequence[str]
    text: str


Act = Print | Append | Execute
