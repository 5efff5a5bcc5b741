"""A strict reader of forms: anything but a form of text fields is refused."""

from testgate.demo.exchange import Recorded
from testgate.demo.management.replies import invalid
from testgate.demo.multipart import Malformed, parts_of


def form_fields(request: Recorded) -> dict[str, str]:
    """The text fields of a form, by name.

    Raises:
        Refusal: the request isn't a form, is malformed, or has a file or the same name twice.

    """
    try:
        parts = parts_of(request)
    except Malformed as malformed:
        raise invalid(str(malformed)) from None
    fields: dict[str, str] = {}
    for part in parts:
        if part.name is None or part.filename is not None:
            raise invalid("every part of the form must be text with a name")
        if part.name in fields:
            raise invalid(f"the form has {part.name} twice")
        try:
            fields[part.name] = part.content.decode()
        except UnicodeDecodeError:
            raise invalid(f"{part.name} is not UTF-8") from None
    return fields
