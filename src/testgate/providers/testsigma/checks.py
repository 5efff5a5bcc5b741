"""The readers of the harmless questions that show whether the inputs are right."""

from testgate.errors import Refused
from testgate.providers.testsigma.answers import PAGE_SIZE, unwrapped
from testgate.shapes import more_follows, rows_in, text_of
from testgate.text import one_line
from testgate.wire import Reply


def named_in_list(reply: Reply, *, wanted: int, name: str) -> str:
    """Report the name of the item with the ID `wanted`, which the input `name` contains.

    Raises:
        Refused: the list is complete and has no such item.
        BadAnswer: the reply contains no list; also the errors of `Reply.data`.

    """
    rows = rows_in(reply, unwrapped(reply.data()), "list")
    for row in rows:
        if text_of(row.get("id")) == str(wanted):
            return f"known as {one_line(reply.redact(text_of(row.get('name'))) or 'nameless', 100)!r}"
    if more_follows(reply.data(), len(rows), 0, unsaid=len(rows) >= PAGE_SIZE):
        return f"not among the first {len(rows)} that the platform lists; there may be more"
    remedy = f"Check `{name}` ({wanted}), and that `base-url` is the address of your account's region."
    raise Refused(f"the platform does not know {wanted} for this key", status=404, remedy=remedy)


def accepted(reply: Reply) -> str:
    """Report that the platform accepts the key; raises the errors of `Reply.data`."""
    reply.data()
    return "the platform accepts the key"
