"""The parts of the section `results` of a provider file: how a list goes on, and what is in its rows."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from testgate.providers.described.expressions import Expression
from testgate.providers.described.parts import Amount, Ask, Expressions, Part


class Join(Part):
    """A row of another list with the same id, as `_join`: in `list`, the row whose `on` equals the row's `with`.

    If `list` is an object, its values are the rows, with its keys as `_key`.
    """

    list_: Expression
    on: Expression
    with_: Expression


class Paging(Part):
    """How a list goes on: by number of page, by offset, by a cursor in the answer, or by a link to the next page.

    `total` is where the answer has the number of rows, `pages` that of pages, `last` finds something on the last page.
    """

    kind: Literal["page", "offset", "cursor", "link"]
    size: Annotated[int, Field(ge=1, le=10_000)] = 50
    first: Annotated[int, Field(ge=0, le=1)] = 1
    next: Expression | None = None
    total: Expression | None = None
    pages: Expression | None = None
    last: Expression | None = None

    @model_validator(mode="after")
    def _has_next(self) -> "Paging":
        """A cursor and a link stand in the answer."""
        if (self.kind in {"cursor", "link"}) is not (self.next is not None):
            raise ValueError("needs `next` if it is a cursor or a link, and only then")
        return self


class Step(Part):
    """The step in which a test failed: the last row that fits `where`, or else the last one, as text."""

    rows: Expression
    where: Expression | None = None
    text: Expression


class Test(Part):
    """Where a row has what there is to know about a test. `superseded` finds something in an attempt that isn't the
    last.
    """  # noqa: D205  # one sentence too long for a line

    name: Expression
    id: Expression | None = None
    case: Expression | None = None
    suite: Expression | None = None
    machine: Expression | None = None
    status: Expression
    message: Expressions | None = None
    seconds: Amount | None = None
    began: Amount | None = None
    ended: Amount | None = None
    video: Expression | None = None
    step: Step | None = None
    superseded: Expression | None = None


class Items(Ask):
    """The request for one item of a list: `{item}` stands for its id.

    The list has ids, or rows with `id`, and with the `machine` on which the item ran. `rows` are the tests in the
    answer, which is a test itself without them.
    """

    id: Expression | None = None
    machine: Expression | None = None
    rows: Annotated[Expressions, Field(default_factory=list)]
