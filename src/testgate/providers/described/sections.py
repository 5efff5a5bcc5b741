"""The sections of a provider file, as models. `docs/providers.md` is their manual."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from testgate.providers.described.expressions import Expression
from testgate.providers.described.parts import (
    Amount,
    Ask,
    Counts,
    Expressions,
    Part,
    RequestLine,
    Rule,
    Sayings,
    States,
    Table,
    Template,
    Texts,
    header_names,
)


def _not_get(line: str) -> str:
    """Refuse GET: caches, proxies and link checkers repeat it."""
    if line.startswith("GET "):
        raise ValueError("must not be GET: what a request changes must not be repeated by a cache or a proxy")
    return line


Statuses = Annotated[list[Annotated[int, Field(ge=200, le=499)]], Field(default_factory=list)]
_UNPROVEN = frozenset({*range(200, 400), 408, 499, *range(500, 600)} - {503})
"""Statuses that alone don't prove that a request had no effect."""
ActingLine = Annotated[RequestLine, AfterValidator(_not_get)]


class Acting(Ask):
    """A request that changes something."""

    request: ActingLine


class Auth(Part):
    """How requests say who they are from: headers, a user and a password, or parts of the query."""

    headers: Annotated[dict[str, Template], AfterValidator(header_names), Field(default_factory=dict)]
    basic: tuple[Template, Template] | None = None
    query: Annotated[dict[str, Template], Field(default_factory=dict)]


class Login(Ask):
    """A request for a token, which the other requests carry as `{token}`. `token` is where its answer has it."""

    token: Expression


class Value(Part):
    """A value that the workflow gives, in `values`, or in `secret-values` if it is `secret`.

    A `list` is separated by commas; of a `map`, each entry is a line `name.key=value`. In a path, what has `segments`
    may be several, as in `folder/job`: this one stands between them, or none if it is empty.
    """

    about: str
    example: str
    required: bool = False
    secret: bool = False
    list_: bool = False
    map: bool = False
    segments: Annotated[str, Field(pattern=r"[A-Za-z0-9_-]{0,40}")] | None = None
    type: Literal["text", "number", "boolean"] = "text"
    default: str = ""
    choices: Annotated[list[str], Field(default_factory=list)]

    @model_validator(mode="after")
    def _one_shape(self) -> "Value":
        """Refuse contradictions."""
        if self.list_ and self.map:
            raise ValueError("is both a `list` and a `map`")
        if self.default and (self.required or self.secret or self.map):
            raise ValueError("has a `default`, and is required, secret or a map")
        if (self.choices or self.map) and self.type != "text":
            raise ValueError("has a `type` beside `choices` or `map`")
        return self


class Target(Part):
    """What `command: run` starts.

    Exactly one of these: `each`, the name of a list whose items are a target each; `together`, the name of a list that
    is one target; `any`, names of values of which one at least must be given for one target. `send` is what
    `{target.send}` stands for in the trigger, `request` the line that starts it instead of the trigger's own.
    """

    each: str = ""
    together: str = ""
    any: Annotated[list[str], Field(default_factory=list)]
    name: Template
    request: ActingLine | None = None
    send: Annotated[Table, Field(default_factory=dict)]

    @property
    def values(self) -> list[str]:
        """The names of the values that select it."""
        return [each for each in (self.each, self.together, *self.any) if each]

    @model_validator(mode="after")
    def _one_kind(self) -> "Target":
        """Accept one kind."""
        if sum(map(bool, (self.each, self.together, self.any))) != 1:
            raise ValueError("needs exactly one of `each`, `together` and `any`")
        return self


