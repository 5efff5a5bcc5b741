"""The kinds of values that an input can hold: from the text that was given to a typed value.

Every reading is pure, takes a `Given`, and raises `Fault`, which never carries a secret into a
message by itself: what may be shown of a value is decided where problems are put into words.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr

from testgate.shapes import is_id
from testgate.text import clean

LONGEST_DURATION_SECONDS = 30 * 86_400.0
LARGEST_ID = 2**63 - 1
_LARGEST_NUMBER = 999_999_999
_LONGEST_NAME = 64


class Given(NamedTuple):
    """The trimmed text of an input, and the variable that it came from. The text may be a secret.

    `numbered`: the text is what numbered variables held, an item a line.
    """

    text: str
    variable: str
    numbered: bool = False

    def __repr__(self) -> str:
        """Never the text."""
        return f"Given(***, {self.variable!r})"


class Fault(Exception):
    """What is wrong with one input.

    `shown` is the part of the value to show with it: None for all of it, "" for nothing.
    `hint` is what was probably meant.
    """

    def __init__(self, what: str, *, shown: str | None = None, hint: str = "") -> None:
        """Take a clause that follows the input's name, without a full stop."""
        super().__init__(what)
        self.what = what
        self.shown = shown
        self.hint = hint


def _plainly(value: Any) -> str:  # noqa: ANN401  # a default is of whatever type its field has
    """A default as users would write it; empty for none."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Kind(NamedTuple):
    """How an input's text is read, how its default is written, which parts of it are secrets.

    `several`: whether it can hold more than one value.
    """

    read: Callable[[Given], object]
    write: Callable[[Any], str] = _plainly
    secrets: Callable[[Given], Sequence[str]] | None = None
    several: bool = False


def closest(word: str, candidates: Iterable[str]) -> str:
    """The candidate that was probably meant; "" where none is near."""
    from difflib import get_close_matches  # needed only where something is misspelt

    near = get_close_matches(word[:_LONGEST_NAME].lower(), [*candidates], n=1, cutoff=0.7)
    return near[0] if near else ""


def text(given: Given) -> str:
    """One line of text without control characters."""
    return line(given.text)


def line(value: str) -> str:
    """The value, if it is one harmless line."""
    if "\n" in value or clean(value) != value:
        raise Fault("must be one line of UTF-8 text without control characters", shown=value)
    return value


def key(given: Given) -> SecretStr:
    """A secret that goes into a header: printable ASCII without blanks."""
    value = given.text
    if re.match(r"\$[({]|%[A-Za-z_]\w*%$", value):
        raise Fault("is a placeholder that the CI has not filled in: the secret is not set, or has another name")
    if re.match(r"(?i)(bearer|basic)\s", value):
        raise Fault("must be the key alone, without the word in front of it")
    if not all("!" <= character <= "~" for character in value):
        raise Fault("must be one line of plain characters without blanks: it may have been cut or pasted wrongly")
    return SecretStr(value)


def boolean(given: Given) -> bool:
    """`true` or `false`, in any case."""
    word = given.text.lower()
    if word in {"true", "false"}:
        return word == "true"
    meant = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
    raise Fault("must be true or false", hint=meant.get(word, ""))


def one_of(*words: str) -> Kind:
    """The kind of an input that takes one of these words, in any case."""
    return Kind(lambda given: choice(given.text, words))


def choice(value: str, words: Sequence[str]) -> str:
    """The one of `words` that the value spells, in any case."""
    for word in words:
        if word.lower() == value.lower():
            return word
    raise Fault(
        f"must be {'one of ' if len(words) > 1 else ''}{', '.join(words)}", shown=value, hint=closest(value, words)
    )


def whole(least: int, most: int = _LARGEST_NUMBER) -> Kind:
    """The kind of an input that takes a whole number within these bounds."""
    return Kind(lambda given: _whole(given.text, least, most))


def _whole(value: str, least: int, most: int) -> int:
    """A number written in the digits 0 to 9 alone."""
    if not (value.isascii() and value.isdigit()):
        raise Fault("must be a whole number", shown=value)
    if len(value) > len(str(LARGEST_ID)) or not least <= int(value) <= most:
        raise Fault(
            f"must be {f'at least {least}' if most == _LARGEST_NUMBER else f'from {least} to {most}'}", shown=value
        )
    return int(value)


def path_id(given: Given) -> str:
    """An ID that becomes part of a URL's path."""
    return checked_id(given.text)


def checked_id(value: str) -> str:
    """The ID, if it is one that cannot lead to another path."""
    if not is_id(value):
        raise Fault("must be an ID: letters, digits and any of `.` `_` `:` `~` `-`, not only dots", shown=value)
    return value


def identifier(given: Given) -> int:
    """A platform's id: a positive whole number."""
    return positive_id(given.text)


