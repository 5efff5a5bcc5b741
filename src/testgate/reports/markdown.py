"""Escapes text from outside for GitHub-flavoured Markdown. `quiet` does for comments, and no other module does.

`inline` writes HTML entities rather than backslashes. An entity works in a table cell, in a paragraph and inside an
HTML block such as `<summary>`, where a backslash would be shown.

Entities are not enough, because GitHub processes the text a second time. After Markdown, filters search the text nodes
of the page for mentions, issue numbers, emoji shortcodes, addresses and mathematics. An entity has become its character
again by then, so `&#58;tada&#58;` still turns into an emoji (EmojiFilter in github.com/gjtorikian/html-pipeline).
Therefore `inline` puts the character that starts one of these into a `<span>` of its own. That looks the same, but it
splits the text node. It also splits at the end of the text, because the words that follow it may complete a shortcode:
the title `a:b` is followed by `: passed`.

`block` writes a fence with more backticks than any run of them in the text. Nothing but the end of the fence has a
meaning in it, so the text needs no escaping and stays legible in the file. `<pre>` in an HTML block would end at the
first blank line.
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
      | : (?=//)                     # an address
      | : (?=[\w+-]+:|[\w+-]*\Z)     # an emoji, or the start of one that the next words would complete
      | (?<=[Ww]{3}) \.              # an address without a scheme
    )
  | (?P<entity>
        [&<>`*~\[\]|\\#]
      | (?<![^\W_]) _ | _ (?![^\W_]) # inside a word an underscore is only that
      | ^[-+=]                       # a list, a rule, an underlined heading
    )
  | (?P<ordinal> ^[0-9]{1,9}[.)] )   # a numbered list
    """,
    re.VERBOSE,
)
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?(?=[/?#]|\Z)", re.IGNORECASE)
_PERCENT = re.compile(r"[^A-Za-z0-9\-._~/?#!,;=:@&+%]|%(?![0-9A-Fa-f]{2})")
_LONGEST_ADDRESS = 2_000
_TICKS = re.compile("`{3,}")


def inline(text: str, limit: int = 300) -> str:
    """At most `limit` characters of the text on one line, without any markup."""
    return _ACTIVE.sub(_escaped, one_line(text, limit))


def block(text: str, limit: int) -> str:
    """The text in a fenced block. If it has more than `limit` characters, the last line counts the rest."""
    shown = clean(text).strip("\n")
    if len(shown) > limit:
        shown = f"{shown[:limit]}\n… ({len(shown) - limit} more characters in the JUnit report)"
    fence = "`" * max(3, 1 + max(map(len, _TICKS.findall(shown)), default=0))
    return f"{fence}text\n{shown}\n{fence}"


def link(label: str, address: str) -> str:
    """The label as a link; only the label if the address is not a plain web address."""
    target = web_address(address)
    return f"[{inline(label)}]({target})" if target else inline(label)


def web_address(address: str) -> str:
    """The address, encoded for Markdown and attributes; "" unless it is http or https and has no credentials."""
    bare = clean(address).strip()
    origin = _ORIGIN.match(bare)
    if origin is None or len(bare) > _LONGEST_ADDRESS:
        return ""
    rest = _PERCENT.sub(_percent_encoded, bare[origin.end() :])
    return origin.group() + rest.replace("&", "&amp;")


def _escaped(found: re.Match[str]) -> str:
    """The character as an entity, or in a text node of its own."""
    char = found.group()
    if found.lastgroup == "split":
        return f"<span>{char}</span>"
    if found.lastgroup == "ordinal":
        return f"{char[:-1]}&#{ord(char[-1])};"
    return _NAMED.get(char) or f"&#{ord(char)};"


def _percent_encoded(found: re.Match[str]) -> str:
    """The UTF-8 bytes of the character, percent-encoded."""
    return "".join(f"%{byte:02X}" for byte in found.group().encode())
