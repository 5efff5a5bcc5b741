"""The sections of a provider file that nothing needs before a run was started."""

from dataclasses import field
from typing import Annotated

from testgate.providers.described.expressions import Expression
from testgate.providers.described.marks import Limits
from testgate.providers.described.part import Part, part
from testgate.providers.described.parts import (
    Acting,
    ActingLine,
    Ask,
    Expressions,
    Rule,
    Sayings,
    Table,
    Template,
    Texts,
)
from testgate.providers.described.readings import AnyAmount, Counts, States

Statuses = list[Annotated[int, Limits(ge=200, le=499)]]


@part
class Waiting(Part):
    """What a run in this state waits for, and what people can do about it: the first text whose values are known."""

    for_: Sayings
    hint: Sayings = field(default_factory=list)


@part
class Poll(Ask):
    """The request that reads the state of one run, or of up to `batch` runs as `{runs}`.

    `over` finds something as soon as a run has ended; without it, the words of `status` say so. Where `result` finds
    something in a run that has ended, its word counts instead of the one of `status`.
    """

    batch: Annotated[int, Limits(ge=1, le=1000)] = 1
    rows: Expression | None = None
    id: Expression | None = None
    status: Expression
    over: Expression | None = None
    result: Expression | None = None
    states: States
    counts: Counts | None = None
    name: Expression | None = None
    url: Expression | None = None
    seconds: AnyAmount | None = None
    began: AnyAmount | None = None
    ended: AnyAmount | None = None
    keep: dict[str, Expression] = field(default_factory=dict)
    waits: dict[str, Waiting] = field(default_factory=dict)
    when: list[Rule] = field(default_factory=list)
    accepts: Statuses = field(default_factory=list)

    def __post_init__(self) -> None:
        """A batch needs rows with ids."""
        super().__post_init__()
        if (self.batch > 1 or self.rows is not None) and (self.rows is None or self.id is None):
            raise ValueError("reads several runs at once, so it needs `rows` and `id`")


@part
class Stop(Acting):
    """The request that stops one run. `accepts` are statuses other than 2xx that say that it was understood."""

    accepts: Statuses = field(default_factory=list)


@part
class Queue(Ask):
    """The request that is asked before the run has what it `keep`s: its place in a queue, for example.

    `stopped` finds something if the run left the queue without being started. `stop` takes it out of the queue.
    """

    keep: Annotated[dict[str, Expression], Limits(min_length=1)]
    stopped: Expression | None = None
    word: Expression | None = None
    url: Expression | None = None
    stop: Stop | None = None


@part
class Rerun(Part):
    """How failed tests are run again: by a request of its own, or by the trigger with this `send`.

    `{failed.id}` and `{failed.case}` are lists.
    """

    request: ActingLine | None = None
    query: Texts = field(default_factory=dict)
    body: Table | None = None
    id: Expressions | None = None
    send: Table = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Accept one of the two ways."""
        if bool(self.send) is (self.request is not None):
            raise ValueError("needs either `send`, for the trigger, or a `request` of its own")

    def ask(self, request: str) -> Ask:
        """Its request of its own."""
        return Ask(request=request, query=self.query, body=self.body)


@part
class Details(Ask):
    """The request for the step in which a test failed, as text at `text`."""

    text: Expressions


@part
class Check(Ask):
    """A harmless question of `command: check`; `each` asks it for every item of a list."""

    name: Template
    each: str = ""
    says: Expression | None = None
