"""Stand-ins for forges, written from their public documentation. They share nothing with the adapters."""

from tests.forges.standins.azure import AzureDevOps
from tests.forges.standins.base import ME, OTHER, TOKEN, Pull, StandIn
from tests.forges.standins.bitbucket import BitbucketCloud
from tests.forges.standins.gitea import GiteaServer
from tests.forges.standins.github import GitHubServer
from tests.forges.standins.gitlab import GitLabServer

STAND_INS: dict[str, type[StandIn]] = {
    "gitea": GiteaServer,
    "github": GitHubServer,
    "gitlab": GitLabServer,
    "bitbucket": BitbucketCloud,
    "azure": AzureDevOps,
}

__all__ = ["ME", "OTHER", "STAND_INS", "TOKEN", "GitHubServer", "GitLabServer", "Pull", "StandIn"]
