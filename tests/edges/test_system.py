"""What is used where a system lacks something, and that no other module asks for the system."""

import os
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from testgate.edges import system
from testgate.edges.names import unusable

SOURCE = Path(__file__).parents[2] / "src" / "testgate"
ASKS = re.compile(
    r"\b(sys\.platform|os\.name\b|platform\.system|os\.uname|supports_dir_fd|hasattr\((os|signal|socket),)"
)
PLACES = {SOURCE / "edges" / "system.py", SOURCE / "edges" / "held_folder.py"}


def test_one_module_asks_what_the_system_can_do() -> None:
    """And it asks for abilities, not for names of systems."""
    asking = {path for path in SOURCE.rglob("*.py") if ASKS.search(path.read_text(encoding="utf-8"))}
    assert asking <= PLACES
    assert not [path for path in SOURCE.rglob("*.py") if "sys.platform" in path.read_text(encoding="utf-8")]


def test_a_file_that_somebody_reads_is_replaced_a_little_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses that as long as it is open; after a second, it is an error."""
    (tmp_path / "new").write_text("new", encoding="utf-8")
    plain, refusals = Path.replace, iter([PermissionError, PermissionError, None])

    def replace(source: Path, target: Path) -> Path:
        refusal = next(refusals)
        if refusal is not None:
            raise refusal
        return plain(source, target)

    monkeypatch.setattr(Path, "replace", replace)
    pauses: list[float] = []
    system.replace(tmp_path / "new", tmp_path / "report", pauses.append)
    assert (tmp_path / "report").read_text(encoding="utf-8") == "new"
    assert pauses == [0.01, 0.05]
    refusals = iter([PermissionError] * 6)
    with pytest.raises(PermissionError):
        system.replace(tmp_path / "report", tmp_path / "new", lambda _seconds: None)


def test_a_program_is_killed_where_there_are_no_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's tool is asked for the children first."""
    asked: list[list[str]] = []
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, text=True) as program:
        monkeypatch.delattr(os, "killpg")
        monkeypatch.setattr(subprocess, "run", lambda command, **_more: asked.append(command))
        assert system.own_group() == {"creationflags": 0}
        system.kill_group(program)
        assert program.wait(60) != 0
    assert asked == [["taskkill", "/T", "/F", "/PID", str(program.pid)]]


def test_a_file_system_without_locks_is_used_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """And so is a system that has neither way to lock."""
    reader, writer = os.pipe()
    os.close(reader)
    os.close(writer)
    assert system.lock(writer)
    for name in ("fcntl", "msvcrt"):
        monkeypatch.setitem(sys.modules, name, None)
    assert system.lock(0)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (r"reports\con", "'con', which is the name of a device"),
        ("NUL", "device"),
        ("nul.xml", "device"),
        ("aux .tar.gz", "device"),
        (r"COM1\junit.xml", "device"),
        ("lpt¹", "device"),
        ("CONOUT$", "device"),
        (r"C:reports", "neither in the workspace"),
        (r"\reports", "neither in the workspace"),
        ("out:stream", "':', which no name can contain"),
        ("who?", "'?'"),
        ("a\x07", r"'\x07'"),
        ("reports./x", "is dropped"),
        ("reports /x", "is dropped"),
    ],
)
def test_names_that_windows_cannot_hold(given: str, wrong: str) -> None:
    """Each is told before anything is sent; elsewhere they are names like others."""
    assert wrong in unusable(PureWindowsPath(given))
    assert unusable(PurePosixPath(given)) == ""


@pytest.mark.parametrize(
    "given",
    [r"C:\reports\x", r"\\server\share\x", "a/b", r"..\x", "console", "nullable.xml", "com", "COM10", ".hidden", "."],
)
def test_names_that_windows_can_hold(given: str) -> None:
    """With drives, shares and either separator."""
    assert unusable(PureWindowsPath(given)) == ""
