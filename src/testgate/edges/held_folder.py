"""A folder that is held open, so that nobody can put a link in the way between a check and its use.

As root in a container, the program writes to a workspace that belongs to somebody else: there, what is
opened is walked to name by name, and what is changed is changed by its descriptor.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from testgate.edges.system import flags, give, lock

_READ = ("O_RDONLY", "O_CLOEXEC", "O_NOFOLLOW")


class HeldFolder:
    """A folder by its descriptor, which belongs to whoever made this."""

    def __init__(self, folder: int) -> None:
        self._at = folder

    def make_file(self, name: str) -> int:
        """As in `Folder`."""
        opening = flags("O_WRONLY", "O_CREAT", "O_EXCL", "O_NOFOLLOW", "O_CLOEXEC")
        return os.open(name, opening, 0o644, dir_fd=self._at)

    def read_file(self, name: str, limit: int, *, beginning: bool = False) -> bytes:
        """As in `Folder`."""
        return content_of(self.open_file(name), limit, beginning=beginning)

    def open_file(self, name: str) -> int:
        """As in `Folder`."""
        return regular(os.open(name, flags(*_READ, "O_NONBLOCK", "O_NOCTTY"), dir_fd=self._at))

    def names(self) -> list[str]:
        """As in `Folder`."""
        with self._readable() as readable, os.scandir(readable) as entries:
            return [entry.name for entry in entries]

    def remove(self, name: str) -> None:
        """As in `Folder`."""
        os.unlink(name, dir_fd=self._at)

    def replace(self, name: str, by: str) -> None:
        """As in `Folder`."""
        os.rename(by, name, src_dir_fd=self._at, dst_dir_fd=self._at)

    def rename(self, name: str, new: str) -> None:
        """As in `Folder`."""
        os.link(name, new, src_dir_fd=self._at, dst_dir_fd=self._at, follow_symlinks=False)
        os.unlink(name, dir_fd=self._at)

    def give(self, file: int) -> None:
        """As in `Folder`."""
        give(file, self._at)

    @contextlib.contextmanager
    def lockable(self, _name: str) -> Iterator[Callable[[], bool]]:
        """As in `Folder`. The lock is that of the folder: it leaves no file."""
        with self._readable() as opened:
            yield partial(lock, opened)

    @contextlib.contextmanager
    def _readable(self) -> Iterator[int]:
        """A descriptor of the folder that does more than pass through it."""
        opened = os.open(".", flags(*_READ, "O_DIRECTORY"), dir_fd=self._at)
        try:
            yield opened
        finally:
            os.close(opened)


@contextlib.contextmanager
def held_folder(top: Path, names: Sequence[str], *, make: bool) -> Iterator[HeldFolder]:
    """The folder `top/names…`, of which no name is a link; as `folder_at`."""
    at = os.open(top, _pass())
    try:
        for name in names:
            below = _enter(at, name, make=make)
            os.close(at)
            at = below
        yield HeldFolder(at)
    finally:
        os.close(at)


def regular(file: int) -> int:
    """The open file, if it is a regular one; anything else is closed, and refused."""
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "it is not a regular file")
    return file


def content_of(file: int, limit: int, *, beginning: bool) -> bytes:
    """The content of an open file, which is closed; as `Folder.read_file`."""
    with os.fdopen(file, "rb") as readable:
        content = readable.read(limit + 1)
    if len(content) > limit and not beginning:
        raise OSError(errno.EFBIG, f"it has more than {limit} bytes")
    return content[:limit]


def _pass() -> int:
    """How a folder is opened to pass through it: without reading it, where the system can do that."""
    return flags("O_DIRECTORY", "O_CLOEXEC", "O_PATH" if hasattr(os, "O_PATH") else "O_RDONLY")


def _enter(above: int, name: str, *, make: bool) -> int:
    """A descriptor of a folder in another one."""
    no_link = _pass() | flags("O_NOFOLLOW")
    try:
        return os.open(name, no_link, dir_fd=above)
    except FileNotFoundError:
        if not make:
            raise
    try:
        os.mkdir(name, dir_fd=above)
    except FileExistsError:  # another step was faster
        return os.open(name, no_link, dir_fd=above)
    made = os.open(name, flags(*_READ, "O_DIRECTORY"), dir_fd=above)
    try:
        with os.scandir(made) as entries:
            new = next(entries, None) is None  # otherwise somebody swapped it for a folder that isn't ours to give away
        if new:
            give(made, above)
    except OSError:
        os.close(made)
        raise
    return made
