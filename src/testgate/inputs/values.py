"""The kinds of values that an input can have: turns the given text into a typed value.

Every reader is a pure function that takes a `Given` and raises `Fault`. A fault never puts a secret
into a message by itself: `reading` decides which part of a value may be shown.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from testgate.redact import Secret
from testgate.shapes import is_id
from testgate.text import clean

LONGEST_DURATION_SECONDS = 30 * 86_400.0
LARGEST_ID = 2**63 - 1
_LARGEST_NUMBER = 999_999_999
_LONGEST_NAME = 64
_HEADER_WORDS = frozenset({"authorization", "bearer", "basic", "x-api-key"})


class Given(NamedTuple):
    """The trimmed text of an input, and the variable that it came from. The text may be a secret.

    `numbered`: the text was joined from numbered variables, one item per line.
    """

    text: str
    variable: str
    numbered: bool = False

    def __repr__(self) -> str:
        """Hide the text."""
        return f"Given(***, {self.variable!r})"


class Fault(Exception):
    """What is wrong with one input.

    `what` is a clause that follows the input's name, without a full stop. `shown` is the part of the
    value to show with it: None for all of it, "" for nothing. `hint` is what was probably meant.
    """

    def __init__(self, what: str, *, shown: str | None = None, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.shown = shown
        self.hint = hint


def _write_plain(value: Any) -> str:  # noqa: ANN401  # a default has the type of its field
    """Format a default as users would write it; "" for None."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Kind(NamedTuple):
    """How to read an input's text, how to write its default, and which parts of the text are secrets.

    `several`: the input can have more than one value.
    """

    read: Callable[[Given], object]
    write: Callable[[Any], str] = _write_plain
    secrets: Callable[[Given], Sequence[str]] | None = None
    several: bool = False


def closest(word: str, candidates: Iterable[str]) -> str:
    """The candidate that was probably meant; "" if none is close."""
    from difflib import get_close_matches  # needed only if something is misspelled

    near = get_close_matches(word[:_LONGEST_NAME].lower(), [*candidates], n=1, cutoff=0.7)
    return near[0] if near else ""


def text(given: Given) -> str:
    """Read one line of text without control characters."""
    return line(given.text)


def line(value: str) -> str:
    """Return the value if it is one harmless line."""
    if "\n" in value or clean(value) != value:
        raise Fault("must be one line of UTF-8 text without control characters", shown=value)
    return value


def key(given: Given) -> Secret:
    """Read a secret that goes into a header: printable ASCII without spaces."""
    value = given.text
    if re.match(r"\$[({]|\$[A-Za-z_]\w*$|%[A-Za-z_]\w*%$|\{\{", value):
        raise Fault("is a placeholder that the CI did not replace: the secret is not set, or has another name")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"`":
        raise Fault("is in quotes: remove them, they are not part of the key")
    if re.match(r"(?i)(authorization\s*:|bearer\s|basic\s)", value):
        raise Fault("must be the key alone, without `Bearer`, `Basic` or a header's name in front of it")
    if not all("!" <= character <= "~" for character in value):
        raise Fault("must consist of printable ASCII without spaces or line breaks: check that you copied it correctly")
    return Secret(value)


def key_parts(given: Given) -> list[str]:
    """What to hide of a key, valid or not: all of it, and each of its words but those that a header begins with."""
    words = (word for word in given.text.split() if word.lower().strip(":") not in _HEADER_WORDS)
    return [given.text, *words]


def boolean(given: Given) -> bool:
    """Read `true` or `false`, in any case."""
    word = given.text.lower()
    if word in {"true", "false"}:
        return word == "true"
    meant = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
    raise Fault("must be true or false", hint=meant.get(word, ""))


def one_of(*words: str) -> Kind:
    """An input that accepts one of these words, in any case."""
    return Kind(lambda given: choice(given.text, words))


def choice(value: str, words: Sequence[str]) -> str:
    """Return the word that equals the value, ignoring case."""
    for word in words:
        if word.lower() == value.lower():
            return word
    raise Fault(
        f"must be {'one of ' if len(words) > 1 else ''}{', '.join(words)}", shown=value, hint=closest(value, words)
    )


def whole(least: int, most: int = _LARGEST_NUMBER) -> Kind:
    """An input that accepts a whole number within these bounds, inclusive."""
    return Kind(lambda given: _whole(given.text, least, most))


def _whole(value: str, least: int, most: int) -> int:
    """Read a number that consists of the digits 0 to 9 only."""
    if not (value.isascii() and value.isdigit()):
        raise Fault("must be a whole number", shown=value)
    if len(value) > len(str(LARGEST_ID)) or not least <= int(value) <= most:
        raise Fault(
            f"must be {f'at least {least}' if most == _LARGEST_NUMBER else f'from {least} to {most}'}", shown=value
        )
    return int(value)


def path_id(given: Given) -> str:
    """Read an id that becomes part of a URL's path."""
    return checked_id(given.text)


def checked_id(value: str) -> str:
    """Return the value as an id that can't lead to another path."""
    if not is_id(value):
        raise Fault("must be an id of letters, digits, `.`, `_`, `:`, `~` and `-`, and not only dots", shown=value)
    return value


def identifier(given: Given) -> int:
    """Read an id of a platform: a positive whole number."""
    return positive_id(given.text)


def positive_id(value: str) -> int:
    """Return the value as an id."""
    if not (
        value.isascii() and value.isdigit() and len(value) <= len(str(LARGEST_ID)) and 0 < int(value) <= LARGEST_ID
    ):
        raise Fault("must be an id: a positive whole number", shown=value)
    return int(value)


