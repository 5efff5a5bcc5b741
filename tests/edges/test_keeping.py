"""The state in the report directory: only a step of the same job with the key can have written it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.edges.claims import claim, release
from testgate.edges.keeping import Keeper
from testgate.edges.workspace import Workspace

KEY = "a-key-of-sixteen"
STATE = {"runs": '[{"id": "337"}]', "ended": "true"}
JOB = "4711.1.e2e"


def keeper(root: Path, job: str = JOB, key: str = KEY) -> Keeper:
    """What keeps the state of a job."""
    return Keeper(Workspace(root, str), job, key)


def files(root: Path) -> list[Path]:
    """The files of states in the workspace."""
    return sorted(root.rglob("*.state"))


def test_the_state_comes_back(tmp_path: Path) -> None:
    """The newest one of each directory, hidden."""
    keeper(tmp_path).keep("out", {"runs": "[]"})
    keeper(tmp_path).keep("out", STATE)
    keeper(tmp_path).keep("out-2", {"intents": "[]"})
    assert list(keeper(tmp_path).kept("out")) == [STATE, {"intents": "[]"}]
    assert list(keeper(tmp_path).kept("out/")) == [STATE, {"intents": "[]"}]
    assert all(path.name.startswith(".testgate-") for path in files(tmp_path))
    assert [path.name for path in (tmp_path / "out").iterdir()] == [path.name for path in files(tmp_path / "out")]


@pytest.mark.parametrize(("job", "key"), [("4711.2.e2e", KEY), ("", KEY), (JOB, "another-key"), (JOB, "")])
def test_nobody_else_reads_it(tmp_path: Path, job: str, key: str) -> None:
    """Another attempt, another key, and a job without an identity."""
    keeper(tmp_path).keep("out", STATE)
    assert [each for each in keeper(tmp_path, job, key).kept("out") if each is not None] == []


@pytest.mark.parametrize(("job", "key"), [("", KEY), (JOB, "")])
def test_nothing_is_kept_without_a_key_or_a_job(tmp_path: Path, job: str, key: str) -> None:
    """It could not be proven later."""
    keeper(tmp_path, job, key).keep("out", STATE)
    assert files(tmp_path) == []


def test_a_copy_of_another_job_proves_nothing(tmp_path: Path) -> None:
    """The seal holds the job, not only the name of the file."""
    keeper(tmp_path, "other").keep("out", STATE)
    (path,) = files(tmp_path)
    keeper(tmp_path).keep("elsewhere", {})
    (mine,) = files(tmp_path / "elsewhere")
    path.rename(path.with_name(mine.name))
    assert [each for each in keeper(tmp_path).kept("out") if each is not None] == []


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("337", "338"),
        lambda text: text[:-3],
        lambda _text: "",
        lambda _text: "[]",
        lambda _text: '{"state": [], "seal": 7}',
        lambda _text: "[" * 100_000,
        lambda text: text.replace("seal", "sale"),
    ],
)
def test_a_changed_state_is_none(tmp_path: Path, change: Callable[[str], str]) -> None:
    """Nothing in it is believed."""
    keeper(tmp_path).keep("out", STATE)
    (path,) = files(tmp_path)
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert [each for each in keeper(tmp_path).kept("out") if each is not None] == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Neither when it is written, nor when it is read."""
    (tmp_path / "outside").mkdir()
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "out").symlink_to(tmp_path / "outside")
    keeper(root).keep("out", STATE)
    assert list((tmp_path / "outside").iterdir()) == []
    assert list(keeper(root).kept("out")) == []


def test_a_step_that_was_killed_before_it_kept_anything_is_unknown(tmp_path: Path) -> None:
    """Its claim is still there; a released one says that the step ended."""
    workspace = Workspace(tmp_path, str)
    assert claim(workspace, "out", JOB, []) == "out"
    assert list(keeper(tmp_path).kept("out")) == [None]
    release(workspace, "out", JOB)
    assert list(keeper(tmp_path).kept("out")) == []


@given(state=st.dictionaries(st.text(max_size=5), st.text(), max_size=4))
def test_any_state_comes_back(tmp_path_factory: pytest.TempPathFactory, state: Mapping[str, str]) -> None:
    """Whatever ids, marks and names contain."""
    root = tmp_path_factory.mktemp("workspace")
    keeper(root).keep("out", state)
    assert list(keeper(root).kept("out")) == [state]
