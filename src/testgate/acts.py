"""What a CI wants done, as values: a platform says them, the edge does them."""

from typing import NamedTuple


class Print(NamedTuple):
    """Write a line to the log just as it is; outside text in it is escaped already."""

    line: str


class Append(NamedTuple):
    """Append text to a file that the CI gave."""

    path: str
    text: str


Act = Print | Append
