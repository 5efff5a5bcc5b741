"""The parts of a provider file that several of its sections have, as models."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema

from testgate.model import Outcome, RunResult, Status
from testgate.providers.described.expressions import Expression
from testgate.providers.described.templates import pieces
from testgate.shapes import folded

_REQUEST = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")
_LONGEST_PATH = 500
_HEADER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NOT_OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "expect", "cookie"}
    | {"proxy-authorization", "accept-encoding", "user-agent"}
)


class Part(BaseModel):
    """Base class of the models. A key `not-run` of the file is the field `not_run`."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        defer_build=True,  # only the whole document is ever validated, so only that is built
        hide_input_in_errors=True,
        alias_generator=lambda name: name.rstrip("_").replace("_", "-"),
    )


def _with_placeholders(value: Any) -> Any:  # noqa: ANN401  # a text, table or list
    """Check the placeholders of a text, table or list."""
    if isinstance(value, str):
        pieces(value)
    elif isinstance(value, Mapping):
        for each in value.values():
            _with_placeholders(each)
    elif isinstance(value, list):
        for each in value:
            _with_placeholders(each)
    return value


def as_list(value: Any) -> Any:  # noqa: ANN401  # checked later
    """One value stands for a list of one."""
    return value if isinstance(value, list) else [value]


def _request_line(text: str) -> str:
    """Check a request line: a method, and a path whose segments are all there."""
    match = _REQUEST.fullmatch(text)
    if match is None:
        raise ValueError("must be a method and a path. Example: POST /runs/{run.id}/stop")
    path = match.group(2)
    if "?" in path or "#" in path:
        raise ValueError("has a query in its path: write it under `query`. Example: { limit = 50 }")
    if len(path) > _LONGEST_PATH or any(each in {"", ".", ".."} for each in path[1:].removesuffix("/").split("/")):
        raise ValueError("has an empty segment, `.` or `..` in its path. Example: /runs/{run.id}")
    pieces(path)
    return text


def header_names(table: dict[str, str]) -> dict[str, str]:
    """Refuse headers that are no names, or that say where a request goes and how it is sent."""
    for name, value in table.items():
        plain = name.lower().replace("_", "-")  # some servers take the one for the other
        if not _HEADER.fullmatch(name) or plain in _NOT_OURS:
            raise ValueError(f'has the header {name!r}, which a file cannot set. Example: {{ X-Api-Version = "2" }}')
        if not value.isprintable():
            raise ValueError(f"has a line break or a control character in the header {name}")
    return table


Template = Annotated[str, AfterValidator(_with_placeholders)]
Table = Annotated[dict[str, Any], AfterValidator(_with_placeholders)]
Texts = Annotated[dict[str, Template | int], Field(default_factory=dict)]
Headers = Annotated[dict[str, str], AfterValidator(header_names), Field(default_factory=dict)]
RequestLine = Annotated[str, AfterValidator(_request_line)]
_ONE_OR_SEVERAL = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
Expressions = Annotated[list[Expression], BeforeValidator(as_list), _ONE_OR_SEVERAL]
Sayings = Annotated[list[Template], BeforeValidator(as_list), _ONE_OR_SEVERAL]
Words = Annotated[list[str], Field(default_factory=list)]


class Ask(Part):
    """A request: its line, and what it carries. `body` is sent as JSON, `form` as an HTML form sends it.

    `base_url` is another address of the platform for this request. It counts only while the file's own `base-url`
    does: whoever sets another address sends everything there.
    """

    request: RequestLine
    base_url: str = ""
    query: Texts
    headers: Headers
    body: Table | None = None
    form: Annotated[dict[str, Template | int], Field()] | None = None

    @property
    def method(self) -> str:
        """The method."""
        return self.request.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path, with its placeholders."""
        return self.request.partition(" ")[2]

    @model_validator(mode="after")
    def _one_content(self) -> "Ask":
        """Accept one kind of content."""
        if self.body is not None and self.form is not None:
            raise ValueError("has both `body` and `form`: a request carries one of them")
        return self


class Rule(Part):
    """A rule about an answer: it fits if everything that it says holds.

    `holds` is a text that one of the values at `any` contains, whatever its case; `if` an expression that finds
    something; `http` the statuses, without which only a 2xx fits.
    """

    http: Annotated[list[Annotated[int, Field(ge=100, le=599)]], Field(default_factory=list)]
    if_: Expression | None = None
    any: Expressions | None = None
    holds: str = ""
    means: Literal["refused", "adopted", "busy", "nothing", "waiting", "filling"]

    @model_validator(mode="after")
    def _says_something(self) -> "Rule":
        """Refuse a rule that fits every answer."""
        if bool(self.holds) is not (self.any is not None):
            raise ValueError("needs `any` and `holds` together: where to look, and for which text")
        if self.if_ is None and not self.holds and not self.http:
            raise ValueError("fits every answer: give `if`, `http`, or `any` with `holds`")
        return self


class Amount(Part):
    """A duration or a time: where it stands, and in which unit. A text alone stands for seconds."""

    path: Expression
    unit: Literal["s", "ms", "min"] = "s"

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """Read the short form."""
        return {"path": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe both forms for editors."""
        return {"anyOf": [{"type": "string"}, handler.resolve_ref_schema(handler(schema))]}


