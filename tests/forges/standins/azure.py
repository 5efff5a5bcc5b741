"""Azure DevOps, after the REST API 7.1: "Pull Request Threads", "Pull Request Thread Comments", "Pull Requests"."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, ClassVar

from testgate.demo.exchange import RawReply, json_reply
from tests.forges.standins.base import ME, TOKEN, Asked, StandIn, Stored, text_in


class AzureDevOps(StandIn):
    """A repository in the project "Web Shop", which a personal access token reads."""

    api: ClassVar[str] = "https://dev.azure.com/shop"
    longest: ClassVar[int] = 150_000
    environ: ClassVar[Mapping[str, str]] = {
        "TF_BUILD": "True",
        "BUILD_REPOSITORY_PROVIDER": "TfsGit",
        "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI": "https://dev.azure.com/shop/",
        "SYSTEM_TEAMPROJECT": "Web Shop",
        "BUILD_REPOSITORY_ID": "7d3f2c1a",
    }

    def knows(self, headers: Mapping[str, str]) -> bool:
        """A personal access token is the password of no user."""
        return headers.get("authorization") == f"Basic {b64encode(f':{TOKEN}'.encode()).decode()}"

    def route(self, asked: Asked) -> RawReply:
        """Route by method and path; every request needs a version."""
        if "api-version" not in asked.query:
            return self.refusal(400, "No api-version was supplied")
        match asked.method, asked.path:
            case "GET", ("_apis", "connectionData"):
                return json_reply({"authenticatedUser": {"id": f"user-{ME}"}})
            case "GET", ("Web Shop", "_apis", "git", "repositories", "7d3f2c1a", "pullRequests"):
                wanted = asked.query.get("searchCriteria.sourceRefName")
                assert asked.query.get("searchCriteria.status") == "active"
                found = [each for each in self.pulls if each.open and f"refs/heads/{each.branch}" == wanted]
                return json_reply({"value": [{"pullRequestId": each.number, "status": "active"} for each in found]})
            case method, (
                "Web Shop",
                "_apis",
                "git",
                "repositories",
                "7d3f2c1a",
                "pullRequests",
                "12",
                "threads",
                *rest,
            ):
                return self._threads(method, tuple(rest), asked)
        return self.refusal(404, "The requested resource does not exist")

    def _threads(self, method: str, rest: tuple[str, ...], asked: Asked) -> RawReply:  # noqa: PLR0911  # one for each answer
        """Threads, each with one comment, whose id is always 1."""
        if method != "GET" and not self.writes:
            return self.refusal(403, "TF401027: You need the Git 'PullRequestContribute' permission")
        match method, rest:
            case "GET", ():
                return json_reply({"value": [self._thread(each) for each in self.stored]})
            case "POST", ():
                comment = asked.body["comments"][0]
                assert (comment["parentCommentId"], comment["commentType"]) == (0, 1)
                if self.too_long(text_in(comment, "content")):
                    return self.refusal(400, "A discussion comment cannot be longer than 150000 characters.")
                return json_reply(self._thread(self.add(comment["content"])))
            case "PATCH", (number, "comments", "1") if found := self.of(number):
                if self.too_long(text_in(asked.body, "content")):
                    return self.refusal(400, "A discussion comment cannot be longer than 150000 characters.")
                found.body = asked.body["content"]
                return json_reply({"id": 1, "content": found.body})
            case "DELETE", (number, "comments", "1") if found := self.of(number):
                found.deleted = True
                return RawReply()
        return self.refusal(404, "The requested resource does not exist")

    def _thread(self, stored: Stored) -> dict[str, Any]:
        """A thread as JSON; a deleted comment stays as a shell."""
        comment: dict[str, Any] = {"id": 1, "author": {"id": f"user-{stored.author}"}, "isDeleted": stored.deleted}
        if not stored.deleted:
            comment["content"] = stored.body
        return {"id": stored.number, "comments": [comment], "isDeleted": False, "status": "closed"}
