"""What is said under Woodpecker, and what is taken from it."""

from collections.abc import Mapping

import pytest

from testgate.platforms.woodpecker import Woodpecker
from testgate.ports import Build
from tests.support.surroundings import recorded, surroundings

USUAL = recorded("woodpecker")


def woodpecker(environ: Mapping[str, str] = USUAL) -> Woodpecker:
    """The adapter in a step."""
    return Woodpecker(surroundings(environ))


def test_the_build_is_told() -> None:
    """Number, workflow, page, and the repository's name."""
    page = "https://ci.shop.example/repos/7/pipeline/77"
    assert woodpecker().build == Build("77-main-ffac537", "shop/web/77/1", page, "shop/web main #77 (ffac537)")


def test_workflows_of_a_matrix_are_told_apart() -> None:
    """They have the same name; steps of one of them share its files, and so its job."""
    other = woodpecker(USUAL | {"CI_WORKFLOW_NUMBER": "2"}).build
    step = woodpecker(USUAL | {"CI_STEP_NAME": "second", "CI_STEP_NUMBER": "2"}).build
    assert other.job != woodpecker().build.job
    assert step.job == woodpecker().build.job


def test_a_pull_request_is_named_by_its_branch() -> None:
    """What Woodpecker calls the branch is where it is to be merged to; a tag has no branch at all."""
    pull_request = woodpecker(USUAL | {"CI_COMMIT_SOURCE_BRANCH": "fix/login"}).build
    assert pull_request.mark == "77-fix_login-ffac537"
    assert "fix/login" in pull_request.title
    tag = {name: value for name, value in USUAL.items() if name != "CI_COMMIT_BRANCH"} | {"CI_COMMIT_TAG": "v1.2"}
    assert woodpecker(tag).build.mark == "77-v1.2-ffac537"


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("pull_request", True),
        ("pull_request_closed", True),
        ("pull_request_metadata", True),
        ("push", False),
        ("", False),
    ],
)
def test_an_empty_secret_of_a_pull_request_is_explained(event: str, told: bool) -> None:
    """Woodpecker's secrets name the events that get them."""
    assert bool(woodpecker({"CI_PIPELINE_EVENT": event}).withheld(lambda _path: "")) is told


def test_outputs_are_in_files_only() -> None:
    """Woodpecker has nothing that hands values on; the steps of a workflow share the workspace."""
    assert not woodpecker().outputs({"run-id": "337"})
    assert woodpecker().files({"run-id": "337"}) == {"outputs.env": "TESTGATE_OUT_RUN_ID='337'\n"}


def test_a_container_without_the_build_is_told_how_to_get_it() -> None:
    """Each variable that the build is made from is named."""
    assert woodpecker().hint == ""
    hint = woodpecker({"CI": "woodpecker"}).hint
    given = {name: value for name, value in USUAL.items() if f"-e {name} " in f"{hint} "}
    assert woodpecker(given).build == woodpecker().build
