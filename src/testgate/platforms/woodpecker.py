"""Woodpecker: words in the log; later steps of the workflow read the files.

Facts from Woodpecker's source.
"""

from collections.abc import Callable

from testgate.platforms.words import Words, described
from testgate.ports import Build


class Woodpecker(Words):
    """Says things in words; Woodpecker's log has no folds, and its page shows nothing else."""

    name = "woodpecker"

    @property
    def build(self) -> Build:
        """The pipeline; one that is started again has a new number."""
        get = self._get
        number, repository = get("CI_PIPELINE_NUMBER"), get("CI_REPO")
        workflow = get("CI_WORKFLOW_NUMBER") or get("CI_WORKFLOW_NAME")
        return described(
            run=number,
            # The workflows of a matrix have one name, and a number each. Steps of a workflow share its files.
            job=f"{repository}/{number}/{workflow}",
            url=get("CI_PIPELINE_URL"),
            name=repository,
            number=number,
            branch=get("CI_COMMIT_SOURCE_BRANCH") or get("CI_COMMIT_BRANCH") or get("CI_COMMIT_TAG"),
            commit=get("CI_COMMIT_SHA"),
        )

    @property
    def hint(self) -> str:
        """A container that a step started itself knows only what it was given."""
        if self._get("CI_PIPELINE_NUMBER"):
            return ""
        return (
            "the pipeline's variables are not here, so its build is not known. Use the image as the step's `image`, or "
            "name them in `docker run`: -e CI_PIPELINE_NUMBER -e CI_PIPELINE_URL -e CI_PIPELINE_EVENT -e CI_REPO "
            "-e CI_WORKFLOW_NUMBER -e CI_COMMIT_BRANCH -e CI_COMMIT_SOURCE_BRANCH -e CI_COMMIT_SHA"
        )

    def withheld(self, _read: Callable[[str], str]) -> str:
        """A secret reaches pull requests only where its settings say so."""
        if not self._get("CI_PIPELINE_EVENT").startswith("pull_request"):
            return ""
        return (
            "Woodpecker gives a secret to pull requests only where the secret's settings allow that event. "
            "Leave the step out there:  when: [{event: [push, manual]}]"
        )
