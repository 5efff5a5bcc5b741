"""The cases cover every pipeline to paste for GitHub and GitLab. `make engines` plays them, as it needs the engines."""

import re
from inspect import isfunction
from pathlib import Path
from types import ModuleType

import pytest

from tests.engines import __main__ as engines
from tests.engines import github_cases, gitlab_cases
from tests.engines.stage import EXAMPLES, IMAGE
from tests.support.schemas import complaints

FOLDER = Path(__file__).parent
ACTIONS = sorted((FOLDER / "actions").rglob("action.yml"))


# They post to a chat, which is somebody else's server: readers of its grammar check what is posted.
ELSEWHERE = {"notify.yml", "notify.gitlab-ci.yml"}


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_every_pipeline_to_paste_is_played(ci: str) -> None:
    """A new file needs a case."""
    source = (FOLDER / f"{ci}_cases.py").read_text(encoding="utf-8")
    files = sorted({path.name for path in (EXAMPLES / ci).iterdir()} - ELSEWHERE)
    assert sorted(re.findall(rf'EXAMPLES / "{ci}" / "([^"]+)"', source)) == files


@pytest.mark.parametrize("module", [github_cases, gitlab_cases])
def test_every_case_is_in_the_table(module: ModuleType) -> None:
    """No function is forgotten, and CI plays a sample of them."""
    public = {name for name, each in vars(module).items() if isfunction(each) and name[0] != "_"}
    cases = {name for name in public if vars(module)[name].__module__ == module.__name__}
    assert sorted(each.__name__ for each in module.CASES) == sorted(cases)
    assert set(module.SAMPLE) < set(module.CASES)


def test_every_action_that_a_workflow_fetches_has_a_stand_in() -> None:
    """They are valid actions."""
    used = {
        match
        for path in (EXAMPLES / "github").iterdir()
        for match in re.findall(r"uses: actions/([^@]+)@", path.read_text(encoding="utf-8"))
    }
    there = {str(path.parent.relative_to(FOLDER / "actions")) for path in ACTIONS}
    assert used <= there
    assert all(complaints(path, "vendor.github-actions") == "" for path in ACTIONS)


def test_the_image_has_the_name_in_the_pipelines() -> None:
    """The engines find the image under that name."""
    for path in (EXAMPLES / "gitlab").iterdir():
        assert set(re.findall(r"\S*testgate:\d+", path.read_text(encoding="utf-8"))) == {IMAGE}


def test_a_missing_tool_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is played then, and that isn't a success."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert engines.main(["localhost/testgate:none"]) == 2
    assert "SKIPPED everything" in capsys.readouterr().out
