"""Messages as Slack reads them, by its documentation of blocks, of their limits, and of `mrkdwn` text."""

import re
from typing import Any, NamedTuple

MOST_BLOCKS = 50
_TEXTS = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}
_ANGLES = re.compile(r"<([^<>]*)>")
_LINK = re.compile(r"(https?://[^\s|<>]+)\|([^|<>\n]+)")
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]*[^\s*])\*(?![\w*])")
_OTHER = {
    "code": re.compile(r"`"),
    "struck": re.compile(r"(?<!\w)~(?=\S)[^~\n]*~(?!\w)"),
    "italic": re.compile(r"(?<!\w)_(?=\S)[^_\n]*_(?!\w)"),
    "quote": re.compile(r"(?m)^&gt;"),
    "emoji": re.compile(r":[a-z0-9_+'-]+:"),
}


class Read(NamedTuple):
    """What readers see: the texts in order, the links as (address, label), and what is bold."""

    texts: list[str]
    links: list[tuple[str, str]]
    bold: list[str]


def read(message: Any) -> Read:  # noqa: ANN401  # JSON
    """Read a message; what Slack would refuse, or what formats text beyond bold and links, fails the test."""
    assert set(message) == {"text", "blocks"}
    assert 1 <= len(message["blocks"]) <= MOST_BLOCKS
    found = Read([], [], [])
    _marked(message["text"], found)
    for block in message["blocks"]:
        _BLOCKS[block["type"]](block, found)
    return found


def _header(block: dict[str, Any], found: Read) -> None:
    assert set(block) == {"type", "text"}
    assert block["text"]["type"] == "plain_text"
    _text(block["text"], found, 150)


def _section(block: dict[str, Any], found: Read) -> None:
    assert set(block) == {"type", "text"}
    _text(block["text"], found, 3000)


def _context(block: dict[str, Any], found: Read) -> None:
    assert set(block) == {"type", "elements"}
    assert 1 <= len(block["elements"]) <= 10
    for element in block["elements"]:
        _text(element, found, 3000)


_BLOCKS = {"header": _header, "section": _section, "context": _context}


def _text(part: dict[str, Any], found: Read, most: int) -> None:
    """A text object."""
    assert set(part) <= _TEXTS[part["type"]]
    text = part["text"]
    assert 1 <= len(text.encode("utf-16-le")) // 2 <= most
    if part["type"] == "plain_text":
        assert part["emoji"] is False
        found.texts.append(text)
    else:
        assert part["verbatim"] is True
        _marked(text, found)


def _marked(text: str, found: Read) -> None:
    """A text that Slack formats."""
    for inner in _ANGLES.findall(text):
        link = _LINK.fullmatch(inner)
        assert link, f"<{inner}> is no link"
        found.links.append((_plain(link[1]), _plain(link[2])))
    bare = _ANGLES.sub(lambda inner: inner[1].partition("|")[2], text)
    assert "<" not in bare
    assert ">" not in bare
    assert "&" not in _ENTITY.sub("", bare)
    for name, pattern in _OTHER.items():
        assert not pattern.search(bare), (name, bare)
    found.bold.extend(_plain(each) for each in _BOLD.findall(bare))
    found.texts.append(_plain(_BOLD.sub(r"\1", bare)))
    assert "*" not in found.texts[-1]


def _plain(text: str) -> str:
    """The text without escapes."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
