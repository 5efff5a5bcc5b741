"""Pages of rows, and refusals, as Testsigma sends them."""

import json
import re
from collections.abc import Mapping, Sequence

from testgate.demo.exchange import JSON, RawReply, Recorded, Refusal, json_reply

_PAGE_SIZE = 20
_LARGEST_PAGE = 1000
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|(.))")
_SHORT_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class Invalid(Exception):
    """The request is invalid. `field` names the field at fault, if there is one."""

    def __init__(self, message: str, field: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.status = status

    def reply(self, millis: int) -> RawReply:
        """The reply, with the wall clock in milliseconds."""
        errors = [{"field": self.field, "message": self.message}] if self.field else []
        data = {"timeStamp": millis, "error": self.message, "code": "1001", "fieldErrors": errors, "objectErrors": []}
        return json_reply(data, self.status)


def not_found(what: str) -> Refusal:
    """The refusal for something that doesn't exist."""
    data = {"error": f"{what} not found", "code": "0", "fieldErrors": [], "objectErrors": []}
    return Refusal(json_reply(data, 404))


def server_error(text: str) -> Refusal:
    """The refusal when something is in the way: the plan is running, or the run has been rerun before."""
    return Refusal(json_reply({"error": text}, 500))


def requested_page(request: Recorded, rows: Sequence[Mapping[str, object]]) -> RawReply:
    """The page of rows that the request's `page` and `size` ask for.

    Raises:
        Invalid: they are not numbers.

    """
    page, size = (request.query.get(name, default) for name, default in (("page", "0"), ("size", str(_PAGE_SIZE))))
    if not (page.isdecimal() and size.isdecimal() and int(size)):
        raise Invalid("page and size must be numbers", "page")
    return _page(rows, int(page), min(int(size), _LARGEST_PAGE))


def filters(request: Recorded) -> dict[str, str]:
    """The filters in the request's `query`, such as `id:274,deleted:false`."""
    return dict(part.partition(":")[::2] for part in request.query.get("query", "").split(","))


def _page(rows: Sequence[Mapping[str, object]], page: int, size: int) -> RawReply:
    """One page of rows. Control characters in strings aren't escaped, which makes the JSON invalid."""
    content = rows[page * size : (page + 1) * size]
    pages = -(-len(rows) // size)
    data = {
        "content": content,
        "totalElements": len(rows),
        "totalPages": pages,
        "number": page,
        "size": size,
        "numberOfElements": len(content),
        "first": page == 0,
        "last": page + 1 >= pages,
        "empty": not content,
    }
    return RawReply(200, JSON, _ESCAPE.sub(_raw_control, json.dumps(data)).encode())


def _raw_control(escape: re.Match[str]) -> str:
    """An escaped control character unescaped; every other escape unchanged."""
    code, short = escape.groups()
    if code is None:
        return _SHORT_ESCAPES.get(short, escape[0])
    return chr(int(code, 16)) if int(code, 16) < ord(" ") else str(escape[0])
