"""A report directory belongs to one step, and holds nothing of another job."""

import json
import threading
from pathlib import Path

import pytest

from testgate.edges.claims import claim, release
from testgate.edges.workspace import Workspace

NAMES = ("junit.xml", "summary.md", "outputs.json", "outputs.env")


def fill(folder: Path, job: str, *more: str) -> None:
    """Leave in a directory what a step of this job leaves at its end."""
    folder.mkdir(exist_ok=True)
    for name in (*NAMES, *more):
        (folder / name).write_text(json.dumps({"job": job, "TESTGATE_OUT_CONCLUSION": "passed"}), encoding="utf-8")


def left(folder: Path) -> set[str]:
    """The names of what lies in a directory."""
    return {path.name for path in folder.iterdir()}


def test_further_steps_of_a_job_take_the_next_free_name(tmp_path: Path) -> None:
    """The first one's reports are there for whoever reads them, filled or not."""
    workspace = Workspace(tmp_path, str)
    assert [claim(workspace, "out/", "job-1", NAMES) for _step in range(3)] == ["out", "out-2", "out-3"]
    fill(tmp_path / "out", "job-1")
    release(workspace, "out", "job-1")
    assert left(tmp_path / "out") == set(NAMES)
    assert claim(workspace, "out", "job-1", NAMES) == "out-4"


def test_a_directory_that_was_let_go_unfilled_is_free(tmp_path: Path) -> None:
    """A step that left nothing stands in nobody's way."""
    workspace = Workspace(tmp_path, str)
    assert claim(workspace, "out", "job-1", NAMES) == "out"
    release(workspace, "out", "job-1")
    assert left(tmp_path / "out") == set()
    assert claim(workspace, "out", "job-1", NAMES) == "out"


def test_what_another_job_left_is_removed_before_anything_happens(tmp_path: Path) -> None:
    """A step that is killed now leaves no reports rather than the last job's; what is not ours stays."""
    fill(tmp_path / "out", "job-1", "theirs.txt", ".testgate-0123.tmp", ".testgate-4567.claim")
    fill(tmp_path / "out-2", "job-1", "theirs.txt")
    fill(tmp_path / "out-3", "job-2")
    fill(tmp_path / "out-4", "")
    workspace = Workspace(tmp_path, str)
    assert claim(workspace, "out", "job-2", NAMES) == "out"
    release(workspace, "out", "job-2")
    assert left(tmp_path / "out") == left(tmp_path / "out-2") == {"theirs.txt"}
    assert left(tmp_path / "out-3") == left(tmp_path / "out-4") == set(NAMES)


class Late(Workspace):
    """A workspace in which another step fills a further directory at the last moment."""

    def create(self, path: Path) -> bool:
        """Create the file, after the other step has ended."""
        if path.parent.name == "out-2":
            fill(path.parent, "job-2")
        return super().create(path)


def test_what_a_step_of_this_job_has_just_filled_is_not_removed(tmp_path: Path) -> None:
    """It was another job's when it was looked at, and is this one's when it is held."""
    fill(tmp_path / "out-2", "job-1")
    assert claim(Late(tmp_path, str), "out", "job-2", NAMES) == "out"
    assert left(tmp_path / "out-2") == set(NAMES)


def test_without_a_job_the_directory_is_taken_as_it_is(tmp_path: Path) -> None:
    """At a terminal, or in a CI that says nothing, a further try replaces the earlier one."""
    fill(tmp_path / "out", "")
    for _try in range(2):
        assert claim(Workspace(tmp_path, str), "out", "", NAMES) == "out"
        assert left(tmp_path / "out") == set()


@pytest.mark.parametrize("filled", [True, False])
def test_gates_side_by_side_take_a_directory_each(tmp_path: Path, filled: bool) -> None:
    """Steps of one job that start at the same moment never share one, whatever an earlier job left."""
    for attempt in range(20):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        for name in ("out", "out-2") if filled else ():
            fill(folder / name, "job-1")
        taken = _side_by_side(folder, steps=6)
        assert len(set(taken)) == 6
        for name in taken:
            assert left(folder / name) == set(NAMES)


def _side_by_side(folder: Path, steps: int) -> list[str]:
    """The directories that so many steps take, of which some end while others begin."""
    start = threading.Barrier(steps)
    taken: list[str] = []

    def step() -> None:
        workspace = Workspace(folder, str)
        start.wait(10)
        mine = claim(workspace, "out", "job-2", NAMES)
        fill(folder / mine, "job-2")
        release(workspace, mine, "job-2")
        taken.append(mine)

    threads = [threading.Thread(target=step) for _step in range(steps)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(10)
    return taken


@pytest.mark.parametrize("held", ["", "[]", "{", '{"job": 1}', "[" * 100_000, "\0", '{"other": "job-1"}'])
def test_whatever_lies_in_a_directory_is_no_reason_to_fail(tmp_path: Path, held: str) -> None:
    """A file of the checkout that only looks like ours is written over."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/outputs.json").write_text(held, encoding="utf-8")
    workspace = Workspace(tmp_path, str)
    assert claim(workspace, "out", "job-1", NAMES) == "out"
    release(workspace, "out", "job-1")
    assert left(tmp_path / "out") == set()


def test_links_are_removed_and_not_what_they_lead_to(tmp_path: Path) -> None:
    """A link in the place of a report goes; the file behind it, and a folder of that name, stay."""
    (tmp_path / "precious").write_text("kept", encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "junit.xml").symlink_to(tmp_path / "precious")
    (tmp_path / "out" / "summary.md").mkdir()
    workspace = Workspace(tmp_path, str)
    assert claim(workspace, "out", "job-1", NAMES) == "out"
    release(workspace, "out", "job-1")
    assert left(tmp_path / "out") == {"summary.md"}
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "kept"


def test_a_place_that_cannot_be_taken_is_left_to_the_writing(tmp_path: Path) -> None:
    """A file in the way, or a way out: the step tells it at its end, and goes on now."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "way-out").symlink_to("/")
    for given in ("file", "way-out", "../x"):
        assert claim(Workspace(tmp_path, str), given, "job-1", NAMES) == given


def test_a_secret_in_the_name_of_a_job_sets_nothing_apart(tmp_path: Path) -> None:
    """What is hidden in the file that says whose the directory is, is hidden where the job is compared with it."""
    workspace = Workspace(tmp_path, lambda text: text.replace("shop-secret", "***"))
    assert claim(workspace, "out", "shop-secret/77", NAMES) == "out"
    workspace.write(tmp_path / "out" / "outputs.json", [json.dumps({"job": "shop-secret/77"})])
    release(workspace, "out", "shop-secret/77")
    assert left(tmp_path / "out") == {"outputs.json"}
    assert claim(workspace, "out", "shop-secret/77", NAMES) == "out-2"
