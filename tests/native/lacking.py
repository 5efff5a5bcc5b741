"""Runs a program as on a system that has nothing of POSIX: `lacking.py PROGRAM [ARGUMENT]...`.

What Windows lacks is taken away, and what behaves differently there is made to: links and folders have no descriptors,
bytes are changed unless a file is opened as binary, and a rename refuses what is there. The standard library keeps what
it has imported before, since its own code for Windows can't run here.
"""

import asyncio
import fcntl
import http.server
import os
import runpy
import shutil
import signal
import socketserver
import subprocess
import sys
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

_LOADED = (asyncio, http.server, requests, shutil, socketserver, tempfile)
_MODULES = ("fcntl", "grp", "pwd", "pty", "resource", "termios", "tty")
_OF_OS = (
    *("O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY", "O_PATH", "O_SYNC", "set_blocking"),
    *("getuid", "geteuid", "getgid", "getegid", "chown", "fchown", "lchown", "fchmod", "umask", "mkfifo", "mknod"),
    *("killpg", "getpgid", "setpgid", "setsid", "fork", "forkpty", "openpty", "uname", "nice", "sched_getaffinity"),
)
_OF_SIGNAL = ("SIGHUP", "SIGKILL", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGALRM", "SIGPIPE", "pthread_sigmask")
_BINARY = 1 << 30
_LOCK_NOW = 2


def main() -> None:
    """Take away, and run the program."""
    program = sys.argv[1]
    sys.argv = sys.argv[1:]
    sys.path[:] = [path for path in sys.path if Path(path).resolve() != Path(__file__).parent]
    _replace_modules()
    _replace_files()
    for name in _OF_OS:
        if hasattr(os, name):
            delattr(os, name)
    inner: Any = sys.modules["_signal"]
    for name in _OF_SIGNAL:
        for module in (signal, inner):
            if hasattr(module, name):
                delattr(module, name)
    signal.SIGBREAK = signal.SIGCONT  # type: ignore[attr-defined]  # any number that nothing else uses
    inner.SIGBREAK = signal.SIGCONT
    runpy.run_path(program, run_name="__main__")


def _replace_modules() -> None:
    """Modules that are missing, and Windows' own that locks."""
    flock, now = fcntl.flock, fcntl.LOCK_EX | fcntl.LOCK_NB

    def locking(file: int, mode: int, _length: int) -> None:
        assert mode == _LOCK_NOW
        try:
            flock(file, now)
        except BlockingIOError:
            raise PermissionError(13, "Permission denied") from None

    windows: Any = types.ModuleType("msvcrt")
    windows.locking, windows.LK_NBLCK = locking, _LOCK_NOW
    for name in _MODULES:
        sys.modules[name] = None  # type: ignore[assignment]  # an import fails
    sys.modules["msvcrt"] = windows
    send = os.kill
    subprocess.Popen.kill = lambda program: send(program.pid, 9)  # type: ignore[method-assign,assignment]


def _replace_files() -> None:
    """Functions of `os` that work on paths alone."""
    for known in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        known.clear()
    os.O_BINARY = _BINARY  # type: ignore[attr-defined]
    plain_open, plain_rename, is_folder, exists = os.open, os.rename, os.path.isdir, os.path.lexists

    def opened(path: Any, flags: int, mode: int = 0o777) -> int:
        if is_folder(path):
            raise PermissionError(13, "Permission denied", path)
        ours = str(sys._getframe(1).f_globals.get("__name__")).startswith("testgate.")  # noqa: SLF001  # who asks
        if ours and not flags & _BINARY and path != os.devnull:
            raise AssertionError(f"{path} is opened so that Windows would change its line ends")
        return plain_open(path, flags & ~_BINARY, mode)

    def renamed(source: Any, target: Any) -> None:
        if exists(target):
            raise FileExistsError(17, "File exists", source, target)
        plain_rename(source, target)

    os.open, os.rename = opened, renamed  # type: ignore[assignment]
    for name in (
        "mkdir",
        "unlink",
        "remove",
        "rmdir",
        "link",
        "stat",
        "lstat",
        "access",
        "utime",
        "scandir",
        "listdir",
    ):
        setattr(os, name, _without_descriptors(getattr(os, name)))


def _without_descriptors(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, for paths alone."""

    def strict(*given: Any, **more: Any) -> Any:
        if {"dir_fd", "src_dir_fd", "dst_dir_fd"} & set(more) or (given and isinstance(given[0], int)):
            raise NotImplementedError("descriptors of folders are not available")
        return function(*given, **more)

    return strict


if __name__ == "__main__":
    main()
