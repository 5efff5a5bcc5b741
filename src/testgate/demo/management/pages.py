"""Pages of rows behind opaque cursors. Pure."""

import base64
from collections.abc import Mapping, Sequence

from testgate.demo.exchange import RawReply
from testgate.demo.management.replies import enveloped, invalid
from testgate.demo.management.scenarios import Limits, Shapes

_SIZE_NAMES = ("page_size", "limit")


def cases_page(
    rows: Sequence[Mapping[str, object]], query: Mapping[str, str], of: str, limits: Limits, shapes: Shapes
) -> RawReply:
    """The page of rows that a query asks for. A cursor holds only for what it was given for, `of`.

    Raises:
        Refusal: size or cursor cannot be read, or there are several.

    """
    size = _size(query, limits)
    offset = _offset(query, of, shapes)
    page_info = {
        "page_size": size,
        "total_count": len(rows),
        "next": _cursor(of, offset + size) if offset + size < len(rows) else None,
        "prev": _cursor(of, max(offset - size, 0)) if offset else None,
    }
    data: dict[str, object] = {"test_run_cases": rows[offset : offset + size]}
    if shapes.page_info == "top":
        return enveloped(data, page_info=page_info)
    return enveloped({**data, "page_info": page_info})


def _size(query: Mapping[str, str], limits: Limits) -> int:
    """How many rows a page has."""
    given = _only(query, _SIZE_NAMES)
    if given is None:
        return limits.page_size
    # The length is looked at, because a number of thousands of digits is not converted.
    if not (given.isascii() and given.isdigit() and len(given) < len("1000000000")) or not int(given):
        raise invalid("the size of a page must be a number above zero")
    return min(int(given), limits.largest_page)


def _offset(query: Mapping[str, str], of: str, shapes: Shapes) -> int:
    """Where a page begins."""
    given = _only(query, shapes.cursor_names)
    if given is None:
        return 0
    try:
        owner, _, told = base64.b64decode(given, validate=True).decode().rpartition(" ")
        offset = int(told)
    except ValueError:
        raise invalid("the cursor is not valid") from None
    if owner != of or offset < 0:
        raise invalid("the cursor is not valid")
    return offset


def _only(query: Mapping[str, str], names: Sequence[str]) -> str | None:
    """The parameter with one of these names."""
    given = [query[name] for name in names if name in query]
    if len(given) > 1:
        raise invalid(f"only one of {', '.join(names)} can be given")
    return given[0] if given else None


def _cursor(of: str, offset: int) -> str:
    """A cursor that says nothing to those who do not know how it is made."""
    return base64.b64encode(f"{of} {offset}".encode()).decode()
