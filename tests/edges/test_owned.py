"""As root in a workspace of somebody else's: whatever is swapped during a write, nothing outside is touched."""

import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testgate.edges import workspace as module
from testgate.edges.claims import claim
from testgate.edges.workspace import OWN_HIDDEN, Workspace
from testgate.errors import ReportError

OWNER = 12_345


class Scene:
    """A checkout, a folder outside with a precious file, and a record of what was given away."""

    def __init__(self, folder: Path) -> None:
        self.root, self.outside = folder / "checkout", folder / "outside"
        self.root.mkdir()
        self.outside.mkdir()
        self.precious = self.outside / "precious"
        self.precious.write_text("precious", encoding="utf-8")
        self.workspace = Workspace(self.root, str)
        self.given: list[tuple[int, int]] = []

    @property
    def unfinished(self) -> Path:
        """The temporary file of a write that goes on."""
        return next(path for path in self.root.rglob(f"{OWN_HIDDEN}*.tmp"))

    def check(self) -> None:
        """Nothing outside has another content, owner or neighbour."""
        assert [path.name for path in self.outside.iterdir()] == ["precious"]
        assert self.precious.read_text(encoding="utf-8") == "precious"
        for path in (self.outside, self.precious):
            found = path.lstat()
            assert (found.st_uid, found.st_gid) == (os.getuid(), os.getgid())
            assert (found.st_dev, found.st_ino) not in self.given


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A root that gives away; who isn't root can only look at what would be given."""
    made = Scene(tmp_path)
    change = os.fchown

    def fchown(file: int, user: int, group: int) -> None:
        found = os.fstat(file)
        made.given.append((found.st_dev, found.st_ino))
        if os.getuid() == 0:
            change(file, user, group)

    def no_path(*_given: object, **_more: object) -> None:
        pytest.fail("a path is no proof of what is changed")

    monkeypatch.setattr(os, "fchown", fchown)
    monkeypatch.setattr(os, "chown", no_path)
    monkeypatch.setattr(os, "lchown", no_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    if os.getuid() == 0:
        change_path = os.open(made.root, os.O_RDONLY)
        change(change_path, OWNER, OWNER)
        os.close(change_path)
    return made


def by_link(scene: Scene) -> None:
    """The temporary file becomes a link to a file of root's."""
    path = scene.unfinished
    path.unlink()
    path.symlink_to(scene.precious)


def by_hard_link(scene: Scene) -> None:
    """The temporary file becomes another name of a file of root's."""
    path = scene.unfinished
    path.unlink()
    os.link(scene.precious, path)


def by_folder(scene: Scene) -> None:
    """The folder becomes a link to one of root's."""
    folder = scene.unfinished.parent
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(scene.outside)


def by_folder_above(scene: Scene) -> None:
    """A folder above becomes a link, below which there is a folder with the same name."""
    top = scene.root / "a"
    top.rename(scene.root / "moved")
    top.symlink_to(scene.outside)


@pytest.mark.parametrize("swap", [by_link, by_folder, by_folder_above])
def test_a_swap_during_a_write(scene: Scene, swap: Callable[[Scene], None]) -> None:
    """The file that was opened is the one that is given away, and the folder that was opened the one that gets it."""

    def report() -> Iterator[str]:
        yield "first "
        swap(scene)
        yield "second"

    scene.workspace.write(scene.workspace.place("a/b/report"), report())
    scene.check()


def test_a_temporary_file_that_disappears_is_a_report_that_was_not_written(scene: Scene) -> None:
    """It's reported, and nothing is left behind."""

    def report() -> Iterator[str]:
        yield "text"
        scene.unfinished.unlink()

    with pytest.raises(ReportError, match="could not write"):
        scene.workspace.write(scene.workspace.place("report"), report())
    scene.check()


def test_a_hard_link_in_the_place_of_the_file(scene: Scene) -> None:
    """Also where the system lets people link to a file that isn't theirs: its owner stays."""

    def report() -> Iterator[str]:
        yield "text"
        by_hard_link(scene)

    scene.workspace.write(scene.workspace.place("report"), report())
    assert (scene.precious.lstat().st_dev, scene.precious.lstat().st_ino) not in scene.given
    assert scene.precious.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("given", ["out/report", "out/deep/report", "out"])
def test_a_link_that_comes_after_the_check(scene: Scene, given: str) -> None:
    """The name was fine when the inputs were read; when the report is written, it leads outside."""
    path = scene.workspace.place(given)
    (scene.root / "out").symlink_to(scene.outside if given != "out" else scene.precious)
    if given == "out":
        scene.workspace.write(path, ["text"])  # the link itself is replaced
        assert not path.is_symlink()
    else:
        for act in (lambda: scene.workspace.write(path, ["text"]), lambda: scene.workspace.create(path)):
            with pytest.raises(ReportError, match="leads outside the workspace"):
                act()
        scene.workspace.discard(path)
        assert not scene.workspace.has_folder(path.parent)
        assert scene.workspace.leftovers(path.parent) == []
    scene.check()


@pytest.mark.parametrize("given", ["out/report", "out/precious", "real/out/precious"])
def test_a_link_that_comes_between_the_check_and_the_use(
    scene: Scene, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between resolving a path and opening it there is a moment: no name on the way may be a link then."""
    (scene.root / "real").mkdir()
    resolve = module._resolved  # noqa: SLF001  # the moment after it

    def swapped(path: Path) -> Path:
        resolved = resolve(path)
        link = scene.root / Path(given).parent
        if path != scene.root / given and not link.is_symlink():
            link.symlink_to(scene.outside)
        return resolved

    path = scene.workspace.place(given)
    monkeypatch.setattr(module, "_resolved", swapped)
    with pytest.raises(ReportError, match="could not write"):
        scene.workspace.write(path, ["text"])
    (scene.root / given).parent.unlink()
    scene.workspace.discard(path)
    (scene.root / given).parent.unlink()
    with pytest.raises(OSError, match="Not a directory"):
        scene.workspace.create(path)
    (scene.root / given).parent.unlink()
    with pytest.raises(OSError, match="Not a directory"):
        scene.workspace.read(path)
    scene.check()


@pytest.mark.parametrize("what", ["link", "folder with something in it"])
def test_a_new_folder_that_is_swapped(scene: Scene, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between making a folder and opening it: neither what a link leads to nor another's folder is given away."""
    make = os.mkdir
    other = scene.root / "other"
    other.mkdir()
    (other / "private").touch()

    def mkdir(name: str, *, dir_fd: int) -> None:
        make(name, dir_fd=dir_fd)
        path = scene.root / name
        path.rmdir()
        if what == "link":
            path.symlink_to(scene.outside)
        else:
            other.rename(path)

    path = scene.workspace.place("new/report")
    monkeypatch.setattr(os, "mkdir", mkdir)
    if what == "link":
        with pytest.raises(ReportError, match="could not write"):
            scene.workspace.write(path, ["text"])
    else:
        scene.workspace.write(path, ["text"])
        found = (scene.root / "new").lstat()
        assert (found.st_dev, found.st_ino) not in scene.given
    scene.check()


def test_a_busy_attacker(scene: Scene) -> None:
    """Many swaps at any moment while many reports are written: nothing outside changes."""
    over = threading.Event()
    folder, link, moved = scene.root / "out", scene.root / "link", scene.root / "moved"
    link.symlink_to(scene.outside)

    def attack() -> None:
        while not over.is_set():
            for source, target in ((folder, moved), (link, folder), (folder, link), (moved, folder)):
                try:
                    source.rename(target)
                except OSError:
                    continue

    attacker = threading.Thread(target=attack)
    attacker.start()
    written = 0
    for number in range(400):
        try:
            scene.workspace.write(scene.workspace.place(f"out/{number}"), ["text"])
            written += 1
        except ReportError:
            continue
    over.set()
    attacker.join()
    assert written
    scene.check()


def test_files_and_folders_belong_to_the_owner_of_the_one_above(scene: Scene) -> None:
    """The next checkout can delete them."""
    scene.workspace.write(scene.workspace.place("a/b/report"), ["text"])
    assert scene.workspace.create(scene.workspace.place("a/c/claim"))
    made = [scene.root / name for name in ("a", "a/b", "a/b/report", "a/c", "a/c/claim")]
    assert {(path.lstat().st_dev, path.lstat().st_ino) for path in made} == set(scene.given)
    if os.getuid() == 0:
        assert {path.lstat().st_uid for path in made} == {OWNER}


def test_an_absolute_path_is_used_with_its_links(scene: Scene) -> None:
    """Whoever gives one means it: outside, and in the workspace if a link there leads outside."""
    (scene.root / "link").symlink_to(scene.outside)
    for given in (scene.outside / "deep" / "x", scene.root / "link" / "y"):
        scene.workspace.write(scene.workspace.place(str(given)), ["text"])
        assert given.read_text(encoding="utf-8") == "text"


def test_a_folder_above_need_not_be_readable(tmp_path: Path) -> None:
    """It is passed through, not read."""
    closed = tmp_path / "closed"
    (closed / "checkout").mkdir(parents=True)
    closed.chmod(stat.S_IXUSR)
    try:
        workspace = Workspace(closed / "checkout", str)
        workspace.write(workspace.place("a/report"), ["text"])
        workspace.write(workspace.place(str(closed / "checkout" / "b")), ["text"])
    finally:
        closed.chmod(stat.S_IRWXU)
    assert (closed / "checkout" / "a" / "report").exists()


def test_a_claim_in_a_swapped_folder_removes_nothing_outside(scene: Scene) -> None:
    """The clearing of old reports stays in the workspace, too."""
    (scene.outside / "junit.xml").touch()
    (scene.outside / f"{OWN_HIDDEN}x.tmp").touch()
    (scene.root / "out").symlink_to(scene.outside)
    assert claim(scene.workspace, "out", "job", ["junit.xml"]) == "out"
    assert (scene.outside / "junit.xml").exists()
    assert (scene.outside / f"{OWN_HIDDEN}x.tmp").exists()


@pytest.mark.parametrize("number", [1, 2])
def test_appending_goes_where_a_runner_says(tmp_path: Path, number: int) -> None:
    """A regular file, a link to one, or a device of the process."""
    target = tmp_path / "target"
    (tmp_path / "link").symlink_to(target)
    workspace = Workspace(tmp_path, str)
    workspace.append(tmp_path / "link", "a\n")
    workspace.append(target, "b\n")
    assert target.read_text(encoding="utf-8") == "a\nb\n"
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as read:
        workspace.append(Path(f"/proc/self/fd/{writer}"), "x" * 1000 * number)
        os.close(writer)
        assert len(read.read()) == 1000 * number


def test_appending_to_a_pipe_that_nobody_reads_does_not_wait(tmp_path: Path) -> None:
    """The step would hang for ever."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ReportError, match="could not append to"):
        Workspace(tmp_path, str).append(tmp_path / "pipe", "x")


def test_appending_to_a_slow_pipe_waits_for_its_reader(tmp_path: Path) -> None:
    """More than a pipe holds arrives whole."""
    os.mkfifo(tmp_path / "pipe")
    got: list[int] = []

    def read() -> None:
        with (tmp_path / "pipe").open("rb") as pipe:
            got.append(len(pipe.read()))

    reader = threading.Thread(target=read)
    reader.start()
    until = threading.Event()
    for _again in range(100):
        try:
            Workspace(tmp_path, str).append(tmp_path / "pipe", "x" * 300_000)
            break
        except ReportError:  # the reader isn't there yet
            until.wait(0.05)
    reader.join(10)
    assert got == [300_000]
