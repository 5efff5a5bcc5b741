"""The parts of a provider file that several of its sections have."""

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from testgate.providers.described.expressions import Expression
from testgate.providers.described.marks import Checked, Limits, Prepared
from testgate.providers.described.part import Part, part
from testgate.providers.described.templates import pieces

_REQUEST = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")
_LONGEST_PATH = 500
_HEADER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NOT_OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "expect", "cookie"}
    | {"proxy-authorization", "accept-encoding", "user-agent"}
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


def _not_get(line: str) -> str:
    """Refuse GET: caches, proxies and link checkers repeat it."""
    if line.startswith("GET "):
        raise ValueError("must not be GET: what a request changes must not be repeated by a cache or a proxy")
    return line


def header_names(table: dict[str, str]) -> dict[str, str]:
    """Refuse headers that are no names, or that say where a request goes and how it is sent."""
    for name, value in table.items():
        plain = name.lower().replace("_", "-")  # some servers take the one for the other
        if not _HEADER.fullmatch(name) or plain in _NOT_OURS:
            raise ValueError(f'has the header {name!r}, which a file cannot set. Example: {{ X-Api-Version = "2" }}')
        if not value.isprintable():
            raise ValueError(f"has a line break or a control character in the header {name}")
    return table


Template = Annotated[str, Checked(_with_placeholders)]
Table = Annotated[dict[str, Any], Checked(_with_placeholders)]
Texts = dict[str, Template | int]
Headers = Annotated[dict[str, str], Checked(header_names)]
RequestLine = Annotated[str, Checked(_request_line)]
ActingLine = Annotated[RequestLine, Checked(_not_get)]
Expressions = Annotated[list[Expression], Prepared(as_list)]
Sayings = Annotated[list[Template], Prepared(as_list)]


@part
class Ask(Part):
    """A request: its line, and what it carries. `body` is sent as JSON, `form` as an HTML form sends it.

    `base_url` is another address of the platform for this request. It counts only while the file's own `base-url`
    does: whoever sets another address sends everything there.
    """

    request: RequestLine
    base_url: str = ""
    query: Texts = field(default_factory=dict)
    headers: Headers = field(default_factory=dict)
    body: Table | None = None
    form: dict[str, Template | int | list[Template]] | None = None

    @property
    def method(self) -> str:
        """The method."""
        return self.request.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path, with its placeholders."""
        return self.request.partition(" ")[2]

    def __post_init__(self) -> None:
        """Accept one kind of content."""
        super().__post_init__()
        if self.body is not None and self.form is not None:
            raise ValueError("has both `body` and `form`: a request carries one of them")


@part
class Acting(Ask):
    """A request that changes something."""

    request: ActingLine


@part
class Rule(Part):
    """A rule about an answer: it fits if everything that it says holds.

    `holds` is a text that one of the values at `any` contains, whatever its case; `if` an expression that finds
    something; `http` the statuses, without which only a 2xx fits. Each section knows some of the meanings.
    """

    http: list[Annotated[int, Limits(ge=100, le=599)]] = field(default_factory=list)
    if_: Expression | None = None
    any: Expressions | None = None
    holds: str = ""
    means: Literal["refused", "adopted", "busy", "nothing", "waiting", "filling", "none"]

    def __post_init__(self) -> None:
        """Refuse a rule that fits every answer."""
        if bool(self.holds) is not (self.any is not None):
            raise ValueError("needs `any` and `holds` together: where to look, and for which text")
        if self.if_ is None and not self.holds and not self.http:
            raise ValueError("fits every answer: give `if`, `http`, or `any` with `holds`")
