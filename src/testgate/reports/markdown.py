"""Text from outside in GitHub-flavoured Markdown: the one place that escapes it.

`inline` writes HTML entities, not backslashes, because an entity is read the same way in a table
cell, in a paragraph and inside an HTML block such as `<summary>`; a backslash would be shown in
the last. A second reader comes after Markdown: it looks for mentions, issue numbers, emoji,
addresses and mathematics in the finished text, where an entity is its character again. What starts
one of these is therefore put in a `<span>` of its own: the reader sees no difference, the search does.

`block` fences with more backticks than the text has in a row. In a fence nothing is read but its
end, so the text needs no escape at all and stays legible in the file; `<pre>` inside an HTML block
would be left at the first blank line.
"""

import re

from testgate.text import clean, one_line

_ACTIVE = re.compile(
    r"""
    (?P<split>
        @                            # a mention, an e-mail address
      | \# (?=\d)                    # an issue
      | (?<=\b[Gg][Hh]) - (?=\d)     # an issue, spelt GH-1
      | \$                           # mathematics
      | : (?=//|[\w+-]+:)            # an address, an emoji
      | (?<=[Ww]{3}) \.              # an address without a scheme
    )
  | (?P<entity>
        [&<>`*~\[\]|\\#]
      | (?<![^\W_]) _ | _ (?![^\W_]) # inside a word an underscore is only that
      | ^[-+=]                       # a list, a rule, a heading underlined
    )
  | (?P<ordinal> ^[0-9]{1,9}[.)] )   # a numbered list
    """,
    re.VERBOSE,
)
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ADDRESS = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?(?=[/?#]|\Z)", re.IGNORECASE)
_PERCENT = re.compile(r"[^A-Za-z0-9\-._~/?#!,;=:@&+%]|%(?![0-9A-Fa-f]{2})")
_LONGEST_ADDRESS = 2_000
_TICKS = re.compile("`{3,}")


def inline(text: str, limit: int = 300) -> str:
    """The text on one line, at most `limit` characters of it, none of them markup."""
    return _ACTIVE.sub(_harmless, one_line(text, limit))


def block(text: str, limit: int) -> str:
    """The text in a fenced block; what is beyond `limit` characters is counted in its last line."""
    shown = clean(text).strip("\n")
    if len(shown) > limit:
        shown = f"{shown[:limit]}\n… ({len(shown) - limit} more characters are in junit.xml)"
    fence = "`" * max(3, 1 + max(map(len, _TICKS.findall(shown)), default=0))
    return f"{fence}text\n{shown}\n{fence}"


def link(label: str, address: str) -> str:
    """The label, leading to the address where that is one of the web and bears no credentials."""
    target = web_address(address)
    return f"[{inline(label)}]({target})" if target else inline(label)


def web_address(address: str) -> str:
    """The address as it may stand in Markdown or in an attribute; empty unless it is http or https."""
    bare = clean(address).strip()
    origin = _ADDRESS.match(bare)
    if origin is None or len(bare) > _LONGEST_ADDRESS:
        return ""
    rest = _PERCENT.sub(_percent, bare[origin.end() :])
    return origin.group() + rest.replace("&", "&amp;")


def _harmless(found: re.Match[str]) -> str:
    """What is active, as an entity or on its own."""
    char = found.group()
    if found.lastgroup == "split":
        return f"<span>{char}</span>"
    if found.lastgroup == "ordinal":
        return f"{char[:-1]}&#{ord(char[-1])};"
    return _NAMED.get(char) or f"&#{ord(char)};"


def _percent(found: re.Match[str]) -> str:
    """One character that an address may not hold, percent-encoded."""
    return "".join(f"%{byte:02X}" for byte in found.group().encode())
