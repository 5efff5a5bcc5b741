"""Keeps secrets secret: replaces known ones with `***`, in every encoding in which a server may echo them."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

_FEW = 30  # spellings: a secret has about ten
_LONG = 1_000  # characters
SHORTEST_SECRET = 4  # shorter ones appear in ordinary words; hiding those would make a log unreadable


class Secret:
    """A text that no message shows by accident; `reveal` returns it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def __eq__(self, other: object) -> bool:
        """Whether the texts are the same."""
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        """Differ where the texts differ."""
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        """Hide the text."""
        return "Secret(***)"


class Redactor:
    """Hides secrets in text that leaves the step: log, outputs, reports, errors.

    Secrets with fewer than four characters are not hidden. `longest` is the length in characters of the
    longest spelling of a secret; 0 if there are none.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._spellings: set[str] = set()
        self._add(secrets)

    def learn(self, secret: str) -> None:
        """Hide another secret from now on."""
        self._add([secret])

    def _add(self, secrets: Iterable[str]) -> None:
        """Hide these secrets too."""
        for secret in secrets:
            self._spellings |= _spellings(secret) if len(secret) >= SHORTEST_SECRET else set()
        spellings = self._spellings
        longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
        self._least = _without_longer(reversed(longest_first)) if len(longest_first) <= _FEW else []
        self.longest = len(longest_first[0]) if longest_first else 0

    def __repr__(self) -> str:
        """Hide the secrets."""
        return "Redactor(***)"

    def __call__(self, text: str) -> str:
        """Return the text with `***` for each secret."""
        if self._pattern is None:
            return text
        if self._least and len(text) > _LONG and not any(each in text for each in self._least):
            return text  # to look for a few spellings in a long text is much faster than the pattern
        return self._pattern.sub("***", text)


def _without_longer(shortest_first: Iterable[str]) -> list[str]:
    """The spellings that contain no other one: a text without these has none at all."""
    found: list[str] = []
    for spelling in shortest_first:
        if not any(each in spelling for each in found):
            found.append(spelling)
    return found


def _spellings(secret: str) -> set[str]:
    """The secret and each of its lines: plain, URL-encoded, in base64, and escaped for JSON, XML, HTML and Python."""
    lines = {line.strip() for line in secret.splitlines()} - {secret}
    return _encoded(secret).union(*(_encoded(line) for line in lines if len(line) >= SHORTEST_SECRET))


def _encoded(secret: str) -> set[str]:
    """The secret in each encoding."""
    raw = secret.encode("utf-8", errors="surrogatepass")
    in_header = _in_header(secret)
    coded = {coding(each).decode() for each in (raw, in_header) for coding in (b64encode, urlsafe_b64encode)}
    percent = {quote(raw, safe=""), quote(raw), quote_plus(raw)}
    once = _in_json(secret)
    return {
        secret,
        *_misread(raw, in_header),
        *percent,
        *(_PERCENT.sub(lambda found: found.group().lower(), text) for text in percent),
        *coded,
        *(text.rstrip("=") for text in coded),
        *once,
        *(twice for text in once for twice in _in_json(text)),  # JSON inside JSON, as in an output that is a list
        *_in_markup(secret),
        *(repr(each).lstrip("b")[1:-1] for each in (secret, raw, in_header)),  # what an exception quotes
    }


def _in_header(secret: str) -> bytes:
    """The bytes in which the secret goes into a header: HTTP libraries write headers in Latin-1 if they can."""
    try:
        return secret.encode("latin-1")
    except UnicodeEncodeError:
        return secret.encode("utf-8", errors="surrogatepass")


def _misread(raw: bytes, in_header: bytes) -> set[str]:
    """Read in the encoding in which it wasn't written, if enough of it remains to be one."""
    read = {in_header.decode("utf-8", errors="replace"), raw.decode("latin-1")}
    return {text for text in read if len(text.replace("\ufffd", "")) >= SHORTEST_SECRET}


def _in_json(text: str) -> set[str]:
    """As the content of a JSON string, with and without optional escapes."""
    spellings = {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    spellings |= {_UNICODE.sub(lambda found: found.group().upper().replace("U", "u"), each) for each in spellings}
    return {*spellings, *(each.replace("/", "\\/") for each in spellings)}


def _in_markup(text: str) -> set[str]:
    """Escaped for XML and HTML, with each way to escape quotes."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    doubles, singles = ('"', "&quot;", "&#34;"), ("'", "&#x27;", "&#39;", "&apos;")
    return {escaped.replace('"', double).replace("'", single) for double in doubles for single in singles}


_PERCENT = re.compile("%[0-9A-F]{2}")
_UNICODE = re.compile(r"\\u[0-9a-f]{4}")
