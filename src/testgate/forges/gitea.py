"""Gitea and Forgejo: an API like GitHub's, at `/api/v1`.

Follows the Swagger description that each server shows at `/api/swagger`, and the source for two facts that it lacks:
comments come in one answer, whatever page is asked for; and the users of the servers' own tokens have the id -2.
"""

from collections.abc import Mapping, Sequence

from testgate.forges.issues import IssueComments, open_numbers
from testgate.forges.place import ForgeEntry, Place
from testgate.ports import Build
from testgate.ports.forge import Comment
from testgate.shapes import field_of, text_of
from testgate.wire import Call

_ACTIONS = "-2"
_MOST_PAGES = 4
_PAGE = 50  # a server's default limit


class Gitea(IssueComments):
    """Comments on pull requests."""

    name = "Gitea"
    longest = 65_000  # a column of MySQL has 65,535 bytes
    advice = "The token needs to write to issues and pull requests. On pull requests from forks, tokens may only read"

    def changes(self) -> Sequence[Call[Sequence[str]]]:
        """The open pull requests with this commit at their head, on several pages."""
        commit, branch = self._place.commit, self._place.branch
        if not commit and not branch:
            return []
        return [self._open(page, commit, "" if commit else branch) for page in range(1, _MOST_PAGES + 1)]

    def _open(self, page: int, commit: str, branch: str) -> Call[Sequence[str]]:
        """One page of `GET /repos/{owner}/{repo}/pulls`."""
        query = {"state": "open", "limit": str(_PAGE), "page": str(page)}
        request = self._api.request("GET", *self._repository, "pulls", query=query)
        return Call(
            "look for the pull request", request, lambda reply: open_numbers(reply, commit=commit, branch=branch)
        )

    def comments(self, change: str, _page: int) -> Call[tuple[Sequence[Comment], bool]]:
        """`GET /repos/{owner}/{repo}/issues/{index}/comments`, all of them."""
        request = self._api.request("GET", *self._repository, "issues", change, "comments")
        return Call("read the comments", request, lambda reply: (self._page(reply)[0], False))

    def _is_program(self, user: object) -> bool:
        """Whether this is the user of the server's own token."""
        return text_of(field_of(user, "id")) == _ACTIONS


def _place(environ: Mapping[str, str], build: Build) -> Place | None:
    """The repository of the workflow, or Woodpecker's if it says that its forge is one of these."""
    if "true" in {environ.get("GITEA_ACTIONS"), environ.get("FORGEJO_ACTIONS")}:
        api, repository = environ.get("GITHUB_API_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    elif environ.get("CI") == "woodpecker" and environ.get("CI_FORGE_TYPE") in {"gitea", "forgejo"}:
        server, repository = environ.get("CI_FORGE_URL", "").rstrip("/"), environ.get("CI_REPO", "")
        api = f"{server}/api/v1" if server else ""
    else:
        return None
    if not api or repository.count("/") != 1:
        return None
    return Place(api, repository, change=build.change, branch=build.branch, commit=build.commit)


ENTRY = ForgeEntry(_place, Gitea)
