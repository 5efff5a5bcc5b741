"""Where folders can't be held open: each is looked at before and after each use, and nothing outside changes."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testgate.edges import folders
from testgate.edges.checked_folder import CheckedFolder
from testgate.edges.workspace import OWN_HIDDEN, Workspace
from testgate.errors import ReportError


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout beside a folder with a precious file, on a system that holds no folders."""
    monkeypatch.setattr(folders, "holds_folders", lambda: False)
    (tmp_path / "checkout").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "precious").write_text("precious", encoding="utf-8")
    return tmp_path / "checkout"


def check(root: Path) -> None:
    """Nothing outside has another content or neighbour."""
    outside = root.with_name("outside")
    assert [path.name for path in outside.iterdir()] == ["precious"]
    assert (outside / "precious").read_text(encoding="utf-8") == "precious"


def by_link(root: Path) -> None:
    """The folder becomes a link that leads outside."""
    (root / "a" / "b").rename(root / "moved")
    (root / "a" / "b").symlink_to(root.with_name("outside"))


def by_link_above(root: Path) -> None:
    """A folder above does."""
    (root / "a").rename(root / "moved")
    (root / "a").symlink_to(root.with_name("outside"))


def by_folder(root: Path) -> None:
    """The folder becomes another one."""
    (root / "a" / "b").rename(root / "moved")
    (root / "a" / "b").mkdir()


@pytest.mark.parametrize("swap", [by_link, by_link_above, by_folder])
def test_a_swap_during_a_write_is_noticed(root: Path, swap: Callable[[Path], None]) -> None:
    """The report is not written, and that is said."""

    def report() -> Iterator[str]:
        yield "first "
        swap(root)
        yield "second"

    workspace = Workspace(root, str)
    with pytest.raises(ReportError, match="could not write"):
        workspace.write(workspace.place("a/b/report"), report())
    check(root)


@pytest.mark.parametrize("act", ["make", "read", "lock", "remove", "names", "replace", "rename"])
def test_a_swap_between_looking_and_using_is_noticed(root: Path, act: str) -> None:
    """Whatever is done in the folder."""
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "precious").touch()
    folder = CheckedFolder(root, ["a", "b"], make=False)
    by_link(root)
    acts: dict[str, Callable[[], object]] = {
        "make": lambda: folder.make_file("new"),
        "read": lambda: folder.read_file("precious", 100),
        "lock": lambda: folder.lockable("lock").__enter__(),
        "remove": lambda: folder.remove("precious"),
        "names": folder.names,
        "replace": lambda: folder.replace("precious", by="precious"),
        "rename": lambda: folder.rename("precious", "other"),
    }
    with pytest.raises(OSError, match="Not a directory"):
        acts[act]()
    check(root)


def test_a_swap_in_the_very_moment_of_opening_is_noticed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look finds it: nothing that was read is believed."""
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "precious").touch()
    folder = CheckedFolder(root, ["a", "b"], make=False)
    plain, files = os.open, list[int]()

    def opened(path: Path, flags: int) -> int:
        by_link(root)
        files.append(plain(path, flags))
        return files[-1]

    monkeypatch.setattr(os, "open", opened)
    with pytest.raises(OSError, match="Not a directory"):
        folder.read_file("precious", 100)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(*files)


def test_what_is_no_plain_file_is_not_read(root: Path) -> None:
    """A link, a folder, and a pipe, which nobody waits for."""
    (root / "link").symlink_to(root.with_name("outside") / "precious")
    (root / "folder").mkdir()
    os.mkfifo(root / "pipe")
    folder = CheckedFolder(root, [], make=False)
    for name in ("link", "folder", "pipe"):
        with pytest.raises(OSError, match=r"regular file|Not a directory"):
            folder.read_file(name, 100)


def test_a_junction_is_a_link(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows shows it as a folder with a mark."""
    (root / "a").mkdir()
    plain = Path.lstat

    def lstat(path: Path) -> object:
        found = plain(path)
        if path.name != "a":
            return found
        return type("Found", (), {"st_mode": found.st_mode, "st_ino": found.st_ino, "st_reparse_tag": 0xA0000003})()

    monkeypatch.setattr(Path, "lstat", lstat)
    with pytest.raises(OSError, match="Not a directory"):
        CheckedFolder(root, ["a"], make=False)


def test_only_one_step_has_the_lock(root: Path) -> None:
    """The hidden file stays; a report directory doesn't count it as a report."""
    workspace = Workspace(root, str)
    with workspace.lockable(root / "history") as first, workspace.lockable(root / "history") as second:
        assert (first(), second()) == (True, False)
    with workspace.lockable(root / "history") as third:
        assert third()
    assert [path.name for path in root.iterdir()] == [f"{OWN_HIDDEN}history.lock"]


def test_everything_that_a_folder_does(root: Path) -> None:
    """As the folder that is held open does it."""
    workspace = Workspace(root, str)
    path = workspace.place("a/b/report")
    workspace.write(path, ["old"])
    workspace.write(path, ["new"])
    assert workspace.read(path) == "new"
    assert workspace.create(root / "claim")
    assert not workspace.create(root / "claim")
    assert not workspace.rename(root / "claim", "a")
    assert workspace.rename(root / "claim", f"{OWN_HIDDEN}x.tmp")
    assert workspace.leftovers(root) == [root / f"{OWN_HIDDEN}x.tmp"]
    workspace.discard(root / f"{OWN_HIDDEN}x.tmp")
    assert sorted(path.name for path in root.rglob("*")) == ["a", "b", "report"]
