"""Woodpecker: plain words. Later steps of the workflow read the files.

Follows Woodpecker's source.
"""

from collections.abc import Callable

from testgate.platforms.advice import check_the_secret, missing_variables
from testgate.platforms.builds import BuildFacts
from testgate.platforms.words import Words

_NEEDED = (
    "CI_PIPELINE_NUMBER",
    "CI_PIPELINE_URL",
    "CI_PIPELINE_EVENT",
    "CI_REPO",
    "CI_WORKFLOW_NUMBER",
    "CI_COMMIT_BRANCH",
    "CI_COMMIT_SOURCE_BRANCH",
    "CI_COMMIT_SHA",
    "CI_WORKFLOW_NAME",
    "CI_REPO_DEFAULT_BRANCH",
    "CI_COMMIT_TARGET_BRANCH",
    "CI_COMMIT_PULL_REQUEST",
)


class Woodpecker(Words):
    """Prints plain words: Woodpecker has neither groups in its log nor a page for anything else."""

    name = "woodpecker"

    @property
    def _facts(self) -> BuildFacts:
        """The pipeline; a restarted one has a new number."""
        get = self._get
        number, repository = get("CI_PIPELINE_NUMBER"), get("CI_REPO")
        workflow = get("CI_WORKFLOW_NUMBER") or get("CI_WORKFLOW_NAME")
        return BuildFacts(
            run=number,
            # The workflows of a matrix share a name, but not a number. The steps of a workflow share its files.
            job=f"{repository}/{number}/{workflow}",
            url=get("CI_PIPELINE_URL"),
            name=repository,
            number=number,
            branch=get("CI_COMMIT_SOURCE_BRANCH") or get("CI_COMMIT_BRANCH") or get("CI_COMMIT_TAG"),
            commit=get("CI_COMMIT_SHA"),
            job_name=get("CI_WORKFLOW_NAME"),
            target=get("CI_COMMIT_TARGET_BRANCH") or get("CI_REPO_DEFAULT_BRANCH"),
            change=get("CI_COMMIT_PULL_REQUEST"),
        )

    @property
    def hint(self) -> str:
        """A container that a script starts has only the variables that it was passed."""
        if self._get("CI_PIPELINE_NUMBER"):
            return ""
        return missing_variables("pipeline", *_NEEDED, image_of="step")

    @property
    def secrets_place(self) -> str:
        """Where Woodpecker keeps secrets."""
        passing = "the step names it with `from_secret`, and its settings allow this event and image"
        return check_the_secret("the repository's Settings > Secrets", passing)

    def from_fork(self, _read: Callable[[str], str]) -> bool:
        """Return True for every pull request: whether it gets a secret is a setting of the secret."""
        return self._get("CI_PIPELINE_EVENT").startswith("pull_request")

    def withheld(self, _read: Callable[[str], str]) -> str:
        """Pull requests get a secret only if its settings allow that event."""
        if not self.from_fork(_read):
            return ""
        return (
            "Woodpecker gives a secret to pull requests only if the secret's settings allow that event. "
            "For these, skip the step:  when: [{event: [push, manual]}]"
        )
