"""Escapes text from outside for comments on forges, where a sign can notify people or refer to something.

All forges process the text of a comment after Markdown: `@` mentions people, `#`, `!`, `$`, `%`, `&`, `~` and `^` refer
to issues, merge requests, snippets, milestones, epics, labels and alerts, and `KEY-1` to an issue of Jira. GitLab also
obeys commands at the start of a line, but each line of a comment begins with words of ours.

With HTML, such a sign is an entity in a `<span>` of its own: see `reports/markdown.py`. Without HTML, a space of no
width follows it, as Renovate and others do, and a backslash precedes what Markdown would read.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from testgate.reports.markdown import web_address
from testgate.text import one_line

_LOUD = r"""[@#$&~^] | [!%](?=[\w"\[]) | :(?!\s) | (?<=\w)-(?=\d) | (?<=[Ww]{3})\."""
_IN_HTML = re.compile(
    rf"""
    (?P<loud> {_LOUD} | [\[*] )
  | (?P<entity> [<>`\]|\\_] | ^[-+=] )
  | (?P<ordinal> ^[0-9]{{1,9}}[.)] )
    """,
    re.VERBOSE,
)
_PLAIN = re.compile(
    rf"""
    (?P<loud> {_LOUD} )
  | (?P<tag> [<>] )
  | (?P<backslash> [`\[\]*|\\_{{}}] | ^[-+=] )
  | (?P<ordinal> ^[0-9]{{1,9}}[.)] )
    """,
    re.VERBOSE,
)
_GAP = "\u200b"
_LOOKALIKES = {"<": "\u2039", ">": "\u203a"}
_MARKED = frozenset("#!~")  # Markdown reads these too


class Markdown(NamedTuple):
    """How text becomes part of a comment."""

    escape: Callable[[str], str]

    def inline(self, text: str, limit: int = 300) -> str:
        """At most `limit` characters of the text on one line, without any meaning."""
        return self.escape(one_line(text, limit))

    def link(self, label: str, address: str) -> str:
        """The label as a link; only the label if the address is not a plain web address."""
        target = web_address(address)
        return f"[{self.inline(label)}]({target})" if target else self.inline(label)


def markdown(*, html: bool) -> Markdown:
    """The Markdown of forges that allow HTML in it, or of those that don't."""
    return Markdown(_with_html if html else _without_html)


def _with_html(text: str) -> str:
    """The text with entities, and loud signs apart."""
    return _IN_HTML.sub(_in_html, text)


def _in_html(found: re.Match[str]) -> str:
    """The sign as an entity, in a text node of its own if it is loud."""
    sign = found.group()
    if found.lastgroup == "ordinal":
        return f"{sign[:-1]}&#{ord(sign[-1])};"
    entity = f"&#{ord(sign)};"
    return f"<span>{entity}</span>" if found.lastgroup == "loud" else entity


def _without_html(text: str) -> str:
    """The text with backslashes, and a gap after loud signs."""
    return _PLAIN.sub(_in_plain, text)


def _in_plain(found: re.Match[str]) -> str:
    """The sign without its meaning."""
    sign = found.group()
    if found.lastgroup == "tag":
        return _LOOKALIKES[sign]
    if found.lastgroup == "ordinal":
        return f"{sign[:-1]}\\{sign[-1]}"
    if found.lastgroup == "backslash":
        return f"\\{sign}"
    if sign == ".":  # an address begins with `www.` and anything
        return f"{_GAP}{sign}"
    return f"\\{sign}{_GAP}" if sign in _MARKED else f"{sign}{_GAP}"
