"""Azure DevOps: threads on pull requests of Azure Repos.

Follows Microsoft's documentation of the REST API 7.1, "Pull Request Threads" and "Pull Request Thread Comments". That
a comment can have 150,000 characters is what the API itself answers (400). `connectionData` is how Microsoft's own
clients ask for their user.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from testgate.forges.place import ForgeEntry, Place
from testgate.ports import Build
from testgate.ports.forge import Comment
from testgate.shapes import field_of, id_of, rows_in, rows_of, text_of
from testgate.wire import Api, Call, Credential, Reply, Request

_VERSION = {"api-version": "7.1"}
_PREVIEW = {"api-version": "7.1-preview"}
_PARTS_OF_A_JOB_TOKEN = 3  # of a JWT, which the token of a job is; a personal access token has no dots
_TEXT = 1
_SEPARATOR = ":"


class Azure:
    """One comment in a thread of its own."""

    name = "Azure DevOps"
    html = False
    longest = 150_000
    advice = (
        "The build service needs the permission `Contribute to pull requests` on the repository; a personal access"
        " token needs `Code (write)`"
    )

    def __init__(self, place: Place, token: str) -> None:
        self._place = place
        self.change = place.change
        basic = f"Basic {b64encode(f':{token}'.encode()).decode()}"
        value = f"Bearer {token}" if token.count(".") == _PARTS_OF_A_JOB_TOKEN - 1 else basic
        self._api = Api(place.api, Credential("Authorization", value, "forge-token", "forge-token"))
        self._pulls = (place.project, "_apis", "git", "repositories", place.repository, "pullRequests")

    def changes(self) -> Sequence[Call[Sequence[str]]]:
        """The active pull requests of the branch."""
        if not self._place.branch:
            return []
        query = {
            "searchCriteria.status": "active",
            "searchCriteria.sourceRefName": f"refs/heads/{self._place.branch}",
            **_VERSION,
        }
        return [Call("look for the pull request", self._api.request("GET", *self._pulls, query=query), _open_numbers)]

    def myself(self) -> Call[str]:
        """`GET …/_apis/connectionData`."""
        request = self._api.request("GET", "_apis", "connectionData", query=_PREVIEW)
        return Call("ask whose the token is", request, _user)

    def comments(self, change: str, _page: int) -> Call[tuple[Sequence[Comment], bool]]:
        """`GET …/pullRequests/{id}/threads`, all of them."""
        request = self._api.request("GET", *self._pulls, change, "threads", query=_VERSION)
        return Call("read the threads", request, lambda reply: (_read_threads(reply), False))

    def create(self, change: str, body: str) -> Call[Comment]:
        """`POST …/pullRequests/{id}/threads`: closed, since an open thread can keep the pull request from merging."""
        thread = {
            "comments": [{"parentCommentId": 0, "content": body, "commentType": _TEXT}],
            "status": "closed",
        }
        request = self._api.request("POST", *self._pulls, change, "threads", query=_VERSION, body=thread)
        return Call("write the comment", request, _created, repeatable=False)

    def update(self, change: str, comment: Comment, body: str) -> Call[None]:
        """`PATCH …/threads/{thread_id}/comments/{id}`."""
        return Call("update the comment", self._at("PATCH", change, comment, {"content": body}), Reply.check)

    def delete(self, change: str, comment: Comment) -> Call[None]:
        """`DELETE …/threads/{thread_id}/comments/{id}`."""
        return Call("delete a double", self._at("DELETE", change, comment), Reply.check)

    def _at(self, method: str, change: str, comment: Comment, body: Mapping[str, Any] | None = None) -> Request:
        """A request about one comment."""
        thread, _, number = comment.id.partition(_SEPARATOR)
        path = (*self._pulls, change, "threads", thread, "comments", number)
        return self._api.request(method, *path, query=_VERSION, body=body)


def _open_numbers(reply: Reply) -> Sequence[str]:
    """The numbers of the active pull requests in a list."""
    rows = rows_in(reply, field_of(reply.data(), "value"), "list of pull requests")
    found = [id_of(row.get("pullRequestId")) for row in rows if row.get("status") == "active"]
    return [each for each in found if each]


def _read_threads(reply: Reply) -> Sequence[Comment]:
    """The first comment of each thread."""
    rows = rows_in(reply, field_of(reply.data(), "value"), "list of threads")
    return [found for row in rows if row.get("isDeleted") is not True and (found := _first(row))]


def _created(reply: Reply) -> Comment:
    """The comment of the new thread."""
    comment = _first(reply.data())
    if comment is None:
        raise reply.bad_answer("no thread in it")
    return comment


def _first(thread: object) -> Comment | None:
    """The first comment of a thread, if it is there."""
    number = id_of(field_of(thread, "id"))
    for row in rows_of(field_of(thread, "comments"))[:1]:
        own = id_of(row.get("id"))
        if number and own and row.get("isDeleted") is not True:
            body, author = text_of(row.get("content")), text_of(field_of(row.get("author"), "id"))
            return Comment(f"{number}{_SEPARATOR}{own}", body, author)
    return None


def _user(reply: Reply) -> str:
    """The id of the user in an answer."""
    number = text_of(field_of(reply.data(), "authenticatedUser", "id"))
    if not number:
        raise reply.bad_answer("no user in it")
    return number


def _place(environ: Mapping[str, str], build: Build) -> Place | None:
    """The repository of the pipeline, if it is in Azure Repos."""
    if environ.get("TF_BUILD", "").lower() != "true" or environ.get("BUILD_REPOSITORY_PROVIDER") != "TfsGit":
        return None
    api = environ.get("SYSTEM_COLLECTIONURI") or environ.get("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI", "")
    project = environ.get("SYSTEM_TEAMPROJECTID") or environ.get("SYSTEM_TEAMPROJECT", "")
    repository = environ.get("BUILD_REPOSITORY_ID", "")
    if not (api and project and repository):
        return None
    number = environ.get("SYSTEM_PULLREQUEST_PULLREQUESTID") or build.change
    return Place(quote(api, safe=":/@%[]"), repository, project, number, build.branch, build.commit)


ENTRY = ForgeEntry(_place, Azure)
