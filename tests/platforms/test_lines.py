"""What each CI says about the change that a build is for: its branch, what it's compared with, and its number."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from testgate.platforms import PLATFORMS
from testgate.ports import Build
from tests.support.surroundings import recorded, surroundings

COMMIT = "ffac537e6cbbf934b08745a378932722df287a53"
BASE = "0ddc0ffee0ddc0ffee0ddc0ffee0ddc0ffee0ddc"
PUSH = {"repository": {"default_branch": "main"}}
PULL = {"pull_request": {"number": 12, "base": {"sha": BASE}}, "repository": {"default_branch": "main"}}
AFTER = {
    "workflow_run": {"head_branch": "basket", "head_sha": BASE, "pull_requests": [{"number": 12}]},
    "repository": {"default_branch": "main"},
}


def line(name: str, recording: str, given: Mapping[str, str], event: object = None) -> dict[str, object]:
    """The facts of a build that a recorded environment with these changes describes, without those for people."""
    payload = event if isinstance(event, str) else json.dumps(event)
    around = surroundings({**recorded(recording), **given})
    build = PLATFORMS[name].load(around._replace(read=lambda _path: payload)).build
    return {field: found for field, found in build._asdict().items() if field not in {"mark", "job", "url", "title"}}


def expected(facts: Mapping[str, Any]) -> dict[str, object]:
    """These facts of a build; the others are unknown."""
    given = {"commit": COMMIT, "number": "77", "branch": "main", **facts}
    series = f"change {given['change']}" if "change" in given else given["branch"]
    build = Build(**{"series": series, **given})
    return {field: found for field, found in build._asdict().items() if field not in {"mark", "job", "url", "title"}}


@pytest.mark.parametrize(
    ("name", "recording", "given", "event", "facts"),
    [
        pytest.param(
            *("github", "github", {}, PUSH),
            {"run": "1658821493", "attempt": 2, "workflow": "Test gate", "job_name": "testgate", "target": "main"},
            id="github-push",
        ),
        pytest.param(
            *("github", "github", {"GITHUB_REF": "refs/pull/12/merge", "GITHUB_HEAD_REF": "basket"}),
            {**PULL, "pull_request": {"base": {"sha": BASE}}},
            {"run": "1658821493", "attempt": 2, "workflow": "Test gate", "job_name": "testgate"}
            | {"branch": "basket", "target": "main", "base": BASE, "change": "12"},
            id="github-pull-request",
        ),
        pytest.param(
            *("github", "github", {}, AFTER),
            {"run": "1658821493", "attempt": 2, "workflow": "Test gate", "job_name": "testgate"}
            | {"branch": "basket", "commit": BASE, "target": "main", "change": "12"},
            id="github-after-another-workflow",
        ),
        pytest.param(
            *("github", "github", {}),
            {"workflow_run": {"head_branch": "main", "head_repository": {"full_name": "mallory/web"}}, **PUSH},
            {"run": "1658821493", "attempt": 2, "workflow": "Test gate", "job_name": "testgate"}
            | {"branch": "mallory:main", "target": "main"},
            id="github-after-another-workflow-of-a-fork",
        ),
        pytest.param(
            *("gitlab", "gitlab", {}, None),
            {"run": "1212123456", "workflow": "shop/web", "job_name": "testgate", "target": "main"},
            id="gitlab-branch",
        ),
        pytest.param(
            *("gitlab", "gitlab", {"CI_OPEN_MERGE_REQUESTS": "shop/web!12,shop/web!13"}, None),
            {"run": "1212123456", "workflow": "shop/web", "job_name": "testgate", "target": "main", "change": "12"}
            | {"series": "main"},
            id="gitlab-branch-with-merge-request",
        ),
        pytest.param(
            *("gitlab", "gitlab"),
            {"CI_MERGE_REQUEST_IID": "12", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "next"}
            | {"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "basket", "CI_MERGE_REQUEST_DIFF_BASE_SHA": BASE},
            None,
            {"run": "1212123456", "workflow": "shop/web", "job_name": "testgate", "branch": "basket"}
            | {"target": "next", "base": BASE, "change": "12"},
            id="gitlab-merge-request",
        ),
        pytest.param(
            *("azure", "azure"),
            {"SYSTEM_PULLREQUEST_PULLREQUESTID": "12", "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}
            | {"SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/basket"},
            None,
            {"run": "4217", "attempt": 2, "workflow": "Test gate", "job_name": "gate", "number": "20251104.3"}
            | {"branch": "basket", "target": "main", "change": "12"},
            id="azure-pull-request",
        ),
        pytest.param(
            *("bitbucket", "bitbucket"),
            {"BITBUCKET_PR_ID": "12", "BITBUCKET_PR_DESTINATION_BRANCH": "main", "BITBUCKET_STEP_RUN_NUMBER": "3"},
            None,
            {"run": "77", "attempt": 3, "workflow": "shop/web", "target": "main", "change": "12"},
            id="bitbucket-pull-request",
        ),
        pytest.param(
            *("buildkite", "buildkite", {}, None),
            {"run": "77", "attempt": 2, "workflow": "Web", "job_name": "testgate", "target": "main"},
            id="buildkite-push",
        ),
        pytest.param(
            *("buildkite", "buildkite"),
            {"BUILDKITE_PULL_REQUEST": "12", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "next"},
            None,
            {"run": "77", "attempt": 2, "workflow": "Web", "job_name": "testgate", "target": "next", "change": "12"},
            id="buildkite-pull-request",
        ),
        pytest.param(
            *("circleci", "circleci", {"CIRCLE_PULL_REQUEST": "https://github.com/shop/web/pull/12"}, None),
            {"run": "a4f9d7f6-2f0e-4a93-9a44-5b7c1d3a8e21", "workflow": "web/testgate", "job_name": "testgate"}
            | {"number": "4711", "change": "12"},
            id="circleci-pull-request",
        ),
        pytest.param(
            *("jenkins", "jenkins", {"CHANGE_ID": "12", "CHANGE_TARGET": "main", "CHANGE_BRANCH": "basket"}, None),
            {"run": "77", "workflow": "shop/web/main", "branch": "basket", "target": "main", "change": "12"},
            id="jenkins-change",
        ),
        pytest.param(
            *("woodpecker", "woodpecker", {"CI_COMMIT_PULL_REQUEST": "12", "CI_COMMIT_TARGET_BRANCH": "next"}, None),
            {"run": "77", "workflow": "shop/web", "job_name": "testgate", "target": "next", "change": "12"},
            id="woodpecker-pull-request",
        ),
        pytest.param(
            *("drone", "drone", {}, None),
            {"run": "77", "workflow": "shop/web", "job_name": "default", "target": "main"},
            id="drone-push",
        ),
    ],
)
def test_the_change_is_described(
    name: str, recording: str, given: Mapping[str, str], event: object, facts: Mapping[str, Any]
) -> None:
    """Each CI has its own variables; GitHub's payload has what its variables lack."""
    assert line(name, recording, given, event) == expected(facts)


@pytest.mark.parametrize(
    "event", ["", "[", "[]", "{}", '{"pull_request": 5}', '{"workflow_run": {"pull_requests": []}}']
)
def test_an_odd_payload_says_nothing(event: str) -> None:
    """The payload is the CI's, and still no reason to fail."""
    assert line("github", "github", {}, event)["change"] == ""


@pytest.mark.parametrize("number", ["false", "0", "-1", "1e3", "²", "12 ", "9" * 11, "../12"])
def test_what_is_no_number_is_no_change(number: str) -> None:
    """The number becomes part of a URL."""
    assert line("buildkite", "buildkite", {"BUILDKITE_PULL_REQUEST": f"x{number}"})["change"] == ""
