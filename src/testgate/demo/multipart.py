"""A strict reader of multipart/form-data."""

from email.message import Message
from email.parser import BytesHeaderParser
from typing import NamedTuple

from testgate.demo.exchange import Recorded


class Malformed(Exception):
    """What is wrong with a form, in words."""


class Part(NamedTuple):
    """A part of a form; `name` is None if it has none, `filename` if it isn't a file."""

    name: str | None
    filename: str | None
    content: bytes


def parts_of(request: Recorded) -> list[Part]:
    """The parts of a form, in order.

    Raises:
        Malformed: the request isn't a form.

    """
    return [_part(raw) for raw in _between_boundaries(request)]


def _between_boundaries(request: Recorded) -> list[bytes]:
    """The parts between the boundaries."""
    kind = Message()
    kind["Content-Type"] = request.headers.get("content-type", "")
    boundary = kind.get_boundary()
    if kind.get_content_type() != "multipart/form-data" or not boundary:
        raise Malformed("the body must be multipart/form-data with a boundary")
    delimiter = b"\r\n--" + boundary.encode("utf-8", "replace")
    before, _, rest = (b"\r\n" + request.raw).partition(delimiter)
    *parts, after = rest.split(delimiter)
    if before or after not in {b"--", b"--\r\n"} or not all(part.startswith(b"\r\n") for part in parts):
        raise Malformed("the form is malformed")
    return [part.removeprefix(b"\r\n") for part in parts]


def _part(raw: bytes) -> Part:
    """One part."""
    head, blank, content = raw.partition(b"\r\n\r\n")
    headers = BytesHeaderParser().parsebytes(head)
    name = headers.get_param("name", header="content-disposition")
    named = blank and headers.get_content_disposition() == "form-data" and isinstance(name, str)
    return Part(str(name) if named else None, headers.get_filename(), content)
