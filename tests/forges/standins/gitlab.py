"""GitLab, after the pages "Notes API", "Merge requests API", "Commits API" and "Users API" of its documentation."""

from collections.abc import Mapping
from typing import Any, ClassVar

from testgate.demo.exchange import RawReply, json_reply
from tests.forges.standins.base import ME, TOKEN, Asked, StandIn, Stored, text_in


class GitLabServer(StandIn):
    """The project 278964 on GitLab. The token of a project always has a user."""

    api: ClassVar[str] = "https://gitlab.com/api/v4"
    longest: ClassVar[int] = 1_000_000
    environ: ClassVar[Mapping[str, str]] = {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": "https://gitlab.com/api/v4",
        "CI_PROJECT_ID": "278964",
    }

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Access tokens have a header of GitLab's own."""
        return headers.get("private-token") == TOKEN

    def route(self, asked: Asked) -> RawReply:
        """Route by method and path."""
        match asked.method, asked.path:
            case "GET", ("user",):
                return json_reply({"id": int(ME), "username": "project_278964_bot"})
            case "GET", ("projects", "278964", "repository", "commits", sha, "merge_requests"):
                return json_reply([_merge_request(each) for each in self.pulls if each.sha == sha])
            case "GET", ("projects", "278964", "merge_requests"):
                wanted = (asked.query.get("state"), asked.query.get("source_branch"))
                return json_reply(
                    [_merge_request(each) for each in self.pulls if wanted == (_state(each), each.branch)]
                )
            case method, ("projects", "278964", "merge_requests", "12", "notes", *rest):
                return self._notes(method, tuple(rest), asked)
        return self.refusal(404, "404 Not found")

    def _notes(self, method: str, rest: tuple[str, ...], asked: Asked) -> RawReply:  # noqa: PLR0911  # one for each answer
        """Notes, among them one of the system."""
        if method != "GET" and not self.writes:
            return self.refusal(403, "403 Forbidden")
        match method, rest:
            case "GET", ():
                return self._page(asked)
            case "POST", ():
                if self.too_long(text_in(asked.body, "body")):
                    return self._bad_request()
                return json_reply(self._note(self.add(asked.body["body"])), 201)
            case "PUT", (number,) if found := self.of(number):
                if self.too_long(text_in(asked.body, "body")):
                    return self._bad_request()
                found.body = asked.body["body"]
                return json_reply(self._note(found))
            case "DELETE", (number,) if found := self.of(number):
                found.deleted = True
                return RawReply(204)
        return self.refusal(404, "404 Not found")

    def _page(self, asked: Asked) -> RawReply:
        """A page of notes: 20 unless asked otherwise, the newest first unless asked otherwise."""
        size = min(100, int(asked.query.get("per_page", "20")))
        start = (int(asked.query.get("page", "1")) - 1) * size
        notes = [self._note(each) for each in self.stored if not each.deleted]
        system = {"id": 1, "body": "added 1 commit", "author": {"id": 8}, "system": True}
        rows = [system, *notes] if asked.query.get("sort") == "asc" else [*reversed(notes), system]
        return json_reply(rows[start : start + size])

    def _note(self, stored: Stored) -> dict[str, Any]:
        """A note as JSON."""
        return {"id": stored.number, "body": stored.body, "author": {"id": int(stored.author)}, "system": False}

    def _bad_request(self) -> RawReply:
        """The refusal of a text that is too long."""
        return json_reply({"message": {"note": ["is too long (maximum is 1000000 characters)"]}}, 400)


def _state(pull: Any) -> str:  # noqa: ANN401  # a pull request
    """The state of a merge request."""
    return "opened" if pull.open else "merged"


def _merge_request(pull: Any) -> dict[str, Any]:  # noqa: ANN401  # a pull request
    """A merge request as JSON."""
    return {"id": 5000 + pull.number, "iid": pull.number, "state": _state(pull), "source_branch": pull.branch}
