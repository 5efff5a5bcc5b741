"""The XML of an element. No other module escapes text for XML."""

from collections.abc import Mapping, Sequence


def opening(tag: str, attributes: Mapping[str, str]) -> str:
    """The start of an element, without the mark that ends it."""
    return "".join([f"<{tag}", *[attribute(name, value) for name, value in attributes.items()]])


def attribute(name: str, text: str) -> str:
    """An attribute with a blank before it; a reader would take a line end or a tab in it for a blank."""
    escaped = _content(text).replace('"', "&quot;")
    return f' {name}="{escaped if escaped.isprintable() else escaped.translate(_BLANKS)}"'


def with_text(tag: str, attributes: Mapping[str, str], text: str) -> str:
    """An element that holds only text, or nothing."""
    start = opening(tag, attributes)
    return f"{start}>{_content(text)}</{tag}>" if text else f"{start} />"


def with_children(tag: str, attributes: Mapping[str, str], children: Sequence[str], indent: str) -> str:
    """An element on lines of its own, which begin with this indent."""
    return around(f"{indent}{opening(tag, attributes)}", tag, children, indent)


def around(start: str, tag: str, children: Sequence[str], indent: str) -> str:
    """The same with a start that is written already, without the mark that ends it."""
    if not children:
        return f"{start} />\n"
    lines = "".join([f"{indent}  {child}\n" for child in children])
    return f"{start}>\n{lines}{indent}</{tag}>\n"


def _content(text: str) -> str:
    """The text between two tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_BLANKS = {9: "&#09;", 10: "&#10;", 13: "&#13;"}
