"""Escapes text from outside for HTML and for the page's data block. No other module does."""

import json
from collections.abc import Sequence

from testgate.reports.naming import visible
from testgate.text import clean, one_line

# As `html.escape` does it, whose module would load a table of all 2231 entities, half a megabyte.
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
_encoded = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_ADDRESSES = ("https://", "http://")
_LONGEST_ADDRESS = 2_000
_LAST_LINE = 80  # characters that count what is left out


def escaped(text: str) -> str:
    """The text for an element or an attribute in quotes."""
    return text.translate(_ESCAPES)


def inline(text: str, limit: int = 300) -> str:
    """At most `limit` characters of the text on one line, without any markup."""
    return escaped(one_line(text, limit))


def block(text: str, limit: int) -> str:
    """The text in a `<pre>`, shortened."""
    shown = shortened(clean(text).strip(), limit)
    return f"<pre>\n{escaped(shown)}</pre>"  # a line end that follows the tag isn't part of the text


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters of the text. A last line counts the rest, of which the JUnit report may lack some."""
    if len(text) <= limit:
        return text
    room = max(0, limit - _LAST_LINE)
    return f"{text[:room]}\n… ({len(text) - room} more characters; the JUnit report has more of them)"


def web_address(address: str) -> str:
    """The address for the page's script; "" unless it is http or https on one line, and of a usable length."""
    bare = clean(address).strip()
    usable = bare.lower().startswith(_ADDRESSES) and len(bare) <= _LONGEST_ADDRESS and not any(map(str.isspace, bare))
    return bare if usable else ""


def link(label: str, address: str) -> str:
    """The label as a link; only the label if the address is not a plain web address."""
    target = web_address(address)
    shown = inline(visible(label, "(no name)"))
    return f'<a href="{escaped(target)}" rel="noreferrer noopener">{shown}</a>' if target else shown


def data(value: object) -> str:
    """JSON for a `<script>`: without `<`, no text in it can end the element or begin a comment."""
    return _encoded(value).replace("<", "\\u003c")


def items(values: Sequence[object]) -> str:
    """The same for the items of a list, without its brackets."""
    return data(values)[1:-1]
