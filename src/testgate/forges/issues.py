"""Comments on pull requests as GitHub serves them, and Gitea and Forgejo after it: those of an issue."""

from collections.abc import Sequence
from typing import Any, ClassVar

from testgate.forges.place import Place
from testgate.ports.forge import Comment
from testgate.shapes import field_of, id_of, rows_in, text_of
from testgate.wire import Api, Call, Credential, Reply


class IssueComments:
    """The calls that GitHub, Gitea and Forgejo share."""

    name: str = ""
    html: bool = True
    longest: int = 65_536
    advice: str = ""
    page_size: ClassVar[int] = 100

    def __init__(self, place: Place, token: str) -> None:
        self._place = place
        self.change = place.change
        self._api = Api(place.api, Credential("Authorization", f"Bearer {token}", "forge-token", "forge-token"))
        self._repository = ("repos", *place.repository.split("/"))

    def myself(self) -> Call[str]:
        """`GET /user`. Tokens of a job may not ask this."""
        return Call("ask whose the token is", self._api.request("GET", "user"), self._user)

    def comments(self, change: str, page: int) -> Call[tuple[Sequence[Comment], bool]]:
        """`GET /repos/{owner}/{repo}/issues/{number}/comments`, the oldest first."""
        query = {"per_page": str(self.page_size), "page": str(page)}
        request = self._api.request("GET", *self._repository, "issues", change, "comments", query=query)
        return Call("read the comments", request, self._page)

    def create(self, change: str, body: str) -> Call[Comment]:
        """`POST /repos/{owner}/{repo}/issues/{number}/comments`."""
        request = self._api.request("POST", *self._repository, "issues", change, "comments", body={"body": body})
        return Call("write the comment", request, self._created, repeatable=False)

    def update(self, _change: str, comment: Comment, body: str) -> Call[None]:
        """`PATCH /repos/{owner}/{repo}/issues/comments/{id}`."""
        request = self._api.request("PATCH", *self._comment(comment), body={"body": body})
        return Call("update the comment", request, Reply.check)

    def delete(self, _change: str, comment: Comment) -> Call[None]:
        """`DELETE /repos/{owner}/{repo}/issues/comments/{id}`."""
        return Call("delete a double", self._api.request("DELETE", *self._comment(comment)), Reply.check)

    def _comment(self, comment: Comment) -> Sequence[str]:
        """The path of a comment."""
        return (*self._repository, "issues", "comments", comment.id)

    def _page(self, reply: Reply) -> tuple[Sequence[Comment], bool]:
        """The comments in an answer; a full page has a next one."""
        rows = rows_in(reply, reply.data(), "list of comments")
        return [self._read(row) for row in rows], len(rows) >= self.page_size

    def _created(self, reply: Reply) -> Comment:
        """The new comment."""
        comment = self._read(reply.data())
        if not comment.id:
            raise reply.bad_answer("no comment in it")
        return comment

    def _read(self, row: Any) -> Comment:  # noqa: ANN401  # JSON of any shape
        """One comment."""
        user = field_of(row, "user")
        number, body = id_of(field_of(row, "id")), text_of(field_of(row, "body"))
        return Comment(number, body, text_of(field_of(user, "id")), self._is_program(user))

    def _is_program(self, user: object) -> bool:
        """Whether this user is a program."""
        return text_of(field_of(user, "type")) == "Bot"

    def _user(self, reply: Reply) -> str:
        """The id of the user in an answer."""
        number = text_of(field_of(reply.data(), "id"))
        if not number:
            raise reply.bad_answer("no user in it")
        return number


def open_numbers(reply: Reply, *, commit: str = "", branch: str = "") -> Sequence[str]:
    """The numbers of the open pull requests in a list; with a commit or branch, only those with it at their head.

    Raises:
        BadAnswer: there is no list.

    """
    rows = rows_in(reply, reply.data(), "list of pull requests")
    found = [
        id_of(row.get("number"))
        for row in rows
        if row.get("state") == "open"
        and (not commit or text_of(field_of(row.get("head"), "sha")) == commit)
        and (not branch or text_of(field_of(row.get("head"), "ref")) == branch)
    ]
    return [each for each in found if each]
