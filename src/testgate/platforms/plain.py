"""Any other CI, or a person's terminal: a readable log; outputs lie in the report directory.

Travis, CodeBuild, Cloud Build and Argo tell of the build in variables, as they are documented: those are read.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from testgate.platforms.words import Words, described, in_url
from testgate.ports import Build

Get = Callable[[str], str]

# CIs that are spoken to in words only, and that say who they are: nothing is missing there.
_KNOWN = (
    "TRAVIS",
    "CODEBUILD_BUILD_ID",
    "BUILDER_OUTPUT",
    "ARGO_NODE_ID",
    "APPVEYOR",
    "BITRISE_IO",
    "BUDDY",
    "CF_BUILD_ID",
    "CIRRUS_CI",
    "CM_BUILD_ID",
    "NETLIFY",
    "SEMAPHORE",
)
# Travis' page folds what lies between two such marks, wherever they stand in a line.
_FOLD = re.compile("((?:fold|time):)(?=start:|end:)")


def _travis(get: Get) -> Build:
    """Ids that no other repository has, and the job's own page. A restarted job keeps them."""
    return described(
        run=get("TRAVIS_BUILD_ID"),
        job=get("TRAVIS_JOB_ID"),
        url=get("TRAVIS_JOB_WEB_URL") or get("TRAVIS_BUILD_WEB_URL"),
        name=get("TRAVIS_REPO_SLUG"),
        number=get("TRAVIS_JOB_NUMBER") or get("TRAVIS_BUILD_NUMBER"),
        branch=get("TRAVIS_PULL_REQUEST_BRANCH") or get("TRAVIS_BRANCH"),
        commit=get("TRAVIS_PULL_REQUEST_SHA") or get("TRAVIS_COMMIT"),
    )


def _codebuild(get: Get) -> Build:
    """The build's id is `PROJECT:UUID`. A branch is told only where a webhook started the build."""
    project, _, run = get("CODEBUILD_BUILD_ID").partition(":")
    return described(
        run=run,
        url=get("CODEBUILD_BUILD_URL"),
        name=project,
        number=get("CODEBUILD_BUILD_NUMBER"),
        branch=get("CODEBUILD_WEBHOOK_HEAD_REF").removeprefix("refs/heads/"),
        commit=get("CODEBUILD_RESOLVED_SOURCE_VERSION"),
    )


def _cloud_build(get: Get) -> Build:
    """Cloud Build's substitutions, which `automapSubstitutions` makes variables of; it counts no builds."""
    run, region, project = get("BUILD_ID"), get("LOCATION") or "global", get("PROJECT_ID")
    page = "https://console.cloud.google.com/cloud-build/builds"
    return described(
        run=run,
        url=f"{page};region={in_url(region)}/{in_url(run)}?project={in_url(project)}" if project else "",
        name=get("TRIGGER_NAME"),
        branch=get("BRANCH_NAME"),
        commit=get("COMMIT_SHA"),
    )


def _argo(get: Get) -> Build:
    """Argo puts the id of the node, one for each attempt, into every container."""
    return described(run=get("ARGO_NODE_ID"), name=get("ARGO_WORKFLOW_NAME") or get("ARGO_NODE_ID"))


_BUILDS: Mapping[str, Callable[[Get], Build]] = MappingProxyType(
    {
        "TRAVIS": _travis,
        "CODEBUILD_BUILD_ID": _codebuild,
        "BUILDER_OUTPUT": _cloud_build,
        "ARGO_NODE_ID": _argo,
    }
)


class Plain(Words):
    """Says things in words only."""

    name = "plain"

    @property
    def build(self) -> Build:
        """What the CI tells, if it is one of those that tell in variables."""
        told = (of_build for variable, of_build in _BUILDS.items() if self._get(variable))
        of_build = next(told, None)
        return of_build(self._get) if of_build else Build()

    @property
    def hint(self) -> str:
        """A container in which nothing but `CI` arrived speaks to a CI that it does not know."""
        if not self._get("CI") or any(map(self._get, _KNOWN)):
            return ""
        return (
            "`CI` is set, but nothing here says which CI this is: outputs are in files only, and the log is plain. "
            "If TestGate knows it, name its variables in `docker run` with -e (docs/ci.md has the lines)."
        )

    def withheld(self, _read: Callable[[str], str]) -> str:
        """Travis gives no secrets to pull requests from other repositories."""
        if self._get("TRAVIS_PULL_REQUEST_SLUG") in ("", self._get("TRAVIS_REPO_SLUG")):
            return ""
        return (
            "Travis gives no secrets to pull requests from forks. Leave the job out there:  "
            "if: type != pull_request OR fork = false"
        )

    def defuse(self, text: str) -> str:
        """Break the marks of all CIs' commands, and of Travis' folds."""
        return _FOLD.sub("\\1\u200b", super().defuse(text))
