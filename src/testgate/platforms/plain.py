"""Any other CI, or a terminal: a readable log, and outputs in the report directory.

Travis, CodeBuild, Cloud Build and Argo describe the build in documented variables.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from testgate.platforms.advice import no_secrets_for_forks
from testgate.platforms.builds import BuildFacts, in_url
from testgate.platforms.marks import BREAK
from testgate.platforms.words import Words

Get = Callable[[str], str]

# CIs that identify themselves and need nothing but words, so nothing is missing there.
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
# Travis's page folds the log between two such marks, wherever they are in a line.
_FOLD = re.compile("((?:fold|time):)(?=start:|end:)")


def _travis(get: Get) -> BuildFacts:
    """Ids that are unique across repositories, and the job's own page. A restarted job keeps them."""
    return BuildFacts(
        run=get("TRAVIS_BUILD_ID"),
        job=get("TRAVIS_JOB_ID"),
        url=get("TRAVIS_JOB_WEB_URL") or get("TRAVIS_BUILD_WEB_URL"),
        name=get("TRAVIS_REPO_SLUG"),
        number=get("TRAVIS_JOB_NUMBER") or get("TRAVIS_BUILD_NUMBER"),
        branch=get("TRAVIS_PULL_REQUEST_BRANCH") or get("TRAVIS_BRANCH"),
        commit=get("TRAVIS_PULL_REQUEST_SHA") or get("TRAVIS_COMMIT"),
        target=get("TRAVIS_BRANCH") if get("TRAVIS_PULL_REQUEST_BRANCH") else "",
        change=get("TRAVIS_PULL_REQUEST"),  # "false" without one
    )


def _codebuild(get: Get) -> BuildFacts:
    """The build's id is `PROJECT:UUID`. The branch is known only if a webhook started the build."""
    project, _, run = get("CODEBUILD_BUILD_ID").partition(":")
    return BuildFacts(
        run=run,
        url=get("CODEBUILD_BUILD_URL"),
        name=project,
        number=get("CODEBUILD_BUILD_NUMBER"),
        branch=get("CODEBUILD_WEBHOOK_HEAD_REF").removeprefix("refs/heads/"),
        commit=get("CODEBUILD_RESOLVED_SOURCE_VERSION"),
    )


def _cloud_build(get: Get) -> BuildFacts:
    """Cloud Build's substitutions, which `automapSubstitutions` turns into variables. It doesn't count builds."""
    run, region, project = get("BUILD_ID"), get("LOCATION") or "global", get("PROJECT_ID")
    page = "https://console.cloud.google.com/cloud-build/builds"
    return BuildFacts(
        run=run,
        url=f"{page};region={in_url(region)}/{in_url(run)}?project={in_url(project)}" if project else "",
        name=get("TRIGGER_NAME"),
        branch=get("BRANCH_NAME"),
        commit=get("COMMIT_SHA"),
    )


def _argo(get: Get) -> BuildFacts:
    """Argo sets the node's id in every container. Each attempt is a node of its own."""
    return BuildFacts(run=get("ARGO_NODE_ID"), name=get("ARGO_WORKFLOW_NAME") or get("ARGO_NODE_ID"))


_BUILDS: Mapping[str, Callable[[Get], BuildFacts]] = MappingProxyType(
    {
        "TRAVIS": _travis,
        "CODEBUILD_BUILD_ID": _codebuild,
        "BUILDER_OUTPUT": _cloud_build,
        "ARGO_NODE_ID": _argo,
    }
)


class Plain(Words):
    """Prints plain words only."""

    name = "plain"

    @property
    def _facts(self) -> BuildFacts:
        """The build, if this is one of the CIs that describe it in variables."""
        found = next((facts for variable, facts in _BUILDS.items() if self._get(variable)), None)
        return found(self._get) if found else BuildFacts()

    @property
    def hint(self) -> str:
        """Only `CI` is set, so the CI is unknown, or its variables were not passed to the container."""
        if not self._get("CI") or any(map(self._get, _KNOWN)):
            return ""
        return (
            "`CI` is set, but nothing shows which CI this is, so outputs are written to files only and the log is "
            "plain text. If TestGate supports your CI, pass its variables to `docker run` with -e; "
            "docs/ci.md has the command"
        )

    @property
    def for_people(self) -> bool:
        """Without any CI, somebody sits at a terminal."""
        return not self._get("CI") and not any(map(self._get, _KNOWN))

    def withheld(self, _read: Callable[[str], str]) -> str:
        """Travis gives no secrets to pull requests from other repositories."""
        if not self.from_fork(_read):
            return ""
        return no_secrets_for_forks("Travis", "job", "if: type != pull_request OR fork = false")

    def from_fork(self, _read: Callable[[str], str]) -> bool:
        """Return True if Travis names another repository."""
        return self._get("TRAVIS_PULL_REQUEST_SLUG") not in ("", self._get("TRAVIS_REPO_SLUG"))

    def defuse(self, text: str) -> str:
        """Break Travis's folds too."""
        return _FOLD.sub(f"\\1{BREAK}", super().defuse(text))
