"""Envelopes, refusals and pages, as Testsigma Test Management sends them."""

import base64
from collections.abc import Mapping, Sequence

from testgate.demo.exchange import RawReply, Refusal, json_reply
from testgate.demo.management.scenarios import Limits, Shapes

_SIZE_NAMES = ("page_size", "limit")
_MOST_DIGITS = 9


def enveloped(data: object, **beside: object) -> RawReply:
    """Data in the envelope of every successful reply."""
    return json_reply({"message": "", "data": data, **beside})


def refused(status: int, message: str) -> Refusal:
    """The short refusal."""
    return Refusal(json_reply({"code": status, "message": message}, status))


def not_found() -> Refusal:
    """The refusal for something that doesn't exist."""
    return refused(404, "Not Found")


def invalid(*details: str, status: int = 400) -> Refusal:
    """The long refusal, with everything that is wrong with a request."""
    errors = {"code": status, "message": "Invalid request parameters", "details": list(details)}
    return Refusal(json_reply({"message": "The request could not be processed", "errors": errors}, status))


def cases_page(
    rows: Sequence[Mapping[str, object]], query: Mapping[str, str], owner: str, limits: Limits, shapes: Shapes
) -> RawReply:
    """The page of rows that a query asks for. Cursors are valid only for the `owner` they were made for.

    Raises:
        Refusal: the size or the cursor is wrong, or given more than once.

    """
    size = _size(query, limits)
    offset = _offset(query, owner, shapes)
    page_info = {
        "page_size": size,
        "total_count": len(rows),
        "next": _cursor(owner, offset + size) if offset + size < len(rows) else None,
        "prev": _cursor(owner, max(offset - size, 0)) if offset else None,
    }
    data: dict[str, object] = {"test_run_cases": rows[offset : offset + size]}
    if shapes.page_info == "top":
        return enveloped(data, page_info=page_info)
    return enveloped({**data, "page_info": page_info})


def _size(query: Mapping[str, str], limits: Limits) -> int:
    """The number of rows on a page."""
    given = _only(query, _SIZE_NAMES)
    if given is None:
        return limits.page_size
    # Python refuses to convert a number of thousands of digits.
    if not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS) or not int(given):
        raise invalid("the page size must be a number above zero")
    return min(int(given), limits.largest_page)


def _offset(query: Mapping[str, str], owner: str, shapes: Shapes) -> int:
    """The row at which a page begins."""
    given = _only(query, shapes.cursor_names)
    if given is None:
        return 0
    try:
        named, _, number = base64.b64decode(given, validate=True).decode().rpartition(" ")
        offset = int(number)
    except ValueError:
        raise invalid("the cursor is not valid") from None
    if named != owner or offset < 0:
        raise invalid("the cursor is not valid")
    return offset


def _only(query: Mapping[str, str], names: Sequence[str]) -> str | None:
    """The query parameter with one of these names; None if there is none."""
    given = [query[name] for name in names if name in query]
    if len(given) > 1:
        raise invalid(f"only one of {', '.join(names)} can be given")
    return given[0] if given else None


def _cursor(owner: str, offset: int) -> str:
    """An opaque cursor."""
    return base64.b64encode(f"{owner} {offset}".encode()).decode()
