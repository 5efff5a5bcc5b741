"""What operating systems do differently: the one place that asks what this one can do, and says what is used instead.

It asks for each ability by its name, never for the name of the system. SECURITY.md says where Windows promises less.
"""

import contextlib
import importlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

_OWN_SIGNALS: Final = ("SIGBREAK",)  # Windows: Ctrl-Break, and what a runner sends some time after Ctrl-C
_STANDARD_OUTPUT, _PROCESSED, _WRAPPED, _ESCAPES = -11, 1, 2, 4  # of Windows' consoles
_BUSY_PAUSES = (0.01, 0.05, 0.1, 0.2, 0.4)  # seconds: a virus scanner or an indexer reads what has just been written


def flags(*names: str) -> int:
    """The flags of `os.open`, as far as this system has them; bytes are written as they are everywhere."""
    found = 0
    for name in (*names, "O_BINARY"):
        found |= getattr(os, name, 0)
    return found


def holds_folders() -> bool:
    """Whether folders can be opened, walked to name by name and changed in, without following links."""
    return os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW") and hasattr(os, "O_DIRECTORY")


def own_signals() -> list[signal.Signals]:
    """Signals that end a step on this system, besides SIGINT and SIGTERM."""
    return [getattr(signal, name) for name in _OWN_SIGNALS if hasattr(signal, name)]


def give(file: int, folder: int) -> None:
    """Give a new file that root made to the owner of its folder: the next checkout must be able to delete it.

    Where nobody is root, a new file belongs to whoever may delete it already.
    """
    change: Callable[[int, int, int], None] | None = getattr(os, "fchown", None)
    if change is not None and hasattr(os, "geteuid") and os.geteuid() == 0:
        owner = os.fstat(folder)
        change(file, owner.st_uid, owner.st_gid)


def lock(file: int) -> bool:
    """Lock a file, or a folder where those can be opened; False if another process has it. Closing gives it back.

    A file system without locks is used without.
    """
    unix = _module("fcntl")
    try:
        if unix is not None:
            unix.flock(file, unix.LOCK_EX | unix.LOCK_NB)
        elif (windows := _module("msvcrt")) is not None:
            return _lock_byte(windows, file)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def replace(source: Path, target: Path, sleep: Callable[[float], None] = time.sleep) -> None:
    """Rename a file over another one. On Windows that fails while somebody reads it, so it is tried for a second.

    Raises:
        OSError: it could not be renamed.

    """
    for pause in _BUSY_PAUSES:
        with contextlib.suppress(PermissionError):
            source.replace(target)
            return
        sleep(pause)
    source.replace(target)


def set_waiting(file: int) -> None:
    """Make writes to an open file wait; only the opening must not. Where nothing waits, there is nothing to set."""
    if hasattr(os, "set_blocking") and hasattr(os, "O_NONBLOCK"):
        os.set_blocking(file, True)


def understands_escapes() -> bool:
    """Make a terminal obey escape sequences; False if it can't. Consoles of Windows have to be asked."""
    if _module("msvcrt") is None:
        return True
    kernel = getattr(getattr(_module("ctypes"), "windll", None), "kernel32", None)
    if kernel is None:
        return False
    return bool(kernel.SetConsoleMode(kernel.GetStdHandle(_STANDARD_OUTPUT), _PROCESSED | _WRAPPED | _ESCAPES))


def own_group() -> Mapping[str, Any]:
    """The arguments of `Popen` that keep signals to the step's group, such as Ctrl-C, from a program."""
    if hasattr(os, "killpg"):
        return {"start_new_session": True}
    return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}


def kill_group(program: "subprocess.Popen[str]") -> None:
    """Kill a program with its children. Where there are no groups, a tool of the system finds the children."""
    if hasattr(os, "killpg") and hasattr(signal, "SIGKILL"):
        os.killpg(program.pid, signal.SIGKILL)
        return
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        tool = ["taskkill", "/T", "/F", "/PID", str(program.pid)]
        subprocess.run(tool, capture_output=True, timeout=5, check=False)  # noqa: S603  # part of Windows
    with contextlib.suppress(OSError):
        program.kill()


def _lock_byte(windows: Any, file: int) -> bool:  # noqa: ANN401  # a module that only Windows has
    """Lock the first byte of a file, which may be empty."""
    try:
        windows.locking(file, windows.LK_NBLCK, 1)
    except PermissionError:
        return False
    return True


def _module(name: str) -> Any:  # noqa: ANN401  # a module that other systems don't have
    """A module that only some systems have, or None."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
