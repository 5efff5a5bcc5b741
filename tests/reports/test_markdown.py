"""Escaping of text from outside, read back with GitHub's own Markdown parser."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from testgate.reports.markdown import block, inline, link, web_address
from testgate.text import clean, one_line
from tests.reports.readers import filtered, read, text_of, texts
from tests.reports.samples import HOSTILE
from tests.reports.strategies import TEXTS

# The rule of GitHub's emoji filter, for any name: it searches the text nodes that Markdown leaves outside code.
SHORTCODE = re.compile(r":[A-Za-z0-9_+-]+:")
SHORTCODES = (
    ":tada:",
    ":+1:",
    ":e-mail:",
    ":100:",
    "x:tada:y",
    ":a::b:",
    "::error::",
    "::error file=a,line=1::b:c",
    "1:30:45",
    "from 1:30:45 to 2:00:00",
    "a:b",
    "a:b:c",
    ":b",
    "b:",
    ":",
    "::",
    "http://x:80/y:z:",
)
CONTEXTS = {
    "paragraph": ("{}", "p"),
    "after words": ("**What to do:** {}", "p"),
    "heading": ("## ❌ {}", "h2"),
    "list": ("- {}\n- next", "ul"),
    "cell": ("| a | b |\n| --- | --- |\n| {} | x |", "tr"),
    "summary": ("<details><summary>❌ <b>{}</b> — x</summary>\n\nbody\n\n</details>", "b"),
    "link": ("[{}](https://good.example/)", "a"),
}


def assert_only_text(root: etree._Element, text: str) -> None:
    """Only our elements and spans of one character exist, and GitHub's filters find nothing."""
    ours = {"div", "p", "strong", "h2", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "b", "a"}
    for element in root.iter():
        assert isinstance(element.tag, str), f"a comment from {text!r}"
        if element.tag == "span":
            assert text_of(element) in set("@#$:.-")
        else:
            assert element.tag in ours | {"details", "summary"}, text
    assert not filtered(root)


@pytest.mark.parametrize("context", CONTEXTS)
@given(text=TEXTS)
@example(text="a@b.example www.evil.example https://evil.example")
@example(text="| x | y |")
@example(text="1@.a")
def test_inline_text_is_read_back_exactly_and_is_never_markup(context: str, text: str) -> None:
    """GitHub's parser returns the exact text from every place where we put text."""
    form, tag = CONTEXTS[context]
    shown = one_line(text, 300)
    root = read(form.format(inline(text)))
    assert_only_text(root, text)
    whole = text_of(root)
    assert shown in whole
    if shown:
        places = [text_of(element).strip() for element in root.iter(tag)]
        assert any(shown in place for place in places)
    links = [element.get("href") for element in root.iter("a")]
    assert links == (["https://good.example/"] if context == "link" else [])


@given(text=TEXTS)
def test_text_in_a_cell_does_not_change_the_number_of_cells(text: str) -> None:
    """A row of two cells stays one row of two cells."""
    root = read(f"| a | b |\n| --- | --- |\n| {inline(text)} | {inline(text)} |\n")
    rows = [[text_of(cell) for cell in row.iter("td")] for row in root.iter("tr")]
    assert rows == [[], [one_line(text, 300)] * 2]


@pytest.mark.parametrize("text", SHORTCODES)
@pytest.mark.parametrize("next_words", ["", ":", ": passed", "b: passed", "_+-1:"])
def test_no_colon_makes_an_emoji(text: str, next_words: str) -> None:
    """Neither the text's own shortcodes nor those that our next words complete; the reader sees every character."""
    for form, _ in CONTEXTS.values():
        root = read(form.format(f"{inline(text)}{next_words}"))
        assert [found for found in texts(root) if SHORTCODE.search(found)] == []
        assert f"{text}{next_words}" in text_of(root)


def test_an_entity_does_not_prevent_an_emoji() -> None:
    """GitHub's filter sees the character again, which is why `inline` splits the text node."""
    assert SHORTCODE.search(text_of(read("&#58;tada&#58;")))
    assert not any(map(SHORTCODE.search, texts(read(inline("x :tada: y")))))


