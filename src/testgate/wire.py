"""HTTP as adapters describe it and the core sends it: requests, replies, and calls, which pair the two."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, BinaryIO, Generic, NamedTuple, TypeVar
from urllib.parse import quote

from testgate.errors import BadAnswer, Refused, Unavailable

T = TypeVar("T")

TOKEN = "\x00token\x00"  # noqa: S105  # it stands for one
"""Stands in a credential for the token of a login. No key contains it: control characters aren't accepted in one."""

_UNAVAILABLE = frozenset({408, 425, 429})
_TOO_MANY, _SERVER_ERROR = 429, 500
_RATE_LIMITS = frozenset({400, 403, 420, 430})
_RATE_TEXTS = (
    *("rate limit", "rate-limit", "ratelimit", "rate exceeded", "too many requests", "too many calls", "throttl"),
    *("quota exceeded", "quota has been exceeded", "requests per second", "requests per minute", "slow down"),
)
_QUOTED_CHARACTERS = 300
_READ_CHARACTERS = 20_000
# The longer marks come first: the shorter one of UTF-16 is the beginning of that of UTF-32.
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Credential(NamedTuple):
    """A header that authenticates a request; with `in_query`, a part of its query. A `repr` never shows its value.

    `key_input` and `url_input` are the inputs to check if the key or the address is wrong. `url_note` is
    what looks odd about the address, in one sentence; "" if nothing does.
    """

    header: str
    value: str
    key_input: str = "api-key"
    url_input: str = "base-url"
    url_note: str = ""
    in_query: bool = False

    def __repr__(self) -> str:
        """Show the name of the header only."""
        return f"Credential({self.header!r}, ***)"


def _unseen(_number: int) -> None:
    """Nobody watches."""


class FilePart(NamedTuple):
    """A file in a form. It is read while it is sent, and is never in memory as a whole.

    `field` is the name of its part, `name` the file's name for the other side, `size` is in bytes. `open` returns the
    content, or raises OSError. `sent` hears, in another thread, how many bytes more are about to leave.
    """

    field: str
    name: str
    size: int
    open: Callable[[], BinaryIO]
    sent: Callable[[int], None] = _unseen


class Request(NamedTuple):
    """One HTTP request.

    `body` is sent as JSON, `form` as multipart/form-data with one text part per item, and then `file` if there is
    one, `fields` as an HTML form sends them. Values of the `private` keys of the body and the fields are never shown.
    `further` are credentials besides the first, `headers` are not secret, and `accept` is the type of the answer. A
    request that is `signed_in` needs the token of a login: whoever sends it replaces `TOKEN` in its credentials.
    """

    method: str
    url: str
    query: Mapping[str, str] = {}
    body: Mapping[str, Any] | None = None
    credential: Credential | None = None
    private: frozenset[str] = frozenset()
    form: Mapping[str, str] | None = None
    file: FilePart | None = None
    fields: Mapping[str, str] | None = None
    further: tuple[Credential, ...] = ()
    headers: Mapping[str, str] = {}
    accept: str = "application/json"

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """All credentials, the first one first."""
        return (self.credential, *self.further) if self.credential else self.further

    @property
    def signed_in(self) -> bool:
        """Whether the token of a login is missing in it."""
        return any(TOKEN in each.value for each in self.credentials)

    def with_token(self, token: str) -> "Request":
        """The request with the token of a login."""
        first, *further = (each._replace(value=each.value.replace(TOKEN, token)) for each in self.credentials)
        return self._replace(credential=first, further=tuple(further))

    @property
    def label(self) -> str:
        """Method and URL for messages, without the query."""
        return f"{self.method} {self.url.partition('?')[0]}"


class Api(NamedTuple):
    """A vendor's API: its base URL, and the credential that every request carries."""

    base_url: str
    credential: Credential

    def request(
        self,
        method: str,
        *path: str,
        query: Mapping[str, str] = _NOTHING,
        body: Mapping[str, Any] | None = None,
        private: frozenset[str] = frozenset(),
        form: Mapping[str, str] | None = None,
    ) -> Request:
        """Return a request to `base_url` plus these path segments.

        Each segment is percent-encoded, so an ID from outside never adds a path or query of its own.
        """
        url = "/".join([self.base_url, *(quote(segment, safe="") for segment in path)])
        return Request(method, url, query, body, self.credential, private, form)


