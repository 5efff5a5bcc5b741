"""Bitbucket Cloud: comments on pull requests.

Follows Atlassian's documentation of the REST API 2.0, group "Pullrequests". That a comment can have 32,768 characters
is what the API itself answers (400). Its Markdown knows no HTML.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from testgate.forges.place import ForgeEntry, Place, on_page
from testgate.ports import Build
from testgate.ports.forge import Comment
from testgate.shapes import field_of, id_of, rows_in, text_of
from testgate.wire import Api, Call, Credential, Reply

_API = "https://api.bitbucket.org/2.0"
_PAGE = 100


class Bitbucket:
    """Comments on pull requests."""

    name = "Bitbucket"
    html = False
    longest = 32_767
    advice = (
        "The token needs to write to pull requests: use a repository access token with `pullrequest:write`, or"
        " `e-mail:token` for an API token"
    )

    def __init__(self, place: Place, token: str) -> None:
        self._place = place
        self.change = place.change
        basic = f"Basic {b64encode(token.encode()).decode()}"
        value = basic if ":" in token else f"Bearer {token}"
        self._api = Api(place.api, Credential("Authorization", value, "forge-token", "forge-token"))
        self._pulls = ("repositories", *place.repository.split("/"), "pullrequests")

    def changes(self) -> Sequence[Call[Sequence[str]]]:
        """The open pull requests of the branch."""
        if not self._place.branch:
            return []
        branch = self._place.branch.replace("\\", "\\\\").replace('"', '\\"')
        query = {"q": f'source.branch.name="{branch}" AND state="OPEN"', "pagelen": "50"}
        return [Call("look for the pull request", self._api.request("GET", *self._pulls, query=query), _open_numbers)]

    def myself(self) -> Call[str]:
        """`GET /user`; access tokens of a repository may not ask this."""
        return Call("ask whose the token is", self._api.request("GET", "user"), _user)

    def comments(self, change: str, page: int) -> Call[tuple[Sequence[Comment], bool]]:
        """`GET …/pullrequests/{id}/comments`. The address of the next page isn't followed: the token goes along."""
        query = {"pagelen": str(_PAGE), "page": str(page)}
        return Call("read the comments", self._api.request("GET", *self._comments(change), query=query), _page)

    def create(self, change: str, body: str) -> Call[Comment]:
        """`POST …/pullrequests/{id}/comments`."""
        request = self._api.request("POST", *self._comments(change), body={"content": {"raw": body}})
        return Call("write the comment", request, _created, repeatable=False)

    def update(self, change: str, comment: Comment, body: str) -> Call[None]:
        """`PUT …/pullrequests/{id}/comments/{comment_id}`."""
        request = self._api.request("PUT", *self._comments(change), comment.id, body={"content": {"raw": body}})
        return Call("update the comment", request, Reply.check)

    def delete(self, change: str, comment: Comment) -> Call[None]:
        """`DELETE …/pullrequests/{id}/comments/{comment_id}`."""
        return Call("delete a double", self._api.request("DELETE", *self._comments(change), comment.id), Reply.check)

    def _comments(self, change: str) -> Sequence[str]:
        """The path of the comments."""
        return (*self._pulls, change, "comments")


def _open_numbers(reply: Reply) -> Sequence[str]:
    """The numbers of the open pull requests in a list."""
    rows = rows_in(reply, field_of(reply.data(), "values"), "list of pull requests")
    found = [id_of(row.get("id")) for row in rows if row.get("state") == "OPEN"]
    return [each for each in found if each]


def _page(reply: Reply) -> tuple[Sequence[Comment], bool]:
    """The comments that aren't deleted."""
    data = reply.data()
    rows = rows_in(reply, field_of(data, "values"), "list of comments")
    return [_read(row) for row in rows if row.get("deleted") is not True], bool(field_of(data, "next"))


def _created(reply: Reply) -> Comment:
    """The new comment."""
    comment = _read(reply.data())
    if not comment.id:
        raise reply.bad_answer("no comment in it")
    return comment


def _read(row: Any) -> Comment:  # noqa: ANN401  # JSON of any shape
    """One comment. The author of an access token's is no user."""
    author, kind = text_of(field_of(row, "user", "uuid")), text_of(field_of(row, "user", "type"))
    body = text_of(field_of(row, "content", "raw"))
    return Comment(id_of(field_of(row, "id")), body, author, kind not in {"", "user"})


def _user(reply: Reply) -> str:
    """The id of the user in an answer."""
    number = text_of(field_of(reply.data(), "uuid"))
    if not number:
        raise reply.bad_answer("no user in it")
    return number


def _place(environ: Mapping[str, str], build: Build) -> Place | None:
    """The repository of the pipeline."""
    if not environ.get("BITBUCKET_PIPELINE_UUID"):
        return on_page("bitbucket", environ)
    repository = environ.get("BITBUCKET_REPO_FULL_NAME", "")
    if repository.count("/") != 1:
        return None
    return Place(_API, repository, change=build.change, branch=build.branch, commit=build.commit)


ENTRY = ForgeEntry(_place, Bitbucket)