_SECONDS = (86_400, 3600, 60, 1)
_DURATION = r"(?:(\d{1,9})\s*d)?\s*(?:(\d{1,9})\s*h)?\s*(?:(\d{1,9})\s*m)?\s*(?:(\d{1,9})\s*s)?\s*(?:(\d{1,9})\s*ms)?"


def duration(given: Given) -> float:
    """Read a duration in seconds: whole numbers with units, largest unit first, such as `90s`, `15m` or `1h30m`."""
    value = given.text
    if value.isascii() and value.isdigit():
        raise Fault("needs a unit: d, h, m, s or ms", hint=f"{value}s")
    match = re.fullmatch(_DURATION, value, re.ASCII | re.IGNORECASE)
    if match is None or not value:
        raise Fault("must be whole numbers with units (d, h, m, s, ms), largest unit first")
    *larger, milliseconds = (int(part or 0) for part in match.groups())
    whole_seconds = sum(part * unit for part, unit in zip(larger, _SECONDS, strict=True))
    seconds = (whole_seconds * 1000 + milliseconds) / 1000
    if not 0 < seconds <= LONGEST_DURATION_SECONDS:
        raise Fault("must be longer than 0 and at most 30 days")
    return seconds


def write_duration(seconds: float) -> str:
    """Format a duration as users would write it."""
    rest, milliseconds = divmod(round(seconds * 1000), 1000)
    parts = []
    for unit, letter in zip(_SECONDS, "dhms", strict=True):
        number, rest = divmod(rest, unit)
        parts.append(f"{number}{letter}" if number else "")
    return "".join(parts) + (f"{milliseconds}ms" if milliseconds else "")


def interval(given: Given) -> float | None:
    """Read a duration of at least one second; None for `auto`."""
    if given.text.lower() == "auto":
        return None
    seconds = duration(given)
    if seconds < 1:
        raise Fault("must be auto or at least 1s")
    return seconds


def write_interval(seconds: float | None) -> str:
    """Format an interval as users would write it."""
    return "auto" if seconds is None else write_duration(seconds)


_HUNDRED = 100


def percent(given: Given) -> tuple[int, int]:
    """Read a percentage as an exact fraction in lowest terms: `99.5%` is (199, 2)."""
    match = re.fullmatch(r"(\d{1,3})(?:\.(\d{1,6}))?\s*(%?)", given.text, re.ASCII)
    if match is None:
        raise Fault("must be a percentage from 0 to 100")
    before, after, sign = match.group(1), match.group(2) or "", match.group(3)
    number, scale = int(before + after), 10 ** len(after)
    if after and not sign and number <= scale:
        meant = write_percent((number * _HUNDRED, scale))
        raise Fault("must be a percentage from 0 to 100, not a fraction of 1", hint=meant)
    if number > _HUNDRED * scale:
        raise Fault("must be a percentage from 0 to 100")
    shared = math.gcd(number, scale)
    return number // shared, scale // shared


def write_percent(fraction: tuple[int, int]) -> str:
    """Format a percentage as users would write it."""
    return f"{fraction[0] / fraction[1]:.6f}".rstrip("0").rstrip(".")


def base_url(given: Given) -> str:
    """Read a URL that paths are appended to: https, or http on loopback; no credentials, query or trailing slash."""
    value = given.text
    shown = "" if any(mark in value for mark in "@?#") else None  # may contain credentials
    if not re.fullmatch(r"https?://.*", value, re.IGNORECASE | re.DOTALL):
        raise Fault("must start with https://", shown=shown)
    if "@" in value:
        raise Fault("must not contain a username or password: use `api-key`", shown="")
    if "?" in value or "#" in value:
        raise Fault("must not contain a query (`?`) or a fragment (`#`)", shown="")
    if not re.fullmatch(r"[A-Za-z0-9._~:/\[\]%!$&'()*+,;=-]*", value):
        raise Fault("must not contain spaces, control characters or non-ASCII characters")
    scheme, host = _origin(value)
    if scheme != "https" and not _loopback(host):
        raise Fault("must start with https://; http is allowed for this machine only (localhost, 127.0.0.1, [::1])")
    return scheme + value[len(scheme) :].rstrip("/")


def _origin(value: str) -> tuple[str, str]:
    """The scheme and host of a URL with a valid host and port."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Fault("must be a URL with a valid host and, optionally, a port from 1 to 65535") from None
    named = re.fullmatch(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_.])?", host) and ".." not in host
    if (
        port == 0
        or parts.netloc.endswith(":")
        or not (named or re.fullmatch(r"\[[0-9a-f:.]+\](:\d+)?", parts.netloc.lower()))
    ):
        raise Fault("must be a URL with a valid host and, optionally, a port from 1 to 65535")
    return parts.scheme, host


def _loopback(host: str) -> bool:
    """Whether the host is certainly this machine."""
    from ipaddress import ip_address  # needed only for http://

    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def joined(given: Given) -> str:
    """Read a text for people, whose lines become one."""
    return line(" ".join(given.text.split()))


Title = Annotated[str, Kind(joined)]
Text = Annotated[str, Kind(text)]
OptionalText = Annotated[str | None, Kind(text)]
OptionalPathId = Annotated[str | None, Kind(path_id)]
OptionalId = Annotated[int | None, Kind(identifier)]
Key = Annotated[Secret | None, Kind(key, secrets=key_parts)]
Switch = Annotated[bool, Kind(boolean)]
Duration = Annotated[float, Kind(duration, write_duration)]
Limit = Annotated[float | None, Kind(duration, lambda seconds: "" if seconds is None else write_duration(seconds))]
Interval = Annotated[float | None, Kind(interval, write_interval)]
Percent = Annotated[tuple[int, int], Kind(percent, write_percent)]
BaseUrl = Annotated[str | None, Kind(base_url)]