def positive_id(value: str) -> int:
    """The id, if it is one."""
    if not (
        value.isascii() and value.isdigit() and len(value) <= len(str(LARGEST_ID)) and 0 < int(value) <= LARGEST_ID
    ):
        raise Fault("must be an id: a positive whole number", shown=value)
    return int(value)


_SECONDS = (86_400, 3600, 60, 1)
_DURATION = r"(?:(\d{1,9})\s*d)?\s*(?:(\d{1,9})\s*h)?\s*(?:(\d{1,9})\s*m)?\s*(?:(\d{1,9})\s*s)?\s*(?:(\d{1,9})\s*ms)?"


def duration(given: Given) -> float:
    """Seconds, from whole numbers with units, the largest unit first: `90s`, `15m`, `1h30m`."""
    value = given.text
    if value.isascii() and value.isdigit():
        raise Fault("needs a unit: d, h, m, s or ms", hint=f"{value}s")
    match = re.fullmatch(_DURATION, value, re.ASCII | re.IGNORECASE)
    if match is None or not value:
        raise Fault("must be whole numbers with units (d, h, m, s, ms), the largest first")
    *larger, milliseconds = (int(part or 0) for part in match.groups())
    whole_seconds = sum(part * unit for part, unit in zip(larger, _SECONDS, strict=True))
    seconds = (whole_seconds * 1000 + milliseconds) / 1000
    if not 0 < seconds <= LONGEST_DURATION_SECONDS:
        raise Fault("must be more than 0 and at most 30 days")
    return seconds


def write_duration(seconds: float) -> str:
    """The duration as users would write it."""
    rest, milliseconds = divmod(round(seconds * 1000), 1000)
    parts = []
    for unit, letter in zip(_SECONDS, "dhms", strict=True):
        number, rest = divmod(rest, unit)
        parts.append(f"{number}{letter}" if number else "")
    return "".join(parts) + (f"{milliseconds}ms" if milliseconds else "")


def interval(given: Given) -> float | None:
    """A duration of at least a second, or None for `auto`."""
    if given.text.lower() == "auto":
        return None
    seconds = duration(given)
    if seconds < 1:
        raise Fault("must be auto or at least 1s")
    return seconds


def write_interval(seconds: float | None) -> str:
    """The interval as users would write it."""
    return "auto" if seconds is None else write_duration(seconds)


_HUNDRED = 100


def percent(given: Given) -> tuple[int, int]:
    """A percentage as an exact fraction in lowest terms: `99.5%` is (199, 2)."""
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
    """The percentage as users would write it."""
    return f"{fraction[0] / fraction[1]:.6f}".rstrip("0").rstrip(".")


def base_url(given: Given) -> str:
    """A URL to put paths behind: https, or http on loopback; no credentials, query or closing slash."""
    value = given.text
    shown = "" if any(mark in value for mark in "@?#") else None  # credentials can stand there
    if not re.fullmatch(r"https?://.*", value, re.IGNORECASE | re.DOTALL):
        raise Fault("must begin with https://", shown=shown)
    if "@" in value:
        raise Fault("must not hold a user name or password: use `api-key`", shown="")
    if "?" in value or "#" in value:
        raise Fault("must not have a query (`?`) or a fragment (`#`)", shown="")
    if not re.fullmatch(r"[A-Za-z0-9._~:/\[\]%!$&'()*+,;=-]*", value):
        raise Fault("must not hold blanks, control characters or letters beyond ASCII")
    scheme, host = _origin(value)
    if scheme != "https" and not _loopback(host):
        raise Fault("must begin with https://; http is for this machine only (localhost, 127.0.0.1, [::1])")
    return scheme + value[len(scheme) :].rstrip("/")


def _origin(value: str) -> tuple[str, str]:
    """Scheme and host of a URL with a host and a possible port."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Fault("must be a URL with a host and, if any, a port from 1 to 65535") from None
    named = re.fullmatch(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_.])?", host) and ".." not in host
    if (
        port == 0
        or parts.netloc.endswith(":")
        or not (named or re.fullmatch(r"\[[0-9a-f:.]+\](:\d+)?", parts.netloc.lower()))
    ):
        raise Fault("must be a URL with a host and, if any, a port from 1 to 65535")
    return parts.scheme, host


def _loopback(host: str) -> bool:
    """Whether the host can only be this machine."""
    from ipaddress import ip_address  # needed only where somebody writes http://

    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


Text = Annotated[str, Kind(text)]
OptionalText = Annotated[str | None, Kind(text)]
OptionalPathId = Annotated[str | None, Kind(path_id)]
OptionalId = Annotated[int | None, Kind(identifier)]
Key = Annotated[SecretStr | None, Kind(key, secrets=lambda given: [given.text, *given.text.split()])]
Switch = Annotated[bool, Kind(boolean)]
Duration = Annotated[float, Kind(duration, write_duration)]
Interval = Annotated[float | None, Kind(interval, write_interval)]
Percent = Annotated[tuple[int, int], Kind(percent, write_percent)]
BaseUrl = Annotated[str | None, Kind(base_url)]
