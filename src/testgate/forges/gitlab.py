"""GitLab: notes on merge requests, at the API that `CI_API_V4_URL` names.

Follows GitLab's documentation: "Notes API" (a note has at most 1,000,000 characters), "Merge requests API", "Commits
API" (merge requests of a commit), and "CI/CD job token": a job token goes into a header of its own, and may use few
endpoints, notes not among them so far. It is passed on nevertheless, in case that an instance allows it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from testgate.forges.place import ForgeEntry, Place, on_page
from testgate.ports import Build
from testgate.ports.forge import Comment
from testgate.shapes import field_of, id_of, rows_in, text_of
from testgate.wire import Api, Call, Credential, Reply

_PAGE = 100
_JOB_TOKENS = "glcbt-"  # GitLab's prefix for them


class GitLab:
    """Notes on merge requests."""

    name = "GitLab"
    html = True
    longest = 1_000_000
    advice = (
        "The token needs the scope `api` and at least the role Reporter in the project of the merge request: use a"
        " project access token. GitLab's job token can't write notes"
    )

    def __init__(self, place: Place, token: str) -> None:
        self._place = place
        self.change = place.change
        of_job = token.startswith(_JOB_TOKENS) or token == place.job_token
        header = "JOB-TOKEN" if of_job else "PRIVATE-TOKEN"
        self._api = Api(place.api, Credential(header, token, "forge-token", "forge-token"))
        self._project = ("projects", place.repository)

    def changes(self) -> Sequence[Call[Sequence[str]]]:
        """The open merge requests with this commit, then those of the branch."""
        place, questions = self._place, []
        if place.commit:
            path = (*self._project, "repository", "commits", place.commit, "merge_requests")
            questions.append(Call("look for the merge request", self._api.request("GET", *path), _open_numbers))
        if place.branch:
            query = {"state": "opened", "source_branch": place.branch, "per_page": str(_PAGE)}
            request = self._api.request("GET", *self._project, "merge_requests", query=query)
            questions.append(Call("look for the merge request", request, _open_numbers))
        return questions

    def myself(self) -> Call[str]:
        """`GET /user`; project access tokens have a user of their own."""
        return Call("ask whose the token is", self._api.request("GET", "user"), _user)

    def comments(self, change: str, page: int) -> Call[tuple[Sequence[Comment], bool]]:
        """`GET /projects/:id/merge_requests/:iid/notes`, the oldest first."""
        query = {"per_page": str(_PAGE), "page": str(page), "sort": "asc", "order_by": "created_at"}
        return Call("read the notes", self._api.request("GET", *self._notes(change), query=query), _page)

    def create(self, change: str, body: str) -> Call[Comment]:
        """`POST /projects/:id/merge_requests/:iid/notes`."""
        request = self._api.request("POST", *self._notes(change), body={"body": body})
        return Call("write the note", request, _created, repeatable=False)

    def update(self, change: str, comment: Comment, body: str) -> Call[None]:
        """`PUT /projects/:id/merge_requests/:iid/notes/:note_id`."""
        request = self._api.request("PUT", *self._notes(change), comment.id, body={"body": body})
        return Call("update the note", request, Reply.check)

    def delete(self, change: str, comment: Comment) -> Call[None]:
        """`DELETE /projects/:id/merge_requests/:iid/notes/:note_id`."""
        return Call("delete a double", self._api.request("DELETE", *self._notes(change), comment.id), Reply.check)

    def _notes(self, change: str) -> Sequence[str]:
        """The path of the notes."""
        return (*self._project, "merge_requests", change, "notes")


def _open_numbers(reply: Reply) -> Sequence[str]:
    """The numbers in the project of the open merge requests in a list."""
    rows = rows_in(reply, reply.data(), "list of merge requests")
    found = [id_of(row.get("iid")) for row in rows if row.get("state") == "opened"]
    return [each for each in found if each]


def _page(reply: Reply) -> tuple[Sequence[Comment], bool]:
    """The notes that people and programs wrote; GitLab's own aren't comments. A full page has a next one."""
    rows = rows_in(reply, reply.data(), "list of notes")
    return [_read(row) for row in rows if row.get("system") is not True], len(rows) >= _PAGE


def _created(reply: Reply) -> Comment:
    """The new note."""
    note = _read(reply.data())
    if not note.id:
        raise reply.bad_answer("no note in it")
    return note


def _read(row: Any) -> Comment:  # noqa: ANN401  # JSON of any shape
    """One note."""
    author = text_of(field_of(row, "author", "id"))
    return Comment(id_of(field_of(row, "id")), text_of(field_of(row, "body")), author)


def _user(reply: Reply) -> str:
    """The id of the user in an answer."""
    number = text_of(field_of(reply.data(), "id"))
    if not number:
        raise reply.bad_answer("no user in it")
    return number


def _place(environ: Mapping[str, str], build: Build) -> Place | None:
    """The project of the merge request, which for a fork's pipeline isn't the one that it runs in."""
    if environ.get("GITLAB_CI") != "true":
        return on_page("gitlab", environ)
    api, project = environ.get("CI_API_V4_URL", ""), environ.get("CI_MERGE_REQUEST_PROJECT_ID", "")
    project = project or environ.get("CI_PROJECT_ID", "")
    if not api or not project:
        return None
    mine = environ.get("CI_JOB_TOKEN", "")
    return Place(
        api, project, change=build.change, branch=build.branch, commit=build.commit, job_token=mine or "\0none"
    )


ENTRY = ForgeEntry(_place, GitLab)
