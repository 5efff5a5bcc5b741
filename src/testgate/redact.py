"""Every known secret becomes `***`, in each spelling in which a server may echo it."""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

SHORTEST_SECRET = 4  # shorter ones stand in ordinary words, and hiding those would hide the log


class Redactor:
    """Hides secrets in text. It is asked at every way out: log, outputs, reports, errors."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Take the secrets; those under four characters are not hidden."""
        spellings = {
            spelling for secret in secrets if len(secret) >= SHORTEST_SECRET for spelling in _spellings(secret)
        }
        longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __repr__(self) -> str:
        """Never the secrets."""
        return "Redactor(***)"

    def __call__(self, text: str) -> str:
        """The text without the secrets."""
        return self._pattern.sub("***", text) if self._pattern else text


def _spellings(secret: str) -> set[str]:
    """The secret plain, URL-encoded, in base64, escaped for JSON, XML and HTML."""
    raw = secret.encode("utf-8", errors="surrogatepass")
    coded = {b64encode(raw).decode(), urlsafe_b64encode(raw).decode()}
    escaped = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {
        secret,
        quote(raw, safe=""),
        quote(raw),
        quote_plus(raw),
        *coded,
        *(text.rstrip("=") for text in coded),
        secret.replace("\\", "\\\\").replace('"', '\\"').replace("/", "\\/"),
        secret.replace("\\", "\\\\").replace('"', '\\"'),
        escaped,
        escaped.replace('"', "&quot;").replace("'", "&#x27;"),
        *(line.strip() for line in secret.splitlines() if len(line.strip()) >= SHORTEST_SECRET),
    }
