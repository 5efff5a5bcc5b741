"""The section `[results]` of a provider file, as models: how a run's tests are read."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from testgate.providers.described.expressions import Expression
from testgate.providers.described.parts import Ask, Expressions, Headers, Part, RequestLine, Rule, Table, Texts
from testgate.providers.described.readings import Amount, Counts, Outcomes, Same, States


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
    """The request for one item of a list: `{item}` stands for its id. `rows` are the tests in its answer.

    Without `rows`, the answer is a test itself. Without `id`, the list consists of ids; with it, of rows that have one,
    and `machine`, on which the item ran. `keep` are further values of such a row: `{item.<name>}` in the request, and
    `_item.<name>` in what is read from its answer.
    """

    id: Expression | None = None
    machine: Expression | None = None
    keep: Annotated[dict[str, Expression], Field(default={})]
    rows: Annotated[Expressions, Field(default=[])]
    page: Paging | None = None

    @model_validator(mode="after")
    def _fits(self) -> "Items":
        """Refuse what could only be ignored."""
        if (self.keep or self.machine) and self.id is None:
            raise ValueError(
                "has `keep` or `machine`, which needs `id`: the list then consists of rows, and not of ids"
            )
        if self.page is not None and not self.rows:
            raise ValueError("has `page`, which needs `rows`: without them, each item is one test")
        return self


class Results(Part):
    """How a run's tests are read.

    `json`: rows of the answer; `junit`: a JUnit report; `items`: the answer lists ids at `rows`, and `item` asks for
    each; `run`: the run itself is the only test, and the request is that of `poll` unless it has one of its own.
    """

    kind: Literal["json", "junit", "items", "run"] = "json"
    request: RequestLine | None = None
    base_url: str = ""
    query: Texts
    headers: Headers
    body: Table | None = None
    rows: Annotated[Expressions, Field(default=[])]
    item: Items | None = None
    join: Join | None = None
    attempts: Literal["", "last"] = ""
    page: Paging | None = None
    live: bool = False
    state: Expression | None = None
    states: States | None = None
    same: Annotated[list[Same], Field(default=[])]
    counts: Counts | None = None
    test: Test | None = None
    message: Expressions | None = None
    outcomes: Outcomes | None = None
    when: Annotated[list[Rule], Field(default=[])]

    @model_validator(mode="after")
    def _complete(self) -> "Results":
        """Each kind needs its parts."""
        needs = {
            "json": ("request", "rows", "test", "outcomes"),
            "junit": ("request",),
            "items": ("request", "rows", "item", "test", "outcomes"),
            "run": (),
        }[self.kind]
        missing = [name for name in needs if not getattr(self, name)]
        if missing:
            raise ValueError(f"needs {', '.join(f'`{name}`' for name in missing)} for the kind {self.kind}")
        if self.attempts and (self.test is None or self.test.case is None or self.test.began is None):
            raise ValueError("has `attempts`, which needs `case` and `began` of a test")
        if (self.state is None) is not (self.states is None):
            raise ValueError("needs `state` and `states` together")
        return self

    @property
    def ask(self) -> Ask | None:
        """Its request; None if that of the poll is meant."""
        if self.request is None:
            return None
        return Ask.model_construct(
            request=self.request,
            base_url=self.base_url,
            query=self.query,
            headers=self.headers,
            body=self.body,
            form=None,
        )
