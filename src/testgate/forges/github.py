"""GitHub, and GitHub Enterprise Server, whose API is where `GITHUB_API_URL` says.

Follows GitHub's REST API documentation: "Issue comments", "Pull requests", and "List pull requests associated with a
commit". That a comment can have 65,536 characters is what the API itself answers (422).
"""

import re
from collections.abc import Mapping, Sequence

from testgate.forges.issues import IssueComments, open_numbers
from testgate.forges.place import ForgeEntry, Place, on_page
from testgate.ports import Build
from testgate.wire import Call

_PULL = re.compile(r"(?:https://github\.com/|git@github\.com:)([A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}?)(?:\.git)?")
_PUBLIC = "https://api.github.com"


class GitHub(IssueComments):
    """Comments on pull requests."""

    name = "GitHub"
    advice = (
        "The token needs to write to pull requests (`permissions: pull-requests: write`). On pull requests from forks,"
        " GitHub's own token may only read"
    )

    def changes(self) -> Sequence[Call[Sequence[str]]]:
        """The open pull requests with this commit at their head; else those of the branch.

        GitHub doesn't list pull requests from forks by commit.
        """
        place, questions = self._place, []
        if place.commit:
            request = self._api.request("GET", *self._repository, "commits", place.commit, "pulls")
            by_commit = Call(
                "look for the pull request", request, lambda reply: open_numbers(reply, commit=place.commit)
            )
            questions.append(by_commit)
        if place.branch:
            owner, _, branch = place.branch.rpartition(":")
            query = {"state": "open", "head": f"{owner or self._repository[1]}:{branch}", "per_page": "100"}
            request = self._api.request("GET", *self._repository, "pulls", query=query)
            by_branch = Call("look for the pull request", request, lambda reply: open_numbers(reply, branch=branch))
            questions.append(by_branch)
        return questions


def _place(environ: Mapping[str, str], build: Build) -> Place | None:
    """The repository of the workflow, or the one that another CI builds, if that is certainly on GitHub."""
    if environ.get("GITHUB_ACTIONS") == "true":
        repository = environ.get("GITHUB_REPOSITORY", "")
        if repository.count("/") != 1:
            return None
        api = environ.get("GITHUB_API_URL") or _PUBLIC
        return Place(api, repository, change=build.change, branch=build.branch, commit=build.commit)
    if environ.get("TF_BUILD", "").lower() == "true" and environ.get("BUILD_REPOSITORY_PROVIDER") == "GitHub":
        repository = environ.get("BUILD_REPOSITORY_NAME", "")
        found = Place(_PUBLIC, repository, change=build.change, branch=build.branch, commit=build.commit)
        return found if repository.count("/") == 1 else None
    if environ.get("BUILDKITE") == "true":
        address = _PULL.fullmatch(environ.get("BUILDKITE_REPO", ""))
        return Place(_PUBLIC, address.group(1), "", build.change, build.branch, build.commit) if address else None
    return on_page("github", environ)


ENTRY = ForgeEntry(_place, GitHub)
