"""Answers of Testsigma that are about no run: pages of rows, and refusals."""

import json
import re
from collections.abc import Mapping, Sequence

from testgate.demo.exchange import JSON, RawReply, Recorded, json_reply
from testgate.demo.exchange import Refusal as Refusal

_PAGE_SIZE = 20
_LARGEST_PAGE = 1000
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|(.))")
_SHORT_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def asked_page(request: Recorded, rows: Sequence[Mapping[str, object]], millis: int) -> RawReply:
    """The page of rows that the request's `page` and `size` ask for.

    Raises:
        Refusal: they are no numbers.

    """
    page, size = (request.query.get(name, default) for name, default in (("page", "0"), ("size", str(_PAGE_SIZE))))
    if not (page.isdecimal() and size.isdecimal() and int(size)):
        raise Refusal(invalid("page and size are numbers", "page", millis, 400))
    return page_answer(rows, int(page), min(int(size), _LARGEST_PAGE))


def filters(request: Recorded) -> dict[str, str]:
    """The parts of a `query` such as `id:274,deleted:false`."""
    return dict(part.partition(":")[::2] for part in request.query.get("query", "").split(","))


def page_answer(rows: Sequence[Mapping[str, object]], page: int, size: int) -> RawReply:
    """One page of rows. Control characters in strings stand as they are, which is no valid JSON."""
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


def not_found(what: str) -> RawReply:
    """The answer for something that does not exist."""
    return json_reply({"error": f"{what} not found", "code": "0", "fieldErrors": [], "objectErrors": []}, 404)


def invalid(error: str, field: str, millis: int, status: int) -> RawReply:
    """The answer for a request that cannot be understood."""
    faults = [{"field": field, "message": error}] if field else []
    data = {"timeStamp": millis, "error": error, "code": "1001", "fieldErrors": faults, "objectErrors": []}
    return json_reply(data, status)


def server_error(text: str) -> RawReply:
    """How the platform says that something is in the way: a plan that runs, a run rerun before."""
    return json_reply({"error": text}, 500)


def _raw_control(escape: re.Match[str]) -> str:
    """An escaped control character as itself; every other escape as it is."""
    code, short = escape.groups()
    if code is None:
        return _SHORT_ESCAPES.get(short, escape[0])
    return chr(int(code, 16)) if int(code, 16) < ord(" ") else str(escape[0])
