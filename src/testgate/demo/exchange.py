"""Requests as the simulator receives them, the replies it sends, and refusals."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

JSON = "application/json;charset=UTF-8"
HTML = "text/html;charset=UTF-8"

T = TypeVar("T")


class Recorded(NamedTuple):
    """A request that has arrived in full.

    `path` is as sent, without the query; header names are lower case. `body` is the parsed JSON, or
    None if the body isn't JSON; `raw` is its bytes. `at` is in seconds on a monotonic clock.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    raw: bytes
    at: float


class RawReply(NamedTuple):
    """A reply; the server adds the content length. With `cut`, only the first half of the body is sent."""

    status: int = 200
    content_type: str = JSON
    body: bytes = b""
    headers: Mapping[str, str] = {}
    cut: bool = False


class Refusal(Exception):
    """The request is refused with this reply."""

    def __init__(self, reply: RawReply) -> None:
        super().__init__(f"refused with status {reply.status}")
        self.reply = reply


def json_reply(data: object, status: int = 200) -> RawReply:
    """Data as a JSON reply."""
    return RawReply(status, JSON, json.dumps(data).encode())


def page_reply(status: int, title: str) -> RawReply:
    """A small HTML page, like those of a web front end or a load balancer."""
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return RawReply(status, HTML, page.encode())


def json_object(body: object, otherwise: Exception) -> dict[str, Any]:
    """The body as a JSON object; raises `otherwise` if it is anything else."""
    if not isinstance(body, dict):
        raise otherwise
    return body


def first_of(items: Iterable[T], otherwise: Exception) -> T:
    """The first of the items; raises `otherwise` if there are none."""
    for item in items:
        return item
    raise otherwise
