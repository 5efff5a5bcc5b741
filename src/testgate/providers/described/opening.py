"""The opening of a provider file. `docs/providers.md` is the manual."""

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from testgate.providers.described.building import built
from testgate.providers.described.expressions import Expression
from testgate.providers.described.marks import Checked, Limits, Prepared
from testgate.providers.described.part import Part, part
from testgate.providers.described.parts import (
    Acting,
    ActingLine,
    Ask,
    Expressions,
    Rule,
    Table,
    Template,
    header_names,
)
from testgate.providers.described.templates import placeholders
from testgate.shapes import is_id

if TYPE_CHECKING:
    from testgate.providers.described.document import Document

Proof = Literal["live", "samples", "documents"]
_UNPROVEN = frozenset({*range(200, 400), 408, 499, *range(500, 600)} - {503})
"""Statuses that alone don't prove that a request had no effect."""


def _names(values: Any) -> Any:  # noqa: ANN401  # checked later
    """Refuse names that no line of `values` could have."""
    odd = [name for name in values if not is_id(name) or "." in name] if isinstance(values, dict) else []
    if odd:
        raise ValueError(f"has a value with the name {odd[0]!r}: use letters, digits and hyphens")
    return values


@part
class Auth(Part):
    """How requests say who they are from: headers, a user and a password, or parts of the query."""

    headers: Annotated[dict[str, Template], Checked(header_names)] = field(default_factory=dict)
    basic: tuple[Template, Template] | None = None
    query: dict[str, Template] = field(default_factory=dict)


@part
class Login(Ask):
    """A request for a token, which the other requests carry as `{token}`. `token` is where its answer has it."""

    token: Expression


@part
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
    segments: Annotated[str, Limits(pattern=r"[A-Za-z0-9_-]{0,40}")] | None = None
    type: Literal["text", "number", "boolean"] = "text"
    default: str = ""
    choices: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse contradictions."""
        if self.list_ and self.map:
            raise ValueError("is both a `list` and a `map`")
        if self.default and (self.required or self.secret or self.map):
            raise ValueError("has a `default`, and is required, secret or a map")
        if (self.choices or self.map) and self.type != "text":
            raise ValueError("has a `type` beside `choices` or `map`")


@part
class Target(Part):
    """What `command: run` starts.

    Exactly one of these: `each`, the name of a list whose items are a target each; `together`, the name of a list that
    is one target; `any`, names of values of which one at least must be given for one target. `send` is what
    `{target.send}` stands for in the trigger, `request` the line that starts it instead of the trigger's own.
    """

    each: str = ""
    together: str = ""
    any: list[str] = field(default_factory=list)
    name: Template
    request: ActingLine | None = None
    send: Table = field(default_factory=dict)

    @property
    def values(self) -> list[str]:
        """The names of the values that select it."""
        return [each for each in (self.each, self.together, *self.any) if each]

    def __post_init__(self) -> None:
        """Accept one kind."""
        if sum(map(bool, (self.each, self.together, self.any))) != 1:
            raise ValueError("needs exactly one of `each`, `together` and `any`")


@part
class Trigger(Acting):
    """The request that starts a run. `id` is where its answer has the run's id, `url` its page for people.

    `keep` are further values of the answer, which later requests name as `{run.<name>}`. Of an answer with `several`
    runs, `id` and the others are read in each, and `label` tells them apart. With `location`, the id is in the header
    `Location`: its last segment, or the one that follows these, such as `queue/item`.
    """

    id: Expressions
    url: Expression | None = None
    keep: dict[str, Expression] = field(default_factory=dict)
    several: Expression | None = None
    label: Expression | None = None
    location: bool | str = False
    when: list[Rule] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse to take a status for a proof that proves nothing: sent again, the request could start a second run."""
        super().__post_init__()
        for rule in self.when:
            odd = [status for status in rule.http if status in _UNPROVEN]
            if odd and rule.means != "adopted" and rule.if_ is None and not rule.holds:
                what = f"takes every answer {odd[0]} for {rule.means}, which proxies give for runs that were started"
                raise ValueError(f"{what}: add `if`, or `any` with `holds`")


@part
class Answers(Part):
    """What holds for every answer: `refused` finds something in one that refuses, whatever its status."""

    refused: Expression | None = None


@part
class Find(Ask):
    """The request that lists runs, to find the one with our mark: `mark` is where a row of `rows` has it."""

    rows: Expression
    id: Expression
    mark: Expression
    url: Expression | None = None


@part
class Opening(Part):
    """The opening of a file: what it takes to start a run, and to find one whose trigger was not answered.

    It is read first, and alone if the file is known to be valid: the rest isn't urgent.
    """

    schema_: str = ""
    format: Literal[1]
    name: Annotated[str, Limits(min_length=1, max_length=60)]
    about: str = ""
    documentation: str = ""
    proof: Proof | None = None
    notes: list[str] = field(default_factory=list)
    base_url: str = ""
    link: Template = ""
    auth: Auth = field(default_factory=Auth)
    login: Login | None = None
    answers: Answers = field(default_factory=Answers)
    values: Annotated[dict[str, Value], Prepared(_names)] = field(default_factory=dict)
    targets: Annotated[list[Target], Limits(min_length=1)]
    trigger: Trigger
    find: Find | None = None

    @classmethod
    def of(cls, file: Mapping[str, Any]) -> "Opening":
        """Read the opening of a file that is known to be valid.

        Raises:
            TypeError: it isn't valid.

        """
        opening = built(cls, file)
        vars(opening)["_file"] = file
        return opening

    def whole(self) -> "Document":
        """The whole document.

        Raises:
            TypeError: the rest of the file isn't valid.

        """
        from testgate.providers.described.document import Document  # most of the format, and of the time it takes

        return built(Document, vars(self)["_file"])

    @property
    def needs_key(self) -> bool:
        """Whether requests carry the key: the login, or what signs the others."""
        login = [self.login.body, self.login.form] if self.login else []
        carried = [self.auth.headers, self.auth.query, [*(self.auth.basic or ())], *login]
        return any(name == "key" for name, _alone in placeholders(carried))

    @property
    def joints(self) -> Mapping[str, str]:
        """What stands between the segments of a placeholder in a path, for those that may have several."""
        found = {name: value.segments for name, value in self.values.items() if value.segments is not None}
        items = [found[target.each] for target in self.targets if target.each in found]
        joints = {f"value.{name}": between for name, between in found.items()}
        return {**joints, "it": items[0]} if items else joints