class Reply(NamedTuple):
    """One HTTP reply, with its whole body. Header names are in lower case.

    `redact` hides secrets in quotes from the reply. It sees a text before it is cut, because half a
    key is a secret too.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    request: Request
    redact: Callable[[str], str] = str

    @property
    def text(self) -> str:
        """The body as text, without a byte order mark; bytes that aren't valid are replaced."""
        return self._decoded("replace")

    def _decoded(self, errors: str) -> str:
        """The body as text, without a byte order mark, which also tells its encoding."""
        mark, encoding = next((each for each in _MARKS if self.body.startswith(each[0])), (b"", "utf-8"))
        return self.body[len(mark) :].decode(encoding, errors)

    @property
    def words(self) -> str:
        """The server's message: the usual fields of a JSON error, or else the body without HTML tags."""
        text = self.redact(self.text)[:_READ_CHARACTERS]  # in this order: half a secret is a secret too
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            return _without_tags(text)
        if isinstance(data, dict):
            parts = [_plain(data[key]) for key in ("error", "message", "fieldErrors", "objectErrors") if data.get(key)]
            if parts:
                return "; ".join(parts)
        return text

    @property
    def quoted(self) -> str:
        """The server's message without secrets, on one line and short enough for a message of ours."""
        said = self.redact(" ".join(self.redact(self.words).split()))
        return said if len(said) <= _QUOTED_CHARACTERS else said[:_QUOTED_CHARACTERS] + "…"

    @property
    def successful(self) -> bool:
        """Whether the status is a success (2xx)."""
        return 200 <= self.status < 300  # noqa: PLR2004  # the successes of HTTP

    def data(self) -> Any:  # noqa: ANN401  # JSON is any shape until it is checked
        """Return the body of a successful reply, parsed as JSON.

        Control characters inside strings are accepted, because vendors send them.

        Raises:
            Unavailable: the status is 408, 425, 429 or 5xx.
            Refused: the status is anything else but a success.
            BadAnswer: the body of a success isn't JSON.

        """
        self.check()
        try:
            return json.loads(self._decoded("strict"), strict=False)
        except (ValueError, RecursionError) as error:
            kind = self.headers.get("content-type", "no content type")
            raise self.bad_answer(f"something that is not JSON ({kind})", remedy=self._remedy(_NOT_THE_API)) from error

    def check(self) -> None:
        """Raise the error that the status stands for, unless it is a success (see `data`)."""
        if self.successful:
            return
        said = f": {self.quoted}" if self.quoted else ""
        message = f"{self.request.label} answered {self.status}{said}"
        if self._limits_rates:
            raise Unavailable(message, status=_TOO_MANY, retry_after_seconds=retry_after(self.headers))
        if self.status >= _SERVER_ERROR or self.status in _UNAVAILABLE:
            raise Unavailable(message, status=self.status, retry_after_seconds=retry_after(self.headers))
        if "location" in self.headers and 300 <= self.status < 400:  # noqa: PLR2004  # the redirects of HTTP
            elsewhere = self.redact(self.headers["location"])[:_QUOTED_CHARACTERS]
            raise Refused(f"{message} (a redirect to {elsewhere})", status=self.status, remedy=self._remedy(_ELSEWHERE))
        raise Refused(message, status=self.status, remedy=self._remedy(_REMEDIES.get(self.status, "")))

    @property
    def _limits_rates(self) -> bool:
        """Whether this is a rate limit under another name: a refusal that asks to come back, or speaks of rates."""
        if self.status not in _RATE_LIMITS:  # a conflict, say, may have had an effect, whatever it asks for
            return False
        asks = bool(self.headers.get("retry-after", "").strip())
        return asks or any(text in self.words.lower() for text in _RATE_TEXTS)

    def _remedy(self, text: str) -> str:
        """Return a remedy with the names of the inputs that this request depends on."""
        credential = self.request.credential or Credential("", "")
        note = f" {credential.url_note}" if credential.url_note and "{url}" in text else ""
        return text.format(key=credential.key_input, url=credential.url_input) + note

    def bad_answer(self, content: str, *, remedy: str = "") -> BadAnswer:
        """Return the error for a reply whose content isn't what the API promises.

        `content` completes the sentence "GET … answered 200 with …": "no list of tests", for example.
        """
        message = f"{self.request.label} answered {self.status} with {content}: {self.quoted}"
        return BadAnswer(message, remedy=remedy)


_NOT_THE_API = (
    "Check `{url}`: something other than the platform's API answers there, such as a sign-in page or a proxy."
)
_ELSEWHERE = "Set `{url}` to the final address: TestGate doesn't send the key along with a redirect."
_REMEDIES = {
    401: "Check `{key}`: the platform doesn't accept it. Create a key in the platform's settings; keys can expire.",
    403: "Check `{key}`: the platform knows it but denies access. Its owner needs access to the project.",
    407: "The proxy requires credentials: add them to HTTPS_PROXY.",
}


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds the server asks to wait; None unless it says so in seconds or as a date."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    date = headers.get("date", "")
    from email.utils import parsedate_to_datetime  # rarely needed, slow to load

    try:
        pause = parsedate_to_datetime(value) - parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, pause.total_seconds())


def _plain(said: object) -> str:
    """A text as it is; anything else as JSON."""
    return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)


def _without_tags(text: str) -> str:
    """Return HTML without its tags, and any other text unchanged."""
    if "<" not in text:
        return text
    import re  # needed only for pages, and an API sends none

    without = re.sub(r"(?is)<(script|style)\b.*?(</\1\s*>|\Z)", " ", text)
    return re.sub(r"<[^>]{0,2000}>?", " ", without)


class Call(NamedTuple, Generic[T]):
    """A request, and the pure function that reads its reply: all that an adapter returns.

    `what` names the call in messages ("read run 337"). `repeatable` is False only for calls that
    must not be sent twice, such as the one that starts a run. If `essential` is False, a refusal
    costs details but not the verdict. `read` raises `BadAnswer`, `Busy`, or the errors of `Reply.data`.
    `build_no` is the build number that a run started by this call carries; "" if it carries none.
    """

    what: str
    request: Request
    read: Callable[[Reply], T]
    repeatable: bool = True
    essential: bool = True
    build_no: str = ""
