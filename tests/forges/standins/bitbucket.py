"""Bitbucket Cloud, after the group "Pullrequests" of its REST API 2.0."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from testgate.demo.exchange import RawReply, json_reply
from tests.forges.standins.base import ME, Asked, StandIn, Stored, text_in


class BitbucketCloud(StandIn):
    """The repository shop/web. The token of a repository has an author of its own, and no user to ask for."""

    api: ClassVar[str] = "https://api.bitbucket.org/2.0"
    longest: ClassVar[int] = 32_767
    environ: ClassVar[Mapping[str, str]] = {
        "BITBUCKET_PIPELINE_UUID": "{1}",
        "BITBUCKET_REPO_FULL_NAME": "shop/web",
    }

    def refusal(self, status: int, message: str) -> RawReply:
        """An error object."""
        return json_reply({"type": "error", "error": {"message": message}}, status)

    def route(self, asked: Asked) -> RawReply:
        """Route by method and path."""
        match asked.method, asked.path:
            case "GET", ("user",):
                if not self.knows_itself:
                    return self.refusal(403, "Your credentials lack one or more required privilege scopes.")
                return json_reply({"type": "user", "uuid": _uuid(ME)})
            case "GET", ("repositories", "shop", "web", "pullrequests"):
                wanted = re.fullmatch(r'source\.branch\.name="(.*)" AND state="OPEN"', asked.query.get("q", ""))
                assert wanted is not None
                found = [each for each in self.pulls if each.open and each.branch == wanted.group(1)]
                return json_reply({"values": [{"id": each.number, "state": "OPEN"} for each in found]})
            case method, ("repositories", "shop", "web", "pullrequests", "12", "comments", *rest):
                return self._comments(method, tuple(rest), asked)
        return self.refusal(404, "Resource not found")

    def _comments(self, method: str, rest: tuple[str, ...], asked: Asked) -> RawReply:  # noqa: PLR0911  # one for each answer
        """Comments; deleted ones are still listed."""
        if method != "GET" and not self.writes:
            return self.refusal(403, "Your credentials lack one or more required privilege scopes.")
        match method, rest:
            case "GET", ():
                return self._page(asked)
            case "POST", ():
                if self.too_long(text_in(asked.body, "content", "raw")):
                    return self.refusal(400, "content: Ensure this value has less than 32768 characters")
                return json_reply(self._comment(self.add(asked.body["content"]["raw"])), 201)
            case "PUT", (number,) if found := self.of(number):
                if self.too_long(text_in(asked.body, "content", "raw")):
                    return self.refusal(400, "content: Ensure this value has less than 32768 characters")
                found.body = asked.body["content"]["raw"]
                return json_reply(self._comment(found))
            case "DELETE", (number,) if found := self.of(number):
                found.deleted = True
                return RawReply(204)
        return self.refusal(404, "Resource not found")

    def _page(self, asked: Asked) -> RawReply:
        """A page: 10 unless asked otherwise. The next one is named by its address, elsewhere to tempt a client."""
        size = min(100, int(asked.query.get("pagelen", "10")))
        page = int(asked.query.get("page", "1"))
        values = [self._comment(each) for each in self.stored[(page - 1) * size : page * size]]
        more = {"next": "https://evil.example/2.0/comments?page=2"} if len(self.stored) > page * size else {}
        return json_reply({"pagelen": size, "page": page, "values": values, **more})

    def _comment(self, stored: Stored) -> dict[str, Any]:
        """A comment as JSON."""
        kind = "app_user" if stored.author == ME and not self.knows_itself else "user"
        body = "" if stored.deleted else stored.body
        user = {"type": kind, "uuid": _uuid(stored.author)}
        return {"id": stored.number, "content": {"raw": body}, "user": user, "deleted": stored.deleted}


def _uuid(author: str) -> str:
    """The id of a user."""
    return f"{{6c1d0f0e-3e1f-45d5-8f1e-7a9b0c1d2e3{author}}}"
