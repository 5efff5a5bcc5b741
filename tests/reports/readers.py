"""Independent readers of what the reports write: another XML library, GitHub's own Markdown, what looks through it."""

import re

import cmarkgfm
from cmarkgfm.cmark import Options
from lxml import etree, html

from testgate.reports.junit import JUnit
from testgate.reports.summary import Summary
from testgate.results import Gate

# What GitHub looks for in finished text outside code: each would become a link, a picture or a formula.
SECOND_READERS = {
    "mention": re.compile(r"@[\w-]"),
    "issue": re.compile(r"#\d|\bgh-\d", re.IGNORECASE),
    "emoji": re.compile(r":[\w+-]+:"),
    "address": re.compile(r"://|www\.", re.IGNORECASE),
    "mathematics": re.compile(r"\$.*\$"),
}
EXTENSIONS = ["table", "autolink", "strikethrough", "tasklist"]


def read(markdown: str) -> etree._Element:
    """The tree that GitHub's Markdown makes of the text, raw HTML and all."""
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    page = cmarkgfm.markdown_to_html_with_extensions(markdown, options=options, extensions=EXTENSIONS)
    root: etree._Element = html.fragment_fromstring(page, create_parent="div")
    return root


def read_junit(gate: Gate) -> etree._Element:
    """The JUnit file as another reader sees it."""
    return etree.fromstring("".join(JUnit().render(gate)).encode())


def cases(root: etree._Element) -> list[etree._Element]:
    """Every case, in order."""
    return list(root.iter("testcase"))


def page(gate: Gate, limit: int | None = None) -> str:
    """The summary as text."""
    return "".join(Summary().render(gate, limit=limit))


def text_of(element: etree._Element) -> str:
    """All text in the element."""
    return "".join(map(str, element.itertext()))


def texts(root: etree._Element) -> list[str]:
    """Every piece of text outside code, as the second readers see it."""
    found = []
    for element in root.iter():
        if element.tag not in {"pre", "code"} and element.text:
            found.append(element.text)
        if element.tail:
            found.append(element.tail)
    return found


def tempting(root: etree._Element) -> list[tuple[str, str]]:
    """What a second reader would find."""
    return [(name, text) for text in texts(root) for name, pattern in SECOND_READERS.items() if pattern.search(text)]
