"""A folder by its path, for systems that can't hold one open, such as Windows.

Every folder on the way is looked at before and after each use: neither a link nor another folder may be in its place.
Between a look and the use a moment remains. What was opened in it is noticed by the second look, and nothing is written
to it; Windows moves no folder in which a file is open. A rename or a removal in that moment isn't noticed in time.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from testgate.edges.held_folder import content_of, regular
from testgate.edges.system import flags, lock, replace

_LINKS = (0xA000000C, 0xA0000003)  # what Windows calls symbolic links, and junctions
_IDENTITY = 2**64 - 1  # the part of a file's number that all ways to look at it agree on
_IN_THE_WAY = "a link or another folder is in its place"


class CheckedFolder:
    """The folder `top/names…`; with `make`, missing folders are made.

    Raises:
        OSError: it isn't there, or something else is in the way.

    """

    def __init__(self, top: Path, names: Sequence[str], *, make: bool) -> None:
        self._path = top
        self._seen = [(top, _folder(top, followed=True))]
        for name in names:
            self._path /= name
            if make:
                self._look()
                with contextlib.suppress(FileExistsError):
                    self._path.mkdir()
            self._seen.append((self._path, _folder(self._path)))

    def make_file(self, name: str) -> int:
        """As in `Folder`."""
        self._look()
        file = os.open(self._path / name, flags("O_WRONLY", "O_CREAT", "O_EXCL", "O_NOFOLLOW"), 0o644)
        return self._is_here(file, name)

    def read_file(self, name: str, limit: int, *, beginning: bool = False) -> bytes:
        """As in `Folder`."""
        return content_of(self.open_file(name), limit, beginning=beginning)

    def open_file(self, name: str) -> int:
        """As in `Folder`."""
        self._look()
        if not stat.S_ISREG(_no_link(self._path / name).st_mode):  # a pipe would be waited for
            raise OSError(errno.EINVAL, "it is not a regular file")
        file = os.open(self._path / name, flags("O_RDONLY", "O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY"))
        return regular(self._is_here(file, name))

    def names(self) -> list[str]:
        """As in `Folder`."""
        self._look()
        return os.listdir(self._path)  # noqa: PTH208  # names, not paths

    def remove(self, name: str) -> None:
        """As in `Folder`."""
        self._look()
        (self._path / name).unlink()

    def replace(self, name: str, by: str) -> None:
        """As in `Folder`."""
        self._look()
        replace(self._path / by, self._path / name)
        self._look()

    def rename(self, name: str, new: str) -> None:
        """As in `Folder`."""
        self._look()
        if os.path.lexists(self._path / new):
            raise FileExistsError(errno.EEXIST, "there is such a file already")
        (self._path / name).rename(self._path / new)

    def give(self, file: int) -> None:
        """As in `Folder`: a file belongs to whoever made it, and the folder decides who may delete it."""

    @contextlib.contextmanager
    def lockable(self, name: str) -> Iterator[Callable[[], bool]]:
        """As in `Folder`. The file is made, and stays: removing it would let two steps in."""
        self._look()
        opened = os.open(self._path / name, flags("O_RDWR", "O_CREAT", "O_NOFOLLOW", "O_NONBLOCK"), 0o644)
        file = self._is_here(opened, name)
        try:
            yield partial(lock, file)
        finally:
            os.close(file)

    def _look(self) -> None:
        """Look at every folder on the way once more."""
        for number, (path, identity) in enumerate(self._seen):
            if _folder(path, followed=number == 0) != identity:
                raise OSError(errno.ELOOP, _IN_THE_WAY)

    def _is_here(self, file: int, name: str) -> int:
        """The file, if it is what has this name in this folder; otherwise it is closed."""
        here = False
        try:
            self._look()
            here = _identity(os.fstat(file)) == _identity(_no_link(self._path / name))
        finally:
            if not here:
                os.close(file)
        if not here:
            raise OSError(errno.ELOOP, _IN_THE_WAY)
        return file


def _folder(path: Path, *, followed: bool = False) -> int:
    """What tells a folder from others; a link isn't one, unless it is `followed`."""
    found = path.stat() if followed else _no_link(path)
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    return _identity(found)


def _no_link(path: Path) -> os.stat_result:
    """The facts about what has this path, which must be no link.

    Raises:
        OSError: it is one, or isn't there.

    """
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) in _LINKS:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    return found


def _identity(found: os.stat_result) -> int:
    """The number of a file or folder; all are 0 where a file system has none."""
    return found.st_ino & _IDENTITY
