"""`report.html`: complete without scripts, and harmless whatever a platform sends."""

import base64
import hashlib
import html
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.model import Conclusion, Earlier, Outcome, TestResult
from testgate.reports.html import Html
from testgate.reports.html.escaping import escaped
from testgate.results import Gate
from tests.browser.pages import STATES
from tests.reports import samples
from tests.reports.strategies import gates


def words(text: str) -> set[str]:
    """The words of a text."""
    return set(text.split())


VOID = {"meta", "link", "br", "rect"}


class Page(HTMLParser):
    """What a browser makes of a page: its elements, links, and the text of each element that holds raw text."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(convert_charrefs=True)
        self.source = "".join(Html().render(gate))
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.links: list[str] = []
        self.raw: dict[str, str] = {}
        self.text = ""
        self.policy = ""
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note element and attributes."""
        self.tags.add(tag)
        self.names.update(name for name, _value in attrs)
        values = dict(attrs)
        if tag == "a":
            self.links.append(values["href"] or "")
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"] or ""
        if tag not in VOID:
            self.open.append(f"{tag}#{values['id']}" if tag == "script" and "id" in values else tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element of a drawing."""
        self.tags.add(tag)
        self.names.update(name for name, _value in attrs)

    def handle_endtag(self, tag: str) -> None:
        """Every element is closed in its turn."""
        assert self.open.pop().partition("#")[0] == tag

    def handle_data(self, data: str) -> None:
        """Collect text."""
        inside = self.open[-1] if self.open else ""
        if inside in {"style", "script", "script#data"}:
            self.raw[inside] = self.raw.get(inside, "") + data
        else:
            self.text += data

    @property
    def data(self) -> Any:  # noqa: ANN401  # JSON of the page
        """The data block."""
        return json.loads(self.raw["script#data"])


TAGS = words(
    """
    html head meta title link style body header main section footer h1 h2 h3 p b br code small span strong div dl dt dd
    ul li svg rect table thead tbody tr th td a time details summary pre script
    """
)
NAMES = words(
    """
    lang charset http-equiv content name rel href class id type data-filter aria-hidden aria-label aria-labelledby role
    tabindex scope datetime hidden viewbox width height preserveaspectratio x fill
    """
)


def of_tests(*tests: TestResult) -> Page:
    """The page of one run."""
    return Page(samples.gate(Conclusion.FAILED, "x", samples.judged(Conclusion.FAILED, "x", tests)))


def check(page: Page) -> None:
    """The page has only our elements and attributes, its links lead to the web, and its data can be read."""
    assert page.tags <= TAGS
    assert page.names <= NAMES
    assert all(link.startswith(("https://", "http://")) for link in page.links)
    assert page.open == []
    assert page.data["runs"] is not None


@given(gate=gates())
def test_no_text_becomes_markup(gate: Gate) -> None:
    """Not in the page, and not in its data."""
    check(Page(gate))


@given(st.text(st.sampled_from("&<>\"'a;# \n") | st.characters()))
def test_escaping_is_that_of_the_standard_library(text: str) -> None:
    """Its own module would load a large table that nothing here needs."""
    assert escaped(text) == html.escape(text)


def test_the_worst_texts_are_text() -> None:
    """They end no element, neither as markup nor as data."""
    page = Page(samples.hostile())
    check(page)
    assert not re.search(r"<(?!/)", page.raw["script#data"])
    assert "\u2028" not in page.source
    assert any("</summary></details>" in text for text in page.data["texts"])


@pytest.mark.parametrize("sample", samples.SAMPLES)
@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "' onload=x \"", "javascript:alert(1)", "&lt;b>"]
)
def test_no_field_of_an_everyday_gate_becomes_markup(text: str, sample: str) -> None:
    """Each field of each part, in a page with or without a past, reruns, or notes."""
    check(Page(samples.saying(text, samples.SAMPLES[sample]())))


@pytest.mark.parametrize("state", sorted({*STATES} - {"huge", "many-failures"}))
def test_every_test_is_in_the_data(state: str) -> None:
    """By its name and outcome, in the order of its run."""
    gate = STATES[state]()
    data = Page(gate).data
    outcomes = list(Outcome)
    assert [outcomes[row[1]] for row in data["rows"]] == [t.outcome for run in gate.runs for t in run.report.tests]
    assert [run["tests"] for run in data["runs"]] == [len(run.report.tests) for run in gate.runs]
    assert all(0 <= row[0] < len(data["texts"]) for row in data["rows"])


def test_the_policy_names_the_pages_own_script_and_style() -> None:
    """And allows nothing else: no address, no evaluation, no attribute that holds a script or a style."""
    page = Page(samples.failing())
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.raw[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in page.policy
    assert page.policy.startswith("default-src 'none'; ")
    assert "unsafe" not in page.policy
    assert "http" not in page.policy


def test_the_bare_page_shows_verdict_and_failures() -> None:
    """Without script or style: reason, remedy, links, and each failure with its message."""
    gate = samples.failing()
    page = Page(gate)
    shown = " ".join(page.text.split())
    for text in (gate.verdict.reason, gate.remedy, "Session lost", "Pay by invoice", "5 tests didn't pass", "failed"):
        assert text in shown
    assert {gate.build_url, gate.runs[0].url} <= set(page.links)


def test_failures_with_one_cause_are_one_fold() -> None:
    """With the message once, and every name."""
    page = Page(STATES["one-cause"]())
    shown = " ".join(page.text.split())
    assert "60 tests: Element #submit-4 was not found within 30 s" in shown
    assert shown.count("at step 4: click on Submit") == 1
    assert shown.count("as customer") == 61
    causes = [cause for _message, cause in page.data["messages"]]
    assert len(causes) == 61
    assert len(set(causes)) == 2


def test_a_message_stands_once() -> None:
    """However many tests have it."""
    tests = [TestResult(str(n), f"T{n}", Outcome.FAILED, message="The same for all") for n in range(50)]
    data = of_tests(*tests).data
    assert data["messages"] == [["The same for all", 0]]
    assert {row[6]["m"] for row in data["rows"]} == {0}


def test_attempts_and_marks() -> None:
    """A flaky and a quarantined test are marked; the attempts before the last keep their results and runs."""
    data = of_tests(samples.FLAKY, samples.EXCUSED, samples.TESTS[0]).data
    flaky, excused, plain = data["rows"]
    texts, messages = data["texts"], [text for text, _cause in data["messages"]]
    assert (flaky[6]["t"], excused[6]["t"]) == (["flaky"], ["quarantined"])
    first, second = flaky[6]["e"]
    assert (messages[first[1]], texts[first[3]]) == ("Timed out after 30 s\n  waiting for #user", "337")
    assert second[2] == 2500
    assert texts[excused[6]["q"]] == "SHOP-123: the payment sandbox is down"
    assert len(plain) == 5


def test_starts_are_told_from_the_first_one() -> None:
    """In milliseconds; what is unknown or impossible is -1 or missing."""
    one, two, three = (TestResult(str(n), "T", Outcome.PASSED, machine="m", seconds=1.0) for n in range(3))
    data = of_tests(
        one._replace(started=1_000.5), two._replace(started=1_002.0), three._replace(started=float("nan"))
    ).data
    assert data["start"] == 1_000_500
    assert [(row[5:6] or [-1])[0] for row in data["rows"]] == [0, 1500, -1]
    assert of_tests(one).data["start"] is None


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//x", "https://a b", ""])
def test_only_a_web_address_is_a_link(address: str) -> None:
    """A platform could send anything."""
    page = of_tests(TestResult("1", "A", Outcome.FAILED, video=address, earlier=(Earlier(Outcome.FAILED),)))
    assert "v" not in page.data["rows"][0][6]
    assert page.links == ["https://app.testsigma.com/ui/td/runs/337"]


def test_very_many_messages_are_cut() -> None:
    """Their beginning stays, and the page stays small enough to open."""
    page = Page(samples.huge(6000))
    assert len(page.source) < 15_000_000
    assert page.data["messages"][0][0] == samples.distinct(0)
    assert 200 < len(page.data["messages"][5999][0]) <= 300


def test_a_huge_run_is_a_small_page() -> None:
    """100 000 tests, 1 000 of them failed: far less than 15 MB."""
    text = "".join(Html().render(STATES["huge"]()))
    assert len(text.encode()) < 9_000_000