def test_ordinary_names_stay_legible_in_the_file() -> None:
    """Harmless characters are not escaped, because people read the file, too."""
    plain = "Pay by card (EUR) - step 3/4: test_pay_by_card, 100 % 'ok'! v1.2.3"
    assert inline(plain) == plain


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_read_back_exactly(text: str) -> None:
    """Each text of the collection, in a paragraph after a word."""
    root = read(f"x {inline(text)}")
    assert_only_text(root, text)
    assert text_of(root).strip() == f"x {one_line(text, 300)}".strip()


@given(text=TEXTS, tail=TEXTS)
@example(text="```\n# out", tail="````\n~~~")
@example(text="</code></pre></details>", tail="\n\n<script>")
def test_a_block_holds_any_text_and_ends_only_at_its_fence(text: str, tail: str) -> None:
    """No text closes the fence, even within a fold."""
    message = f"{text}\n\n{tail}"
    root = read(f"<details><summary>x</summary>\n\n{block(message, 4_000)}\n\n</details>\n\nafter")
    (pre,) = root.iter("pre")
    assert text_of(pre) == clean(message).strip("\n") + "\n"
    assert [text_of(element) for element in root.iter("p")] == ["after"]
    assert {str(element.tag) for element in root.iter()} <= {"div", "details", "summary", "pre", "code", "p"}


def test_a_block_counts_the_characters_it_leaves_out() -> None:
    """The number is in the last line."""
    assert block("x" * 50, 10).splitlines()[1:3] == ["x" * 10, "… (40 more characters in the JUnit report)"]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        " \tjavascript:alert(1)",
        "//evil.example",
        "/path",
        "",
        "http://",
        "https://user:password@host.example/",
        "https://key@host.example/",
        "https://good.example\\@evil.example/",
        "https://" + "x" * 3_000,
        "ftp://host.example/",
        "https://host.example:port/",
        "https://hóst.example/",
        "http://[::1]:80/x",
    ],
)
def test_only_plain_web_addresses_become_links(address: str) -> None:
    """For another scheme, credentials or a strange host there is only the label."""
    assert web_address(address) == ""
    assert link("label", address) == "label"


@pytest.mark.parametrize(
    ("address", "href"),
    [
        ("https://app.example/ui/td/1?a=b&c=d#/x", "https://app.example/ui/td/1?a=b&c=d#/x"),
        ("HTTP://127.0.0.1:8080", "HTTP://127.0.0.1:8080"),
        (
            "https://app.example/a b(c)\"'<>`|\\[d]*$",
            "https://app.example/a%20b%28c%29%22%27%3C%3E%60%7C%5C%5Bd%5D%2A%24",
        ),
        ("https://app.example/%zz%41", "https://app.example/%25zz%41"),
        ("https://app.example/&copy;&#64;", "https://app.example/&copy;&#64;"),
        ("https://app.example/é", "https://app.example/%C3%A9"),
    ],
)
def test_a_link_leads_to_its_address(address: str, href: str) -> None:
    """GitHub's parser links to the address, with special characters encoded."""
    (anchor,) = read(f"| a |\n| --- |\n| {link('x]y', address)} |").iter("a")
    assert anchor.get("href") == href
    assert text_of(anchor) == "x]y"


@given(rest=TEXTS, label=TEXTS.filter(lambda text: bool(one_line(text))))
def test_no_address_breaks_out_of_its_link(rest: str, label: str) -> None:
    """There is at most one link, in one cell, and its text is the label."""
    root = read(f"| a | b |\n| --- | --- |\n| {link(label, 'https://good.example/' + rest)} | x |\n")
    cells = [text_of(cell) for cell in root.iter("td")]
    assert cells == [one_line(label), "x"]
    for anchor in root.iter("a"):
        assert str(anchor.get("href")).startswith("https://good.example/")
        assert text_of(anchor) == one_line(label)


@given(limit=st.integers(1, 40))
def test_text_is_cut_before_it_is_escaped(limit: int) -> None:
    """An entity is never cut in half."""
    assert text_of(read(inline("<&>" * 20, limit))).strip() == one_line("<&>" * 20, limit)
