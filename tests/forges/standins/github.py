"""GitHub, after "REST API endpoints for issue comments", "… for pull requests" and "… for commits"."""

from collections.abc import Mapping
from typing import Any, ClassVar

from testgate.demo.exchange import RawReply, json_reply
from tests.forges.standins.base import ME, Asked, Pull, StandIn, Stored, text_in


class GitHubServer(StandIn):
    """The repository shop/web on GitHub. An installation's token may not ask who it is (403)."""

    api: ClassVar[str] = "https://api.github.com"
    environ: ClassVar[Mapping[str, str]] = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": "https://api.github.com",
        "GITHUB_REPOSITORY": "shop/web",
    }

    def route(self, asked: Asked) -> RawReply:  # noqa: PLR0911  # one for each answer
        """Route by method and path."""
        match asked.method, asked.path:
            case "GET", ("user",):
                if not self.knows_itself:
                    return self.refusal(403, "Resource not accessible by integration")
                return json_reply({"id": int(ME), "login": "testgate", "type": "User"})
            case "GET", ("repos", "shop", "web", "commits", sha, "pulls"):
                if len(sha) != 40:
                    return self.refusal(422, f"No commit found for SHA: {sha}")
                return json_reply([self._pull(each) for each in self.pulls if each.sha == sha and each.owner == "shop"])
            case "GET", ("repos", "shop", "web", "pulls"):
                wanted = (asked.query.get("state"), asked.query.get("head"))
                return json_reply(
                    [self._pull(each) for each in self.pulls if wanted == (_state(each), f"{each.owner}:{each.branch}")]
                )
            case method, ("repos", "shop", "web", "issues", *rest):
                return self._issues(method, tuple(rest), asked)
        return self.refusal(404, "Not Found")

    def _issues(self, method: str, rest: tuple[str, ...], asked: Asked) -> RawReply:  # noqa: PLR0911  # one for each answer
        """Comments."""
        if method != "GET" and not self.writes:
            return self.refusal(403, "Resource not accessible by integration")
        match method, rest:
            case "GET", (number, "comments") if self._has(number):
                return json_reply([self._comment(each) for each in self._page(asked)])
            case "POST", (number, "comments") if self._has(number):
                if self.too_long(text_in(asked.body, "body")):
                    return self._unprocessable()
                return json_reply(self._comment(self.add(asked.body["body"])), 201)
            case "PATCH", ("comments", number) if found := self.of(number):
                if self.too_long(text_in(asked.body, "body")):
                    return self._unprocessable()
                found.body = asked.body["body"]
                return json_reply(self._comment(found))
            case "DELETE", ("comments", number) if found := self.of(number):
                found.deleted = True
                return RawReply(204)
        return self.refusal(404, "Not Found")

    def _has(self, number: str) -> bool:
        """Whether there is such a pull request."""
        return any(str(each.number) == number for each in self.pulls)

    def _page(self, asked: Asked) -> list[Stored]:
        """The comments on a page, the oldest first; 30 unless asked otherwise, at most 100."""
        size = min(100, int(asked.query.get("per_page", "30")))
        start = (int(asked.query.get("page", "1")) - 1) * size
        return [each for each in self.stored if not each.deleted][start : start + size]

    def _comment(self, stored: Stored) -> dict[str, Any]:
        """A comment as JSON."""
        kind = "Bot" if stored.author == ME and not self.knows_itself else "User"
        user = {"id": int(stored.author), "login": f"user{stored.author}", "type": kind}
        return {"id": stored.number, "body": stored.body, "user": user}

    def _pull(self, pull: Pull) -> dict[str, Any]:
        """A pull request as JSON."""
        head = {"sha": pull.sha, "ref": pull.branch, "label": f"{pull.owner}:{pull.branch}"}
        return {"number": pull.number, "id": 9000 + pull.number, "state": _state(pull), "head": head}

    def _unprocessable(self) -> RawReply:
        """The refusal of a text that is too long."""
        error = {"resource": "IssueComment", "code": "unprocessable", "message": "body is too long (maximum is 65536)"}
        return json_reply({"message": "Validation Failed", "errors": [error]}, 422)


def _state(pull: Pull) -> str:
    """The state of a pull request."""
    return "open" if pull.open else "closed"
