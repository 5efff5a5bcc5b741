"""Gitea, after the Swagger description of its API, tags "issue" and "repository"."""

from collections.abc import Mapping
from typing import Any, ClassVar

from testgate.demo.exchange import RawReply, json_reply
from tests.forges.standins.base import ME, Asked, StandIn, Stored, text_in


class GiteaServer(StandIn):
    """The repository shop/web on a Gitea. The server's own token belongs to the user -2, and may not ask that."""

    api: ClassVar[str] = "https://git.example.com/api/v1"
    longest: ClassVar[int] = 65_535
    environ: ClassVar[Mapping[str, str]] = {
        "GITHUB_ACTIONS": "true",
        "GITEA_ACTIONS": "true",
        "GITHUB_API_URL": "https://git.example.com/api/v1",
        "GITHUB_REPOSITORY": "shop/web",
    }

    def route(self, asked: Asked) -> RawReply:
        """Route by method and path."""
        match asked.method, asked.path:
            case "GET", ("user",):
                return (
                    json_reply({"id": int(ME)}) if self.knows_itself else self.refusal(403, "token does not have scope")
                )
            case "GET", ("repos", "shop", "web", "pulls"):
                size = min(50, int(asked.query.get("limit", "30")))
                start = (int(asked.query.get("page", "1")) - 1) * size
                rows = [each for each in self.pulls if each.open or asked.query.get("state") != "open"]
                return json_reply(
                    [
                        {"number": each.number, "state": "open", "head": {"sha": each.sha, "ref": each.branch}}
                        for each in rows[start : start + size]
                    ]
                )
            case method, ("repos", "shop", "web", "issues", *rest):
                return self._issues(method, tuple(rest), asked)
        return self.refusal(404, "The target couldn't be found.")

    def _issues(self, method: str, rest: tuple[str, ...], asked: Asked) -> RawReply:  # noqa: PLR0911  # one for each answer
        """Comments: a list isn't paged."""
        if method != "GET" and not self.writes:
            return self.refusal(403, "user should have a permission to write to a repo")
        match method, rest:
            case "GET", ("12", "comments"):
                return json_reply([self._comment(each) for each in self.stored if not each.deleted])
            case "POST", ("12", "comments"):
                if self.too_long(text_in(asked.body, "body")):
                    return self.refusal(422, "Data too long for column 'content'")
                return json_reply(self._comment(self.add(asked.body["body"])), 201)
            case "PATCH", ("comments", number) if found := self.of(number):
                if self.too_long(text_in(asked.body, "body")):
                    return self.refusal(422, "Data too long for column 'content'")
                found.body = asked.body["body"]
                return json_reply(self._comment(found))
            case "DELETE", ("comments", number) if found := self.of(number):
                found.deleted = True
                return RawReply(204)
        return self.refusal(404, "The target couldn't be found.")

    def _comment(self, stored: Stored) -> dict[str, Any]:
        """A comment as JSON."""
        own = stored.author == ME and not self.knows_itself
        user = {"id": -2 if own else int(stored.author), "login": "gitea-actions" if own else f"user{stored.author}"}
        return {"id": stored.number, "body": stored.body, "user": user}
