"""HTTP as adapters describe it and the core sends it: requests, replies, and calls, which pair the two."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import quote

from testgate.errors import BadAnswer, Refused, Unavailable

T = TypeVar("T")

_UNAVAILABLE = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_QUOTED_CHARACTERS = 300
_READ_CHARACTERS = 20_000
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Credential(NamedTuple):
    """A header that authenticates a request. Its value never appears in a `repr`.

    `key_input` and `url_input` are the inputs to check if the key or the address is wrong.
    """

    header: str
    value: str
    key_input: str = "api-key"
    url_input: str = "base-url"

    def __repr__(self) -> str:
        """Show the name of the header only."""
        return f"Credential({self.header!r}, ***)"


class Request(NamedTuple):
    """One HTTP request.

    `body` is sent as JSON, `form` as multipart/form-data with one text part per item. Values of the
    body's `private` keys are never shown.
    """

    method: str
    url: str
    query: Mapping[str, str] = {}
    body: Mapping[str, Any] | None = None
    credential: Credential | None = None
    private: frozenset[str] = frozenset()
    form: Mapping[str, str] | None = None

    @property
    def label(self) -> str:
        """Method and URL for messages, without the query."""
        return f"{self.method} {self.url}"


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
        """The body as text; bytes that aren't valid UTF-8 are replaced."""
        return self.body.decode("utf-8", errors="replace")

    @property
    def words(self) -> str:
        """The server's message: the usual fields of a JSON error, or else the body without HTML tags."""
        text = self.redact(self.text)[:_READ_CHARACTERS]  # in this order: half a secret is a secret too
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            return _without_tags(text)
        if isinstance(data, dict):
            parts = [str(data[key]) for key in ("error", "message", "fieldErrors", "objectErrors") if data.get(key)]
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
            return json.loads(self.body.decode("utf-8-sig"), strict=False)
        except (ValueError, RecursionError) as error:
            kind = self.headers.get("content-type", "no content type")
            raise self.bad_answer(f"something that is not JSON ({kind})", remedy=self._remedy(_NOT_THE_API)) from error

    def check(self) -> None:
        """Raise the error that the status stands for, unless it is a success (see `data`)."""
        if self.successful:
            return
        said = f": {self.quoted}" if self.quoted else ""
        message = f"{self.request.label} answered {self.status}{said}"
        if self.status >= _SERVER_ERROR or self.status in _UNAVAILABLE:
            raise Unavailable(message, status=self.status, retry_after_seconds=retry_after(self.headers))
        if "location" in self.headers and 300 <= self.status < 400:  # noqa: PLR2004  # the redirects of HTTP
            elsewhere = self.redact(self.headers["location"])[:_QUOTED_CHARACTERS]
            raise Refused(f"{message} (a redirect to {elsewhere})", status=self.status, remedy=self._remedy(_ELSEWHERE))
        raise Refused(message, status=self.status, remedy=self._remedy(_REMEDIES.get(self.status, "")))

    def _remedy(self, text: str) -> str:
        """Return a remedy with the names of the inputs that this request depends on."""
        credential = self.request.credential or Credential("", "")
        return text.format(key=credential.key_input, url=credential.url_input)

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
    """

    what: str
    request: Request
    read: Callable[[Reply], T]
    repeatable: bool = True
    essential: bool = True
