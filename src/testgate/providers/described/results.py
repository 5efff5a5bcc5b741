"""The section `[results]` of a provider file: how a run's tests are read."""

from dataclasses import field
from typing import Annotated, Literal

from testgate.providers.described.expressions import Expression
from testgate.providers.described.marks import Limits
from testgate.providers.described.part import Part, part
from testgate.providers.described.parts import Ask, Expressions, Headers, RequestLine, Rule, Table, Texts
from testgate.providers.described.readings import AnyAmount, Counts, Outcomes, Same, States


@part
class Join(Part):
    """A row of another list with the same id, as `_join`: in `list`, the row whose `on` equals the row's `with`.

    If `list` is an object, its values are the rows, with its keys as `_key`.
    """

    list_: Expression
    on: Expression
    with_: Expression


@part
class Paging(Part):
    """How a list goes on: by number of page, by offset, by a cursor in the answer, or by a link to the next page.

    `total` is where the answer has the number of rows, `pages` that of pages, `last` finds something on the last page.
    """

    kind: Literal["page", "offset", "cursor", "link"]
    size: Annotated[int, Limits(ge=1, le=10_000)] = 50
    first: Annotated[int, Limits(ge=0, le=1)] = 1
    next: Expression | None = None
    total: Expression | None = None
    pages: Expression | None = None
    last: Expression | None = None

    def __post_init__(self) -> None:
        """A cursor and a link stand in the answer."""
        if (self.kind in {"cursor", "link"}) is not (self.next is not None):
            raise ValueError("needs `next` if it is a cursor or a link, and only then")


@part
class Step(Part):
    """The step in which a test failed: the last row that fits `where`, or else the last one, as text."""

    rows: Expression
    where: Expression | None = None
    text: Expression


@part
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
    seconds: AnyAmount | None = None
    began: AnyAmount | None = None
    ended: AnyAmount | None = None
    video: Expression | None = None
    step: Step | None = None
    superseded: Expression | None = None


@part
class Items(Ask):
    """The request for one item of a list: `{item}` stands for its id. `rows` are the tests in its answer.

    Without `rows`, the answer is a test itself. Without `id`, the list consists of ids; with it, of rows that have one,
    and `machine`, on which the item ran. `keep` are further values of such a row: `{item.<name>}` in the request, and
    `_item.<name>` in what is read from its answer.
    """

    id: Expression | None = None
    machine: Expression | None = None
    keep: dict[str, Expression] = field(default_factory=dict)
    rows: Expressions = field(default_factory=list)
    page: Paging | None = None

    def __post_init__(self) -> None:
        """Refuse what could only be ignored."""
        super().__post_init__()
        if (self.keep or self.machine) and self.id is None:
            raise ValueError(
                "has `keep` or `machine`, which needs `id`: the list then consists of rows, and not of ids"
            )
        if self.page is not None and not self.rows:
            raise ValueError("has `page`, which needs `rows`: without them, each item is one test")


@part
class Results(Part):
    """How a run's tests are read.

    `json`: rows of the answer; `junit`: a JUnit report; `items`: the answer lists ids at `rows`, and `item` asks for
    each; `run`: the run itself is the only test, and the request is that of `poll` unless it has one of its own.
    """

    kind: Literal["json", "junit", "items", "run"] = "json"
    request: RequestLine | None = None
    base_url: str = ""
    query: Texts = field(default_factory=dict)
    headers: Headers = field(default_factory=dict)
    body: Table | None = None
    rows: Expressions = field(default_factory=list)
    item: Items | None = None
    join: Join | None = None
    attempts: Literal["", "last"] = ""
    page: Paging | None = None
    live: bool = False
    state: Expression | None = None
    states: States | None = None
    same: list[Same] = field(default_factory=list)
    counts: Counts | None = None
    test: Test | None = None
    message: Expressions | None = None
    outcomes: Outcomes | None = None
    when: list[Rule] = field(default_factory=list)

    def __post_init__(self) -> None:
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
        if self.item is not None and self.kind != "items":
            raise ValueError(f'has `item`, which only `kind = "items"` reads: the kind is {self.kind}')
        if self.attempts and (self.test is None or self.test.case is None or self.test.began is None):
            raise ValueError("has `attempts`, which needs `case` and `began` of a test")
        if (self.state is None) is not (self.states is None):
            raise ValueError("needs `state` and `states` together")

    @property
    def ask(self) -> Ask | None:
        """Its request; None if that of the poll is meant."""
        if self.request is None:
            return None
        return Ask(request=self.request, base_url=self.base_url, query=self.query, headers=self.headers, body=self.body)