class Trigger(Acting):
    """The request that starts a run. `id` is where its answer has the run's id, `url` its page for people.

    `keep` are further values of the answer, which later requests name as `{run.<name>}`. Of an answer with `several`
    runs, `id` and the others are read in each, and `label` tells them apart. With `location`, the id is in the header
    `Location`: its last segment, or the one that follows these, such as `queue/item`.
    """

    id: Expressions
    url: Expression | None = None
    keep: Annotated[dict[str, Expression], Field(default_factory=dict)]
    several: Expression | None = None
    label: Expression | None = None
    location: bool | str = False
    when: Annotated[list[Rule], Field(default_factory=list)]

    @model_validator(mode="after")
    def _certain(self) -> "Trigger":
        """Refuse to take a status for a proof that proves nothing: sent again, the request could start a second run."""
        for rule in self.when:
            odd = [status for status in rule.http if status in _UNPROVEN]
            if odd and rule.means != "adopted" and rule.if_ is None and not rule.holds:
                what = f"takes every answer {odd[0]} for {rule.means}, which proxies give for runs that were started"
                raise ValueError(f"{what}: add `if`, or `any` with `holds`")
        return self


class Waiting(Part):
    """What a run in this state waits for, and what people can do about it: the first text whose values are known."""

    for_: Sayings
    hint: Sayings = Field(default_factory=list)


class Poll(Ask):
    """The request that reads the state of one run, or of up to `batch` runs as `{runs}`.

    `over` finds something as soon as a run has ended; without it, the words of `status` say so. Where `result` finds
    something in a run that has ended, its word counts instead of the one of `status`.
    """

    batch: Annotated[int, Field(ge=1, le=1000)] = 1
    rows: Expression | None = None
    id: Expression | None = None
    status: Expression
    over: Expression | None = None
    result: Expression | None = None
    states: States
    counts: Counts | None = None
    name: Expression | None = None
    url: Expression | None = None
    seconds: Amount | None = None
    began: Amount | None = None
    ended: Amount | None = None
    keep: Annotated[dict[str, Expression], Field(default_factory=dict)]
    waits: Annotated[dict[str, Waiting], Field(default_factory=dict)]
    when: Annotated[list[Rule], Field(default_factory=list)]
    accepts: Statuses

    @model_validator(mode="after")
    def _batch_has_rows(self) -> "Poll":
        """A batch needs rows with ids."""
        if (self.batch > 1 or self.rows is not None) and (self.rows is None or self.id is None):
            raise ValueError("reads several runs at once, so it needs `rows` and `id`")
        return self


class Stop(Acting):
    """The request that stops one run. `accepts` are statuses other than 2xx that say that it was understood."""

    accepts: Statuses


class Queue(Ask):
    """The request that is asked before the run has what it `keep`s: its place in a queue, for example.

    `stopped` finds something if the run left the queue without being started. `stop` takes it out of the queue.
    """

    keep: Annotated[dict[str, Expression], Field(min_length=1)]
    stopped: Expression | None = None
    word: Expression | None = None
    url: Expression | None = None
    stop: Stop | None = None


class Rerun(Part):
    """How failed tests are run again: by a request of its own, or by the trigger with this `send`.

    `{failed.id}` and `{failed.case}` are lists.
    """

    request: ActingLine | None = None
    query: Texts
    body: Table | None = None
    id: Expressions | None = None
    send: Annotated[Table, Field(default_factory=dict)]

    @model_validator(mode="after")
    def _one_way(self) -> "Rerun":
        """Accept one of the two ways."""
        if bool(self.send) is (self.request is not None):
            raise ValueError("needs either `send`, for the trigger, or a `request` of its own")
        return self

    def ask(self, request: str) -> Ask:
        """Its request of its own."""
        return Ask.model_construct(request=request, query=self.query, headers={}, body=self.body, form=None)


class Find(Ask):
    """The request that lists runs, to find the one with our mark: `mark` is where a row of `rows` has it."""

    rows: Expression
    id: Expression
    mark: Expression
    url: Expression | None = None


class Details(Ask):
    """The request for the step in which a test failed, as text at `text`."""

    text: Expressions


class Check(Ask):
    """A harmless question of `command: check`; `each` asks it for every item of a list."""

    name: Template
    each: str = ""
    says: Expression | None = None


class Answers(Part):
    """What holds for every answer: `refused` finds something in one that refuses, whatever its status."""

    refused: Expression | None = None
