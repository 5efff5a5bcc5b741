"""A strict reader of multipart/form-data: anything but a form of text fields is refused."""

from email.message import Message
from email.parser import BytesHeaderParser

from testgate.demo.exchange import Recorded
from testgate.demo.management.replies import invalid


def form_fields(request: Recorded) -> dict[str, str]:
    """The text fields of a form, by name.

    Raises:
        Refusal: the request isn't a form, is malformed, or has a file or the same name twice.

    """
    fields: dict[str, str] = {}
    for part in _parts(request):
        head, blank, content = part.partition(b"\r\n\r\n")
        name = _name(head) if blank else None
        if name is None:
            raise invalid("every part of the form must be text with a name")
        if name in fields:
            raise invalid(f"the form has {name} twice")
        try:
            fields[name] = content.decode()
        except UnicodeDecodeError:
            raise invalid(f"{name} is not UTF-8") from None
    return fields


def _parts(request: Recorded) -> list[bytes]:
    """The parts between the boundaries."""
    kind = Message()
    kind["Content-Type"] = request.headers.get("content-type", "")
    boundary = kind.get_boundary()
    if kind.get_content_type() != "multipart/form-data" or not boundary:
        raise invalid("the body must be multipart/form-data with a boundary")
    delimiter = b"\r\n--" + boundary.encode("utf-8", "replace")
    before, _, rest = (b"\r\n" + request.raw).partition(delimiter)
    *parts, after = rest.split(delimiter)
    if before or after not in {b"--", b"--\r\n"} or not all(part.startswith(b"\r\n") for part in parts):
        raise invalid("the form is malformed")
    return [part.removeprefix(b"\r\n") for part in parts]


def _name(head: bytes) -> str | None:
    """The name of a part; None if it has none, or is a file."""
    headers = BytesHeaderParser().parsebytes(head)
    name = headers.get_param("name", header="content-disposition")
    if headers.get_content_disposition() != "form-data" or headers.get_filename() is not None:
        return None
    return name if isinstance(name, str) else None
