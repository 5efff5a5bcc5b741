"""The interface of a forge, where pull requests are."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from testgate.wire import Call


class Comment(NamedTuple):
    """A comment on a pull request. `automatic`: its author is known to be a program."""

    id: str
    body: str
    author: str = ""
    automatic: bool = False


class Forge(Protocol):
    """Where pull requests are. Like a provider, it only says what to do.

    `html`: its Markdown can contain HTML. `longest` is a comment's size in characters, `advice` what the token needs.
    `change` is the number of the build's pull request; "" if the CI doesn't say.
    """

    name: str
    change: str
    html: bool
    longest: int
    advice: str

    def changes(self) -> Sequence[Call[Sequence[str]]]:
        """Questions for the numbers of the build's open pull requests, the best question first."""

    def myself(self) -> Call[str]:
        """Ask who the token's owner is, as `Comment.author`; some tokens may not ask."""

    def comments(self, change: str, page: int) -> Call[tuple[Sequence[Comment], bool]]:
        """Ask for a page of comments, from 1, and whether there are more."""

    def create(self, change: str, body: str) -> Call[Comment]:
        """Write a comment; the only call that is not repeatable."""

    def update(self, change: str, comment: Comment, body: str) -> Call[None]:
        """Replace the text of a comment."""

    def delete(self, change: str, comment: Comment) -> Call[None]:
        """Delete a comment."""
