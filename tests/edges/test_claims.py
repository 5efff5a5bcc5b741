"""A report directory belongs to one step, and contains nothing of another job."""

import json
import threading
from pathlib import Path

import pytest

from testgate.edges.claims import claim, release
from testgate.edges.workspace import Workspace

NAMES = ("junit.xml", "summary.md", "outputs.json", "outputs.env")


def fill(folder: Path, job: str, *more: str) -> None:
    """Write the files that a step of this job leaves at its end."""
    folder.mkdir(exist_ok=True)
    for name in (*NAMES, *more):
        (folder / name).write_text(json.dumps({"job": job, "TESTGATE_OUT_CONCLUSION": "passed"}), encoding="utf-8")


def left(folder: Path) -> set[str]:
    """The names of the files in a directory."""
    return {path.name for path in folder.iterdir()}


def test_further_steps_of_a_job_take_the_next_free_name(tmp_path: Path) -> None:
    """The reports of the first step are kept, whether it has already written them or not."""
    workspace = Workspace(tmp_path, str)
    assert [claim(workspace, "out/", "job-1", NAMES) for _step in range(3)] == ["out", "out-2", "out-3"]
    fill(tmp_path / "out", "job-1")
    release(workspace, "out", "job-1")
    assert left(tmp_path / "out") == set(NAMES)
    assert claim(workspace, "out", "job-1", NAMES) == "out-4"


def test_a_released_directory_without_reports_is_free(tmp_path: Path) -> None:
    """A step that left nothing blocks nobody."""
    workspace = Workspace(tmp_path, str)
    assert claim(workspace, "out", "job-1", NAMES) == "out"
    release(workspace, "out", "job-1")
    assert left(tmp_path / "out") == set()
    assert claim(workspace, "out", "job-1", NAMES) == "out"


def test_reports_of_another_job_are_removed_at_once(tmp_path: Path) -> None:
    """A step that is killed must not leave the reports of the last job, but other files are kept."""
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
        """Create the file after the other step has ended."""
        if path.parent.name == "out-2":
            fill(path.parent, "job-2")
        return super().create(path)


def test_reports_that_a_step_of_this_job_has_just_written_are_kept(tmp_path: Path) -> None:
    """When it was first checked, the directory still belonged to another job."""
    fill(tmp_path / "out-2", "job-1")
    assert claim(Late(tmp_path, str), "out", "job-2", NAMES) == "out"
    assert left(tmp_path / "out-2") == set(NAMES)


def test_without_a_job_the_directory_is_reused(tmp_path: Path) -> None:
    """In a terminal, or if the CI doesn't identify jobs, another attempt replaces the earlier one."""
    fill(tmp_path / "out", "")
    for _try in range(2):
        assert claim(Workspace(tmp_path, str), "out", "", NAMES) == "out"
        assert left(tmp_path / "out") == set()


@pytest.mark.parametrize("filled", [True, False])
def test_steps_at_the_same_time_never_share_a_directory(tmp_path: Path, filled: bool) -> None:
    """That holds whatever an earlier job left."""
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
    """The directories that this many steps claim; some end while others start."""
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
def test_any_content_of_a_directory_is_accepted(tmp_path: Path, held: str) -> None:
    """A file in the checkout that looks like ours is overwritten."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/outputs.json").write_text(held, encoding="utf-8")
    workspace = Workspace(tmp_path, str)
    assert claim(workspace, "out", "job-1", NAMES) == "out"
    release(workspace, "out", "job-1")
    assert left(tmp_path / "out") == set()


def test_links_are_removed_and_their_targets_are_kept(tmp_path: Path) -> None:
    """A folder with the name of a report is kept, too."""
    (tmp_path / "precious").write_text("kept", encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "junit.xml").symlink_to(tmp_path / "precious")
    (tmp_path / "out" / "summary.md").mkdir()
    workspace = Workspace(tmp_path, str)
    assert claim(workspace, "out", "job-1", NAMES) == "out"
    release(workspace, "out", "job-1")
    assert left(tmp_path / "out") == {"summary.md"}
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "kept"


def test_a_directory_that_cannot_be_claimed_is_no_reason_to_fail(tmp_path: Path) -> None:
    """The problem is reported when the reports are written."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "way-out").symlink_to("/")
    for given in ("file", "way-out", "../x"):
        assert claim(Workspace(tmp_path, str), given, "job-1", NAMES) == given


def test_a_secret_in_the_name_of_a_job_does_not_break_its_claim(tmp_path: Path) -> None:
    """The name is redacted in the file, so it must be compared in redacted form."""
    workspace = Workspace(tmp_path, lambda text: text.replace("shop-secret", "***"))
    assert claim(workspace, "out", "shop-secret/77", NAMES) == "out"
    workspace.write(tmp_path / "out" / "outputs.json", [json.dumps({"job": "shop-secret/77"})])
    release(workspace, "out", "shop-secret/77")
    assert left(tmp_path / "out") == {"outputs.json"}
    assert claim(workspace, "out", "shop-secret/77", NAMES) == "out-2"
