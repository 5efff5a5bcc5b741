"""The comment on a pull request: short, and nothing in it that a test could have put there."""

import re
from html import unescape

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st

from testgate.model import Conclusion, Outcome, TestResult
from testgate.reports.comment import render
from testgate.reports.markdown import web_address
from testgate.results import Gate
from tests.reports import samples
from tests.reports.samples import HOSTILE, failing, gate, judged, passing, several
from tests.support.hostile_text import TEXTS

each_markup = pytest.mark.parametrize("html", [True, False])
# What forges look for in the text nodes of a page: mentions, references to issues, merge requests, snippets,
# milestones, epics, labels and alerts, keys of Jira, addresses, emoji.
LOUD = re.compile(
    r"@\w|(?<!&)#\w|![0-9]|\$[0-9]|%[\w\"]|&[\w]|~[\w\"]|\^\w|\b[A-Za-z]+-[0-9]|://|www\.|:[\w+-]+:|\[\w+:[0-9]"
)
TAGS = {"h3", "p", "strong", "ul", "li", "a", "span"}
SIGNS = "@#!$%&~^-:[]<>`*_|\\/.\n (){}+=\"'1aKEYw"


def page(text: str) -> str:
    """The page that GitHub makes of the Markdown."""
    return str(cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))


def text_nodes(markup: str) -> list[str]:
    """The text between two tags each, with entities as the characters that they are."""
    return [unescape(each) for each in re.split(r"<[^>]*>", markup)]


def hostile(text: str) -> Gate:
    """A gate in which everything has this name."""
    tests = (
        TestResult("1", text, Outcome.FAILED, suite=text, machine=text, message=text),
        TestResult("2", text, Outcome.ERROR, suite=text, message=text),
        TestResult("3", text, Outcome.NOT_RUN),
    )
    run = judged(Conclusion.FAILED, text, tests, name=text)
    return gate(
        Conclusion.FAILED, text, run, run, remedy=text, build_title=text, build_url="https://ci.example/1", leg=text
    )


@each_markup
def test_it_says_what_failed_and_where_to_look(*, html: bool) -> None:
    """Verdict, reason, remedy, tests, and links to the run and the build."""
    text = render(failing(), html=html, room=30_000)
    assert text.startswith("### ❌ Nightly regression: failed\n")
    assert "**Demo:**" in text
    assert "Result: 2 of 8 tests failed" in text
    assert "**What to do:** Open the run" in text
    assert "Pay by card" in text
    assert "[Run 337](https://app.testsigma.com/ui/td/runs/337)" in text
    assert "(https://ci.example/shop/web/runs/77)" in text


@each_markup
def test_a_green_one_is_short(*, html: bool) -> None:
    """Nothing failed, and nothing is to be done."""
    text = render(passing(), html=html, room=30_000)
    assert text.startswith("### ✅ Nightly regression: passed\n")
    assert "What failed" not in text
    assert text.count("\n") < 10


def test_several_runs_have_a_line_each() -> None:
    """Red ones first, each with its page."""
    text = render(several(), html=True, room=30_000)
    lines = [line for line in text.splitlines() if line.startswith(("- ❌", "- ✅"))]
    assert len(lines) == 4
    assert lines[-1].startswith("- ✅ [Nightly regression](")


def test_tests_that_fail_alike_are_one_entry() -> None:
    """With the message once, and ten names."""
    tests = tuple(
        TestResult(str(number), f"Test {number}", Outcome.FAILED, message=f"Timed out after {number} s")
        for number in range(30)
    )
    text = render(
        gate(Conclusion.FAILED, "30 failed", judged(Conclusion.FAILED, "30 failed", tests)), html=True, room=30_000
    )
    assert text.count("Timed out") == 1
    assert "**30 tests**" in text
    assert "…and 20 more tests" in text


@each_markup
@pytest.mark.parametrize("room", [100, 200, 500, 1_000, 5_000, 30_000])
def test_it_fits(room: int, *, html: bool) -> None:
    """With thousands of failures too; the heading always is there."""
    tests = tuple(
        TestResult(str(number), f"{'x' * (number % 300)} {number}", Outcome.FAILED, message=chr(97 + number % 26) * 90)
        for number in range(3_000)
    )
    whole = gate(Conclusion.FAILED, "3000 failed", judged(Conclusion.FAILED, "3000 failed", tests), remedy="Look." * 50)
    text = render(whole, html=html, room=room)
    assert len(text.encode()) <= room
    assert text.startswith("### ❌ Nightly regression: failed\n")
    if room >= 1_000:
        assert "more failures with other causes" in text


@each_markup
@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_means_anything(text: str, *, html: bool) -> None:
    """Those that the other reports are tested with."""
    assert_quiet(text, html=html)


@each_markup
@given(text=TEXTS | st.text(st.sampled_from(SIGNS), max_size=30))
def test_no_text_means_anything(text: str, *, html: bool) -> None:
    """Nor any other text."""
    assert_quiet(text, html=html)


@each_markup
@pytest.mark.parametrize(
    "text",
    [
        "@user",
        "ping @org/team now",
        "closes #12",
        "fixes GH-12",
        "SHOP-12",
        "!7 merge",
        "group/web!7 and group/web#8",
        '&3 ~bug ~"two words" %4 %"v1" ^alert#5 $6',
        "[vulnerability:7] [issue:8] *iteration:9",
        "/close",
        "/assign @me\n/merge",
        "<!-- testgate key=0 --> <b>x</b>",
        "--> <img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](https://evil.example/pixel.png)",
        "https://github.com/o/r/issues/1 www.evil.example",
        ":tada: :shipit:",
        "@<6c1d0f0e-3e1f-45d5-8f1e-7a9b0c1d2e3f>",
        "@{557058:6c1d0f0e}",
    ],
)
def test_commands_and_references_of_forges(text: str, *, html: bool) -> None:
    """Mentions, closing words, quick actions, markup."""
    assert_quiet(text, html=html)


def assert_quiet(text: str, *, html: bool) -> None:
    """In every field of a gate that failed, and of one that is compared with an earlier build."""
    assert_page_is_quiet(text, hostile(text), html=html)
    assert_page_is_quiet(text, samples.saying(text, samples.compared()), html=html)


def assert_page_is_quiet(text: str, of: Gate, *, html: bool) -> None:
    """The page has our tags and links only, and no text node that a forge would act on; no line is a command.

    Where the text is an address, a link may lead there: it stands in the fields of addresses too.
    """
    written = render(of, html=html, room=60_000)
    shown = page(written)
    tags = set(re.findall(r"</?([a-zA-Z][a-zA-Z0-9-]*)", shown))
    assert tags <= TAGS, written
    assert set(re.findall(r'href="([^"]*)"', shown)) <= {
        "https://ci.example/1",
        "https://app.testsigma.com/ui/td/runs/337",
        web_address(text),
    }, written
    assert "<!--" not in shown
    assert not re.search(r"(?m)^\s*/", written)
    assert html or not re.search(r"</?\w", written)
    for node in text_nodes(shown):
        assert not LOUD.search(node), (node, written)


def test_the_samples_exist() -> None:
    """Every sample of the other reports can be a comment."""
    for sample in samples.SAMPLES.values():
        assert render(sample(), html=False, room=5_000)
