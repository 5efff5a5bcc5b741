"""A folder in which files are made, read, renamed and removed, so that no link leads them elsewhere."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from testgate.edges.held_folder import held_folder
from testgate.edges.system import holds_folders


class Folder(Protocol):
    """What can be done in a folder. Every method raises OSError if it can't be done, and none follows a link."""

    def make_file(self, name: str) -> int:
        """A descriptor of a new file that is written to; FileExistsError if there is something with this name."""

    def read_file(self, name: str, limit: int, *, beginning: bool = False) -> bytes:
        """The content of a regular file of at most `limit` bytes; with `beginning`, the first ones of a larger one."""

    def open_file(self, name: str) -> int:
        """A descriptor of a regular file that is read; nothing is waited for, as a pipe would be."""

    def names(self) -> list[str]:
        """The names of what is in it."""

    def remove(self, name: str) -> None:
        """Remove a file."""

    def replace(self, name: str, by: str) -> None:
        """Rename the file `by` to `name`, in the place of what is there."""

    def rename(self, name: str, new: str) -> None:
        """Give a file another name; FileExistsError if that is taken."""

    def give(self, file: int) -> None:
        """Give a new file to the owner of the folder."""

    def lockable(self, name: str) -> contextlib.AbstractContextManager[Callable[[], bool]]:
        """What locks out other steps, and says whether it could; the end gives the lock back.

        Where a folder can't be locked itself, the file with this name is, which is made.
        """


@contextlib.contextmanager
def folder_at(top: Path, names: Sequence[str], *, make: bool = False) -> Iterator[Folder]:
    """The folder `top/names…`, of which no name may be a link.

    With `make`, missing folders are made, each owned like the one above it.

    Raises:
        OSError: it isn't there, or something else is in the way.

    """
    if not holds_folders():
        from testgate.edges.checked_folder import CheckedFolder  # for systems that need it

        yield CheckedFolder(top, names, make=make)
        return
    with held_folder(top, names, make=make) as held:
        yield held
