"""Output for Woodpecker, and the build from its variables."""

from collections.abc import Mapping

import pytest

from testgate.platforms.woodpecker import Woodpecker
from tests.support.surroundings import recorded, surroundings

USUAL = recorded("woodpecker")


def woodpecker(environ: Mapping[str, str] = USUAL) -> Woodpecker:
    """The adapter in a step."""
    return Woodpecker(surroundings(environ))


def test_the_build_is_described() -> None:
    """Number, workflow, page, and the repository's name."""
    page = "https://ci.shop.example/repos/7/pipeline/77"
    assert woodpecker().build[:4] == ("77-main-ffac537", "shop/web/77/1", page, "shop/web main #77 (ffac537)")


def test_workflows_of_a_matrix_differ() -> None:
    """They have the same name; the steps of each share its files and its job."""
    other = woodpecker(USUAL | {"CI_WORKFLOW_NUMBER": "2"}).build
    step = woodpecker(USUAL | {"CI_STEP_NAME": "second", "CI_STEP_NUMBER": "2"}).build
    assert other.job != woodpecker().build.job
    assert step.job == woodpecker().build.job


def test_a_pull_request_is_named_by_its_branch() -> None:
    """Woodpecker's branch is the target of the pull request; a tag has no branch at all."""
    pull_request = woodpecker(USUAL | {"CI_COMMIT_SOURCE_BRANCH": "fix/login"}).build
    assert pull_request.mark == "77-fix_login-ffac537"
    assert "fix/login" in pull_request.title
    tag = {name: value for name, value in USUAL.items() if name != "CI_COMMIT_BRANCH"} | {"CI_COMMIT_TAG": "v1.2"}
    assert woodpecker(tag).build.mark == "77-v1.2-ffac537"


@pytest.mark.parametrize(
    ("event", "explained"),
    [
        ("pull_request", True),
        ("pull_request_closed", True),
        ("pull_request_metadata", True),
        ("push", False),
        ("", False),
    ],
)
def test_an_empty_secret_of_a_pull_request_is_explained(event: str, explained: bool) -> None:
    """The settings of a secret name the events that get it."""
    assert bool(woodpecker({"CI_PIPELINE_EVENT": event}).withheld(lambda _path: "")) is explained


def test_outputs_are_in_files_only() -> None:
    """Woodpecker passes no values on, but the steps of a workflow share the workspace."""
    assert not woodpecker().outputs({"run-id": "337"})
    assert woodpecker().files({"run-id": "337"}) == {"outputs.env": "TESTGATE_OUT_RUN_ID='337'\n"}


def test_the_hint_names_every_variable_that_is_read() -> None:
    """A container with only these variables knows everything about the build."""
    assert woodpecker().hint == ""
    hint = woodpecker({"CI": "woodpecker"}).hint
    given = {name: value for name, value in USUAL.items() if f"-e {name} " in f"{hint} "}
    assert woodpecker(given).build == woodpecker().build
