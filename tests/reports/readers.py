"""Independent readers of the reports: another XML library, GitHub's own Markdown parser, and its filters."""

import re

import cmarkgfm
from cmarkgfm.cmark import Options
from lxml import etree, html

from testgate.reports.junit import JUnit
from testgate.reports.summary import Summary
from testgate.results import Gate

# GitHub's filters search the text nodes outside code for these, and make each a link, an emoji or a formula.
FILTERS = {
    "mention": re.compile(r"@[\w-]"),
    "issue": re.compile(r"#\d|\bgh-\d", re.IGNORECASE),
    "emoji": re.compile(r":[\w+-]+:"),
    "address": re.compile(r"://|www\.", re.IGNORECASE),
    "mathematics": re.compile(r"\$.*\$"),
}
EXTENSIONS = ["table", "autolink", "strikethrough", "tasklist"]


def read(markdown: str) -> etree._Element:
    """The HTML tree that GitHub's Markdown parser makes of the text, with raw HTML."""
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    page = cmarkgfm.markdown_to_html_with_extensions(markdown, options=options, extensions=EXTENSIONS)
    root: etree._Element = html.fragment_fromstring(page, create_parent="div")
    return root


def read_junit(gate: Gate) -> etree._Element:
    """The JUnit file, parsed by another library."""
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
    """The text nodes outside code, which GitHub's filters search."""
    found = []
    for element in root.iter():
        if element.tag not in {"pre", "code"} and element.text:
            found.append(element.text)
        if element.tail:
            found.append(element.tail)
    return found


def filtered(root: etree._Element) -> list[tuple[str, str]]:
    """What GitHub's filters would find and turn into something else."""
    return [(name, text) for text in texts(root) for name, pattern in FILTERS.items() if pattern.search(text)]
