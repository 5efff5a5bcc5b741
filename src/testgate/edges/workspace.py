"""Writes files in the workspace: completely or not at all, owned like the workspace, and never outside it."""

import contextlib
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from testgate.errors import ReportError

OWN_HIDDEN = ".testgate-"  # prefix of temporary files


class Workspace:
    """The folder of the checkout. `redact` sees every text before it is written."""

    def __init__(self, root: Path, redact: Callable[[str], str]) -> None:
        self._root = root
        self.redact = redact

    def place(self, given: str) -> Path:
        """The path for a name given by the user.

        A relative path must stay inside the workspace, links included; an absolute path is used unchanged.

        Raises:
            ReportError: it leads outside the workspace.

        """
        path = Path(given)
        if path.is_absolute():
            return path
        root = self._root.resolve()
        if ".." in path.parts or not _resolved(root / path).is_relative_to(root):
            raise ReportError(
                f"the path {given!r} leads outside the workspace",
                remedy="Use a path inside the workspace, or an absolute path if you mean one.",
            )
        return root / path

    def write(self, path: Path, chunks: Iterable[str]) -> None:
        """Write a file next to the target, then rename it: readers see the old file or the complete new one.

        Raises:
            ReportError: the file could not be written.

        """
        try:
            self._make_folder(path.parent)
            self._replace(path, chunks)
        except OSError as error:
            raise ReportError(f"could not write {path}: {error.strerror or error}") from error

    def append(self, path: Path, text: str) -> None:
        """Append text to a file that belongs to the CI.

        Raises:
            ReportError: the file could not be written.

        """
        try:
            with path.open("ab") as file:
                file.write(self.redact(text).encode("utf-8", errors="replace"))
        except OSError as error:
            raise ReportError(f"could not append to {path}: {error.strerror or error}") from error

    def create(self, path: Path) -> bool:
        """Create an empty file; False if it exists. If several processes try at once, one succeeds.

        Raises:
            OSError: it cannot be created.

        """
        self._make_folder(path.parent)
        try:
            self._fill(path, [])
        except FileExistsError:
            return False
        return True

    def discard(self, path: Path) -> None:
        """Remove a file if it exists and can be removed; never a folder."""
        with contextlib.suppress(OSError):
            path.unlink()

    def _replace(self, path: Path, chunks: Iterable[str]) -> None:
        """Write to a new file with a unique name, then replace the target."""
        beside = self._beside(path)
        try:
            self._fill(beside, chunks)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

    @staticmethod
    def _beside(path: Path) -> Path:
        """A unique name in the same folder."""
        # Without the process id: in containers that share a workspace, each process is number 1.
        return path.with_name(f"{OWN_HIDDEN}{os.urandom(8).hex()}.tmp")

    def _fill(self, path: Path, chunks: Iterable[str]) -> None:
        """Write a new file, owned like its folder."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, 0o644), "wb", buffering=1 << 16) as file:
            for chunk in chunks:
                file.write(self.redact(chunk).encode("utf-8", errors="replace"))
        self._own(path, path.parent)

    def _make_folder(self, folder: Path) -> None:
        """Create missing folders, each owned like the one above it."""
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for each in reversed(missing):
            each.mkdir(exist_ok=True)
            self._own(each, each.parent)

    @staticmethod
    def _own(path: Path, like: Path) -> None:
        """Give a file that root wrote to the owner of its folder: the next checkout must be able to delete it."""
        if os.geteuid() != 0:
            return
        owner = like.stat()
        if stat.S_ISDIR(owner.st_mode):
            os.chown(path, owner.st_uid, owner.st_gid)


def _resolved(path: Path) -> Path:
    """The path with its links resolved.

    Raises:
        ReportError: the links form a loop.

    """
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # Python 3.13 raises neither; the write fails instead
        raise ReportError(f"{path} cannot be resolved: its links form a loop") from error
