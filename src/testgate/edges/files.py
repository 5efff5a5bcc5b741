"""Files that the user or the CI named: appended to, or read, wherever they are and whatever they are."""

import os
from pathlib import Path

from testgate.edges.system import flags, set_waiting

_LARGEST_SMALL_FILE = 1_000_000  # characters


def append_to(path: Path, content: bytes) -> None:
    """Append to a file of the CI's: usually a regular one, sometimes a device or a pipe such as /dev/stdout.

    Raises:
        OSError: it can't be written; nobody reads from the pipe.

    """
    opening = flags("O_WRONLY", "O_APPEND", "O_CREAT", "O_CLOEXEC", "O_NOCTTY", "O_NONBLOCK")
    with os.fdopen(os.open(path, opening, 0o666), "ab") as file:
        set_waiting(file.fileno())
        file.write(content)


def read_small_file(path: str) -> str:
    """The text of a small file that the user or the CI named, cut at a million characters. It may be a pipe.

    Raises:
        OSError: it can't be read.
        UnicodeError: it isn't UTF-8.

    """
    with Path(path).open(encoding="utf-8") as file:
        return file.read(_LARGEST_SMALL_FILE)
