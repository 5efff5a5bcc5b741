"""Writes files in the workspace: completely or not at all, owned like the workspace, and never outside it.

Whatever is read from it is a regular file of a limited size.
"""

import contextlib
import errno
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from testgate.edges.files import (
    append_to,
    folder_at,
    give,
    make_file,
    names_in,
    open_regular,
    read_file,
    read_small_file,
)
from testgate.errors import ReportError

OWN_HIDDEN = ".testgate-"  # prefix of temporary files
LARGEST_READ = 16 * 1024 * 1024  # bytes; our own outputs can have some megabytes
_BEGINNING = 64 * 1024  # bytes
_LINK = "Remove the link from the workspace, or use another path."
_OUTSIDE = "Use a path inside the workspace, or an absolute path if you mean one."


class Workspace:
    """The folder of the checkout. `redact` sees every text before it is written."""

    def __init__(self, root: Path, redact: Callable[[str], str]) -> None:
        self._root = root
        self.redact = redact

    def place(self, given: str) -> Path:
        """The path for a name given by the user.

        A relative path must stay inside the workspace, links included; an absolute path is used as given.

        Raises:
            ReportError: it leads outside the workspace.

        """
        path = Path(given)
        if path.is_absolute():
            # A link of the workspace that leads outside is meant, so it's followed here, once and for all.
            return path if self._top(path) is None or self._inside(path) else _resolved(path)
        if ".." in path.parts:
            raise ReportError(f"the path {given!r} leads outside the workspace", remedy=_OUTSIDE)
        if not self._inside(self._root / path):
            raise ReportError(f"the path {given!r} leads outside the workspace, through a link", remedy=_LINK)
        return self._root.resolve() / path

    def write(self, path: Path, chunks: Iterable[str]) -> None:
        """Write a file next to the target, then rename it: readers see the old file or the complete new one.

        Raises:
            ReportError: the file could not be written.

        """
        try:
            with self._folder(path.parent, make=True) as folder:
                _replace(folder, path.name, _bytes(chunks, self.redact))
        except OSError as error:
            raise ReportError(f"could not write {path}: {error.strerror or error}") from error

    def append(self, path: Path, text: str) -> None:
        """Append text to a file that belongs to the CI.

        Raises:
            ReportError: the file could not be written.

        """
        try:
            append_to(path, self.redact(text).encode("utf-8", errors="replace"))
        except OSError as error:
            raise ReportError(f"could not append to {path}: {error.strerror or error}") from error

    def create(self, path: Path) -> bool:
        """Create an empty file; False if it exists. If several processes try at once, one succeeds.

        Raises:
            OSError: it cannot be created.
            ReportError: a link leads outside the workspace.

        """
        with self._folder(path.parent, make=True) as folder:
            try:
                _fill(folder, path.name, [])
            except FileExistsError:
                return False
        return True

    def discard(self, path: Path) -> None:
        """Remove a file if it exists and can be removed; never a folder."""
        with contextlib.suppress(OSError, ReportError), self._folder(path.parent) as folder:
            os.unlink(path.name, dir_fd=folder)

    def rename(self, path: Path, name: str) -> bool:
        """Give a file another name in its folder; False if that name is taken.

        Raises:
            ReportError: it could not be renamed.

        """
        try:
            with self._folder(path.parent) as folder:
                os.link(path.name, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
                os.unlink(path.name, dir_fd=folder)
        except FileExistsError:
            return False
        except OSError as error:
            raise ReportError(f"could not rename {path}: {error.strerror or error}") from error
        return True

    @contextlib.contextmanager
    def opened_folder(self, path: Path) -> Iterator[int]:
        """A descriptor of a folder that can be locked; it is made if it isn't there.

        Raises:
            ReportError: it isn't there, or a link leads outside the workspace.

        """
        try:
            with self._folder(path, make=True) as folder:
                opened = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
        except OSError as error:
            raise ReportError(f"could not open {path}: {error.strerror or error}") from error
        try:
            yield opened
        finally:
            os.close(opened)

    def has_folder(self, path: Path) -> bool:
        """Whether there is a folder."""
        with contextlib.suppress(OSError, ReportError), self._folder(path):
            return True
        return False

    def names(self, path: Path) -> list[str]:
        """The names of what is in a folder; raises OSError."""
        with _as_oserror(), self._folder(path) as folder:
            return names_in(folder)

    def leftovers(self, path: Path) -> list[Path]:
        """The temporary files in a folder; empty if it isn't there."""
        with contextlib.suppress(OSError, ReportError), self._folder(path) as folder:
            return [path / name for name in names_in(folder) if name.startswith(OWN_HIDDEN)]
        return []

    def read(self, path: Path, limit: int = LARGEST_READ) -> str:
        """The text of a regular file of at most `limit` bytes; a file of the workspace lies in it, links included.

        Raises:
            OSError: it cannot be read.
            UnicodeError: it is not UTF-8.

        """
        with _as_oserror():
            real = _resolved(path)
            if self._top(path) is not None and not self._inside(real):
                raise OSError(errno.ELOOP, "it leads outside the workspace")
            with self._folder(real.parent) as folder:
                return read_file(folder, real.name, limit).decode("utf-8")

    def open_given(self, given: str) -> BinaryIO:
        """A regular file of the workspace that the user named, to be read in pieces; links stay inside.

        Raises:
            OSError: it isn't there, isn't a regular file, or lies elsewhere.

        """
        with _as_oserror():
            real = _resolved(self._root / given)
            if not self._inside(real):
                raise OSError(errno.ELOOP, "it lies outside the workspace")
            with self._folder(real.parent) as folder:
                return os.fdopen(open_regular(folder, real.name), "rb")

    def beginning(self, path: Path) -> str:
        """The beginning of a file of the workspace, as far as it is UTF-8; "" if it can't be read."""
        with contextlib.suppress(OSError, ReportError), self._folder(path.parent) as folder:
            return read_file(folder, path.name, _BEGINNING, beginning=True).decode("utf-8", errors="replace")
        return ""

    def read_given(self, given: str) -> str:
        """The text of a file that the user named: as `read` in the workspace, and a small one of any kind elsewhere.

        Raises:
            OSError: it cannot be read.
            UnicodeError: it is not UTF-8.

        """
        path = self._root / given
        with _as_oserror():
            if (Path(given).is_absolute() or ".." in path.parts) and not self._inside(path):
                return read_small_file(given)
        return self.read(path)

    @contextlib.contextmanager
    def _folder(self, path: Path, *, make: bool = False) -> Iterator[int]:
        """A descriptor of a folder; if the path is one of the workspace, so is the folder.

        Raises:
            OSError: it isn't there, or can't be made.
            ReportError: a link leads outside the workspace.

        """
        real, top = _resolved(path), self._top(path) or Path(path.anchor)
        if not real.is_relative_to(top):
            raise ReportError(f"{path} leads outside the workspace: a link was put in its way", remedy=_OUTSIDE)
        with folder_at(top, real.relative_to(top).parts, make=make) as folder:
            yield folder

    def _inside(self, path: Path) -> bool:
        """Whether the path leads into the workspace, links included."""
        return _resolved(path).is_relative_to(self._root.resolve())

    def _top(self, path: Path) -> Path | None:
        """The folder of the workspace, if the path is one of its."""
        root = self._root.resolve()
        return root if path.is_relative_to(self._root) or path.is_relative_to(root) else None


def _bytes(chunks: Iterable[str], redact: Callable[[str], str]) -> Iterator[bytes]:
    """What is written, without secrets."""
    return (redact(chunk).encode("utf-8", errors="replace") for chunk in chunks)


def _replace(folder: int, name: str, pieces: Iterable[bytes]) -> None:
    """Write to a new file with a unique name, then replace the target."""
    # Without the process id: in containers that share a workspace, each process is number 1.
    ending = "new" if name.startswith(OWN_HIDDEN) else "tmp"  # `tmp` shows that reports are being written
    beside = f"{OWN_HIDDEN}{os.urandom(8).hex()}.{ending}"
    try:
        _fill(folder, beside, pieces)
        os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=folder)


def _fill(folder: int, name: str, pieces: Iterable[bytes]) -> None:
    """Write a new file, owned like its folder."""
    with os.fdopen(make_file(folder, name), "wb", buffering=1 << 16) as file:
        for piece in pieces:
            file.write(piece)
        give(file.fileno(), folder)


@contextlib.contextmanager
def _as_oserror() -> Iterator[None]:
    """Raise for a path what is raised for a file."""
    try:
        yield
    except ReportError as error:
        raise OSError(errno.ELOOP, error.message) from error


def _resolved(path: Path) -> Path:
    """The path with its links resolved.

    Raises:
        ReportError: the links form a loop.

    """
    loop = f"{path} cannot be resolved: its links form a loop"
    try:
        real = path.resolve()
    except (OSError, RuntimeError) as error:
        raise ReportError(loop) from error
    if os.path.islink(real):  # noqa: PTH114  # no error for an impossible name; Python 3.13 leaves a loop as it is
        raise ReportError(loop)
    return real
