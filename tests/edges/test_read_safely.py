"""Whatever is read from the workspace is a regular file of a limited size, and reading it never waits."""

import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from testgate.edges.claims import FILLED, claim
from testgate.edges.workspace import LARGEST_READ, Workspace
from tests.support.step import run


def link_to(target: str) -> Callable[[Path], None]:
    """Put a link there."""
    return lambda path: path.symlink_to(target)


def write(content: bytes) -> Callable[[Path], object]:
    """Put a file there."""
    return lambda path: path.write_bytes(content)


def pipe(path: Path) -> None:
    """Put a pipe there, into which nobody writes."""
    os.mkfifo(path)


def listen(path: Path) -> None:
    """Put a socket there."""
    os.chdir(path.parent)  # a socket's name is short
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(path.name)


def sparse(path: Path) -> None:
    """Put a file there that is larger than the memory, and takes no room."""
    with path.open("wb") as file:
        file.truncate(1 << 40)


def link_to_pipe(path: Path) -> None:
    """Put a link to a pipe of the workspace there."""
    pipe(path.parent / "pipe")
    path.symlink_to("pipe")


def link_over_folder(path: Path) -> None:
    """Put a link there that leads to a file outside through a folder."""
    (path.parent / "devices").symlink_to("/dev")
    path.symlink_to("devices/zero")


UNUSABLE: dict[str, Callable[[Path], object]] = {
    "a link to zeroes without end": link_to("/dev/zero"),
    "a link to a terminal": link_to("/dev/tty"),
    "a link to the standard input": link_to("/dev/stdin"),
    "a link to a secret": link_to("/etc/passwd"),
    "a link to nowhere": link_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link over a link": link_over_folder,
    "a link to a pipe": link_to_pipe,
    "a pipe": pipe,
    "a socket": listen,
    "a folder": Path.mkdir,
    "more than fits": sparse,
    "more than is allowed": write(b" " * (LARGEST_READ + 1)),
}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Come back from wherever a test goes."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("what", UNUSABLE)
def test_what_cannot_be_read_is_an_error_at_once(tmp_path: Path, what: str) -> None:
    """Nothing is waited for, and nothing is read without end."""
    UNUSABLE[what](tmp_path / "file")
    began = time.monotonic()
    with pytest.raises(OSError, match=r"."):
        Workspace(tmp_path, str).read(tmp_path / "file")
    with pytest.raises(OSError, match=r".") as caught:
        Workspace(tmp_path, str).read_given("file")
    assert caught.value.strerror
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("what", UNUSABLE)
def test_a_directory_with_such_outputs_is_claimed(tmp_path: Path, what: str) -> None:
    """Git can hold most of these: they are nobody's outputs, and the step goes on."""
    for folder in ("out", "out-2"):
        (tmp_path / folder).mkdir()
        UNUSABLE[what](tmp_path / folder / FILLED)
    began = time.monotonic()
    assert claim(Workspace(tmp_path, str), "out", "job-1", [FILLED]) == "out"
    assert time.monotonic() - began < 2
    assert (tmp_path / "out" / FILLED).is_dir() == (what == "a folder")


@pytest.mark.parametrize("what", ["a link to zeroes without end", "a pipe", "more than fits"])
def test_a_quarantine_file_that_is_none_is_an_invalid_input(tmp_path: Path, what: str) -> None:
    """As a process: it's told by its name, with exit code 2, and soon."""
    UNUSABLE[what](tmp_path / "quarantine.toml")
    given = {"api-key": "some-key-1234", "base-url": "http://127.0.0.1:9/", "test-plan-id": "1"}
    left = run(tmp_path, {**given, "quarantine-file": "quarantine.toml"})
    assert left.code == 2, left.log
    assert "`quarantine-file`: quarantine.toml cannot be read" in left.log


def test_the_first_outputs_of_a_repository_end_no_step(tmp_path: Path) -> None:
    """As a process: `outputs.json` is a link to zeroes without end."""
    (tmp_path / "testgate-report").mkdir()
    (tmp_path / "testgate-report" / FILLED).symlink_to("/dev/zero")
    left = run(tmp_path, {"demo": "true", "demo-scenario": "empty"})
    assert left.code == 6, left.log
    assert left.report(FILLED).startswith("{")


def test_links_inside_the_workspace_are_followed(tmp_path: Path) -> None:
    """A file or a folder may be a link to another one of the checkout."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("häh", encoding="utf-8")
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "file").symlink_to("folder/file")
    workspace = Workspace(tmp_path, str)
    for given in ("real/file", "folder/file", "file", str(tmp_path / "file"), "real/../file"):
        assert workspace.read_given(given) == "häh"
    assert workspace.read(tmp_path / "file") == "häh"


def test_a_file_elsewhere_is_read_if_it_is_named(tmp_path: Path) -> None:
    """Whoever gives an absolute path, or one that goes up, means it."""
    (tmp_path / "checkout").mkdir()
    (tmp_path / "file").write_text("text", encoding="utf-8")
    (tmp_path / "checkout" / "link").symlink_to("../file")
    workspace = Workspace(tmp_path / "checkout", str)
    os.chdir(tmp_path / "checkout")
    for given in ("../file", str(tmp_path / "file"), str(tmp_path / "checkout" / "link")):
        assert workspace.read_given(given) == "text"
    with pytest.raises(OSError, match="leads outside the workspace"):
        workspace.read_given("link")


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    """The limit itself is allowed."""
    (tmp_path / "file").write_bytes(b" " * LARGEST_READ)
    assert len(Workspace(tmp_path, str).read_given("file")) == LARGEST_READ


def test_text_that_is_none_is_told_as_such(tmp_path: Path) -> None:
    """Bytes that aren't UTF-8."""
    (tmp_path / "file").write_bytes(b"\xff")
    with pytest.raises(UnicodeError):
        Workspace(tmp_path, str).read_given("file")


def test_a_report_directory_outside_is_claimed_as_one_inside(tmp_path: Path) -> None:
    """Its outputs are read in the same way, so that two steps of a job don't share it."""
    (tmp_path / "checkout").mkdir()
    outside = tmp_path / "outside" / "out"
    outside.mkdir(parents=True)
    (outside / FILLED).write_text(json.dumps({"job": "job-1"}), encoding="utf-8")
    workspace = Workspace(tmp_path / "checkout", str)
    assert claim(workspace, str(outside), "job-1", [FILLED]) == f"{outside}-2"
    assert claim(workspace, str(outside), "job-2", [FILLED]) == str(outside)
