"""Opens files and folders so that nobody can put a link in the way between a check and its use.

As root in a container, the program writes to a workspace that belongs to somebody else: there, what is
opened is walked to name by name, and what is changed is changed by its descriptor.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

# Without reading a folder, where the system can do that: folders above may only be passed through.
_PASS = os.O_DIRECTORY | os.O_CLOEXEC | getattr(os, "O_PATH", os.O_RDONLY)
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
_LARGEST_SMALL_FILE = 1_000_000  # characters


@contextlib.contextmanager
def folder_at(top: Path, names: Sequence[str], *, make: bool = False) -> Iterator[int]:
    """A descriptor of the folder `top/names…`, of which no name may be a link.

    With `make`, missing folders are made, each owned like the one above it.

    Raises:
        OSError: it isn't there, or something else is in the way.

    """
    at = os.open(top, _PASS)
    try:
        for name in names:
            below = _enter(at, name, make=make)
            os.close(at)
            at = below
        yield at
    finally:
        os.close(at)


def _enter(above: int, name: str, *, make: bool) -> int:
    """A descriptor of a folder in another one."""
    try:
        return os.open(name, _PASS | os.O_NOFOLLOW, dir_fd=above)
    except FileNotFoundError:
        if not make:
            raise
    try:
        os.mkdir(name, dir_fd=above)
    except FileExistsError:  # another step was faster
        return os.open(name, _PASS | os.O_NOFOLLOW, dir_fd=above)
    made = os.open(name, _READ | os.O_DIRECTORY, dir_fd=above)
    try:
        with os.scandir(made) as entries:
            new = next(entries, None) is None  # otherwise somebody swapped it for a folder that isn't ours to give away
        if new:
            give(made, above)
    except OSError:
        os.close(made)
        raise
    return made


def give(file: int, folder: int) -> None:
    """Give a new file that root made to the owner of its folder: the next checkout must be able to delete it."""
    if os.geteuid() == 0:
        owner = os.fstat(folder)
        os.fchown(file, owner.st_uid, owner.st_gid)


def make_file(folder: int, name: str) -> int:
    """A descriptor of a new file that is written to.

    Raises:
        FileExistsError: there is something with this name.
        OSError: it can't be made.

    """
    return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644, dir_fd=folder)


def open_regular(folder: int, name: str) -> int:
    """A descriptor of a regular file that is read; a link isn't followed, and nothing is waited for.

    Raises:
        OSError: it isn't there, or isn't a regular file.

    """
    file = os.open(name, _READ | os.O_NONBLOCK | os.O_NOCTTY, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "it is not a regular file")
    return file


def read_file(folder: int, name: str, limit: int, *, beginning: bool = False) -> bytes:
    """The content of a regular file with at most `limit` bytes; a link isn't followed, and nothing is waited for.

    With `beginning`, the first `limit` bytes of a larger file.

    Raises:
        OSError: it isn't there, isn't a regular file, or is larger.

    """
    with os.fdopen(open_regular(folder, name), "rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit and not beginning:
        raise OSError(errno.EFBIG, f"it has more than {limit} bytes")
    return content[:limit]


def names_in(folder: int) -> list[str]:
    """The names of what is in a folder."""
    readable = os.open(".", _READ | os.O_DIRECTORY, dir_fd=folder)
    try:
        with os.scandir(readable) as entries:
            return [entry.name for entry in entries]
    finally:
        os.close(readable)


def append_to(path: Path, content: bytes) -> None:
    """Append to a file of the CI's: usually a regular one, sometimes a device or a pipe such as /dev/stdout.

    Raises:
        OSError: it can't be written; nobody reads from the pipe.

    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
    with os.fdopen(os.open(path, flags, 0o666), "ab") as file:
        os.set_blocking(file.fileno(), True)  # only the opening must not wait
        file.write(content)


def read_small_file(path: str) -> str:
    """The text of a small file that the user or the CI named, cut at a million characters. It may be a pipe.

    Raises:
        OSError: it can't be read.
        UnicodeError: it isn't UTF-8.

    """
    with Path(path).open(encoding="utf-8") as file:
        return file.read(_LARGEST_SMALL_FILE)
