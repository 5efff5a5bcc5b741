"""Where a redirect leads, if that is surely the same server: only there the key may go.

Parsers of URLs disagree about odd ones. So there is one strict grammar, which refuses whatever is
unusual, and the new URL is put together from our own origin and the path that the grammar let through.
"""

import re

_ORIGIN = r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?"
_SIGN = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_ODD = r"/|(?:\.|%2[Ee]){1,2}(?:[/?]|\Z)"  # as a segment: an empty one before another, `.` and `..`
_PATH = rf"(?P<path>(?:/(?!{_ODD}){_SIGN}*)+(?:\?(?:{_SIGN}|[/?])*)?)"
_ABSOLUTE = re.compile(rf"{_ORIGIN}{_PATH}", re.ASCII | re.IGNORECASE)
_RELATIVE = re.compile(_PATH, re.ASCII)
_OURS = re.compile(rf"{_ORIGIN}(?=[/?]|\Z)", re.ASCII | re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_LONGEST = 8000


def same_origin(url: str, location: str) -> str:
    """The URL that a redirect from `url` to `location` leads to, on the same server; "" if it must not be followed."""
    ours = _OURS.match(url)
    if ours is None or len(location) > _LONGEST:
        return ""
    target = _RELATIVE.fullmatch(location)
    if target is None:
        target = _ABSOLUTE.fullmatch(location)
        if target is None or _origin(target) != _origin(ours):
            return ""
    return ours.group() + target["path"]


def _origin(url: re.Match[str]) -> tuple[str, str, int]:
    """Scheme, host and port."""
    scheme = url["scheme"].lower()
    return scheme, url["host"].lower(), int(url["port"] or _PORTS[scheme])
