"""The CIs. The first that detects itself wins; `plain` catches the rest."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from testgate.ports import Platform, Surroundings

Loader = Callable[[Surroundings], Platform]


class PlatformEntry(NamedTuple):
    """How a CI is told from the others, and what loads its adapter."""

    detects: Callable[[Mapping[str, str]], bool]
    load: Loader


def _github(surroundings: Surroundings) -> Platform:
    from testgate.platforms.github import GitHub  # only the CI that is there is loaded

    return GitHub(surroundings)


def _gitlab(surroundings: Surroundings) -> Platform:
    from testgate.platforms.gitlab import GitLab  # as above

    return GitLab(surroundings)


def _azure(surroundings: Surroundings) -> Platform:
    from testgate.platforms.azure import Azure  # as above

    return Azure(surroundings)


def _jenkins(surroundings: Surroundings) -> Platform:
    from testgate.platforms.jenkins import Jenkins  # as above

    return Jenkins(surroundings)


def _circleci(surroundings: Surroundings) -> Platform:
    from testgate.platforms.circleci import CircleCI  # as above

    return CircleCI(surroundings)


def _bitbucket(surroundings: Surroundings) -> Platform:
    from testgate.platforms.bitbucket import Bitbucket  # as above

    return Bitbucket(surroundings)


def _buildkite(surroundings: Surroundings) -> Platform:
    from testgate.platforms.buildkite import Buildkite  # as above

    return Buildkite(surroundings)


def _teamcity(surroundings: Surroundings) -> Platform:
    from testgate.platforms.teamcity import TeamCity  # as above

    return TeamCity(surroundings)


def _woodpecker(surroundings: Surroundings) -> Platform:
    from testgate.platforms.woodpecker import Woodpecker  # as above

    return Woodpecker(surroundings)


def _drone(surroundings: Surroundings) -> Platform:
    from testgate.platforms.drone import Drone  # as above

    return Drone(surroundings)


def _plain(surroundings: Surroundings) -> Platform:
    from testgate.platforms.plain import Plain  # as above

    return Plain(surroundings)


PLATFORMS: Mapping[str, PlatformEntry] = {
    "github": PlatformEntry(lambda environ: environ.get("GITHUB_ACTIONS") == "true", _github),
    "gitlab": PlatformEntry(lambda environ: environ.get("GITLAB_CI") == "true", _gitlab),
    "azure": PlatformEntry(lambda environ: environ.get("TF_BUILD", "").lower() == "true", _azure),
    # Without an address in its settings, Jenkins sets no URL, but names the build all the same.
    "jenkins": PlatformEntry(
        lambda environ: bool(environ.get("JENKINS_URL")) or environ.get("BUILD_TAG", "").startswith("jenkins-"),
        _jenkins,
    ),
    "circleci": PlatformEntry(lambda environ: environ.get("CIRCLECI") == "true", _circleci),
    "bitbucket": PlatformEntry(lambda environ: bool(environ.get("BITBUCKET_PIPELINE_UUID")), _bitbucket),
    "buildkite": PlatformEntry(lambda environ: environ.get("BUILDKITE") == "true", _buildkite),
    "teamcity": PlatformEntry(lambda environ: bool(environ.get("TEAMCITY_VERSION")), _teamcity),
    # Woodpecker descends from Drone and can set Drone's variables too.
    "woodpecker": PlatformEntry(lambda environ: environ.get("CI") == "woodpecker", _woodpecker),
    "drone": PlatformEntry(lambda environ: environ.get("DRONE") == "true" or bool(environ.get("DRONE_OUTPUT")), _drone),
    "plain": PlatformEntry(lambda _environ: True, _plain),
}


def choose(environ: Mapping[str, str], name: str = "") -> str:
    """The name of the CI: the one that the user gave, else the first that detects itself."""
    return name or next(known for known, entry in PLATFORMS.items() if entry.detects(environ))
