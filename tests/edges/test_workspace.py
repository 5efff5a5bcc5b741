"""Files are complete, inside the workspace, and owned like the workspace."""

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from testgate.edges.workspace import Workspace
from testgate.errors import ReportError

NOBODY = 12_345


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with another folder beside it."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "checkout").mkdir()
    return Workspace(tmp_path / "checkout", lambda text: text.replace("s3cret", "***"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of the workspace."""
    return tmp_path / "checkout"


def left_behind(root: Path) -> list[Path]:
    """Temporary files that still exist."""
    return list(root.rglob("*.tmp"))


def test_a_file_is_written_with_its_folders(workspace: Workspace, root: Path) -> None:
    """Missing folders are created, secrets are hidden, and no temporary file remains."""
    workspace.write(workspace.place("a/b/report.xml"), ["<é>", "s3cret", "\ud800"])
    assert (root / "a/b/report.xml").read_text(encoding="utf-8") == "<é>***?"
    assert not left_behind(root)


def test_a_file_is_replaced(workspace: Workspace, root: Path) -> None:
    """The file of an earlier attempt is overwritten."""
    for text in ("long text of before", "new"):
        workspace.write(root / "report", [text])
    assert (root / "report").read_text(encoding="utf-8") == "new"


def test_a_reader_never_sees_a_part_of_a_file(workspace: Workspace, root: Path) -> None:
    """While a file is written again and again, a reader sees one complete text or another."""
    path = root / "report"
    texts = {"a" * 300_000, "b" * 200_000}
    workspace.write(path, ["a" * 300_000])
    over = threading.Event()
    seen: set[str] = set()

    def read() -> None:
        while not over.is_set():
            seen.add(path.read_text(encoding="utf-8"))

    reader = threading.Thread(target=read)
    reader.start()
    for _again in range(30):
        for text in sorted(texts):
            workspace.write(path, [text[:1000], text[1000:]])
    over.set()
    reader.join()
    assert seen <= texts


def test_the_old_file_stays_until_the_new_one_is_complete(workspace: Workspace, root: Path) -> None:
    """After an error, the old file remains, and no temporary file does."""
    path = root / "report"
    workspace.write(path, ["old"])

    def broken() -> Iterator[str]:
        yield "new"
        assert path.read_text(encoding="utf-8") == "old"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ReportError, match="No space left on device"):
        workspace.write(path, broken())
    assert path.read_text(encoding="utf-8") == "old"
    assert not left_behind(root)


def test_a_bug_in_a_report_leaves_no_temporary_file(workspace: Workspace, root: Path) -> None:
    """The exception is passed on unchanged."""

    def broken() -> Iterator[str]:
        yield "new"
        raise KeyError("x")

    with pytest.raises(KeyError):
        workspace.write(root / "report", broken())
    assert not list(root.iterdir())


def test_two_writers_do_not_share_a_temporary_file(workspace: Workspace, root: Path) -> None:
    """Steps in containers can all be process 1, so the name is random."""
    path = root / "report"

    def slow() -> Iterator[str]:
        yield "first "
        workspace.write(path, ["second"])
        yield "first"

    workspace.write(path, slow())
    assert path.read_text(encoding="utf-8") == "first first"


@pytest.mark.parametrize("given", ["../outside/x", "a/../../outside/x", "..", "a/.."])
def test_a_path_upwards_is_refused(workspace: Workspace, given: str) -> None:
    """A relative path must not lead outside, not even by a detour."""
    with pytest.raises(ReportError, match="leads outside the workspace") as caught:
        workspace.place(given)
    assert "absolute" in caught.value.remedy


def test_a_link_out_of_the_workspace_is_refused(workspace: Workspace, root: Path) -> None:
    """Neither a folder nor a file of the checkout can lead elsewhere."""
    (root / "reports").symlink_to(root.parent / "outside")
    (root / "file").symlink_to(root.parent / "outside" / "file")
    (root / "dangling").symlink_to("/nowhere/at/all")
    for given in ("reports/junit.xml", "file", "dangling", "reports"):
        with pytest.raises(ReportError, match="leads outside the workspace"):
            workspace.place(given)
    assert not list((root.parent / "outside").iterdir())


def test_links_in_a_circle_are_refused(workspace: Workspace, root: Path) -> None:
    """A link to itself is a report that can't be written."""
    (root / "loop").symlink_to("loop")
    with pytest.raises(ReportError):
        workspace.write(workspace.place("loop/junit.xml"), ["x"])


def test_a_link_inside_the_workspace_is_followed(workspace: Workspace, root: Path) -> None:
    """A folder of the checkout can be a link to another one."""
    (root / "real").mkdir()
    (root / "link").symlink_to("real")
    workspace.write(workspace.place("link/x"), ["text"])
    assert (root / "real/x").read_text(encoding="utf-8") == "text"


def test_a_link_is_replaced_and_not_written_through(workspace: Workspace, root: Path) -> None:
    """The target of the link is kept."""
    (root / "precious").write_text("precious", encoding="utf-8")
    (root / "report").symlink_to("precious")
    workspace.write(workspace.place("report"), ["text"])
    assert (root / "precious").read_text(encoding="utf-8") == "precious"
    assert not (root / "report").is_symlink()


def test_an_absolute_path_is_accepted(workspace: Workspace, root: Path) -> None:
    """A user who gives an absolute path means it."""
    given = root.parent / "outside" / "deep" / "x"
    workspace.write(workspace.place(str(given)), ["text"])
    assert given.read_text(encoding="utf-8") == "text"


def test_the_workspace_can_be_a_link(tmp_path: Path) -> None:
    """Some machines reach the checkout through a link."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    workspace = Workspace(tmp_path / "link", str)
    workspace.write(workspace.place("x"), ["text"])
    assert (tmp_path / "real/x").exists()


def test_an_obstacle_is_reported(workspace: Workspace, root: Path) -> None:
    """It can be a file instead of a folder, a folder instead of a file, or a too long name."""
    (root / "file").write_text("x", encoding="utf-8")
    (root / "folder").mkdir()
    for given in ("file/junit.xml", "folder", "x" * 300):
        with pytest.raises(ReportError, match="could not write"):
            workspace.write(workspace.place(given), ["x"])
    assert not left_behind(root)


def test_a_folder_that_cannot_be_created_is_reported(workspace: Workspace) -> None:
    """The message names the path."""
    with pytest.raises(ReportError, match="/proc/testgate"):
        workspace.write(Path("/proc/testgate/junit.xml"), ["x"])


def test_appending_keeps_the_content(workspace: Workspace, root: Path) -> None:
    """Text is added at the end, without secrets."""
    path = root / "output"
    path.write_bytes(b"a=1\r\n\xff")
    workspace.append(path, "b=s3cret\n")
    workspace.append(path, "\ud800\n")
    assert path.read_bytes() == b"a=1\r\n\xffb=***\n?\n"


def test_a_file_that_cannot_be_appended_to_is_reported(workspace: Workspace, root: Path) -> None:
    """The folder may be missing, or the path may be a folder."""
    for path in (root / "missing" / "output", root):
        with pytest.raises(ReportError, match="could not append to"):
            workspace.append(path, "x")


def test_a_full_disk_is_reported(workspace: Workspace) -> None:
    """The message names the file."""
    with pytest.raises(ReportError, match="could not append to /dev/full"):
        workspace.append(Path("/dev/full"), "x" * 100)


def test_files_of_root_belong_to_the_owner_of_the_folder(
    workspace: Workspace, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next checkout must be able to delete them."""
    given: list[tuple[int, int]] = []
    if os.geteuid() == 0:
        os.chown(root, NOBODY, NOBODY)
    else:  # who is not root can only look at what would be asked for
        monkeypatch.setattr(os, "geteuid", lambda: 0)
    change = os.fchown

    def fchown(file: int, user: int, group: int) -> None:
        given.append((user, group))
        change(file, user, group)

    monkeypatch.setattr(os, "fchown", fchown)
    workspace.write(workspace.place("new/folder/x"), ["text"])
    owner = root.stat()
    assert given == [(owner.st_uid, owner.st_gid)] * 3
    for path in (root / "new", root / "new/folder", root / "new/folder/x"):
        assert (path.stat().st_uid, path.stat().st_gid) == (owner.st_uid, owner.st_gid)


def test_without_root_owners_are_not_changed(workspace: Workspace, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ordinary user can't, and doesn't need to."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "fchown", lambda *_given: pytest.fail("an ordinary user cannot"))
    workspace.write(workspace.place("x"), ["text"])
    assert (root / "x").exists()


def test_reports_can_be_read_by_everybody(workspace: Workspace, root: Path) -> None:
    """Later steps may run as another user."""
    workspace.write(workspace.place("x"), ["text"])
    assert (root / "x").stat().st_mode & 0o444 == 0o444
