"""What a CI wants done, as values: a platform says them, the edge does them."""

from collections.abc import Sequence
from typing import NamedTuple


class Print(NamedTuple):
    """Write a line to the log just as it is; outside text in it is escaped already."""

    line: str


class Append(NamedTuple):
    """Append text to a file that the CI gave."""

    path: str
    text: str


class Execute(NamedTuple):
    """Run a program of the CI's own, with this text as its standard input. Nothing waits for it but the step's end."""

    command: Sequence[str]
    text: str


Act = Print | Append | Execute
