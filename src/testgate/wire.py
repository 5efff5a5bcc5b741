"""One request, its reply, and the pair of request and reading that an adapter hands out."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from testgate.errors import BadAnswer, Refused, Unavailable

T = TypeVar("T")

_UNAVAILABLE = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_QUOTED_CHARACTERS = 300


class Credential(NamedTuple):
    """A header that proves who asks. Its value never shows."""

    header: str
    value: str

    def __repr__(self) -> str:
        """The header's name only."""
        return f"Credential({self.header!r}, ***)"


class Request(NamedTuple):
    """One HTTP request. `body` is sent as JSON where it is given; values of `private` keys are never shown.

    `form` is sent as multipart/form-data, each part a text.
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
        """Method and URL without its query, for messages."""
        return f"{self.method} {self.url}"


class Reply(NamedTuple):
    """One HTTP answer, read to its end. Header names are in lower case.

    `redact` hides secrets in what is quoted of it: before it is cut, as half a key is a secret too.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    request: Request
    redact: Callable[[str], str] = str

    @property
    def text(self) -> str:
        """The body as text; bytes that are no UTF-8 are replaced."""
        return self.body.decode("utf-8", errors="replace")

    @property
    def words(self) -> str:
        """The server's message: the usual fields of a JSON error, else the bare text of the body."""
        return _words_of(self)

    @property
    def quoted(self) -> str:
        """What the server said, short enough for a message."""
        said = " ".join(self.redact(self.words).split())
        return said if len(said) <= _QUOTED_CHARACTERS else said[:_QUOTED_CHARACTERS] + "…"

    def data(self) -> Any:  # noqa: ANN401  # JSON is any shape until it is checked
        """The body of a successful answer, as JSON.

        Control characters inside strings are accepted: vendors send them.

        Raises:
            Unavailable: 408, 425, 429 or 5xx.
            Refused: any other status that is no success.
            BadAnswer: a success whose body is not JSON.

        """
        self.check()
        try:
            return json.loads(self.body.decode("utf-8-sig"), strict=False)
        except (ValueError, RecursionError) as error:
            kind = self.headers.get("content-type", "no content type")
            message = (
                f"{self.request.label} answered {self.status} with something that is not JSON ({kind}): {self.quoted}"
            )
            raise BadAnswer(message, remedy=_NOT_THE_API) from error

    def check(self) -> None:
        """Raise what the status means, if it is not a success (see `data`)."""
        if 200 <= self.status < 300:  # noqa: PLR2004  # the successes of HTTP
            return
        said = f": {self.quoted}" if self.quoted else ""
        message = f"{self.request.label} answered {self.status}{said}"
        if self.status >= _SERVER_ERROR or self.status in _UNAVAILABLE:
            raise Unavailable(message, status=self.status, retry_after_seconds=retry_after(self.headers))
        if "location" in self.headers and 300 <= self.status < 400:  # noqa: PLR2004  # the redirects of HTTP
            elsewhere = self.redact(self.headers["location"])[:_QUOTED_CHARACTERS]
            raise Refused(f"{message} (a redirect to {elsewhere})", status=self.status, remedy=_ELSEWHERE)
        raise Refused(message, status=self.status, remedy=_REMEDIES.get(self.status, ""))


_NOT_THE_API = (
    "Check `base-url`: something other than the platform's API answers there (a sign-in page or a proxy, perhaps)."
)
_ELSEWHERE = "Check `base-url`: the key is not sent along to another address; give the final one."
_REMEDIES = {
    401: "Check `api-key`: the platform does not accept it. Make a key in the platform's settings; keys can expire.",
    403: "Check `api-key`: it is known, but may not do this. Its owner needs access to the project.",
    407: "The proxy wants credentials: put them into HTTPS_PROXY.",
}


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait, None where it does not say so in seconds or as a date."""
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


def _words_of(reply: Reply) -> str:
    """The server's message: the usual fields of a JSON error, else the bare text of the body."""
    text = reply.text[:20_000]
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return _bare(text)
    if isinstance(data, dict):
        parts = [str(data[key]) for key in ("error", "message", "fieldErrors", "objectErrors") if data.get(key)]
        if parts:
            return "; ".join(parts)
    return text


def _bare(text: str) -> str:
    """HTML without its tags; other text as it is."""
    if "<" not in text:
        return text
    import re  # only for pages that should not have come

    without = re.sub(r"(?is)<(script|style)\b.*?(</\1\s*>|\Z)", " ", text)
    return re.sub(r"<[^>]{0,2000}>?", " ", without)


class Call(NamedTuple, Generic[T]):
    """A request and the pure function that reads its reply: all that an adapter says.

    `what` names it for people ("read run 337"). `repeatable` is False for the one call that
    starts something. `essential` is False where a refusal only costs detail.
    `read` raises the errors of `Reply.data`, `BadAnswer`, or `Busy`.
    """

    what: str
    request: Request
    read: Callable[[Reply], T]
    repeatable: bool = True
    essential: bool = True
