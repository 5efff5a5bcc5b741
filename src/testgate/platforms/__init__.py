"""CI adapters. The first CI that recognizes its environment wins; `plain` matches everything else."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import NamedTuple

from testgate.ports import Platform, Surroundings


class PlatformEntry(NamedTuple):
    """How to recognize a CI, and where its adapter is: a module of this package and a class in it."""

    detects: Callable[[Mapping[str, str]], bool]
    module: str
    adapter: str

    def load(self, surroundings: Surroundings) -> Platform:
        """Import the adapter, and no other CI's, and create it."""
        create: Callable[[Surroundings], Platform] = getattr(import_module(f"{__name__}.{self.module}"), self.adapter)
        return create(surroundings)


PLATFORMS: Mapping[str, PlatformEntry] = {
    "github": PlatformEntry(lambda environ: environ.get("GITHUB_ACTIONS") == "true", "github", "GitHub"),
    "gitlab": PlatformEntry(lambda environ: environ.get("GITLAB_CI") == "true", "gitlab", "GitLab"),
    "azure": PlatformEntry(lambda environ: environ.get("TF_BUILD", "").lower() == "true", "azure", "Azure"),
    # Jenkins sets no JENKINS_URL until an address is configured, but it always sets BUILD_TAG.
    "jenkins": PlatformEntry(
        lambda environ: bool(environ.get("JENKINS_URL")) or environ.get("BUILD_TAG", "").startswith("jenkins-"),
        "jenkins",
        "Jenkins",
    ),
    "circleci": PlatformEntry(lambda environ: environ.get("CIRCLECI") == "true", "circleci", "CircleCI"),
    "bitbucket": PlatformEntry(lambda environ: bool(environ.get("BITBUCKET_PIPELINE_UUID")), "bitbucket", "Bitbucket"),
    "buildkite": PlatformEntry(lambda environ: environ.get("BUILDKITE") == "true", "buildkite", "Buildkite"),
    "teamcity": PlatformEntry(lambda environ: bool(environ.get("TEAMCITY_VERSION")), "teamcity", "TeamCity"),
    # Woodpecker is a fork of Drone and can set Drone's variables too, so it comes first.
    "woodpecker": PlatformEntry(lambda environ: environ.get("CI") == "woodpecker", "woodpecker", "Woodpecker"),
    "drone": PlatformEntry(
        lambda environ: environ.get("DRONE") == "true" or bool(environ.get("DRONE_OUTPUT")), "drone", "Drone"
    ),
    "plain": PlatformEntry(lambda _environ: True, "plain", "Plain"),
}


def choose(environ: Mapping[str, str], name: str = "") -> str:
    """Return the name of the CI: the one the user gave, or the first one that recognizes the environment."""
    return name or next(known for known, entry in PLATFORMS.items() if entry.detects(environ))
