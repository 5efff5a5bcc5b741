"""A request as the simulator received it, and an answer as it is to go on the wire."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

JSON = "application/json;charset=UTF-8"
HTML = "text/html;charset=UTF-8"


class Recorded(NamedTuple):
    """One request, read to its end.

    `path` is as on the wire, without the query; header names are in lower case. `body` is the
    parsed JSON, None where there is none; `raw` its bytes. `at` is seconds on a monotonic clock.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    raw: bytes
    at: float


class RawReply(NamedTuple):
    """An answer; its length is added when it is sent. With `cut`, half of the body is sent and no more."""

    status: int = 200
    content_type: str = JSON
    body: bytes = b""
    headers: Mapping[str, str] = {}
    cut: bool = False


class Refusal(Exception):
    """What was asked for is not done; `reply` says so."""

    def __init__(self, reply: RawReply) -> None:
        super().__init__(f"answered {reply.status}")
        self.reply = reply


def json_reply(data: object, status: int = 200) -> RawReply:
    """Data as a JSON answer."""
    return RawReply(status, JSON, json.dumps(data).encode())


def page_reply(status: int, title: str) -> RawReply:
    """A small HTML page, as a web front or a load balancer answers."""
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return RawReply(status, HTML, page.encode())