class States(Part):
    """The words of a run's state. A word in none of these lists waits, unless it means an end in every language of the
    field; then its end counts, and green needs every other proof.

    `ended` says nothing about the result, `not-executed` that nothing ran, `aborted` that the platform gave the run up.
    """  # noqa: D205  # the second sentence belongs to the first

    queued: Words
    running: Words
    passed: Words
    failed: Words
    stopped: Words
    aborted: Words
    ended: Words
    not_executed: Words

    @model_validator(mode="after")
    def _each_once(self) -> "States":
        """Refuse a word in two lists."""
        _refuse_twice(self.model_dump())
        return self

    def table(self) -> Mapping[str, tuple[Status, RunResult | None, bool]]:
        """Status, result, and whether the platform gave it up, by folded word."""
        ends = {
            RunResult.PASSED: self.passed,
            RunResult.FAILED: self.failed,
            RunResult.STOPPED: self.stopped,
            RunResult.NOT_EXECUTED: self.not_executed,
            RunResult.UNKNOWN: self.ended,
        }
        return {
            **{folded(word): (Status.QUEUED, None, False) for word in self.queued},
            **{folded(word): (Status.RUNNING, None, False) for word in self.running},
            **{folded(word): (Status.ENDED, result, False) for result, words in ends.items() for word in words},
            **{folded(word): (Status.ENDED, RunResult.STOPPED, True) for word in self.aborted},
        }


class Outcomes(Part):
    """The words of a test's result. A word in none of these lists is an error, and is shown as it is.

    A test that is `lost` broke for lack of a machine.
    """

    passed: Words
    failed: Words
    error: Words
    skipped: Words
    not_run: Words
    lost: Words

    @model_validator(mode="after")
    def _each_once(self) -> "Outcomes":
        """Refuse a word in two lists."""
        _refuse_twice(self.model_dump())
        return self

    def table(self) -> Mapping[str, tuple[Outcome, bool]]:
        """Outcome, and whether the machine was lost, by folded word."""
        plain = {outcome: getattr(self, outcome.value.replace("-", "_")) for outcome in Outcome}
        return {
            **{folded(word): (outcome, False) for outcome, words in plain.items() for word in words},
            **{folded(word): (Outcome.ERROR, True) for word in self.lost},
        }


def _refuse_twice(lists: Mapping[str, Sequence[str]]) -> None:
    """Raise ValueError if two lists hold the same word, in any spelling."""
    seen: dict[str, str] = {}
    for name, words in lists.items():
        for word in words:
            other = seen.setdefault(folded(word), name)
            if other != name:
                raise ValueError(f"has the word {word!r} in two lists: {other} and {name.replace('_', '-')}")


class Counts(Part):
    """Where an answer says how many tests there are: a place for each number, or `rows` with `label` and `count`."""

    total: Expression | None = None
    passed: Expression | None = None
    failed: Expression | None = None
    errors: Expression | None = None
    skipped: Expression | None = None
    not_run: Expression | None = None
    rows: Expression | None = None
    label: Expression | None = None
    count: Expression | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Counts":
        """Accept one of the two ways."""
        listed = [self.rows, self.label, self.count]
        placed = [self.total, self.passed, self.failed, self.errors, self.skipped, self.not_run]
        if any(listed) and (not all(listed) or any(placed)):
            raise ValueError("needs `rows`, `label` and `count` together, and nothing else; or a place for each number")
        if not any(listed) and not any(placed):
            raise ValueError('says where no number stands. Example: { passed = "summary.passed" }')
        return self


class Same(Part):
    """A value that an answer must have, if it has it: otherwise the answer is not about our run."""

    path: Expression
    is_: Template
    what: str = "run"
